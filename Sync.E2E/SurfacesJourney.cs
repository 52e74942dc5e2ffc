using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A person who makes a room's surfaces and reads them: a view by pickers only, a table sorted and turned, a chart enlarged and read by keyboard.</summary>
public sealed partial class SurfacesJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task View_MadeByPickersOnly_IsSeenBeforeAndAfter()
    {
        using var room = await RoomAsync("e2e-pickers");
        await using var visit = await OpenAsync(room, "?panel=views");
        var page = visit.Page;
        var views = page.GetByRole(AriaRole.Region, new() { Name = "Views" });

        await views.GetByRole(AriaRole.Button, new() { Name = "New view" }).ClickAsync();
        var form = views.GetByRole(AriaRole.Form, new() { Name = "New view" });
        await form.GetByLabel("Begin with").SelectOptionAsync(new SelectOptionValue { Label = "All of _tasks" });
        var preview = form.GetByRole(AriaRole.Region, new() { Name = "Preview" });
        await Expect(preview.GetByRole(AriaRole.Row)).ToHaveCountAsync(21);
        await form.GetByLabel("Add to Columns").SelectOptionAsync("title");
        await form.GetByLabel("Add to Columns").SelectOptionAsync("minutes");
        await Expect(preview.GetByRole(AriaRole.Columnheader)).ToHaveCountAsync(2);
        await form.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await Expect(form).ToContainTextAsync("Registered.");
        await form.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Surfaces" }).First.ClickAsync();
        var surface = page.GetByRole(AriaRole.Article, new() { Name = "Tasks" });
        await Expect(surface.GetByRole(AriaRole.Columnheader)).ToHaveTextAsync(["Title", "Minutes"]);
    }

    [Fact]
    public async Task Table_SortedTurnedAndEnlarged_ShowsWhatWasAskedFor()
    {
        using var room = await RoomAsync("e2e-table");
        await room.InvokeAsync("_register_view", new { id = "tasks", expr = "state._tasks.values()", render = new { type = "array-table", label = "All tasks" } }, Cancellation);
        await using var visit = await OpenAsync(room, "?panel=surfaces");
        var page = visit.Page;
        var table = page.GetByRole(AriaRole.Article, new() { Name = "All tasks" });

        await table.GetByRole(AriaRole.Button, new() { Name = "Minutes" }).ClickAsync();
        await Expect(table.GetByRole(AriaRole.Columnheader, new() { Name = "Minutes" })).ToHaveAttributeAsync("aria-sort", "ascending");
        await Expect(table.GetByRole(AriaRole.Row).Nth(1)).ToContainTextAsync("Task 1");
        await table.GetByRole(AriaRole.Button, new() { Name = "Next page" }).ClickAsync();
        await Expect(table).ToContainTextAsync("21–40 of 45");
        await Expect(table.GetByRole(AriaRole.Row).Nth(1)).ToContainTextAsync("Task 21");

        await table.GetByRole(AriaRole.Button, new() { Name = "Enlarge All tasks" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByRole(AriaRole.Row)).ToHaveCountAsync(46);
        await Expect(page).ToHaveURLAsync(Enlarged());
        await dialog.GetByLabel("Filter All tasks").FillAsync("Task 44");
        await Expect(dialog).ToContainTextAsync("1 of 45 rows");
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Chart_EnlargedAndReadByKeyboard_SaysItsPoints()
    {
        using var room = await RoomAsync("e2e-chart");
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var points = Enumerable.Range(0, 100).Select(i => new { at = at.AddMinutes(i).UtcDateTime.ToString("O"), value = i * i % 37 }).ToList();
        await room.InvokeAsync("put", new { s = "_shared", k = "load", v = points }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "load", expr = "state._shared.load", render = new { type = "chart", label = "Load" } }, Cancellation);
        await using var visit = await OpenAsync(room, "?panel=surfaces");
        var page = visit.Page;

        await page.GetByRole(AriaRole.Button, new() { Name = "Enlarge Load" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var plot = dialog.GetByRole(AriaRole.Slider);
        await Expect(plot).ToHaveAttributeAsync("aria-valuemax", "100");
        await plot.FocusAsync();
        await plot.PressAsync("Home");
        await Expect(plot).ToHaveAttributeAsync("aria-valuetext", new Regex(": 0$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await plot.PressAsync("ArrowRight");
        await Expect(plot).ToHaveAttributeAsync("aria-valuenow", "2");
        await Expect(dialog.Locator(".chart-tip")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "1 h" }).ClickAsync();
        await Expect(plot).Not.ToHaveAttributeAsync("aria-valuemax", "100");
        await page.GoBackAsync();
        await Expect(dialog).ToHaveCountAsync(0);
    }

    private async Task<RoomOverHttp> RoomAsync(string name)
    {
        var room = await RoomOverHttp.CreateAsync(server, name, Cancellation);
        await room.InvokeAsync("_register_action", new { id = "put", @params = new { s = new { type = "string" }, k = new { type = "string" }, v = new { } }, writes = new[] { new { scope = "${params.s}", key = "${params.k}", value = "${params.v}" } } }, Cancellation);
        var steps = Enumerable.Range(1, 45).Select(i => new { action = "put", @params = new { s = "_tasks", k = string.Create(CultureInfo.InvariantCulture, $"t{46 - i}"), v = new { title = string.Create(CultureInfo.InvariantCulture, $"Task {i}"), minutes = i } } });
        await room.InvokeAsync("_batch", new { steps }, Cancellation);
        return room;
    }

    private async Task<Visit> OpenAsync(RoomOverHttp room, string query)
    {
        var visit = await browser.OpenAsync(server.Address, width: 1440);
        await visit.Page.OpenAsync($"/rooms/{room.Id}/dashboard{query}#token={room.RoomToken}");
        await Expect(visit.Page.Locator(".connection")).ToContainTextAsync("Live");
        return visit;
    }

    [GeneratedRegex("surfaces\\.open=tasks")]
    private static partial Regex Enlarged();
}
