using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>What the sharing form begins with and promises, and a link in use, as an owner meets them.</summary>
public sealed class SharingJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Form_AsItIs_SharesTheLeastAndMembersOnlyJoinInTheSameClick()
    {
        using var room = await RoomAsync("e2e-sharing-defaults");
        await using var owner = await browser.OpenAsync(server.Address, width: 1440);
        await owner.Page.GotoAsync($"/rooms/{room.Id}/dashboard?panel=members#token={server.Token}");
        var form = owner.Page.GetByRole(AriaRole.Form, new() { Name = "New share link" });

        // The least, and seven days; nothing is shared before somebody ticks it.
        await Expect(form.GetByRole(AriaRole.Radio, new() { Name = "Only these surfaces" })).ToBeCheckedAsync();
        await Expect(form.GetByRole(AriaRole.Checkbox, new() { Name = "Score" })).Not.ToBeCheckedAsync();
        await Expect(form.GetByRole(AriaRole.Checkbox, new() { Name = "Queue" })).Not.ToBeCheckedAsync();
        await Expect(form.GetByText("in 7 days")).ToBeVisibleAsync();
        await Expect(form.GetByRole(AriaRole.Button, new() { Name = "New share link" })).ToBeDisabledAsync();

        await form.GetByRole(AriaRole.Checkbox, new() { Name = "Score" }).CheckAsync();
        await Expect(form.GetByText("Whoever has the link sees Score as it changes, and nothing else of the room.")).ToBeVisibleAsync();
        await Expect(form.GetByText("whoever knows the id can join as an agent")).ToBeVisibleAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "New share link, and members only join" }).ClickAsync();

        await Expect(owner.Page.Locator("#share-link")).ToContainTextAsync("#token=");
        await Expect(owner.Page.GetByRole(AriaRole.Radio, new() { Name = "Members only" })).ToBeCheckedAsync();
        await Expect(form.GetByText("whoever knows the id can join")).ToHaveCountAsync(0);
        using var stranger = new HttpClient { BaseAddress = server.Address };
        using var refused = await stranger.PostAsync($"rooms/{room.Id}/agents", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"), Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Link_InUse_IsListedAsOpenNowAndThenAsUsed()
    {
        using var room = await RoomAsync("e2e-sharing-use");
        await using var owner = await browser.OpenAsync(server.Address, width: 1440);
        await owner.Page.GotoAsync($"/rooms/{room.Id}/dashboard?panel=members#token={server.Token}");
        var form = owner.Page.GetByRole(AriaRole.Form, new() { Name = "New share link" });
        await form.GetByRole(AriaRole.Checkbox, new() { Name = "Score" }).CheckAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "Make it, the room stays open" }).ClickAsync();
        var link = new Uri((await owner.Page.Locator("#share-link").TextContentAsync())!); // It has just been shown.
        var links = owner.Page.GetByRole(AriaRole.List, new() { Name = "Share links" });
        await Expect(links).ToContainTextAsync("not used yet");

        await using (var guest = await browser.OpenAsync(server.Address))
        {
            // A link names the public address; the server of this test listens elsewhere.
            await guest.Page.GotoAsync(link.PathAndQuery + link.Fragment);
            await Expect(guest.Page.GetByRole(AriaRole.Article, new() { Name = "Score" })).ToContainTextAsync("7");
            await Expect(links).ToContainTextAsync("open now", new() { Timeout = 20_000 });

            // A browser that is left tells the server; one that is cut off counts as open until its circuit is given up.
            await guest.Page.GotoAsync("about:blank");
        }

        await Expect(links).ToContainTextAsync("last used", new() { Timeout = 60_000 });
    }

    private async Task<RoomOverHttp> RoomAsync(string id)
    {
        var room = await RoomOverHttp.CreateAsync(server, id, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "score", expr = "7", render = new { type = "metric", label = "Score" } }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "queue", expr = "[{\"title\": \"Write the report\"}]", render = new { type = "array-table", label = "Queue" } }, Cancellation);
        return room;
    }
}
