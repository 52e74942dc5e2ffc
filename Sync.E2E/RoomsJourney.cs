using System.Text;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A signed-in person's list of rooms, on a server of its own.</summary>
public sealed class RoomsJourney(Browser browser) : IAsyncLifetime
{
    private readonly ServerProcess _server = new(("Sync__Demo", "false"), ("Sync__Limits__GuessesPerSecond", "1000"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Rooms_SearchedAndPinned_StayPinnedAndAreAccessible()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await PasskeyDevice.AttachAsync(page);
        await page.GotoAsync(await _server.SetupLinkAsync(Cancellation));
        await page.GetByLabel("User name").FillAsync("ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await page.ArriveAsync("**/manage");
        using var http = await CallerAsync();
        await PostAsync(http, "rooms", """{"id":"harbour"}""");

        await page.OpenAsync("/rooms");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "harbour" })).ToBeVisibleAsync();

        // What happens elsewhere shows by itself.
        await PostAsync(http, "rooms", """{"id":"lighthouse"}""");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "lighthouse" })).ToBeVisibleAsync();
        await PostAsync(http, "rooms/harbour/agents", """{"id":"pilot"}""");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Somebody is here" })).ToContainTextAsync("harbour");
        await page.GetByLabel("Search rooms").PressSequentiallyAsync("light");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "harbour" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pin lighthouse" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Pinned" })).ToContainTextAsync("lighthouse");

        await page.OpenAgainAsync();

        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Pinned" })).ToContainTextAsync("lighthouse");
        if (Axe.Find() is { } axe)
        {
            Assert.Equal("", await Axe.ComplaintsAsync(page, axe));
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
            Assert.Equal("", await Axe.ComplaintsAsync(page, axe));
        }

        await page.Keyboard.PressAsync("Control+k");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" }).PressSequentiallyAsync("harb");
        await Expect(page.Locator(".palette li[aria-selected=true]")).ToContainTextAsync("harbour");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "harbour", Level = 1 })).ToBeVisibleAsync();
    }

    private async Task<HttpClient> CallerAsync()
    {
        var (exitCode, token, error) = await _server.CommandAsync(["token", "mint", "--user", "ada", "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        var http = new HttpClient { BaseAddress = _server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    private static async Task PostAsync(HttpClient http, string path, string body)
    {
        using var done = await http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);
        Assert.True(done.IsSuccessStatusCode);
    }
}
