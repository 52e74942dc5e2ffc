using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A person who acts in a room from its page.</summary>
public sealed class SteeringJourney(SyncServer server, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Room_Steered_PreviewsInvokesAndExplains()
    {
        using var room = await RoomAsync("e2e-steer");
        await using var visit = await OpenAsync(room, room.RoomToken);
        var page = visit.Page;
        var actions = page.GetByRole(AriaRole.Region, new() { Name = "Actions" });

        await actions.GetByRole(AriaRole.Button, new() { Name = "propose", Exact = true }).ClickAsync();
        var form = actions.GetByRole(AriaRole.Form, new() { Name = "Invoke propose" });
        await form.GetByLabel("title").FillAsync("Ship it");
        await form.GetByLabel("size").SelectOptionAsync("large");
        await form.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await Expect(form).ToContainTextAsync("nothing has been written");
        await Expect(form).ToContainTextAsync("Ship it");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "proposal" })).ToHaveCountAsync(0);

        await form.GetByRole(AriaRole.Button, new() { Name = "Invoke" }).ClickAsync();
        await Expect(form).ToContainTextAsync("Done.");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "proposal" })).ToContainTextAsync("Ship it");

        await actions.GetByRole(AriaRole.Button, new() { Name = "accept", Exact = true }).ClickAsync();
        await Expect(actions).ToContainTextAsync("state._shared.reviewed == true");
        var accept = actions.GetByRole(AriaRole.Form, new() { Name = "Invoke accept" });
        await accept.GetByRole(AriaRole.Button, new() { Name = "Invoke" }).ClickAsync();
        await Expect(accept.GetByRole(AriaRole.Alert)).ToContainTextAsync("precondition_failed");
        await Expect(accept.Locator(".why-parts .fails")).ToContainTextAsync("state._shared.reviewed == true");
    }

    [Fact]
    public async Task View_RegisteredEditedAndDeleted_IsASurfaceMeanwhile()
    {
        using var room = await RoomAsync("e2e-view");
        await using var visit = await OpenAsync(room, room.RoomToken);
        var page = visit.Page;
        var views = page.GetByRole(AriaRole.Region, new() { Name = "Views" });
        var surface = page.GetByRole(AriaRole.Article, new() { Name = "Answer" });

        await views.GetByRole(AriaRole.Button, new() { Name = "New view" }).ClickAsync();
        var form = views.GetByRole(AriaRole.Form, new() { Name = "New view" });
        var expression = form.GetByLabel("Expression", new() { Exact = true });
        await form.GetByLabel("Id", new() { Exact = true }).FillAsync("answer");
        await form.GetByText("As JSON: Drawn as").ClickAsync();
        await form.GetByLabel("Drawn as", new() { Exact = true }).FillAsync("""{"type": "metric", "label": "Answer"}""");
        await expression.PressSequentiallyAsync("40 + state._shared.filter(k k)");
        await Expect(form.Locator(".caret")).ToContainTextAsync("^");
        await Expect(expression).ToHaveValueAsync("40 + state._shared.filter(k k)");
        await form.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await Expect(form.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Expect(views.GetByRole(AriaRole.Button, new() { Name = "answer", Exact = true })).ToHaveCountAsync(0);

        await expression.FillAsync("40 + 1");
        await Expect(form.Locator(".view-preview")).ToContainTextAsync("41");
        await Expect(form.Locator(".caret")).ToHaveCountAsync(0);
        await form.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await Expect(form).ToContainTextAsync("Registered.");
        await Expect(surface).ToContainTextAsync("41");
        await form.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        await views.GetByRole(AriaRole.Button, new() { Name = "answer", Exact = true }).ClickAsync();
        await views.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        var edit = views.GetByRole(AriaRole.Form, new() { Name = "Edit the view answer" });
        await edit.GetByLabel("Expression", new() { Exact = true }).FillAsync("40 + 2");
        await edit.GetByRole(AriaRole.Button, new() { Name = "Replace" }).ClickAsync();
        await Expect(surface).ToContainTextAsync("42");
        await edit.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        await views.GetByRole(AriaRole.Button, new() { Name = "Delete the view answer" }).ClickAsync();
        await Expect(surface).ToHaveCountAsync(1);
        await views.GetByRole(AriaRole.Group, new() { Name = "Delete the view answer" }).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(surface).ToHaveCountAsync(0);
        await Expect(views.GetByRole(AriaRole.Button, new() { Name = "answer", Exact = true })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Messages_ReadFarBack_StayWhereTheReaderIsAndFew()
    {
        using var room = await RoomAsync("e2e-back");
        for (var i = 1; i <= 700; i += 100)
        {
            await Task.WhenAll(Enumerable.Range(i, 100).Select(n => room.InvokeAsync("_send_message", new { body = $"line {n}" }, Cancellation)));
        }

        await using var visit = await OpenAsync(room, room.RoomToken);
        var messages = visit.Page.GetByRole(AriaRole.Log, new() { Name = "Messages" });
        var lines = messages.Locator(".message");
        await Expect(lines).ToHaveCountAsync(100);
        Assert.InRange(await messages.EvaluateAsync<double>("thread => thread.scrollHeight - thread.scrollTop - thread.clientHeight"), 0, 2);

        for (var page = 2; page <= 6; page++)
        {
            await messages.EvaluateAsync("thread => { thread.scrollTop = 0; }");
            var top = lines.First.Locator("p");
            var text = await top.TextContentAsync();
            var marked = messages.Locator(".message > p", new() { HasTextRegex = new($"^{text}$") });
            await Expect(marked).ToBeInViewportAsync();
            var before = (await marked.BoundingBoxAsync())!.Y; // It is in sight.
            await messages.GetByRole(AriaRole.Button, new() { Name = "Show earlier" }).ClickAsync();
            await Expect(top).Not.ToHaveTextAsync(text!); // A line has text.
            Assert.Equal(before, (await marked.BoundingBoxAsync())!.Y, 2.0);
            Assert.InRange(await lines.CountAsync(), 200, 300);
        }

        var newest = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Back to the newest" });
        await newest.ClickAsync();
        await Expect(newest).ToHaveCountAsync(0);
        await Expect(lines).ToHaveCountAsync(100);
        Assert.InRange(await messages.EvaluateAsync<double>("thread => thread.scrollHeight - thread.scrollTop - thread.clientHeight"), 0, 2);

        await room.InvokeAsync("_send_message", new { body = "the very last" }, Cancellation);
        await Expect(lines.Last).ToContainTextAsync("the very last");
        await Expect(lines.Last).ToBeInViewportAsync();
    }

    [Fact]
    public async Task Message_DirectedWithCtrlEnter_ArrivesMarked()
    {
        using var room = await RoomAsync("e2e-message");
        await using var visit = await OpenAsync(room, room.RoomToken);
        var messages = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Messages" });

        await messages.GetByLabel("Direct to").PressSequentiallyAsync("love");
        await visit.Page.GetByRole(AriaRole.Listbox).GetByText("lovelace").ClickAsync();
        await Expect(messages.GetByRole(AriaRole.Button, new() { Name = "Not to lovelace" })).ToBeVisibleAsync();
        await messages.GetByLabel("Message", new() { Exact = true }).FillAsync("Could you look at this?");
        await messages.GetByLabel("Message", new() { Exact = true }).PressAsync("Control+Enter");

        var sent = messages.Locator(".message.directed");
        await Expect(sent).ToContainTextAsync("Could you look at this?");
        await Expect(sent.Locator(".to")).ToContainTextAsync("lovelace");
        await Expect(messages.GetByLabel("Message", new() { Exact = true })).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Message_UnderThePen_OutlivesAReload()
    {
        using var room = await RoomAsync("e2e-draft");
        await using var visit = await OpenAsync(room, room.RoomToken);
        var field = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Messages" }).GetByLabel("Message", new() { Exact = true });
        await field.PressSequentiallyAsync("half a thought");

        await visit.Page.OpenAgainAsync();

        await Expect(field).ToHaveValueAsync("half a thought");
    }

    [Fact]
    public async Task Palette_ByKeyboardAlone_LeadsToAnActionAndInvokesIt()
    {
        using var room = await RoomAsync("e2e-palette");
        await using var visit = await OpenAsync(room, room.RoomToken);
        var page = visit.Page;

        await page.Keyboard.PressAsync("Control+k");
        var field = page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" });
        await Expect(field).ToBeFocusedAsync();
        await field.PressSequentiallyAsync("tick");
        await Expect(page.Locator(".palette li[aria-selected=true]")).ToContainTextAsync("Does one step");
        await page.Keyboard.PressAsync("Enter");

        var form = page.GetByRole(AriaRole.Form, new() { Name = "Invoke tick" });
        await Expect(form.GetByRole(AriaRole.Button, new() { Name = "Invoke" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(form).ToContainTextAsync("Done.");
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Ticks" })).ToContainTextAsync("1");
    }

    [Fact]
    public async Task Palette_ArrowsAndEscape_MoveAndClose()
    {
        using var room = await RoomAsync("e2e-arrows");
        await using var visit = await OpenAsync(room, room.RoomToken);
        var page = visit.Page;
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" })).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator(".palette li").Nth(1)).ToHaveAttributeAsync("aria-selected", "true");
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(page.Locator(".palette li").Nth(0)).ToHaveAttributeAsync("aria-selected", "true");
        await page.Keyboard.PressAsync("Escape");

        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Go to" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task ShareLink_ThatOnlyReads_CannotWrite()
    {
        using var room = await RoomAsync("e2e-reader");
        await using var visit = await OpenAsync(room, room.ViewToken);
        var page = visit.Page;
        var actions = page.GetByRole(AriaRole.Region, new() { Name = "Actions" });

        await actions.GetByRole(AriaRole.Button, new() { Name = "tick", Exact = true }).ClickAsync();
        await Expect(actions.GetByRole(AriaRole.Button, new() { Name = "Invoke" })).ToBeDisabledAsync();
        await Expect(actions.GetByRole(AriaRole.Form)).ToContainTextAsync("only read");
        await Expect(actions.GetByRole(AriaRole.Button, new() { Name = "New" })).ToHaveCountAsync(0);
        await Expect(actions.GetByRole(AriaRole.Button, new() { Name = "Edit" })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Messages" }).GetByLabel("Message", new() { Exact = true })).ToHaveCountAsync(0);

        var bar = page.GetByRole(AriaRole.Article, new() { Name = "Levers" });
        await bar.GetByRole(AriaRole.Button, new() { Name = "Tick" }).ClickAsync(new() { Force = true });
        await Expect(bar).ToContainTextAsync("only read");
    }

    [Fact]
    public async Task Surface_OfMermaid_IsDrawnAsAPicture()
    {
        using var room = await RoomAsync("e2e-diagram");
        await room.InvokeAsync(
            "_register_view",
            new { id = "flow", expr = "\"```mermaid\\ngraph LR\\n  Plan --> Work\\n```\\n<script>window.hit = 1</script>\"", render = new { type = "markdown", label = "Flow", order = 0 } },
            Cancellation);
        await using var visit = await OpenAsync(room, room.ViewToken);

        await Expect(visit.Page.GetByRole(AriaRole.Article, new() { Name = "Flow" }).GetByRole(AriaRole.Img)).ToBeVisibleAsync();
        Assert.True(await visit.Page.EvaluateAsync<bool>("() => window.hit === undefined && !document.querySelector('.prose svg, .prose script')"));
    }

    [Theory]
    [InlineData("/", ColorScheme.Light)]
    [InlineData("/", ColorScheme.Dark)]
    [InlineData("/docs/design", ColorScheme.Light)]
    [InlineData("/docs/design", ColorScheme.Dark)]
    [InlineData("room", ColorScheme.Light)]
    [InlineData("room", ColorScheme.Dark)]
    public async Task Page_CheckedByAxe_HasNoSeriousViolation(string path, ColorScheme scheme)
    {
        var axe = Axe.Find();
        Assert.SkipWhen(axe is null, $"axe-core is not there: npm install --prefix {Axe.Folder}");
        using var room = await RoomAsync($"e2e-axe-{scheme}-{path.Length}".ToLowerInvariant());
        await using var visit = await browser.OpenAsync(server.Address, scheme: scheme);
        var page = visit.Page;
        if (path == "room")
        {
            await page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.RoomToken}");
            await page.GetByRole(AriaRole.Button, new() { Name = "propose", Exact = true }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Invoke propose" })).ToBeVisibleAsync();
        }
        else
        {
            await page.GotoAsync(path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        }

        Assert.Equal("", await Axe.ComplaintsAsync(page, axe!)); // Skipped without it.
        await room.DeleteAsync(Cancellation);
    }

    private async Task<Visit> OpenAsync(RoomOverHttp room, string token)
    {
        var visit = await browser.OpenAsync(server.Address, width: 1440);
        await visit.Page.OpenAsync($"/rooms/{room.Id}/dashboard#token={token}");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");
        return visit;
    }

    private async Task<RoomOverHttp> RoomAsync(string id)
    {
        var room = await RoomOverHttp.CreateAsync(server, id, Cancellation);
        await RegisterAsync(new
        {
            id = "propose",
            @params = new Dictionary<string, object>
            {
                ["title"] = new { type = "string", required = true, max_length = 80 },
                ["size"] = new { type = "string", @enum = new[] { "small", "large" }, required = true },
            },
            writes = new[] { new { key = "proposal", value = "${params.title} (${params.size})" } },
        });
        await RegisterAsync(new { id = "accept", @if = "state._shared.proposal != null && state._shared.reviewed == true", writes = new[] { new { key = "accepted", value = true } } });
        await RegisterAsync(new { id = "tick", description = "Does one step.", writes = new[] { new { key = "ticks", increment = 1 } } });
        await room.InvokeAsync("_register_view", new { id = "ticks", expr = "state._shared.ticks == null ? 0 : state._shared.ticks", render = new { type = "metric", label = "Ticks", temporal = true } }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "levers", expr = "true", render = new { type = "action-bar", label = "Levers", actions = new[] { "tick" } } }, Cancellation);
        return room;

        Task RegisterAsync(object definition) => room.InvokeAsync("_register_action", definition, Cancellation);
    }
}
