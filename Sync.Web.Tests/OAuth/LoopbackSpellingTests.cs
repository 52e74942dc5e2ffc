using Microsoft.AspNetCore.WebUtilities;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.OAuth;

/// <summary>A server on this machine is known by each name of loopback: clients compare addresses by their text.</summary>
public sealed class LoopbackSpellingTests(SyncHost host)
{
    public static TheoryData<string> Spellings => ["http://localhost:5080", "http://127.0.0.1:5080", "http://[::1]:5080"];

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task Metadata_AskedUnderASpelling_SaysEverythingInIt(string address)
    {
        var resource = await GetAsync("/.well-known/oauth-protected-resource/mcp", address);
        var api = await GetAsync("/.well-known/oauth-protected-resource", address);
        var server = await GetAsync("/.well-known/oauth-authorization-server", address);
        var mcp = await host.Client().SendAsync(HttpMethod.Post, "/mcp", content: null, ("Host", new Uri(address).Authority));

        Assert.Equal(address + "/mcp", resource["resource"].GetString());
        Assert.Equal(address, api["resource"].GetString());
        Assert.Equal($"[\"{address}\"]", resource["authorization_servers"].GetRawText());
        Assert.Equal(address, server["issuer"].GetString());
        foreach (var endpoint in (string[])["authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint"])
        {
            Assert.StartsWith(address + "/oauth/", server[endpoint].GetString(), StringComparison.Ordinal);
        }

        Assert.Equal($"Bearer resource_metadata=\"{address}/.well-known/oauth-protected-resource/mcp\"", mcp.Header("WWW-Authenticate"));
    }

    /// <summary>Nothing goes by a host that is not one of the names, or by another port.</summary>
    [Theory]
    [InlineData("evil.example:5080")]
    [InlineData("127.0.0.1:5081")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost.evil.example:5080")]
    [InlineData("127.0.0.2:5080")]
    public async Task Metadata_AskedUnderAnotherName_IsThatOfThePublicAddress(string name)
    {
        var reply = await host.Client().SendAsync(HttpMethod.Get, "/.well-known/oauth-protected-resource/mcp", content: null, ("Host", name));

        Assert.Equal(Journey.Issuer + "/mcp", reply["resource"].GetString());
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task Authorization_BegunUnderASpelling_EndsWithItsIssuerAndAToken(string address)
    {
        using var journey = await Journey.StartAsync(host);
        (string, string?)[] resource = [("resource", address + "/mcp")];

        // The client sends the browser to its own spelling; the person is known under the public one.
        var query = QueryHelpers.AddQueryString("/oauth/authorize", journey.Request(resource).Select(field => KeyValuePair.Create(field.Key, (string?)field.Value)));
        var sent = await host.Client().SendAsync(HttpMethod.Get, query, content: null, ("Host", new Uri(address).Authority));
        var issuer = address;
        if (address != Journey.Issuer)
        {
            Assert.StartsWith(Journey.Issuer + "/oauth/authorize?", sent.Header("Location"), StringComparison.Ordinal);
            issuer = QueryHelpers.ParseQuery(new Uri(sent.Header("Location")!).Query)["issuer"].ToString();
            Assert.Equal(address, issuer);
        }

        var answer = Journey.Answer(await journey.DecideAsync("allow", ["create_rooms"], [.. resource, ("issuer", issuer)]));

        Assert.Equal(address, answer["iss"]);
        var token = (await journey.ExchangeAsync(answer["code"], [.. resource])).AssertOk()["access_token"].GetString();
        (await host.Client(token).GetAsync("/rooms")).AssertOk();
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("http://127.0.0.1:5081")]
    public async Task Issuer_ThatIsNoSpelling_IsNotNamed(string issuer)
    {
        using var journey = await Journey.StartAsync(host);

        var answer = Journey.Answer(await journey.DecideAsync("allow", ["create_rooms"], ("issuer", issuer)));

        Assert.Equal(Journey.Issuer, answer["iss"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5081/mcp")]
    [InlineData("http://127.0.0.2:5080/mcp")]
    [InlineData("https://127.0.0.1:5080/mcp")]
    public async Task Resource_ThatIsNoSpelling_IsRefused(string resource)
    {
        using var journey = await Journey.StartAsync(host);

        var answer = Journey.Answer(await journey.AuthorizeAsync(("resource", resource)));

        Assert.Equal("invalid_target", answer["error"]);
    }

    /// <summary>Where the public address is not on this machine, its text alone is known.</summary>
    [Fact]
    public async Task Server_OnTheNet_HasOneSpelling()
    {
        await using var own = new SyncHost(new() { ["Sync:PublicUrl"] = "https://sync.example.org" });
        await own.InitializeAsync();

        var reply = await own.Client().SendAsync(HttpMethod.Get, "/.well-known/oauth-protected-resource/mcp", content: null, ("Host", "127.0.0.1"));

        Assert.Equal("https://sync.example.org/mcp", reply["resource"].GetString());
    }

    private async Task<ApiReply> GetAsync(string path, string address) => (await host.Client().SendAsync(HttpMethod.Get, path, content: null, ("Host", new Uri(address).Authority))).AssertOk();
}
