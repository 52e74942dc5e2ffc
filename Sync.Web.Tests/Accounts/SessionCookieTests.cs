using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sync.Web.Accounts;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Accounts;

/// <summary>The cookie of a signed-in browser: what it is, when it ends, and where it does not count.</summary>
public sealed class SessionCookieTests(AccountsHost host) : IClassFixture<AccountsHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_OverHttp_SetsACookieForThisHostAlone()
    {
        using var person = await host.PersonAsync();

        var cookie = Attributes(person.Browser.SetCookies.Last(set => set.StartsWith("sync=", StringComparison.Ordinal)));

        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=lax", cookie);
        Assert.Contains("path=/", cookie);
        Assert.DoesNotContain("secure", cookie);
        Assert.DoesNotContain(cookie, attribute => attribute.StartsWith("domain", StringComparison.Ordinal));
        var expires = DateTimeOffset.Parse(cookie.Single(attribute => attribute.StartsWith("expires=", StringComparison.Ordinal))[8..], CultureInfo.InvariantCulture);
        Assert.InRange(expires, TimeProvider.System.GetUtcNow().AddDays(29.9), TimeProvider.System.GetUtcNow().AddDays(30.1));
    }

    [Fact]
    public async Task Ceremony_Begun_IsRememberedInAStrictCookie()
    {
        using var person = await host.PersonAsync();

        var cookie = Attributes(person.Browser.SetCookies.First(set => set.StartsWith("sync-ceremony=", StringComparison.Ordinal)));

        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);
        Assert.DoesNotContain(cookie, attribute => attribute.StartsWith("expires", StringComparison.Ordinal));
        Assert.Null(person.Browser.Cookie("sync-ceremony"));
    }

    [Fact]
    public async Task Cookies_WithAnHttpsAddress_AreSecureAndBoundToTheHost()
    {
        var secure = new SyncHost(new() { ["Sync:PublicUrl"] = "https://sync.example.org" });
        await using (secure)
        {
            await secure.InitializeAsync();
            using var browser = new TestBrowser(secure);
            using var passkey = new SoftwarePasskey();
            var setup = secure.Engine.Users.SetupSecret;
            await browser.OpenAsync("/setup?code=" + setup);
            (await browser.CreateAsync("register", passkey, new { user_name = "ada", setup }, options => passkey.Create(options, "https://sync.example.org"))).AssertOk();

            Assert.All(browser.SetCookies, set =>
            {
                Assert.StartsWith("__Host-", set, StringComparison.Ordinal);
                var attributes = Attributes(set);
                Assert.Contains("secure", attributes);
                Assert.Contains("httponly", attributes);
                Assert.Contains("path=/", attributes);
            });
            Assert.NotNull(browser.Cookie("__Host-sync"));
        }
    }

    [Fact]
    public async Task Session_EndedInTheEngine_SignsTheBrowserOut()
    {
        using var person = await host.PersonAsync();
        Assert.Contains("Sign out", (await person.Browser.OpenAsync("/")).Text, StringComparison.Ordinal);

        await host.Engine.Users.EndSessionsAsync(person.User.Id, exceptSessionId: null, Cancellation);
        var page = await person.Browser.OpenAsync("/");

        Assert.DoesNotContain("Sign out", page.Text, StringComparison.Ordinal);
        Assert.Null(person.Browser.Cookie("sync"));
    }

    [Fact]
    public async Task SignIn_Again_IsAnotherSessionAndEndsTheOneBefore()
    {
        using var person = await host.PersonAsync();
        var before = Assert.Single(await host.Engine.Users.SessionsAsync(person.User.Id, Cancellation));
        var cookie = person.Browser.Cookie("sync");

        (await person.Browser.SignInAsync(person.Passkey)).AssertOk();

        var after = Assert.Single(await host.Engine.Users.SessionsAsync(person.User.Id, Cancellation));
        Assert.NotEqual(before.Id, after.Id);
        Assert.NotEqual(cookie, person.Browser.Cookie("sync"));
    }

    [Fact]
    public async Task SignIn_InABrowserWithAPlantedCookie_SharesNothingWithWhoPlantedIt()
    {
        using var thief = await host.PersonAsync();
        using var victim = await host.PersonAsync();
        using var browser = new TestBrowser(host);
        browser.Give("sync", thief.Browser.Cookie("sync") ?? "");

        (await browser.SignInAsync(victim.Passkey)).AssertOk();

        Assert.Equal(2, (await host.Engine.Users.SessionsAsync(victim.User.Id, Cancellation)).Count);
        Assert.Empty(await host.Engine.Users.SessionsAsync(thief.User.Id, Cancellation));
        Assert.DoesNotContain(victim.Name, (await thief.Browser.OpenAsync("/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_ByTheForm_EndsEveryCopyOfTheCookie()
    {
        using var person = await host.PersonAsync();
        var copy = person.Browser.Cookie("sync") ?? "";

        var reply = await person.Browser.PostFormAsync("/auth/sign-out");

        Assert.Equal(302, reply.Status);
        Assert.Equal("/auth/signed-out", reply.Header("Location"));
        Assert.Null(person.Browser.Cookie("sync"));
        Assert.Empty(await host.Engine.Users.SessionsAsync(person.User.Id, Cancellation));
        person.Browser.Give("sync", copy);
        Assert.DoesNotContain(person.Name, (await person.Browser.OpenAsync("/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_FromAnotherSite_IsRefused()
    {
        using var person = await host.PersonAsync();

        var reply = await person.Browser.SendAsync(HttpMethod.Post, "/auth/sign-out", new FormUrlEncodedContent([]));

        reply.AssertRefusal("invalid_parameter", 400);
        Assert.Single(await host.Engine.Users.SessionsAsync(person.User.Id, Cancellation));
    }

    [Fact]
    public async Task Cookie_TamperedWith_IsNobodys()
    {
        using var person = await host.PersonAsync();
        var cookie = person.Browser.Cookie("sync") ?? "";
        person.Browser.Give("sync", cookie[..^8] + (cookie[^8] == 'A' ? 'B' : 'A') + cookie[^7..]);

        Assert.DoesNotContain(person.Name, (await person.Browser.OpenAsync("/")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/rooms")]
    [InlineData("POST", "/rooms")]
    [InlineData("GET", "/rooms/any/context")]
    [InlineData("GET", "/tokens")]
    [InlineData("POST", "/tokens")]
    public async Task Api_WithTheCookieAlone_KnowsNobody(string method, string path)
    {
        using var person = await host.PersonAsync();

        var reply = await person.Browser.SendAsync(new HttpMethod(method), path, method == "POST" ? new StringContent("{}") : null);

        reply.AssertRefusal("authentication_required", 401);
    }

    [Fact]
    public async Task Api_WithACookie_DoesNotEvenReadIt()
    {
        var read = 0;
        var watched = new SyncHost([], services => services.PostConfigure<CookieAuthenticationOptions>(
            SessionCookie.Scheme,
            cookie => cookie.Events.OnValidatePrincipal = _ =>
            {
                read++;
                return Task.CompletedTask;
            }));
        await using (watched)
        {
            await watched.InitializeAsync();
            using var browser = new TestBrowser(watched);
            await watched.MintAsync("ada");
            await browser.SignInAsync((await watched.Engine.Users.FindByNameAsync("ada", Cancellation))!); // Made by the line above.

            await browser.OpenAsync("/rooms");
            await browser.OpenAsync("/health");
            await browser.OpenAsync("/mcp");
            Assert.Equal(0, read);

            await browser.OpenAsync("/");
            Assert.Equal(1, read);
        }
    }

    [Theory]
    [InlineData("/manage", "/auth/sign-in?return=%2Fmanage")]
    [InlineData("/manage?tab=tokens", "/auth/sign-in?return=%2Fmanage%3Ftab%3Dtokens")]
    public async Task Page_ThatNeedsSomebody_LeadsThroughTheSignIn(string path, string signIn)
    {
        var reply = await host.Client().GetAsync(path);

        Assert.Equal(302, reply.Status);
        Assert.Equal(signIn, new Uri(host.Address, reply.Header("Location")).PathAndQuery);
    }

    [Theory]
    [InlineData("GET", "/auth/sign-in?return=%2Fpage%3Fa%3D1")]
    [InlineData("POST", "/auth/sign-in")]
    public async Task Challenge_OfAnyEndpoint_LeadsToTheSignInOfThisServer(string method, string signIn)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        http.Request.Method = method;
        http.Request.Scheme = "http";
        http.Request.Host = new HostString("evil.example");
        http.Request.Path = "/page";
        http.Request.QueryString = new QueryString("?a=1");

        await http.ChallengeAsync();

        Assert.Equal(302, http.Response.StatusCode);
        Assert.Equal(signIn, http.Response.Headers.Location.ToString());
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/%5Cevil.example")]
    [InlineData("https://evil.example")]
    [InlineData("%2F%2Fevil.example")]
    [InlineData("/%09/evil.example")]
    public async Task SignIn_WithAForeignReturn_StaysHere(string value)
    {
        using var person = await host.PersonAsync();

        var redirect = await person.Browser.OpenAsync("/auth/sign-in?return=" + value);
        var signedIn = await person.Browser.SignInAsync(person.Passkey, new Dictionary<string, string> { ["return"] = Uri.UnescapeDataString(value) });

        Assert.Equal(302, redirect.Status);
        Assert.Equal("/manage", new Uri(new Uri(person.Browser.Origin), redirect.Header("Location")).AbsolutePath);
        Assert.StartsWith(person.Browser.Origin, new Uri(new Uri(person.Browser.Origin), redirect.Header("Location")).AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal("/manage", signedIn["next"].GetString());
    }

    [Fact]
    public async Task SignIn_WithALocalReturn_LeadsThere()
    {
        using var person = await host.PersonAsync();

        var signedIn = await person.Browser.SignInAsync(person.Passkey, new Dictionary<string, string> { ["return"] = "/oauth/authorize?client_id=a&scope=rooms%3A*" });

        Assert.Equal("/oauth/authorize?client_id=a&scope=rooms%3A*", signedIn["next"].GetString());
    }

    private static string[] Attributes(string cookie) => [.. cookie.Split(';').Skip(1).Select(attribute => attribute.Trim().ToLowerInvariant())];
}
