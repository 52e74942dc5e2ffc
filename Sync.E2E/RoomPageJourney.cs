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

        await page.GotoAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = room.Id, Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
        await Expect(page.GetByText("read only")).ToBeVisibleAsync();
        Assert.DoesNotContain("#", page.Url, StringComparison.Ordinal);

        var row = page.GetByRole(AriaRole.Row, new() { Name = "answer" });
        await room.InvokeAsync("set", new { key = "answer", value = "forty-one" }, Cancellation);
        await Expect(row).ToContainTextAsync("\"forty-one\"", new() { Timeout = 1000 });

        await room.InvokeAsync("set", new { key = "answer", value = "forty-two" }, Cancellation);
        await Expect(row).ToContainTextAsync("\"forty-two\"", new() { Timeout = 1000 });
        await Expect(row).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("fresh-"));

        await room.InvokeAsync("_send_message", new { body = "Done here.", to = "ada" }, Cancellation);
        await Expect(page.GetByRole(AriaRole.Log, new() { Name = "Messages" })).ToContainTextAsync("Done here.", new() { Timeout = 1000 });
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Activity" })).ToContainTextAsync("_send_message", new() { Timeout = 1000 });
    }

    [Fact]
    public async Task Page_AfterAReload_StillKnowsItsToken()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-reload", Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        await visit.Page.GotoAsync($"/?room={room.Id}#token={room.ViewToken}");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
        Assert.EndsWith($"/rooms/{room.Id}/dashboard", visit.Page.Url, StringComparison.Ordinal);

        await visit.Page.ReloadAsync();

        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
    }

    [Fact]
    public async Task Page_WithoutAToken_AsksForOneAndTakesIt()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-gate", Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.GotoAsync($"/rooms/{room.Id}/dashboard");
        var field = page.GetByLabel("Token", new() { Exact = true });
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This room needs a token" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Ada")).ToHaveCountAsync(0);

        await field.FillAsync("view_wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open room" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();

        await field.FillAsync(room.ViewToken);
        await field.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
    }

    [Fact]
    public async Task Page_OfADeletedRoom_SaysSoByItself()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-end", Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        await visit.Page.GotoAsync($"/rooms/{room.Id}/dashboard#token={room.RoomToken}");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");

        await room.DeleteAsync(Cancellation);

        await Expect(visit.Page.GetByText("This room has ended for you")).ToBeVisibleAsync(new() { Timeout = 2000 });
    }

    [Fact]
    public async Task State_FilteredAndOpened_ShowsTheEntry()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-state", Cancellation);
        await room.InvokeAsync("set", new { key = "alpha", value = new { depth = 3 } }, Cancellation);
        await room.InvokeAsync("set", new { key = "beta", value = 2 }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.GotoAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");

        await page.GetByLabel("Filter state").PressSequentiallyAsync("alp");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "beta" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "alpha" }).PressAsync("Enter");

        await Expect(page.Locator(".entry-detail")).ToContainTextAsync("\"depth\": 3");
    }

    [Fact]
    public async Task Page_AtPhoneWidth_DoesNotScrollSideways()
    {
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-phone", Cancellation);
        await room.InvokeAsync("set", new { key = new string('k', 120), value = new string('v', 4000) }, Cancellation);
        await room.InvokeAsync("_send_message", new { body = new string('m', 500) }, Cancellation);
        await using var visit = await browser.OpenAsync(server.Address, width: 390, height: 844);

        await visit.Page.GotoAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");

        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "State" })).ToContainTextAsync("kkkk");
        Assert.Equal(0, await visit.SidewaysAsync());
    }
}
