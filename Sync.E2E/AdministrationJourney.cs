using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>An administrator looks at the server, and lets somebody back in who has lost every passkey.</summary>
public sealed class AdministrationJourney(Browser browser) : IAsyncLifetime
{
    private readonly ServerProcess _server = new(("Sync__Demo", "false"), ("Sync__Limits__GuessesPerSecond", "1000"), ("Sync__Registration", "open"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task PasskeyLink_MadeForWhoIsLockedOut_LetsThemInOnce()
    {
        await using var administrators = await browser.OpenAsync(_server.Home);
        var page = administrators.Page;
        await PasskeyDevice.AttachAsync(page);
        await page.GotoAsync(await _server.SetupLinkAsync(Cancellation));
        await RegisterAsync(page, "ada");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Your account: ada" })).ToBeVisibleAsync();
        await using var lost = await browser.OpenAsync(_server.Home);
        await PasskeyDevice.AttachAsync(lost.Page);
        await lost.Page.GotoAsync("/auth/register");
        await RegisterAsync(lost.Page, "ben");
        await Expect(lost.Page.GetByRole(AriaRole.Link, new() { Name = "Your account: ben" })).ToBeVisibleAsync();
        var refused = await lost.Page.Context.APIRequest.GetAsync("/admin");
        Assert.Equal(403, refused.Status);
        Assert.Contains("This page is for administrators", await refused.TextAsync(), StringComparison.Ordinal);

        await page.OpenAsync("/admin");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Everything works" })).ToBeVisibleAsync();
        await page.OpenAsync("/admin/users");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a link for a new passkey of ben" }).ClickAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "Make a link for a new passkey of ben" }).GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The link for ben is ready" })).ToBeVisibleAsync();
        var link = new Uri(await page.Locator("#passkey-link").InnerTextAsync()).PathAndQuery;

        await using var back = await browser.OpenAsync(_server.Home);
        await PasskeyDevice.AttachAsync(back.Page);
        await back.Page.GotoAsync(link);
        await back.Page.GetByRole(AriaRole.Button, new() { Name = "Create a new passkey" }).ClickAsync();
        await Expect(back.Page.GetByRole(AriaRole.Heading, new() { Name = "Passkeys" })).ToBeVisibleAsync();
        await back.Page.GotoAsync(link);
        await Expect(back.Page.GetByRole(AriaRole.Heading, new() { Name = "This link does not work" })).ToBeVisibleAsync();
    }

    private static async Task RegisterAsync(IPage page, string name)
    {
        await page.GetByLabel("User name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
    }
}
