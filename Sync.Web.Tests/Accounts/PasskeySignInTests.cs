using System.Text.Json.Nodes;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Accounts;

/// <summary>Signing in with a passkey, with an authenticator and a browser that can misbehave.</summary>
public sealed class PasskeySignInTests(AccountsHost host) : IClassFixture<AccountsHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_WithASignatureOfAnotherKey_IsRefused()
    {
        using var person = await host.PersonAsync();
        using var impostor = SoftwarePasskey.Of(PasskeyKey.Es256(), System.Buffers.Text.Base64Url.DecodeFromChars(person.Passkey.Id), person.User.Id);
        using var browser = new TestBrowser(host);

        (await browser.SignInAsync(impostor)).AssertRefusal("invalid_parameter", 400);
        (await browser.SignInAsync(person.Passkey)).AssertOk();
    }

    [Theory]
    [InlineData("u_000000000000000000000000")]
    [InlineData("")]
    public async Task SignIn_ThatSaysItIsSomebodyElses_IsRefused(string userId)
    {
        var key = PasskeyKey.Es256();
        using var passkey = new SoftwarePasskey(key);
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/register");
        (await browser.CreateAsync("register", passkey, new { user_name = SyncHost.NewName("handle") })).AssertOk();
        using var liar = SoftwarePasskey.Of(key, System.Buffers.Text.Base64Url.DecodeFromChars(passkey.Id), userId);

        (await new TestBrowser(host).SignInAsync(liar)).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task SignIn_ByAnAuthenticatorWithoutAUserHandle_NeedsTheName()
    {
        using var browser = new TestBrowser(host);
        using var passkey = new SoftwarePasskey { TellsUser = false };
        var name = SyncHost.NewName("silent");
        await browser.OpenAsync("/auth/register");
        (await browser.CreateAsync("register", passkey, new { user_name = name })).AssertOk();
        using var elsewhere = new TestBrowser(host);

        (await elsewhere.SignInAsync(passkey)).AssertRefusal("invalid_parameter", 400);
        (await elsewhere.SignInAsync(passkey, new { user_name = name })).AssertOk();
    }

    [Fact]
    public async Task SignIn_WithAPasskeyThatBecameCopyable_IsRefused()
    {
        using var person = await host.PersonAsync();
        person.Passkey.IsBackupEligible = true;
        using var browser = new TestBrowser(host);

        (await browser.SignInAsync(person.Passkey)).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task SignIn_WithARowOfTheLibraryBefore_WorksAndLearnsTheModel()
    {
        // Written by the server of 2026-11-23, whose ceremonies ASP.NET Core Identity verified.
        const string Row = """
            {"public_key":"pQECAyYgASFYIBkATdJgIQEnA299sC4k1oaS4rQ7SZ6aFjxtovBjM2g/Ilgg6mztsITJzpqnKqoHKS8Mm4BBbreduatmod55XLa1Nz8=","sign_count":0,"transports":["internal"],"is_user_verified":true,"is_backup_eligible":false,"is_backed_up":false,"attestation_object":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVkApEmWDeWIDoxodDQXD2R2YFuP5K65ooYyx5lc87qDHZdjRQAAAAAAAAAAAAAAAAAAAAAAAAAAACAangb+QR9vKvr0xXZ7oaKzr33vgww9qq4V3GxjBv65hKUBAgMmIAEhWCAZAE3SYCEBJwNvfbAuJNaGkuK0O0memhY8baLwYzNoPyJYIOps7bCEyc6apyqqBykvDJuAQW63nbmrZqHeeVy2tTc/","client_data_json":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoia3pvam9wNXhoZWhhU01wby1QZTc1YjA4R013N0pwQ205cndUMVE4Z0hIMCIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6MzMwODMiLCJjcm9zc09yaWdpbiI6ZmFsc2V9"}
            """;
        var id = System.Buffers.Text.Base64Url.DecodeFromChars("Gp4G_kEfbyr69MV2e6Gis69974MMPaquFdxsYwb-uYQ");
        var key = Convert.FromBase64String("MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNKTKjyPTgxukn5yv0KrOER/CWslt9DHMntBoWp2W4vuhRANCAAQZAE3SYCEBJwNvfbAuJNaGkuK0O0memhY8baLwYzNoP+ps7bCEyc6apyqqBykvDJuAQW63nbmrZqHeeVy2tTc/");
        using var person = await host.PersonAsync();
        var stored = new Sync.Engine.Identity.Users.PasskeyRecord { CredentialId = id, Name = "Before", Data = Row.Trim(), CreatedAt = host.Clock.GetUtcNow() };
        Assert.Null((await host.Engine.Users.AddPasskeyAsync(await host.CallerAsync(person), stored, Cancellation)).Error);
        using var passkey = SoftwarePasskey.Of(PasskeyKey.Es256(key), id, person.User.Id);
        using var browser = new TestBrowser(host);

        (await browser.SignInAsync(passkey)).AssertOk();
        (await browser.SignInAsync(passkey, new { user_name = person.Name })).AssertOk();

        var used = (await host.Engine.Users.PasskeysAsync(person.User.Id, Cancellation)).Single(one => one.Name == "Before");
        Assert.Contains("\"sign_count\":2", used.Data, StringComparison.Ordinal);
        Assert.Contains("\"aaguid\":\"00000000-0000-0000-0000-000000000000\"", used.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_ReplayedWithACopyOfItsCookie_IsRefused()
    {
        // A synced passkey: its counter stays at nothing, so that only the challenge tells a replay.
        using var person = await host.PersonAsync();
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/sign-in");
        var options = await browser.PostJsonAsync("/auth/passkeys/sign-in/options", new { });
        var cookie = browser.Cookie("sync-ceremony") ?? "";
        var credential = person.Passkey.Use(options.Json, browser.Origin, uses: 0);
        (await browser.FinishAsync("sign-in", new { }, credential.DeepClone().AsObject())).AssertOk();
        using var thief = new TestBrowser(host);
        await thief.OpenAsync("/auth/sign-in");
        thief.Give("sync-ceremony", cookie);

        (await thief.FinishAsync("sign-in", new { }, credential)).AssertRefusal("invalid_parameter", 400);

        Assert.Null(thief.Cookie("sync"));
    }

    [Fact]
    public async Task SignIn_WithoutAName_FindsThePersonAndCountsTheUse()
    {
        using var person = await host.PersonAsync();
        using var browser = new TestBrowser(host);

        var signedIn = (await browser.SignInAsync(person.Passkey)).AssertOk();

        Assert.Equal("/manage", signedIn["next"].GetString());
        Assert.Contains(person.Name, (await browser.OpenAsync("/")).Text, StringComparison.Ordinal);
        var passkey = Assert.Single(await host.Engine.Users.PasskeysAsync(person.User.Id, Cancellation));
        Assert.Contains("\"sign_count\":1", passkey.Data, StringComparison.Ordinal);
        Assert.NotNull(passkey.LastUsedAt);
    }

    [Fact]
    public async Task SignIn_ByName_AsksForThatPersonsPasskeys()
    {
        using var person = await host.PersonAsync();
        using var other = await host.PersonAsync();
        using var browser = new TestBrowser(host);

        var asAnother = await browser.SignInAsync(other.Passkey, new { user_name = person.Name });
        var signedIn = await browser.SignInAsync(person.Passkey, new { user_name = person.Name.ToUpperInvariant() });

        asAnother.AssertRefusal("invalid_parameter", 400);
        signedIn.AssertOk();
    }

    [Fact]
    public async Task SignInOptions_ForAnUnknownName_LookLikeThoseForAKnownOne()
    {
        using var person = await host.PersonAsync();
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/sign-in");

        var known = await OptionsAsync(person.Name);
        var unknown = await OptionsAsync("nobody-at-all");
        var again = await OptionsAsync("Nobody-At-All");

        Assert.Equal(Shape(known), Shape(unknown));
        Assert.Equal(unknown["allowCredentials"]![0]!["id"]!.GetValue<string>(), again["allowCredentials"]![0]!["id"]!.GetValue<string>()); // The same shape as a known one's.

        async Task<JsonNode> OptionsAsync(string name) =>
            JsonNode.Parse((await browser.PostJsonAsync("/auth/passkeys/sign-in/options", new { user_name = name })).AssertOk().Text)!; // An object.

        static string Shape(JsonNode options)
        {
            var copy = options.DeepClone();
            copy["challenge"] = "";
            copy["allowCredentials"]![0]!["id"] = copy["allowCredentials"]![0]!["id"]!.GetValue<string>().Length; // As above.
            return copy.ToJsonString();
        }
    }

    [Fact]
    public async Task SignIn_WithACopyThatFellBehind_IsRefused()
    {
        using var person = await host.PersonAsync();
        using var browser = new TestBrowser(host);
        (await browser.SignInAsync(person.Passkey, answer: options => person.Passkey.Use(options, browser.Origin, uses: 9))).AssertOk();

        var copy = await browser.SignInAsync(person.Passkey, answer: options => person.Passkey.Use(options, browser.Origin, uses: 3));

        copy.AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task SignIn_OnAnotherOrigin_IsRefused()
    {
        using var person = await host.PersonAsync();
        using var browser = new TestBrowser(host);

        var reply = await browser.SignInAsync(person.Passkey, answer: options => person.Passkey.Use(options, "https://evil.example"));

        reply.AssertRefusal("invalid_parameter", 400);
        Assert.Null(browser.Cookie("sync"));
    }

    [Fact]
    public async Task SignIn_WithAPasskeyNobodyHas_IsRefused()
    {
        using var stranger = new SoftwarePasskey();
        using var browser = new TestBrowser(host);

        (await browser.SignInAsync(stranger)).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task SignIn_WithARemovedPasskey_IsRefused()
    {
        using var person = await host.PersonAsync();
        using var second = new SoftwarePasskey();
        (await person.Browser.CreateAsync("add", second, new { name = "Second" })).AssertOk();
        await host.Engine.Users.RemovePasskeyAsync(await host.CallerAsync(person), System.Buffers.Text.Base64Url.DecodeFromChars(person.Passkey.Id), Cancellation);
        using var browser = new TestBrowser(host);

        (await browser.SignInAsync(person.Passkey)).AssertRefusal("invalid_parameter", 400);
        (await browser.SignInAsync(second)).AssertOk();
    }
}
