using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>Where a reader is stands in the address: a reload and Back keep everything, and the keyboard and the palette go everywhere.</summary>
public sealed class PlaceJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryPanel_FilteredAndOpened_KeepsAllThroughReloadAndBack()
    {
        using var room = await RoomAsync("e2e-place");
        await using var visit = await OpenAsync(room);
        var page = visit.Page;

        await TabAsync(page, "Log");
        await page.GetByLabel("Text in the log").FillAsync("set");
        await page.Locator("#log").GetByRole(AriaRole.Button, new() { Name = "Filter" }).ClickAsync();
        await page.GetByLabel("Outcome").SelectOptionAsync("done");
        await page.Locator("#log .event").First.ClickAsync();
        await Expect(page.Locator(".event-card")).ToBeVisibleAsync();
        var opened = await page.Locator(".event-card h3").TextContentAsync();

        await TabAsync(page, "State");
        await page.GetByLabel("Filter state").FillAsync("key2");
        await page.GetByRole(AriaRole.Button, new() { Name = "key2", Exact = true }).ClickAsync();
        await Expect(page.Locator(".entry-detail")).ToBeVisibleAsync();

        await TabAsync(page, "Console");
        await page.GetByLabel("Expression").FillAsync("40 + 2");
        await page.GetByLabel("Expression").PressAsync("Control+Enter");
        await Expect(page.GetByLabel("Value", new() { Exact = true })).ToHaveTextAsync("42");

        await TabAsync(page, "Actions");
        await page.GetByRole(AriaRole.Button, new() { Name = "set", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Invoke set" })).ToBeVisibleAsync();

        await page.OpenAgainAsync();
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Invoke set" })).ToBeVisibleAsync();

        await page.GoBackAsync();
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Invoke set" })).ToHaveCountAsync(0);
        await page.GoBackAsync();
        await Expect(page.GetByLabel("Expression")).ToHaveValueAsync("40 + 2");
        await Expect(page.GetByLabel("Value", new() { Exact = true })).ToHaveTextAsync("42");
        await page.OpenAgainAsync();
        await Expect(page.GetByLabel("Value", new() { Exact = true })).ToHaveTextAsync("42");

        await page.GoBackAsync();
        await Expect(page.GetByLabel("Filter state")).ToHaveValueAsync("key2");
        await Expect(page.Locator(".entry-detail")).ToContainTextAsync("key2");
        await Expect(page.Locator("#state .panel-head .count")).ToContainTextAsync("1 of ");
        await page.GoBackAsync();
        await Expect(page.Locator(".entry-detail")).ToHaveCountAsync(0);
        await page.GoBackAsync();
        await Expect(page.GetByLabel("Text in the log")).ToHaveValueAsync("set");
        await Expect(page.GetByLabel("Outcome")).ToHaveValueAsync("done");
        await Expect(page.Locator(".event-card h3")).ToHaveTextAsync(opened!); // It was shown.
        await page.GoForwardAsync();
        await Expect(page.GetByLabel("Filter state")).ToHaveValueAsync("key2");
    }

    [Fact]
    public async Task Keyboard_Alone_WalksPanelsListsAndTime()
    {
        using var room = await RoomAsync("e2e-keys");
        await using var visit = await OpenAsync(room);
        var page = visit.Page;
        var keys = page.Keyboard;

        await keys.PressAsync("g");
        await keys.PressAsync("l");
        await Expect(page.Locator(".jump [aria-current]")).ToHaveTextAsync("Log");
        await Expect(page.Locator("#log .event").First).ToBeVisibleAsync();
        await keys.PressAsync("j");
        await Expect(page.Locator("#log .event").First).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Tooltip)).ToContainTextAsync(new System.Text.RegularExpressions.Regex(@"\d\d:\d\d:\d\d\.\d\d\d"));
        await keys.PressAsync("j");
        await Expect(page.Locator("#log .event").Nth(1)).ToBeFocusedAsync();
        await keys.PressAsync("k");
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".event-card")).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await Expect(page.Locator(".event-card")).ToHaveCountAsync(0);

        await keys.PressAsync("/");
        await Expect(page.GetByLabel("Text in the log")).ToBeFocusedAsync();
        await keys.TypeAsync("jkg?");
        await Expect(page.GetByLabel("Text in the log")).ToHaveValueAsync("jkg?");
        await keys.PressAsync("Escape");
        await keys.PressAsync("[");
        await Expect(page.GetByText("You are looking at event")).ToBeVisibleAsync();
        await keys.PressAsync("n");
        await Expect(page.GetByText("You are looking at event")).ToHaveCountAsync(0);

        await keys.PressAsync("c");
        await Expect(page.GetByLabel("Message", new() { Exact = true })).ToBeFocusedAsync();
        await keys.TypeAsync("By keys alone.");
        await keys.PressAsync("Control+Enter");
        await Expect(page.GetByRole(AriaRole.Log, new() { Name = "Messages" })).ToContainTextAsync("By keys alone.");
        await page.GetByLabel("Message", new() { Exact = true }).BlurAsync();
        await keys.PressAsync("k");
        await keys.PressAsync("r");
        await Expect(page.Locator(".composer-answers")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task SingleKeys_SwitchedOff_AreLettersOnlyAndStayOff()
    {
        using var room = await RoomAsync("e2e-keysoff");
        await using var visit = await OpenAsync(room);
        var page = visit.Page;
        var sheet = page.GetByRole(AriaRole.Dialog, new() { Name = "Keys" });

        await page.Keyboard.PressAsync("?");
        await Expect(sheet).ToBeVisibleAsync();
        if (Axe.Find() is { } script)
        {
            Assert.Equal("", await Axe.ComplaintsAsync(page, script));
        }

        await sheet.GetByLabel("Single keys are on").UncheckAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(sheet).ToBeHiddenAsync();
        await page.OpenAgainAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "State" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("?");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("l");
        await Expect(sheet).ToBeHiddenAsync();
        await Expect(page.Locator(".jump [aria-current]")).ToHaveTextAsync("Overview");

        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Palette_DoesWhatThePageDoes_AndFindsWhatTheRoomAndTheDocsSay()
    {
        using var room = await RoomAsync("e2e-commands");
        await using var visit = await OpenAsync(room);
        var page = visit.Page;

        await ChooseAsync(page, "pause the room", "Command");
        await Expect(page.GetByText("This room is paused.")).ToBeVisibleAsync();
        await ChooseAsync(page, "resume the room", "Command");
        await Expect(page.GetByText("This room is paused.")).ToHaveCountAsync(0);

        await ChooseAsync(page, "theme dark", "Command");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await ChooseAsync(page, "messages", "Panel");
        await Expect(page.Locator(".jump [aria-current]")).ToHaveTextAsync("Messages");

        // A word that only an entry has: its event opens.
        await page.Keyboard.PressAsync("Control+k");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" }).FillAsync("zanzibar");
        await page.Locator(".palette li", new() { HasTextString = "zanzibar" }).First.ClickAsync();
        await Expect(page.Locator(".event-card")).ToContainTextAsync("zanzibar");

        await page.Keyboard.PressAsync("Control+k");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" }).FillAsync("idempotency");
        await Expect(page.Locator(".palette li", new() { HasTextString = "Docs" }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task EventNumber_WithControl_OpensATabOfItsOwn()
    {
        using var room = await RoomAsync("e2e-numbers");
        await using var visit = await OpenAsync(room);
        var page = visit.Page;
        await TabAsync(page, "State");
        await page.GetByRole(AriaRole.Button, new() { Name = "key1", Exact = true }).ClickAsync();
        var link = page.Locator(".entry-detail .event-number").First;

        var tab = await page.Context.RunAndWaitForPageAsync(() => link.ClickAsync(new() { Modifiers = [KeyboardModifier.Control] }));
        await tab.WaitForURLAsync("**panel=log&event=*");
        await tab.CloseAsync();
        await Expect(page.Locator(".jump [aria-current]")).ToHaveTextAsync("State");

        await link.ClickAsync();
        await Expect(page.Locator(".jump [aria-current]")).ToHaveTextAsync("Log");
        await Expect(page.Locator(".event-card")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Tabs_WhenAnotherIsChosen_StayWhereTheyAre()
    {
        using var room = await RoomAsync("e2e-tabs");
        await using var visit = await OpenAsync(room);
        var page = visit.Page;
        const string Places = "() => [...document.querySelectorAll('.jump a')].map(tab => Math.round(tab.getBoundingClientRect().left)).join()";
        var before = await page.EvaluateAsync<string>(Places);

        foreach (var tab in (string[])["State", "Messages", "Log", "Overview"])
        {
            await TabAsync(page, tab);
            Assert.Equal(before, await page.EvaluateAsync<string>(Places));
        }
    }

    [Fact]
    public async Task Head_OnAPhone_FoldsItsFacts()
    {
        using var room = await RoomAsync("e2e-fold");
        await using var visit = await browser.OpenAsync(server.Address, width: 390, height: 844);
        var page = visit.Page;
        await page.OpenAsync($"/rooms/{room.Id}/dashboard?panel=messages#token={room.RoomToken}");
        await Expect(page.GetByLabel("Message", new() { Exact = true })).ToBeInViewportAsync();
        await Expect(page.GetByText("Acting as")).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();

        await Expect(page.GetByText("Acting as")).ToBeVisibleAsync();
        Assert.Equal(0, await visit.SidewaysAsync());
    }

    private static async Task ChooseAsync(IPage page, string query, string group)
    {
        await page.Keyboard.PressAsync("Control+k");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" }).FillAsync(query);
        await Expect(page.Locator(".palette li[aria-selected=true]")).ToContainTextAsync(group);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" })).ToHaveCountAsync(0);
    }

    private static async Task TabAsync(IPage page, string title)
    {
        var tab = page.GetByRole(AriaRole.Navigation, new() { Name = "Parts of the room" }).GetByRole(AriaRole.Link, new() { Name = title });
        await tab.ClickAsync();
        await Expect(tab).ToHaveAttributeAsync("aria-current", "page");
    }

    private async Task<RoomOverHttp> RoomAsync(string id)
    {
        var room = await RoomOverHttp.CreateAsync(server, id, Cancellation);
        for (var i = 1; i <= 4; i++)
        {
            await room.InvokeAsync("set", new { key = $"key{i}", value = i == 3 ? "zanzibar" : $"v{i}" }, Cancellation);
        }

        await room.InvokeAsync("_send_message", new { body = "Hello." }, Cancellation);
        return room;
    }

    private async Task<Visit> OpenAsync(RoomOverHttp room)
    {
        var visit = await browser.OpenAsync(server.Address);
        await visit.Page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.RoomToken}");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "State" })).ToContainTextAsync("key4");
        return visit;
    }
}
