using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Accounts;

/// <summary>The ceremonies, with an authenticator and a browser that can misbehave.</summary>
public sealed class PasskeyTests(AccountsHost host) : IClassFixture<AccountsHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Register_WithAPasskey_SignsInAndKeepsIt()
    {
        using var person = await host.PersonAsync();

        var passkey = Assert.Single(await host.Engine.Users.PasskeysAsync(person.User.Id, Cancellation));

        Assert.Equal(person.Passkey.Id, System.Buffers.Text.Base64Url.EncodeToString(passkey.CredentialId.Span));
        Assert.Contains("public_key", passkey.Data, StringComparison.Ordinal);
        Assert.Contains(person.Name, (await person.Browser.OpenAsync("/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RegisterOptions_OfferThreeAlgorithmsAndWantAKnownPersonAndNoAttestation()
    {
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/register");

        var options = (await browser.PostJsonAsync("/auth/passkeys/register/options", new { user_name = SyncHost.NewName("offered") })).AssertOk().Json;

        Assert.Equal([-7, -8, -257], options.GetProperty("pubKeyCredParams").EnumerateArray().Select(static one => one.GetProperty("alg").GetInt32()));
        Assert.Equal("localhost", options.GetProperty("rp").GetProperty("id").GetString());
        Assert.Equal("none", options.GetProperty("attestation").GetString());
        Assert.Equal("required", options.GetProperty("authenticatorSelection").GetProperty("residentKey").GetString());
        Assert.Equal("required", options.GetProperty("authenticatorSelection").GetProperty("userVerification").GetString());
        Assert.Equal(300_000, options.GetProperty("timeout").GetInt32());
    }

    [Theory]
    [InlineData(-7)]
    [InlineData(-8)]
    [InlineData(-257)]
    public async Task Journey_WithAnOfferedAlgorithm_RegistersSignsInConfirmsAndAdds(int algorithm)
    {
        using var browser = new TestBrowser(host);
        using var passkey = new SoftwarePasskey(PasskeyKey.Of(algorithm)) { Model = Guid.Parse("fdb141b2-5d84-443e-8a35-4698c205a502") };
        using var second = new SoftwarePasskey(PasskeyKey.Of(algorithm));
        var name = SyncHost.NewName("algorithm");
        await browser.OpenAsync("/auth/register");

        (await browser.CreateAsync("register", passkey, new { user_name = name })).AssertOk();
        using var elsewhere = new TestBrowser(host);
        (await elsewhere.SignInAsync(passkey)).AssertOk();
        await elsewhere.OpenAsync("/");
        (await elsewhere.UseAsync("confirm", passkey)).AssertOk();
        (await elsewhere.CreateAsync("add", second, new { name = "Second" })).AssertOk();
        using var third = new TestBrowser(host);
        (await third.SignInAsync(second, new { user_name = name })).AssertOk();

        Assert.Contains("KeePassXC", (await elsewhere.OpenAsync("/manage/passkeys")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_WithAnAlgorithmThatWasNotOffered_IsRefused() =>
        await AssertRegistrationRefusedAsync((passkey, options, own) => passkey.Create(options, own), new SoftwarePasskey(PasskeyKey.Of(-35)));

    [Fact]
    public async Task Ceremony_AfterFiveMinutes_IsTooLate()
    {
        using var person = await host.PersonAsync();
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/sign-in");
        var options = await browser.PostJsonAsync("/auth/passkeys/sign-in/options", new { });
        var credential = person.Passkey.Use(options.Json, browser.Origin);
        host.Clock.PutForward(TimeSpan.FromMinutes(5));

        (await browser.FinishAsync("sign-in", new { }, credential)).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Ceremony_WithBytesChangedAnywhere_IsRefusedAndNeverFails()
    {
        var random = new Random(10);
        for (var round = 0; round < 150; round++)
        {
            await AssertRegistrationRefusedAsync((passkey, options, own) => Spoil(passkey.Create(options, own), "attestationObject", random));
        }

        using var person = await host.PersonAsync();
        foreach (var field in new[] { "authenticatorData", "signature", "clientDataJSON", "userHandle" })
        {
            for (var round = 0; round < 25; round++)
            {
                using var browser = new TestBrowser(host);
                (await browser.SignInAsync(person.Passkey, answer: options => Spoil(person.Passkey.Use(options, browser.Origin), field, random))).AssertRefusal("invalid_parameter", 400);
            }
        }

        Assert.Empty(host.Errors.Entries);

        // Cut short, or a byte made another in what the verification must look at.
        static JsonObject Spoil(JsonObject credential, string field, Random random)
        {
            var response = credential["response"]!.AsObject(); // A credential has one.
            var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(response[field]!.GetValue<string>());
            // What is not signed in an attestation of none may be anything: the model, the id, the counter. Its head and the hash of the host are not.
            var length = field == "attestationObject" ? 62 : bytes.Length;
            if (random.Next(3) == 0)
            {
                bytes = bytes[..random.Next(length)];
            }
            else
            {
                bytes[random.Next(length)] ^= (byte)random.Next(1, 256);
            }

            response[field] = System.Buffers.Text.Base64Url.EncodeToString(bytes);
            return credential;
        }
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost:1")]
    [InlineData("https://localhost:5080")]
    [InlineData("http://sub.localhost:5080")]
    [InlineData("")]
    public async Task Register_OnAnotherOrigin_IsRefusedAndRegistersNobody(string origin) =>
        await AssertRegistrationRefusedAsync((passkey, options, _) => passkey.Create(options, origin));

    [Fact]
    public async Task Register_InAFrameOfAnotherOrigin_IsRefused() =>
        await AssertRegistrationRefusedAsync((passkey, options, own) => passkey.Create(options, own, crossOrigin: true));

    [Fact]
    public async Task Register_ForAnotherServer_IsRefused() =>
        await AssertRegistrationRefusedAsync((passkey, options, own) => passkey.Create(options, own, rpId: "evil.example"));

    [Fact]
    public async Task Register_WithoutKnowingThePerson_IsRefused() =>
        await AssertRegistrationRefusedAsync((passkey, options, own) => passkey.Create(options, own), new SoftwarePasskey { VerifiesUser = false });

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"id":"AA","type":"public-key"}""")]
    [InlineData("""{"id":1,"rawId":[],"type":{},"response":null,"clientExtensionResults":3}""")]
    [InlineData("""{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","attestationObject":"oA"}}""")]
    public async Task Register_WithAMadeUpCredential_IsRefused(string credential) =>
        await AssertRegistrationRefusedAsync((_, _, _) => JsonNode.Parse(credential)!.AsObject()); // Objects above.

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("FIRST")]
    public async Task Register_WithABadOrTakenName_IsRefusedBeforeThePasskeyIsMade(string name)
    {
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/register");

        (await browser.PostJsonAsync("/auth/passkeys/register/options", new { user_name = name })).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Register_Twice_WithTheSameCredential_IsRefused()
    {
        using var person = await host.PersonAsync();
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/register");

        var again = await browser.CreateAsync("register", person.Passkey, new { user_name = SyncHost.NewName("twin") });

        again.AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Register_AfterTheChallengeIsSpent_IsRefused()
    {
        using var browser = new TestBrowser(host);
        using var passkey = new SoftwarePasskey();
        await browser.OpenAsync("/auth/register");
        var fields = new { user_name = SyncHost.NewName("once") };
        JsonObject? credential = null;
        (await browser.CreateAsync("register", passkey, fields, options => credential = passkey.Create(options, browser.Origin))).AssertOk();
        await browser.OpenAsync("/");

        (await browser.FinishAsync("register", fields, credential!.DeepClone().AsObject())).AssertRefusal("invalid_parameter", 400); // Set above.
    }

    [Fact]
    public async Task Ceremony_InABrowserThatDidNotBeginIt_IsRefused()
    {
        using var person = await host.PersonAsync();
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/sign-in");
        var options = await browser.PostJsonAsync("/auth/passkeys/sign-in/options", new { });
        var credential = person.Passkey.Use(options.Json, browser.Origin);
        browser.Drop("sync-ceremony");

        (await browser.FinishAsync("sign-in", new { }, credential)).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Ceremony_BegunForOneThing_DoesNotFinishAnother()
    {
        using var person = await host.PersonAsync();
        using var passkey = new SoftwarePasskey();

        // Options to add to one's own passkeys, finished as a registration: nobody new, nothing taken over.
        var options = await person.Browser.PostJsonAsync("/auth/passkeys/add/options", new { });
        var asRegistration = await person.Browser.FinishAsync("register", new { }, passkey.Create(options.Json, person.Browser.Origin));
        options = await person.Browser.PostJsonAsync("/auth/passkeys/add/options", new { });
        var asSignIn = await person.Browser.FinishAsync("sign-in", new { }, passkey.Use(JsonElement.Parse($$"""{"rpId":"localhost","challenge":"{{options["challenge"]}}"}"""), person.Browser.Origin));

        asRegistration.AssertRefusal("invalid_parameter", 400);
        asSignIn.AssertRefusal("invalid_parameter", 400);
        Assert.Single(await host.Engine.Users.PasskeysAsync(person.User.Id, Cancellation));
    }

    [Fact]
    public async Task Add_SignedIn_GivesAnotherWayIn()
    {
        using var person = await host.PersonAsync();
        using var second = new SoftwarePasskey();

        var added = (await person.Browser.CreateAsync("add", second, new { name = "Key ring" })).AssertOk();

        Assert.Equal("Key ring", added["name"].GetString());
        using var browser = new TestBrowser(host);
        (await browser.SignInAsync(second)).AssertOk();
    }

    [Fact]
    public async Task Add_LongAfterSignIn_WantsThePasskeyOnceMore()
    {
        using var person = await host.PersonAsync();
        using var other = await host.PersonAsync();
        using var second = new SoftwarePasskey();
        host.Clock.PutForward(TimeSpan.FromMinutes(11));
        await person.Browser.OpenAsync("/");

        (await person.Browser.CreateAsync("add", second, new { })).AssertRefusal("confirmation_required", 403);
        (await person.Browser.UseAsync("confirm", other.Passkey)).AssertRefusal("invalid_parameter", 400);
        (await person.Browser.CreateAsync("add", second, new { })).AssertRefusal("confirmation_required", 403);
        (await person.Browser.UseAsync("confirm", person.Passkey)).AssertOk();
        (await person.Browser.CreateAsync("add", second, new { })).AssertOk();

        Assert.Equal(2, (await host.Engine.Users.PasskeysAsync(person.User.Id, Cancellation)).Count);
    }

    [Fact]
    public async Task Confirm_SignedOut_IsRefused()
    {
        using var browser = new TestBrowser(host);
        using var person = await host.PersonAsync();
        await browser.OpenAsync("/auth/sign-in");

        (await browser.UseAsync("confirm", person.Passkey)).AssertRefusal("authentication_required", 401);
    }

    [Fact]
    public async Task Add_SignedOut_IsRefused()
    {
        using var browser = new TestBrowser(host);
        using var passkey = new SoftwarePasskey();
        await browser.OpenAsync("/auth/sign-in");

        (await browser.CreateAsync("add", passkey, new { })).AssertRefusal("authentication_required", 401);
    }

    [Fact]
    public async Task Add_FinishedAsSomebodyElse_IsRefused()
    {
        using var ada = await host.PersonAsync();
        using var bob = await host.PersonAsync();
        using var passkey = new SoftwarePasskey();
        var options = await ada.Browser.PostJsonAsync("/auth/passkeys/add/options", new { });
        bob.Browser.Give("sync-ceremony", ada.Browser.Cookie("sync-ceremony") ?? "");

        var reply = await bob.Browser.FinishAsync("add", new { }, passkey.Create(options.Json, bob.Browser.Origin));

        reply.AssertRefusal("authentication_required", 401);
        Assert.Single(await host.Engine.Users.PasskeysAsync(bob.User.Id, Cancellation));
    }

    [Fact]
    public async Task Recover_WithACode_MakesAPasskeyAndEndsEverySession()
    {
        using var person = await host.PersonAsync();
        var code = await host.RecoveryCodeAsync(person);
        using var browser = new TestBrowser(host);
        using var passkey = new SoftwarePasskey();
        await browser.OpenAsync("/recover");

        var recovered = (await browser.CreateAsync("recover", passkey, new { user_name = person.Name, code })).AssertOk();

        Assert.Equal("/manage", recovered["next"].GetString());
        Assert.Contains(person.Name, (await browser.OpenAsync("/")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(person.Name, (await person.Browser.OpenAsync("/")).Text, StringComparison.Ordinal);
        (await browser.PostJsonAsync("/auth/passkeys/recover/options", new { user_name = person.Name, code })).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Link_Opened_MakesAPasskeyOnceAndSignsEverybodyElseOut()
    {
        using var person = await host.PersonAsync();
        var admin = host.Engine.Users.OfSession((await host.Engine.Users.StartSessionAsync((await host.Engine.Users.FindByNameAsync("first", Cancellation))!.Id, "Test", Cancellation)).Id).Value; // The host has set it up.
        var code = (await host.Engine.Administration.MakePasskeyLinkAsync(admin, person.Name, Cancellation)).Value.Secret;
        using var browser = new TestBrowser(host);
        using var passkey = new SoftwarePasskey();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Contains($"lets <b>{person.Name}</b> back in", (await browser.OpenAsync("/auth/passkey-link?code=" + code)).Text, StringComparison.Ordinal);
        }

        var made = (await browser.CreateAsync("link", passkey, new { code })).AssertOk();

        Assert.Equal("/manage/passkeys", made["next"].GetString());
        Assert.Contains(person.Name, (await browser.OpenAsync("/")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(person.Name, (await person.Browser.OpenAsync("/")).Text, StringComparison.Ordinal);
        (await browser.PostJsonAsync("/auth/passkeys/link/options", new { code })).AssertRefusal("invalid_parameter", 400);
        var page = (await browser.OpenAsync("/auth/passkey-link?code=" + code)).Text;
        Assert.Contains("This link does not work", page, StringComparison.Ordinal);
        Assert.DoesNotContain("passkey-form", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_FinishedWithAnotherPersonsCeremony_IsRefused()
    {
        using var person = await host.PersonAsync();
        using var thief = await host.PersonAsync();
        var admin = host.Engine.Users.OfSession((await host.Engine.Users.StartSessionAsync((await host.Engine.Users.FindByNameAsync("first", Cancellation))!.Id, "Test", Cancellation)).Id).Value; // The host has set it up.
        var code = (await host.Engine.Administration.MakePasskeyLinkAsync(admin, person.Name, Cancellation)).Value.Secret;
        using var passkey = new SoftwarePasskey();
        foreach (var ceremony in (string[])["add", "link"])
        {
            var options = await thief.Browser.PostJsonAsync($"/auth/passkeys/{ceremony}/options", new { code = "key_" });
            if (options.Status == 200)
            {
                (await thief.Browser.FinishAsync("link", new { code }, passkey.Create(options.Json, thief.Browser.Origin))).AssertRefusal("invalid_parameter", 400);
            }
        }

        Assert.Null((await host.Engine.Users.CheckPasskeyLinkAsync(code, Cancellation)).Error);
    }

    [Fact]
    public async Task Recover_WithAWrongNameOrCode_SaysTheSame()
    {
        using var person = await host.PersonAsync();
        var code = await host.RecoveryCodeAsync(person);
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/recover");

        var wrongCode = await browser.PostJsonAsync("/auth/passkeys/recover/options", new { user_name = person.Name, code = "aaaa-bbbb-cccc" });
        var wrongName = await browser.PostJsonAsync("/auth/passkeys/recover/options", new { user_name = "nobody", code });
        var neither = await browser.PostJsonAsync("/auth/passkeys/recover/options", new { user_name = 3, code = new[] { 1 } });

        wrongCode.AssertRefusal("invalid_parameter", 400);
        Assert.Equal(wrongCode.Text, wrongName.Text);
        Assert.Equal(wrongCode.Text, neither.Text);
    }

    [Fact]
    public async Task Recover_FinishedWithAnotherPersonsCeremony_IsRefused()
    {
        using var person = await host.PersonAsync();
        using var thief = await host.PersonAsync();
        var code = await host.RecoveryCodeAsync(person);
        using var passkey = new SoftwarePasskey();
        var options = await thief.Browser.PostJsonAsync("/auth/passkeys/add/options", new { });

        var reply = await thief.Browser.FinishAsync("recover", new { user_name = person.Name, code }, passkey.Create(options.Json, thief.Browser.Origin));

        reply.AssertRefusal("invalid_parameter", 400);
        Assert.Equal(10, await host.Engine.Users.RecoveryCodesLeftAsync(person.User.Id, Cancellation));
    }

    [Theory]
    [InlineData("sign-in/options")]
    [InlineData("sign-in")]
    [InlineData("register/options")]
    [InlineData("register")]
    [InlineData("recover/options")]
    [InlineData("recover")]
    [InlineData("link/options")]
    [InlineData("link")]
    [InlineData("add/options")]
    [InlineData("add")]
    public async Task Ceremony_FromAnotherSite_IsRefused(string step)
    {
        using var person = await host.PersonAsync();

        var withoutToken = await person.Browser.SendAsync(HttpMethod.Post, "/auth/passkeys/" + step, new StringContent("{}"));
        using var nobody = new TestBrowser(host);
        await nobody.OpenAsync("/auth/sign-in");
        nobody.Drop("sync-antiforgery");
        var withoutCookie = await nobody.PostJsonAsync("/auth/passkeys/" + step, new { });

        withoutToken.AssertRefusal("invalid_parameter", 400);
        Assert.Contains("no-store", withoutToken.Header("Cache-Control"), StringComparison.Ordinal);
        withoutCookie.AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Ceremony_WithAHugeBody_IsRefused()
    {
        using var browser = new TestBrowser(host);
        await browser.OpenAsync("/auth/sign-in");

        (await browser.PostJsonAsync("/auth/passkeys/sign-in/options", new { user_name = new string('x', 100_000) })).AssertRefusal("payload_too_large", 413);
    }

    [Fact]
    public async Task Ceremony_TriedAgainAndAgain_IsSlowedDown()
    {
        var strict = new SyncHost(new() { ["Sync:Limits:GuessesPerSecond"] = "1" });
        await using (strict)
        {
            await strict.InitializeAsync();
            using var browser = new TestBrowser(strict);
            await browser.OpenAsync("/recover");
            var replies = await SyncHost.BurstAsync(20, () => browser.PostJsonAsync("/auth/passkeys/recover/options", new { user_name = "ada", code = "wrong" }));
            replies.First(reply => reply.Status == 429).AssertRefusal("rate_limited", 429);
        }
    }

    private async Task AssertRegistrationRefusedAsync(Func<SoftwarePasskey, JsonElement, string, JsonObject> answer, SoftwarePasskey? passkey = null)
    {
        using var browser = new TestBrowser(host);
        using var used = passkey ?? new SoftwarePasskey();
        var name = SyncHost.NewName("refused");
        await browser.OpenAsync("/auth/register");

        var reply = await browser.CreateAsync("register", used, new { user_name = name }, options => answer(used, options, browser.Origin));

        reply.AssertRefusal("invalid_parameter", 400);
        Assert.Null(browser.Cookie("sync"));
        Assert.Null(await host.Engine.Users.FindByNameAsync(name, Cancellation));
        Assert.Empty(host.Errors.Entries);
    }
}
