using System.Text;
using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.OAuth;

/// <summary>Dynamic client registration (RFC 7591).</summary>
public sealed class RegistrationTests(SyncHost host)
{
    [Fact]
    public async Task Registration_OfAClient_IsEchoedAsAPublicClient()
    {
        var reply = (await host.Client().PostAsync("/oauth/register", new
        {
            client_name = "  An editor ",
            client_uri = "https://editor.example",
            redirect_uris = new[] { "https://editor.example/callback", "http://localhost:1234/callback" },
            grant_types = new[] { "authorization_code", "refresh_token", "client_credentials" },
            response_types = new[] { "code" },
            token_endpoint_auth_method = "client_secret_post",
            scope = "rooms:*  create_rooms offline_access",
            contacts = new[] { "somebody@editor.example" },
            anything_else = new { x = 1 },
        })).AssertOk(201);

        Assert.StartsWith("client_", reply["client_id"].GetString(), StringComparison.Ordinal);
        Assert.Equal("An editor", reply["client_name"].GetString());
        Assert.Equal("https://editor.example", reply["client_uri"].GetString());
        Assert.Equal("none", reply["token_endpoint_auth_method"].GetString());
        Assert.Equal("""["https://editor.example/callback","http://localhost:1234/callback"]""", reply["redirect_uris"].GetRawText());
        Assert.Equal("""["authorization_code","refresh_token"]""", reply["grant_types"].GetRawText());
        Assert.Equal("""["code"]""", reply["response_types"].GetRawText());
        Assert.Equal("create_rooms rooms:*", reply["scope"].GetString());
        Assert.True(reply["client_id_issued_at"].GetInt64() > 0);
        Assert.Equal(JsonValueKind.Undefined, reply["client_secret"].ValueKind);
        Assert.Equal("no-store", reply.Header("Cache-Control"));
    }

    [Fact]
    public async Task Registration_WithoutAName_IsCalledAfterItsHost()
    {
        var reply = (await host.Client().PostAsync("/oauth/register", new { redirect_uris = new[] { "https://editor.example/callback" } })).AssertOk(201);

        Assert.Equal("editor.example", reply["client_name"].GetString());
    }

    [Theory]
    [InlineData("""{}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":[]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":"https://a.example"}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":[1]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["https://a.example/#x"]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["http://a.example/"]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["javascript:alert(1)"]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["data:text/html,x"]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["file:///etc/passwd"]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["/callback"]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["https://a.example/","nonsense"]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["https://a.example/"],"client_name":7}""", "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://a.example/"],"client_name":"a\u0000b"}""", "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://a.example/"],"client_uri":"javascript:alert(1)"}""", "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://a.example/"],"grant_types":["implicit"]}""", "invalid_client_metadata")]
    [InlineData("""{"redirect_uris":["https://a.example/"],"response_types":["token"]}""", "invalid_client_metadata")]
    [InlineData("""[]""", "invalid_client_metadata")]
    [InlineData("""{""", "invalid_client_metadata")]
    [InlineData("", "invalid_redirect_uri")]
    public async Task Registration_ThatIsWrong_IsRefusedInTheShapeOfTheRfc(string body, string error)
    {
        var reply = await host.Client().PostRawAsync("/oauth/register", Encoding.UTF8.GetBytes(body));

        reply.AssertOAuthRefusal(error);
    }

    [Fact]
    public async Task Registration_TooLargeOrTooLong_IsRefused()
    {
        var large = await host.Client().PostAsync("/oauth/register", new { redirect_uris = new[] { "https://a.example/" }, x = new string('x', 70_000) });
        var many = await host.Client().PostAsync("/oauth/register", new { redirect_uris = Enumerable.Range(0, 11).Select(i => $"https://a.example/{i}") });
        var longName = await host.Client().PostAsync("/oauth/register", new { redirect_uris = new[] { "https://a.example/" }, client_name = new string('x', 101) });

        Assert.Equal(413, large.Status);
        many.AssertOAuthRefusal("invalid_redirect_uri");
        longName.AssertOAuthRefusal("invalid_client_metadata");
    }

    [Fact]
    public async Task Registration_InAFlood_IsLimitedByAddress()
    {
        await using var small = new SyncHost(new() { ["Sync:Limits:GuessesPerSecond"] = "2" });
        await small.InitializeAsync();

        var replies = new List<ApiReply>();
        for (var i = 0; i < 10; i++)
        {
            replies.Add(await small.Client().PostAsync("/oauth/register", new { redirect_uris = new[] { "https://a.example/" } }));
        }

        Assert.Contains(replies, reply => reply.Status == 201);
        Assert.Contains(replies, reply => reply.Error == "rate_limited");
    }
}
