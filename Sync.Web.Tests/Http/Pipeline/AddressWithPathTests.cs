using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sync.Web.Options;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Http.Pipeline;

/// <summary>A server whose address has a path, behind a proxy that hands it on (<c>/sync</c>) and one that takes it off (empty).</summary>
public sealed partial class AddressWithPathTests(AddressWithPathTests.PathHost host) : IClassFixture<AddressWithPathTests.PathHost>
{
    private const string Root = "/sync";

    public static TheoryData<string, string> Pages { get; } = [.. new[] { Root, "" }.SelectMany(
        static _ => new[] { "/", "/rooms/x/dashboard", "/auth/sign-in", "/setup", "/recover", "/docs", "/docs/auth", "/docs/design", "/nothing", "/auth/signed-out" },
        static (prefix, path) => (prefix, path))];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_BehindEitherProxy_LinksOnlyToWhatIsThere(string prefix, string path)
    {
        var page = await HtmlAsync(prefix + path);
        var root = BaseElement().Match(page.Text) is { Success: true } found ? found.Groups[1].Value : prefix + path;
        var links = Links().Matches(page.Text).Select(match => System.Net.WebUtility.HtmlDecode(match.Groups[1].Value))
            .Where(link => link.Length > 0 && !link.StartsWith('#') && !link.StartsWith("data:", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();

        Assert.NotEmpty(links);
        foreach (var link in links)
        {
            var target = new Uri(new Uri("https://example.org" + root), link);
            if (target.Host != "example.org")
            {
                continue;
            }

            Assert.True(target.AbsolutePath == Root || target.AbsolutePath.StartsWith(Root + "/", StringComparison.Ordinal), $"{link} on {path} leads to {target}");
            var there = prefix.Length > 0 ? target.PathAndQuery : target.PathAndQuery[Root.Length..];
            var reply = await HtmlAsync(there.StartsWith('/') ? there : "/" + there);
            Assert.True(reply.Status is 200 or 302 or 405 or 400, $"{link} on {path}: {reply.Status}");
        }
    }

    [Theory]
    [InlineData("/sync")]
    [InlineData("")]
    public async Task Api_BehindEitherProxy_AnswersTheSameAndNamesPlacesUnderThePath(string prefix)
    {
        var owner = await host.UserAsync();
        var room = SyncHost.NewName("under");
        var created = await owner.PostAsync(prefix + "/rooms", new { id = room });
        var joined = await owner.PostAsync($"{prefix}/rooms/{room}/agents", new { id = "a/b" });
        var minted = await owner.PostAsync(prefix + "/tokens", new { scope = $"rooms:{room}:read" });

        Assert.Equal(201, created.Status);
        Assert.Equal($"/sync/rooms/{room}", created.Header("Location"));
        Assert.Equal(201, minted.Status);
        Assert.StartsWith("/sync/tokens/", minted.Header("Location"), StringComparison.Ordinal);
        if (joined.Status == 201)
        {
            Assert.Equal($"/sync/rooms/{room}/agents/a%2Fb", joined.Header("Location"));
        }

        foreach (var path in new[] { $"/rooms/{room}", $"/%72ooms/{room}/context", $"/rooms/{room}/poll?x" })
        {
            var with = await owner.GetAsync(Root + path);
            var without = await owner.GetAsync(path);
            Assert.Equal(without.Status, with.Status);
            Assert.NotEqual(404, with.Status);
        }

        Assert.Equal(200, (await owner.GetAsync($"/%73ync/rooms/{room}")).Status);
        Assert.Equal(404, (await owner.GetAsync($"/syncrooms/{room}")).Status);
    }

    [Theory]
    [InlineData("/sync/favicon.ico", "/sync/favicon.svg")]
    [InlineData("/favicon.ico", "/sync/favicon.svg")]
    [InlineData("/sync/?room=x", "/sync/rooms/x/dashboard")]
    [InlineData("/?room=x", "/sync/rooms/x/dashboard")]
    [InlineData("/sync/manage", "/sync/auth/sign-in?return=%2Fmanage")]
    [InlineData("/manage/tokens", "/sync/auth/sign-in?return=%2Fmanage%2Ftokens")]
    public async Task Redirect_BehindEitherProxy_StaysUnderThePath(string path, string place)
    {
        var reply = await HtmlAsync(path);

        Assert.InRange(reply.Status, 301, 302);
        Assert.Equal(place, reply.Header("Location"));
    }

    [Theory]
    [InlineData("/.well-known/oauth-authorization-server/sync", "issuer", "https://example.org/sync")]
    [InlineData("/sync/.well-known/oauth-authorization-server", "issuer", "https://example.org/sync")]
    [InlineData("/.well-known/oauth-authorization-server", "token_endpoint", "https://example.org/sync/oauth/token")]
    [InlineData("/.well-known/oauth-protected-resource/sync", "resource", "https://example.org/sync")]
    [InlineData("/.well-known/oauth-protected-resource/sync/mcp", "resource", "https://example.org/sync/mcp")]
    [InlineData("/sync/.well-known/oauth-protected-resource/mcp", "resource", "https://example.org/sync/mcp")]
    public async Task Metadata_AtTheAddressesThatClientsTry_IsServed(string path, string field, string value)
    {
        var reply = await host.Client().GetAsync(path);

        Assert.Equal(value, reply[field].GetString());
    }

    [Theory]
    [InlineData("/sync")]
    [InlineData("")]
    public async Task Token_BehindEitherProxy_IsTheLibrarysEndpoint(string prefix)
    {
        using var form = new FormUrlEncodedContent([new("grant_type", "authorization_code"), new("client_id", "x"), new("code", "y"), new("redirect_uri", "http://localhost/"), new("code_verifier", new string('v', 43))]);

        var reply = await host.Client().SendAsync(HttpMethod.Post, prefix + "/oauth/token", form);

        Assert.Equal((401, "invalid_client"), (reply.Status, reply.Error));
    }

    [Fact]
    public async Task Cookies_UnderAPath_AreForItAlone()
    {
        var page = await HtmlAsync("/sync/auth/sign-in");

        var cookies = page.Headers.GetValues("Set-Cookie").ToList();
        Assert.NotEmpty(cookies);
        Assert.All(cookies, cookie =>
        {
            Assert.StartsWith("__Secure-", cookie, StringComparison.Ordinal);
            Assert.Contains("path=/sync", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public void ServersOwnPaths_All_AreRefusedAsTheAddressesPath()
    {
        var first = host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.PathSegments is [{ IsSimple: true, Parts: [Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart part] }, ..] ? part.Content : null)
            .OfType<string>().Where(segment => !segment.Contains('.', StringComparison.Ordinal) || segment == ".well-known").Distinct(StringComparer.OrdinalIgnoreCase).ToList();

        Assert.Contains("rooms", first);
        Assert.All(first, segment => Assert.True(SyncOptionsReader.OwnSegments.Contains(segment), segment));
    }

    private Task<ApiReply> HtmlAsync(string path) => host.Client().SendAsync(HttpMethod.Get, path, content: null, ("Accept", "text/html"));

    [GeneratedRegex("<base href=\"([^\"]*)\"")]
    private static partial Regex BaseElement();

    [GeneratedRegex("<(?!base)[a-z]+[^>]* (?:href|src|action)=\"([^\"]*)\"")]
    private static partial Regex Links();

    public sealed class PathHost() : SyncHost(new() { ["Sync:PublicUrl"] = "https://example.org/sync/" });
}
