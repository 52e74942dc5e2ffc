using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A room in which an agent wrote what it liked: the page of everybody else stays usable.</summary>
public sealed class HostileRoomJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_OfARoomWithHostileContent_StaysUsable()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-any-content", Cancellation);
        await room.InvokeAsync("_register_view", new { id = "quotes", expr = $"\"{new string('>', 3_000)}\"", render = new { type = "markdown", label = "Quotes" } }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "calm", expr = "42", render = new { type = "metric", label = "Calm" } }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "wall", expr = "state._shared.wall", render = new { type = "json", label = "Wall" } }, Cancellation);
        await room.InvokeAsync("set", new { key = "wall", value = new string('w', 200_000) }, Cancellation);
        await room.InvokeAsync("_send_message", new { body = new string('m', 60_000) }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;

        await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.RoomToken}");

        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Calm" })).ToContainTextAsync("42");
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Quotes" })).ToContainTextAsync("Shown as plain text");
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Wall" })).ToContainTextAsync("characters are not shown");
        var messages = page.GetByRole(AriaRole.Log, new() { Name = "Messages" });
        await Expect(messages).ToContainTextAsync("58,000 of 60,000 characters are not shown");
        await messages.GetByRole(AriaRole.Button, new() { Name = "Show 20,000 more" }).ClickAsync();
        await Expect(messages).ToContainTextAsync("38,000 of 60,000 characters are not shown");
        Assert.True(await visit.SidewaysAsync() <= 0);

        // The page goes on: it shows what is said after.
        await room.InvokeAsync("_send_message", new { body = "Still here." }, Cancellation);
        await Expect(messages).ToContainTextAsync("Still here.");
    }
}
