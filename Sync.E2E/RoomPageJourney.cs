using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A room's page, from the link to the end.</summary>
public sealed class RoomPageJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_OpenedByAShareLink_ShowsEachCommitWithinASecond()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-live", Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;

        await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = room.Id, Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
        await Expect(page.GetByText("read only")).ToBeVisibleAsync();
        Assert.DoesNotContain("#", page.Url, StringComparison.Ordinal);

        var row = page.GetByRole(AriaRole.Row, new() { Name = "answer" });
        await room.InvokeAsync("set", new { key = "answer", value = "forty-one" }, Cancellation);
        await Expect(row).ToContainTextAsync("\"forty-one\"");

        await room.InvokeAsync("set", new { key = "answer", value = "forty-two" }, Cancellation);
        await Expect(row).ToContainTextAsync("\"forty-two\"");
        await Expect(row).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("fresh-"));

        await room.InvokeAsync("_send_message", new { body = "Done here.", to = "lovelace" }, Cancellation);
        await Expect(page.GetByRole(AriaRole.Log, new() { Name = "Messages" })).ToContainTextAsync("Done here.");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Log" })).ToContainTextAsync("_send_message");
    }

    [Fact]
    public async Task Page_AfterAReload_StillKnowsItsToken()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-reload", Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        await visit.Page.OpenAsync($"/?room={room.Id}#token={room.ViewToken}");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
        Assert.EndsWith($"/rooms/{room.Id}/dashboard", visit.Page.Url, StringComparison.Ordinal);

        await visit.Page.OpenAgainAsync();

        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
    }

    [Fact]
    public async Task Page_WithoutAToken_AsksForOneAndTakesIt()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-gate", Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard");
        var field = page.GetByLabel("Token", new() { Exact = true });
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This room needs a token" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Ada")).ToHaveCountAsync(0);

        await field.FillAsync("view_wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open room" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This token does not open the room" })).ToBeVisibleAsync();

        await field.FillAsync(room.ViewToken);
        await field.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
    }

    [Fact]
    public async Task Page_OfADeletedRoom_SaysSoByItself()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-end", Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        await visit.Page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.RoomToken}");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");

        await room.DeleteAsync(Cancellation);

        await Expect(visit.Page.GetByText("This room has ended for you")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("Ada")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task State_FilteredAndOpened_ShowsTheEntry()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-state", Cancellation);
        await room.InvokeAsync("set", new { key = "alpha", value = new { depth = 3 } }, Cancellation);
        await room.InvokeAsync("set", new { key = "beta", value = 2 }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");

        await page.GetByLabel("Filter state").PressSequentiallyAsync("alp");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "beta" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "alpha", Exact = true }).PressAsync("Enter");

        await Expect(page.Locator(".entry-detail")).ToContainTextAsync("\"depth\": 3");
    }

    [Fact]
    public async Task Page_AtPhoneWidth_DoesNotScrollSideways()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-phone", Cancellation);
        await room.InvokeAsync("set", new { key = new string('k', 120), value = new string('v', 4000) }, Cancellation);
        await room.InvokeAsync("_send_message", new { body = new string('m', 500) }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address, width: 390, height: 844);

        await visit.Page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");

        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "State" })).ToContainTextAsync("kkkk");
        Assert.Equal(0, await visit.SidewaysAsync());
    }

    [Fact]
    public async Task Time_TurnedBack_ShowsTheRoomAsItWasAndComesBackToNow()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-time", Cancellation);
        await room.InvokeAsync("set", new { key = "phase", value = "plan" }, Cancellation);
        await room.InvokeAsync("set", new { key = "phase", value = "build" }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.RoomToken}");
        var row = page.GetByRole(AriaRole.Row, new() { Name = "phase" });
        await Expect(row).ToContainTextAsync("build");

        await page.GetByRole(AriaRole.Slider, new() { Name = "Event" }).PressAsync("ArrowLeft");
        await Expect(page.GetByText("You are looking at event")).ToBeVisibleAsync();
        await Expect(page.GetByText("As of now")).ToBeVisibleAsync();
        await Expect(row).ToContainTextAsync("plan");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"\?at=\d+$"));

        await room.InvokeAsync("set", new { key = "phase", value = "done" }, Cancellation);
        await Expect(row).ToContainTextAsync("plan");
        await page.OpenAgainAsync();
        await Expect(row).ToContainTextAsync("plan");

        await page.GetByRole(AriaRole.Button, new() { Name = "Back to now" }).ClickAsync();
        await Expect(row).ToContainTextAsync("done");
        await Expect(page.GetByText("You are looking at event")).ToHaveCountAsync(0);
        await Expect(page.GetByText("As of now")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Log_AnEventOpenedByItsLink_ShowsTheWriteBeforeAndAfter()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-log", Cancellation);
        await room.InvokeAsync("set", new { key = "phase", value = "plan" }, Cancellation);
        await room.InvokeAsync("set", new { key = "phase", value = "build" }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard?panel=log#token={room.ViewToken}");

        await page.GetByRole(AriaRole.Group, new() { Name = "Events, newest first" }).GetByRole(AriaRole.Link).First.PressAsync("Enter");

        var diff = page.GetByRole(AriaRole.Group, new() { Name = "_shared / phase: before and after" });
        await Expect(diff.Locator(".diff-removed")).ToContainTextAsync("\"plan\"");
        await Expect(diff.Locator(".diff-added")).ToContainTextAsync("\"build\"");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"event=\d+"));
        await page.OpenAgainAsync();
        await Expect(diff).ToBeVisibleAsync();
    }

    [Fact]
    public async Task State_AKeyOpenedByItsLink_ShowsItsHistoryAndGrows()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-history", Cancellation);
        await room.InvokeAsync("set", new { key = "phase", value = "plan" }, Cancellation);
        await room.InvokeAsync("set", new { key = "phase", value = "build" }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;

        await page.OpenAsync($"/rooms/{room.Id}/dashboard?key=_shared%2Fphase#token={room.ViewToken}");

        await Expect(page.Locator(".key-history > li")).ToHaveCountAsync(2);
        await Expect(page.Locator(".key-history .diff-removed").First).ToContainTextAsync("\"plan\"");
        await room.InvokeAsync("set", new { key = "phase", value = "done" }, Cancellation);
        await Expect(page.Locator(".key-history > li")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Console_ByKeyboard_CompletesEvaluatesFollowsAndShowsTheCaret()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-console", Cancellation);
        await room.InvokeAsync("set", new { key = "answer", value = 41 }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard?panel=console#token={room.ViewToken}");
        var editor = page.GetByLabel("Expression");

        await editor.PressSequentiallyAsync("1 + state._shared.ans");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "state._shared.answer" })).ToBeVisibleAsync();
        await editor.PressAsync("Enter");
        await Expect(editor).ToHaveValueAsync("1 + state._shared.answer");
        await editor.PressAsync("Control+Enter");
        await Expect(page.GetByLabel("Value", new() { Exact = true })).ToHaveTextAsync("42");

        await room.InvokeAsync("set", new { key = "answer", value = 1 }, Cancellation);
        await Expect(page.GetByLabel("Value", new() { Exact = true })).ToHaveTextAsync("2");

        await editor.FillAsync("1 +* 2");
        await editor.PressAsync("Control+Enter");
        await Expect(page.Locator(".caret")).ToHaveTextAsync("1 +* 2\n   ^");
    }

    [Fact]
    public async Task Page_WhoseTokenIsNarrowedWhileOpen_HidesWhatItMayNoLongerRead()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-narrow", Cancellation);
        await room.InvokeAsync("_register_action", new { id = "note", scope = "self", @params = new { v = new { type = "string" } }, writes = new[] { new { scope = "self", key = "diary", value = "${params.v}" } } }, Cancellation);
        await room.InvokeAsync("note", new { v = "private words" }, Cancellation);
        var (id, secret) = await room.MintAsync(server, $"rooms:{room.Id}", Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard?key=lovelace%2Fdiary#token={secret}");
        await Expect(page.Locator(".entry-detail")).ToContainTextAsync("private words");

        await room.NarrowAsync(server, id, $"rooms:{room.Id}:agent:guest", Cancellation);

        await Expect(page.GetByText("private words")).ToHaveCountAsync(0);
        await Expect(page.GetByText("read and write")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "State" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Panels_WithHostileNames_RunNothing()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-hostile", Cancellation);
        const string Hostile = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";
        await room.InvokeAsync("set", new { key = Hostile, value = Hostile }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = Hostile, expr = "1", description = Hostile }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");

        foreach (var panel in (string[])["Overview", "State", "Views", "Log", "Vocabulary"])
        {
            var link = page.GetByRole(AriaRole.Navigation, new() { Name = "Parts of the room" }).GetByRole(AriaRole.Link, new() { Name = panel });
            await link.PressAsync("Enter");
            await Expect(link).ToHaveAttributeAsync("aria-current", "page");
            await Expect(page.GetByText("<img src=x").First).ToBeAttachedAsync();
        }

        Assert.Equal($"{room.Id} · Sync", await page.TitleAsync());
        Assert.Equal(0, await page.Locator(".board script, .board img").CountAsync());
    }

    [Fact]
    public async Task EveryPanel_AtPhoneWidth_DoesNotScrollSideways()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-phone-panels", Cancellation);
        await room.InvokeAsync("set", new { key = new string('k', 120), value = new string('v', 4000) }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = new string('w', 120), expr = "state._shared" }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address, width: 390, height: 844);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard?event=4&key=_shared%2F{new string('k', 120)}#token={room.RoomToken}");
        await Expect(page.Locator(".entry-detail .key-history li")).ToHaveCountAsync(1);
        var links = page.GetByRole(AriaRole.Navigation, new() { Name = "Parts of the room" }).GetByRole(AriaRole.Link);
        for (var i = 0; i < await links.CountAsync(); i++)
        {
            await links.Nth(i).ClickAsync();
            await Expect(links.Nth(i)).ToHaveAttributeAsync("aria-current", "page");
            Assert.True(await visit.SidewaysAsync() == 0, await links.Nth(i).TextContentAsync());
        }
    }
}
