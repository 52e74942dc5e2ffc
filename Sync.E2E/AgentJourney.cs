using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A person who looks after a fleet: finds an agent, follows what it did to its cause, stops it, passes its work on, and lets it go.</summary>
public sealed partial class AgentJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1440, 900, ColorScheme.Light)]
    [InlineData(390, 844, ColorScheme.Dark)]
    public async Task Agent_OpenedFollowedPausedRelievedAndRemoved_AndBackLeadsBack(int width, int height, ColorScheme scheme)
    {
        using var room = await RoomOverHttp.CreateAsync(server, $"e2e-fleet-{width}", Cancellation);
        await JoinAsync(room.Id, "bob");
        await room.InvokeAsync("_send_message", new { body = "Shall I take it?", kind = "question" }, Cancellation);
        await room.InvokeAsync("_send_message", new { body = "I take it.", reply_to = 1 }, Cancellation);
        await room.InvokeAsync("_claim", new { key = "task:3", ttl_ms = 3_600_000 }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address, width: width, height: height);
        var page = visit.Page;
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.RoomToken}");
        var agents = page.GetByRole(AriaRole.Region, new() { Name = "Agents" });

        // From the overview to the agent.
        await Expect(agents).ToContainTextAsync("active");
        await agents.GetByRole(AriaRole.Link, new() { Name = "Ada" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(AtAgent());
        var one = page.GetByRole(AriaRole.Region, new() { Name = "Ada" });
        await Expect(one.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", Working());
        await Expect(one.GetByRole(AriaRole.Region, new() { Name = "Holds" })).ToContainTextAsync("task:3");
        await Expect(one.GetByRole(AriaRole.Region, new() { Name = "Said" })).ToContainTextAsync("I take it.");
        Assert.Equal(0, await visit.SidewaysAsync());

        // From an act to its cause, and back.
        var reply = one.GetByRole(AriaRole.Region, new() { Name = "Did" }).GetByRole(AriaRole.Listitem).Filter(new() { HasText = "_send_message" }).First;
        await reply.GetByRole(AriaRole.Link).ClickAsync();
        var card = page.Locator(".event-card");
        var causes = card.GetByRole(AriaRole.Region, new() { Name = "Causes and effects" });
        await Expect(causes).ToContainTextAsync("Followed from");
        await causes.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(causes).ToContainTextAsync("What followed");
        await page.GoBackAsync();
        await Expect(causes).ToContainTextAsync("Followed from");
        await page.GoBackAsync();
        await Expect(page).ToHaveURLAsync(AtAgent());
        await Expect(one.GetByRole(AriaRole.Region, new() { Name = "Holds" })).ToContainTextAsync("task:3");

        // The time shown is in the address.
        await one.GetByRole(AriaRole.Button, new() { Name = "1 h", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(InOneHour());
        await page.OpenAgainAsync();
        await Expect(one.GetByRole(AriaRole.Button, new() { Name = "1 h", Exact = true })).ToHaveAttributeAsync("aria-pressed", "true");

        // Stopped, with a reason that is shown; and going on.
        await one.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Why").FillAsync("too eager");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).ClickAsync();
        await Expect(one.Locator(".agent-head")).ToContainTextAsync("paused");
        await Expect(one.Locator(".agent-head")).ToContainTextAsync("too eager");
        await one.GetByRole(AriaRole.Button, new() { Name = "Resume", Exact = true }).ClickAsync();
        await Expect(one.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true })).ToBeVisibleAsync();

        // What it holds is another's.
        await one.GetByRole(AriaRole.Button, new() { Name = "Hand over", Exact = true }).ClickAsync();
        await dialog.GetByLabel("To", new() { Exact = true }).FillAsync("bo");
        await page.Locator(".mud-popover-open").GetByText("bob", new() { Exact = true }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Hand over", Exact = true }).ClickAsync();
        await Expect(one.GetByRole(AriaRole.Region, new() { Name = "Holds" })).ToContainTextAsync("No lease.");

        // Gone.
        await one.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Expect(agents.GetByRole(AriaRole.Link, new() { Name = "Ada" })).ToHaveCountAsync(0);
        await Expect(agents).ToContainTextAsync("bob");
        await Expect(agents).ToContainTextAsync("task:3");
    }

    [Fact]
    public async Task Fleet_SaysWhatEachWaitsForInWords()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-waits", Cancellation);
        var token = await JoinAsync(room.Id, "bob");
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard?panel=agents#token={room.ViewToken}");
        var agents = page.GetByRole(AriaRole.Region, new() { Name = "Agents" });
        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);

        var waiting = http.PostAsJsonAsync($"rooms/{room.Id}/wait", new { condition = "messages.directed_unread > 0", timeout = 60_000 }, Cancellation);
        await Expect(agents).ToContainTextAsync("waiting for a message to it");
        await room.InvokeAsync("_send_message", new { body = "Here it is.", to = new[] { "bob" } }, Cancellation);
        using var woken = await waiting;
        await Expect(agents).Not.ToContainTextAsync("waiting for");
    }

    private async Task<string> JoinAsync(string room, string id)
    {
        using var nobody = new HttpClient { BaseAddress = server.Address };
        using var joined = await nobody.PostAsJsonAsync($"rooms/{room}/agents", new { id }, Cancellation);
        Assert.True(joined.IsSuccessStatusCode);
        return (await joined.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancellation)).GetProperty("token").GetString()!;
    }

    [GeneratedRegex(@"panel=agents&agent=lovelace")]
    private static partial Regex AtAgent();

    [GeneratedRegex(@"agents\.window=1h")]
    private static partial Regex InOneHour();

    [GeneratedRegex("^lovelace working; in the time shown [0-9]+ acts")]
    private static partial Regex Working();
}
