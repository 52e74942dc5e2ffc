using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>The landing page and the demo room on it.</summary>
public sealed class LandingJourney(SyncServer server, Browser browser)
{
    [Fact]
    public async Task Landing_ShowsTheDemoMovingWithoutAReload()
    {
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync("/");
        await page.EvaluateAsync("() => { window.stillTheSamePage = true; }");
        var messages = page.GetByRole(AriaRole.Log, new() { Name = "Messages" });
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("planner");
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Task queue" })).ToBeVisibleAsync();

        var before = await page.Locator(".demo-board").InnerTextAsync();
        await Expect(page.Locator(".demo-board")).Not.ToHaveTextAsync(before, new() { UseInnerText = true });

        await Expect(messages).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => window.stillTheSamePage === true"));
    }

    [Fact]
    public async Task DemoRoom_OpenedWithoutAToken_CanBeWatched()
    {
        await using var visit = await browser.OpenAsync(server.Address);
        await visit.Page.OpenAsync("/");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Open the room" }).ClickAsync();

        await Expect(visit.Page.GetByText("watching", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Actions" })).ToContainTextAsync("claim_task");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Views" })).Not.ToContainTextAsync("_contested");
        var seq = visit.Page.GetByTestId("seq");
        var before = await seq.InnerTextAsync();
        await Expect(seq).Not.ToHaveTextAsync(before);
    }

    [Fact]
    public async Task Landing_AtPhoneWidth_DoesNotScrollSideways()
    {
        await using var visit = await browser.OpenAsync(server.Address, width: 390, height: 844);
        await visit.Page.OpenAsync("/");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("planner");

        Assert.Equal(0, await visit.SidewaysAsync());
    }

    [Fact]
    public async Task Page_WalkedByKeyboardBeforeItIsLive_KeepsThePlace()
    {
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync("**/_blazor/negotiate**", async route =>
        {
            await held.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync("/");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Skip to content" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        var brand = page.GetByRole(AriaRole.Link, new() { Name = "Sync, home" });
        await Expect(brand).ToBeFocusedAsync();

        held.SetResult();
        await page.LiveAsync();

        await Expect(brand).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Theme_Chosen_HoldsAfterAReload()
    {
        await using var visit = await browser.OpenAsync(server.Address, scheme: ColorScheme.Light);
        var page = visit.Page;
        await page.OpenAsync("/");
        var light = await BackgroundAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: system" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: light" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Theme: dark" })).ToBeVisibleAsync();
        var dark = await BackgroundAsync(page);
        Assert.NotEqual(light, dark);

        await page.OpenAgainAsync();
        Assert.Equal(dark, await BackgroundAsync(page));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Theme: dark" })).ToBeVisibleAsync();
    }

    private static Task<string> BackgroundAsync(IPage page) => page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
}
