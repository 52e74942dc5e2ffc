using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Http.Pipeline;

/// <summary>What a request names as its host is the client's word: it is in no link and in no redirect.</summary>
public sealed class HostileHostTests(SyncHost host) : IClassFixture<SyncHost>
{
    private const string Hostile = "evil.example";

    [Theory]
    [InlineData("/")]
    [InlineData("/?room=x")]
    [InlineData("/rooms")]
    [InlineData("/rooms/x/dashboard")]
    [InlineData("/manage")]
    [InlineData("/manage/tokens")]
    [InlineData("/auth/sign-in")]
    [InlineData("/auth/sign-in?return=%2Fmanage")]
    [InlineData("/auth/register")]
    [InlineData("/auth/device")]
    [InlineData("/auth/device?code=ABCD-EFGH")]
    [InlineData("/auth/consent")]
    [InlineData("/auth/elevate?token_id=a&room=x&level=read")]
    [InlineData("/auth/signed-out")]
    [InlineData("/oauth/authorize?client_id=x&response_type=code")]
    [InlineData("/setup")]
    [InlineData("/recover")]
    [InlineData("/docs")]
    [InlineData("/docs/auth")]
    [InlineData("/docs/design")]
    [InlineData("/nothing/here")]
    [InlineData("/favicon.ico")]
    [InlineData("/diagrams/frame")]
    [InlineData("/llms.txt")]
    [InlineData("/SKILL.md")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health")]
    [InlineData("/tokens")]
    [InlineData("/mcp")]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/oauth-protected-resource")]
    [InlineData("/.well-known/oauth-protected-resource/mcp")]
    public async Task Get_WithAnotherHost_NamesItNowhere(string path)
    {
        foreach (var accept in new[] { "text/html", "*/*" })
        {
            Clean(await host.Client().SendAsync(HttpMethod.Get, path, content: null, ("Host", Hostile), ("Accept", accept)));
        }
    }

    [Fact]
    public async Task Post_WithAnotherHost_NamesItNowhere()
    {
        var owner = await host.UserAsync();
        var room = SyncHost.NewName("hosted");

        Clean(await owner.PostAsync("/rooms", new { id = room }, ("Host", Hostile)), 201);
        Clean(await owner.PostAsync($"/rooms/{room}/agents", new { id = "ada" }, ("Host", Hostile)), 201);
        Clean(await owner.PostAsync("/tokens", new { scope = $"rooms:{room}:read" }, ("Host", Hostile)), 201);
        Clean(await host.Client().PostAsync("/auth/device", new { client = "a program" }, ("Host", Hostile)));
        Clean(await host.Client(await host.MintAsync(SyncHost.NewName("reader"), "rooms:other:read")).PostAsync($"/rooms/{room}/agents", new { id = "eve" }, ("Host", Hostile)));
    }

    [Theory]
    [InlineData("http://evil.example", Hostile, 403)]
    [InlineData("http://evil.example:8080", "evil.example:8080", 403)]
    [InlineData("http://127.0.0.1:8080", "localhost:8080", 403)]
    [InlineData("http://localhost:8080", "localhost:8080", 200)]
    public async Task Circuit_OpenedUnderAnotherName_IsRefused(string origin, string name, int status)
    {
        var reply = await host.Client().SendAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", content: null, ("Host", name), ("Origin", origin));

        Assert.Equal(status, reply.Status);
    }

    private static void Clean(ApiReply reply, int? status = null)
    {
        Assert.True(status is null || reply.Status == status, $"{reply.Status} {reply.Text}");
        Assert.DoesNotContain(Hostile, reply.Text, StringComparison.OrdinalIgnoreCase);
        Assert.All(reply.Headers, header => Assert.DoesNotContain(header.Value, value => value.Contains(Hostile, StringComparison.OrdinalIgnoreCase)));
        if (reply.Header("Location") is { } location)
        {
            Assert.StartsWith("/", location, StringComparison.Ordinal);
            Assert.False(location.StartsWith("//", StringComparison.Ordinal));
        }
    }
}
