using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>An owner lets others look at some of a room's surfaces.</summary>
public sealed class ShareJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_ToTwoSurfaces_ShowsTheseAloneUntilItIsRevoked()
    {
        using var room = await RoomAsync("e2e-share");
        await using var owner = await browser.OpenAsync(server.Address, width: 1440);
        await owner.Page.GotoAsync($"/rooms/{room.Id}/dashboard?panel=members#token={server.Token}");
        var form = owner.Page.GetByRole(AriaRole.Form, new() { Name = "New share link" });
        await form.GetByRole(AriaRole.Radio, new() { Name = "Only these surfaces" }).CheckAsync();
        await form.GetByRole(AriaRole.Checkbox, new() { Name = "Score" }).CheckAsync();
        await form.GetByRole(AriaRole.Checkbox, new() { Name = "Queue" }).CheckAsync();
        await form.GetByLabel("Name").PressSequentiallyAsync("For the client");
        await form.GetByRole(AriaRole.Button, new() { Name = "New share link" }).ClickAsync();
        var link = await owner.Page.Locator("#share-link").TextContentAsync();
        var links = owner.Page.GetByRole(AriaRole.List, new() { Name = "Share links" });
        await Expect(links).ToContainTextAsync("For the client");
        await Expect(links).ToContainTextAsync("2 surfaces: Queue, Score");

        await using var guest = await browser.OpenAsync(server.Address);
        var page = guest.Page;

        // A link names the public address; the server of this test listens elsewhere.
        await page.GotoAsync(new Uri(link!).PathAndQuery + new Uri(link!).Fragment); // It has just been shown.
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Score" })).ToContainTextAsync("7");
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Queue" })).ToContainTextAsync("Write the report");
        await Expect(page.GetByText("shared view")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Article)).ToHaveCountAsync(2);
        await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Parts of the room" })).ToHaveCountAsync(0);
        var html = await page.ContentAsync();
        foreach (var kept in (string[])["for us alone", "whispered", "kept back", "state._shared", "ticks"])
        {
            Assert.DoesNotContain(kept, html, StringComparison.OrdinalIgnoreCase);
        }

        await room.InvokeAsync("set", new { key = "score", value = 8 }, Cancellation);
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Score" })).ToContainTextAsync("8");

        using var program = new HttpClient { BaseAddress = server.Address };
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", link![(link!.IndexOf("token=", StringComparison.Ordinal) + 6)..]);
        Assert.Equal(HttpStatusCode.Forbidden, (await program.PostAsJsonAsync($"rooms/{room.Id}/actions/set/invoke", new { @params = new { key = "score", value = 9 } }, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await program.PostAsJsonAsync($"rooms/{room.Id}/agents", new { id = "guest" }, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await program.GetAsync($"rooms/{room.Id}/audit", Cancellation)).StatusCode);

        await links.GetByRole(AriaRole.Button, new() { Name = "Revoke the share link" }).ClickAsync();
        await links.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This room has ended for you" })).ToBeVisibleAsync(new() { Timeout = 3000 });
        await Expect(page.GetByRole(AriaRole.Article)).ToHaveCountAsync(0);
    }

    /// <summary>What a link carries is kept for the tab: out of the address, there after a reload and after another page, and in no other tab.</summary>
    [Fact]
    public async Task Link_Opened_KeepsItsTokenForTheTabAlone()
    {
        using var room = await RoomAsync("e2e-share-keep");
        var (_, secret) = await room.MintAsync(server, $"rooms:{room.Id}:view:score", Cancellation);
        await using var guest = await browser.OpenAsync(server.Address);
        var page = guest.Page;
        var score = page.GetByRole(AriaRole.Article, new() { Name = "Score" });
        await page.GotoAsync($"/rooms/{room.Id}/dashboard#token={secret}");
        await Expect(score).ToContainTextAsync("7");
        Assert.DoesNotContain(secret, page.Url, StringComparison.Ordinal);

        await page.OpenAgainAsync();
        await Expect(score).ToContainTextAsync("7");
        await page.OpenAsync("/");
        await page.OpenAsync($"/rooms/{room.Id}/dashboard");
        await Expect(score).ToContainTextAsync("7");
        Assert.DoesNotContain(secret, page.Url, StringComparison.Ordinal);

        var other = await page.Context.NewPageAsync();
        await other.OpenAsync($"/rooms/{room.Id}/dashboard");
        await Expect(other.GetByRole(AriaRole.Heading, new() { Name = "This room needs a token" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Link_NarrowedWhileOpen_LosesTheSurfaceWithinASecond()
    {
        using var room = await RoomAsync("e2e-share-narrow");
        var (id, secret) = await room.MintAsync(server, $"rooms:{room.Id}:view:score rooms:{room.Id}:view:queue", Cancellation);
        await using var guest = await browser.OpenAsync(server.Address);
        var page = guest.Page;
        await page.GotoAsync($"/rooms/{room.Id}/dashboard#token={secret}");
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Queue" })).ToContainTextAsync("Write the report");

        await room.NarrowAsync(server, id, $"rooms:{room.Id}:view:score", Cancellation);

        await Expect(page.GetByText("Write the report")).ToHaveCountAsync(0, new() { Timeout = 3000 });
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Score" })).ToContainTextAsync("7");
    }

    private async Task<RoomOverHttp> RoomAsync(string id)
    {
        var room = await RoomOverHttp.CreateAsync(server, id, Cancellation);
        await room.InvokeAsync("set", new { key = "score", value = 7 }, Cancellation);
        await room.InvokeAsync("set", new { key = "note", value = "for us alone" }, Cancellation);
        await room.InvokeAsync("_send_message", new { body = "whispered" }, Cancellation);
        await room.InvokeAsync("_register_action", new { id = "tick", writes = new[] { new { key = "ticks", increment = 1 } } }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "score", expr = "state._shared.score", render = new { type = "metric", label = "Score", temporal = true } }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "queue", expr = "[{\"title\": \"Write the report\"}]", render = new { type = "array-table", label = "Queue" } }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "other", expr = "state._shared.note", description = "kept back", render = new { type = "markdown", label = "Other" } }, Cancellation);
        return room;
    }
}
