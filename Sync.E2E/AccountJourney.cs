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
        var device = await PasskeyDevice.AttachAsync(page);
        await SetUpAsync(page, "ada");

        await page.GotoAsync("/");
        await device.TouchAsync(touched: false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Signed out" })).ToBeVisibleAsync();
        await page.GotoAsync("/auth/sign-in?return=/auth/register");
        await device.TouchAsync(touched: true);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();

        await Expect(page.GetByText("You are signed in as ada.")).ToBeVisibleAsync();
    }

    private async Task SetUpAsync(IPage page, string name)
    {
        await page.GotoAsync(await _server.SetupLinkAsync(Cancellation));
        await RegisterAsync(page, name);
    }

    private static async Task RegisterAsync(IPage page, string name)
    {
        await page.GetByLabel("User name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await page.WaitForURLAsync("**/manage");
    }
}
