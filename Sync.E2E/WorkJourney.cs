using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>What agents hold, what is paused and what followed from what, on a room's page.</summary>
public sealed partial class WorkJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1280, 900, ColorScheme.Light)]
    [InlineData(390, 844, ColorScheme.Dark)]
    public async Task Page_OfARoomAtWork_ShowsWhoHoldsWhat_AndResumes(int width, int height, ColorScheme scheme)
    {
        using var room = await RoomOverHttp.CreateAsync(server, $"e2e-work-{width}", Cancellation);
        await room.InvokeAsync("_claim", new { key = "task:3", note = "the parser", ttl_ms = 3_600_000 }, Cancellation);
        await room.InvokeAsync("_claim", new { key = "report", mode = "shared", note = "reading it" }, Cancellation);
        await room.InvokeAsync("_pause", new { what = "action:set", reason = "the release is being cut" }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address, width: width, height: height);
        var page = visit.Page;
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.RoomToken}");

        var leases = page.GetByRole(AriaRole.Region, new() { Name = "Leases" });
        await Expect(leases).ToContainTextAsync("task:3");
        await Expect(leases).ToContainTextAsync("lovelace");
        await Expect(leases).ToContainTextAsync("the parser");
        await Expect(leases).ToContainTextAsync("shared");
        var paused = page.GetByRole(AriaRole.Region, new() { Name = "Paused" });
        await Expect(paused).ToContainTextAsync("The action set is paused.");
        await Expect(paused).ToContainTextAsync("the release is being cut");
        Assert.Equal(0, await visit.SidewaysAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Resume: The action set" }).ClickAsync();
        await Expect(paused).ToHaveCountAsync(0);
        await room.InvokeAsync("set", new { key = "answer", value = 42 }, Cancellation);
        await room.InvokeAsync("_release", new { key = "task:3" }, Cancellation);
        await Expect(leases).Not.ToContainTextAsync("task:3");
    }

    [Fact]
    public async Task Log_OfAnEvent_LeadsToWhatItFollowedFromAndBack()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-because", Cancellation);
        await room.InvokeAsync("_send_message", new { body = "Shall I?", kind = "question", to = new[] { "lovelace" } }, Cancellation);
        await room.InvokeAsync("_send_message", new { body = "Do.", reply_to = 1 }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");

        await page.GetByRole(AriaRole.Region, new() { Name = "Log" }).Locator(".event", new() { HasTextRegex = Followed() }).First.ClickAsync();
        var card = page.Locator(".event-card");
        await Expect(card).ToContainTextAsync("message 1");
        await card.Locator(".event-link").Locator("a, button").First.ClickAsync();
        await Expect(card).ToContainTextAsync("What followed");
        await card.GetByRole(AriaRole.Region, new() { Name = "Causes and effects" }).GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(card).ToContainTextAsync("Because");
    }

    [GeneratedRegex("← #")]
    private static partial Regex Followed();
}
