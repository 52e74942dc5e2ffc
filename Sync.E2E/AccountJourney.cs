using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A person's way with passkeys, each on a server of its own that nobody has set up yet.</summary>
public sealed class AccountJourney(Browser browser) : IAsyncLifetime
{
    // They would be slowed down by the bucket that slows down guessing.
    private readonly ServerProcess _server = new(("Sync__Demo", "false"), ("Sync__Limits__GuessesPerSecond", "1000"), ("Sync__Registration", "open"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task SetupLink_UsedByTheFirstUser_SignsThemInAndWorksOnce()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        var device = await PasskeyDevice.AttachAsync(page);
        var link = await _server.SetupLinkAsync(Cancellation);

        await page.GotoAsync(link);
        await RegisterAsync(page, "ada");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Your account: ada" })).ToBeVisibleAsync();
        var passkey = Assert.Single(await device.ExportAsync());
        Assert.True(passkey.GetProperty("isResidentCredential").GetBoolean());

        await page.GotoAsync(link);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This link does not work" })).ToBeVisibleAsync();
        await Expect(page.GetByText("This server is set up already.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task SignIn_WithoutAUserName_FindsThePerson()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await PasskeyDevice.AttachAsync(page);
        await WithoutSuggestionsAsync(page);
        await SetUpAsync(page, "ada");

        await page.OpenAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Signed out" })).ToBeVisibleAsync();
        await page.GotoAsync("/auth/sign-in?return=/auth/register");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();

        await Expect(page.GetByText("You are signed in as ada.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task SecondPasskey_AddedAndTakenToAnotherBrowser_SignsInThere()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        var device = await PasskeyDevice.AttachAsync(page);
        await SetUpAsync(page, "ada");
        var first = Assert.Single(await device.ExportAsync());
        // The device would not make a second one for the same account: that is for another device.
        await device.LoseAllAsync();

        await page.OpenAsync("/manage/passkeys");
        await page.GetByLabel("Name optional").FillAsync("Key ring");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Expect(page.GetByText("Key ring", new() { Exact = true })).ToBeVisibleAsync();
        var second = Assert.Single(await device.ExportAsync());
        Assert.NotEqual(first.GetProperty("credentialId").GetString(), second.GetProperty("credentialId").GetString());

        await using var clean = await browser.OpenAsync(_server.Home);
        var otherDevice = await PasskeyDevice.AttachAsync(clean.Page);
        await otherDevice.ImportAsync(second);
        // Nothing is pressed: the name field suggests the passkey, and the finger is on it.
        await clean.Page.GotoAsync("/auth/sign-in?return=%2Fmanage%2Fpasskeys");
        await Expect(clean.Page.GetByText("Key ring", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task PasskeyWithAnEdwardsKey_AddedByAnotherAuthenticator_SignsInInTheBrowser()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        var device = await PasskeyDevice.AttachAsync(page);
        await WithoutSuggestionsAsync(page);
        await SetUpAsync(page, "ada");
        var first = Assert.Single(await device.ExportAsync());
        await page.OpenAsync("/manage/passkeys");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" })).ToBeVisibleAsync();

        // Chromium's own authenticator makes keys for ES256 only, but uses what it is given.
        using var edwards = new EdwardsPasskey();
        await edwards.AddAsync(page);
        await device.LoseAllAsync();
        await device.ImportAsync(edwards.Export(first.GetProperty("userHandle").GetString()!)); // A resident passkey has one.
        await page.OpenAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Signed out" })).ToBeVisibleAsync();
        await page.GotoAsync("/auth/sign-in?return=/manage/passkeys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();

        await Expect(page.GetByText("Edwards", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("Bitwarden", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task RecoveryCodes_MadeLongAfterSignIn_WantThePasskeyOnceMore()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        var device = await PasskeyDevice.AttachAsync(page);
        await SetUpAsync(page, "ada");
        await page.GotoAsync("about:blank");

        // The server remembers who is signed in, but not who has shown a passkey lately.
        await _server.KillAsync();
        await _server.StartAsync(Cancellation);
        visit.Elsewhere = _server.Home;
        await page.OpenAsync(new Uri(_server.Home, "/manage/passkeys").AbsoluteUri);

        await device.TouchAsync(touched: false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make recovery codes" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Waiting for your passkey…" })).ToBeVisibleAsync();
        await Expect(page.Locator("#recovery-codes")).ToHaveCountAsync(0);
        await device.TouchAsync(touched: true);
        await Expect(page.Locator("#recovery-codes")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task RecoveryCode_AfterEverythingIsLost_MakesANewPasskeyAndSignsOutTheOldBrowser()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        var device = await PasskeyDevice.AttachAsync(page);
        await SetUpAsync(page, "ada");
        await page.OpenAsync("/manage/passkeys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make recovery codes" }).ClickAsync();
        // Or it would sign in again as soon as it is signed out.
        await device.TouchAsync(touched: false);
        var codes = await page.Locator("#recovery-codes").InnerTextAsync();

        await using var clean = await browser.OpenAsync(_server.Home);
        await PasskeyDevice.AttachAsync(clean.Page);
        await clean.Page.GotoAsync("/auth/sign-in");
        await clean.Page.GetByRole(AriaRole.Link, new() { Name = "Use a recovery code" }).ClickAsync();
        await clean.Page.GetByLabel("User name").FillAsync("ada");
        await clean.Page.GetByLabel("Recovery code").FillAsync(codes.Split('\n')[3].ToUpperInvariant());
        await clean.Page.GetByRole(AriaRole.Button, new() { Name = "Create a new passkey" }).ClickAsync();

        await Expect(clean.Page.GetByRole(AriaRole.Link, new() { Name = "Your account: ada" })).ToBeVisibleAsync();
        await clean.Page.OpenAsync("/manage/passkeys");
        await Expect(clean.Page.GetByText("9 of 10 are left.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Your account: ada" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Room_OpenedWhileSignedIn_EndsWithTheSession()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await PasskeyDevice.AttachAsync(page);
        await SetUpAsync(page, "ada");
        var (exitCode, token, error) = await _server.CommandAsync(["token", "mint", "--user", "ada", "--scope", "create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        using var room = await RoomOverHttp.CreateAsync(_server.Address, token, "hers", Cancellation);

        await page.OpenAsync("/rooms/hers/dashboard");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
        await page.EvaluateAsync("() => { window.stillTheSamePage = true; }");

        // Signed out in another tab of the same browser.
        var tab = await page.Context.NewPageAsync();
        await tab.OpenAsync("/");
        await tab.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await Expect(page.GetByText("This room has ended for you")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Sign in" })).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => window.stillTheSamePage === true"));
    }

    [Fact]
    public async Task Room_OfSomebodyElse_StaysClosedWhileSignedIn()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await PasskeyDevice.AttachAsync(page);
        await SetUpAsync(page, "ada");
        var (exitCode, token, error) = await _server.CommandAsync(["token", "mint", "--user", "bob", "--scope", "create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        using var room = await RoomOverHttp.CreateAsync(_server.Address, token, "his", Cancellation);

        await page.OpenAsync("/rooms/his/dashboard");
        await Expect(page.GetByText("You have no role in his.")).ToBeVisibleAsync();

        // A token in the link wins over the session.
        await page.OpenAsync("/");
        await page.OpenAsync($"/rooms/his/dashboard#token={room.ViewToken}");
        await Expect(page.GetByText("read only")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task SignIn_ByKeyboardAlone_Works()
    {
        await using var visit = await browser.OpenAsync(_server.Home, width: 390, height: 844);
        var page = visit.Page;
        await PasskeyDevice.AttachAsync(page);
        await WithoutSuggestionsAsync(page);
        await SetUpAsync(page, "ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in again" }).PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        Assert.Equal(0, await visit.SidewaysAsync());

        await page.GetByLabel("User name").PressAsync("Enter");

        await page.ArriveAsync("**/manage");
    }

    // A browser that cannot suggest passkeys in a field, so that one has to ask for it.
    private static Task WithoutSuggestionsAsync(IPage page) => page.AddInitScriptAsync("delete PublicKeyCredential.isConditionalMediationAvailable");

    private async Task SetUpAsync(IPage page, string name)
    {
        await page.GotoAsync(await _server.SetupLinkAsync(Cancellation));
        await RegisterAsync(page, name);
    }

    private static async Task RegisterAsync(IPage page, string name)
    {
        await page.GetByLabel("User name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await page.ArriveAsync("**/manage");
    }
}
