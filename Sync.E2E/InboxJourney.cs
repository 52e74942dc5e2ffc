using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A person hears of what waits for them wherever they are, and decides in the inbox by one key.</summary>
public sealed class InboxJourney(Browser browser) : IAsyncLifetime
{
    private readonly ServerProcess _server = new(("Sync__Demo", "false"), ("Sync__Limits__GuessesPerSecond", "1000"), ("Sync__Registration", "open"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Question_DirectedToAPerson_IsNoticedFromAnotherPanelAnotherRoomAndAnotherTab()
    {
        await using var olga = await PersonAsync("olga");
        using var owner = Client(await TokenAsync("olga"));
        using var harbour = await RoomAsync(owner, "harbour");
        using var press = await RoomAsync(owner, "press");
        var (elsewhere, list) = (await olga.Page.Context.NewPageAsync(), await olga.Page.Context.NewPageAsync());
        await olga.Page.OpenAsync("/rooms/harbour/dashboard?panel=state");
        await elsewhere.OpenAsync("/rooms/press/dashboard?panel=log");
        await list.OpenAsync("/rooms");
        using var bob = Client(await JoinAsync(owner, "harbour", "bob"));

        await SayAsync(bob, "harbour", new { body = "Which berth?", kind = "question", to = new[] { "olga" } });

        foreach (var page in (IPage[])[olga.Page, elsewhere, list])
        {
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "1 waits for you" })).ToBeVisibleAsync();
            await Expect(page).ToHaveTitleAsync(new Regex(@"^\(1\) "));
        }

        await Expect(olga.Page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^Messages") }).GetByLabel("1 unread")).ToBeVisibleAsync();
        await Expect(list.Locator(".room-line", new() { HasText = "harbour" }).GetByLabel("1 unread")).ToBeVisibleAsync();

        // From the other room to the question, and the answer to it.
        await elsewhere.GetByRole(AriaRole.Link, new() { Name = "1 waits for you" }).ClickAsync();
        await elsewhere.Locator(".inbox-row", new() { HasText = "Which berth?" }).GetByRole(AriaRole.Link).ClickAsync();
        var item = elsewhere.Locator(".inbox-item");
        await Expect(item).ToContainTextAsync("Which berth?");
        await elsewhere.Keyboard.PressAsync("r");
        await Expect(item.GetByLabel("Reply to bob")).ToBeFocusedAsync();
        await elsewhere.Keyboard.TypeAsync("The third.");
        await elsewhere.Keyboard.PressAsync("Control+Enter");

        await Expect(elsewhere.GetByRole(AriaRole.Heading, new() { Name = "Nothing waits for you" })).ToBeVisibleAsync();
        foreach (var page in (IPage[])[olga.Page, elsewhere, list])
        {
            await Expect(page).Not.ToHaveTitleAsync(new Regex(@"^\("));
        }

        var context = await bob.GetFromJsonAsync<JsonElement>("rooms/harbour/context?only=messages", Cancellation);
        var reply = context.GetProperty("messages").GetProperty("recent").EnumerateArray().Last();
        Assert.Equal(("olga", "The third.", 1), (reply.GetProperty("from").GetString(), reply.GetProperty("body").GetString(), reply.GetProperty("reply_to").GetInt32()));
    }

    [Fact]
    public async Task Approval_DecidedByOneKey_IsDoneAndUndone()
    {
        await using var olga = await PersonAsync("olga");
        using var owner = Client(await TokenAsync("olga"));
        using var harbour = await RoomAsync(owner, "harbour");
        await InvokeAsync(owner, "harbour", "_register_action", new { id = "open_gate", @params = new { width = new { type = "integer" } }, writes = new[] { new { key = "gate", value = "${params.width}" } }, approve = new { by = "person" } });
        using var bob = Client(await JoinAsync(owner, "harbour", "bob"));
        await olga.Page.OpenAsync("/inbox");
        await Expect(olga.Page.GetByRole(AriaRole.Heading, new() { Name = "Nothing waits for you" })).ToBeVisibleAsync();

        await InvokeAsync(bob, "harbour", "open_gate", new { width = 3 });

        var row = olga.Page.Locator(".inbox-row[data-kind=approval]");
        await Expect(row).ToContainTextAsync("bob asks to invoke open_gate");
        await Expect(olga.Page.Locator(".inbox-item .diff-added")).ToContainTextAsync("3");
        await olga.Page.Keyboard.PressAsync("a");
        await Expect(row).ToHaveCountAsync(0);
        await Expect(olga.Page.GetByText("Accepted open_gate.")).ToBeVisibleAsync();
        Assert.Equal(3, await GateAsync(owner));

        await olga.Page.Keyboard.PressAsync("u");
        await Expect(olga.Page.GetByText("Undone")).ToBeVisibleAsync();
        Assert.Null(await GateAsync(owner));

        // Rejected with a note, and accepted with other parameters; both by keys alone.
        await InvokeAsync(bob, "harbour", "open_gate", new { width = 99 });
        await Expect(olga.Page.Locator(".inbox-item .diff-added")).ToContainTextAsync("99");
        await olga.Page.Keyboard.PressAsync("r");
        await Expect(olga.Page.GetByLabel("Note")).ToBeFocusedAsync();
        await olga.Page.Keyboard.TypeAsync("too wide");
        await olga.Page.Keyboard.PressAsync("Enter");
        await Expect(olga.Page.GetByText("Rejected open_gate.")).ToBeVisibleAsync();
        await Expect(row).ToHaveCountAsync(0);
        Assert.Null(await GateAsync(owner));

        await InvokeAsync(bob, "harbour", "open_gate", new { width = 98 });
        await Expect(olga.Page.Locator(".inbox-item .diff-added")).ToContainTextAsync("98");
        await olga.Page.Keyboard.PressAsync("e");
        await olga.Page.GetByLabel("Parameters to accept it with").FillAsync("""{"width": 5}""");
        await olga.Page.GetByRole(AriaRole.Button, new() { Name = "Accept with these" }).ClickAsync();
        await Expect(olga.Page.GetByText("Accepted open_gate with other parameters.")).ToBeVisibleAsync();
        Assert.Equal(5, await GateAsync(owner));
        await olga.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).Last.ClickAsync();

        // What was said of the first undo may still stand there.
        using var undone = await owner.GetAsync("rooms/harbour/wait?condition=" + Uri.EscapeDataString("!('gate' in state._shared)"), Cancellation);
        Assert.True((await undone.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("triggered").GetBoolean());
    }

    /// <summary>The letters of a note are no keys, however fast they come, and a key that is held decides once.</summary>
    [Fact]
    public async Task Keys_WrittenAtOnceOrHeld_DecideNothingElse()
    {
        await using var olga = await PersonAsync("olga");
        using var owner = Client(await TokenAsync("olga"));
        using var harbour = await RoomAsync(owner, "harbour");
        await InvokeAsync(owner, "harbour", "_register_action", new { id = "open_gate", @params = new { width = new { type = "integer" } }, writes = new[] { new { key = "gate", value = "${params.width}" } }, approve = new { by = "person" } });
        using var bob = Client(await JoinAsync(owner, "harbour", "bob"));
        var (page, keys) = (olga.Page, olga.Page.Keyboard);
        await page.OpenAsync("/inbox");
        await InvokeAsync(bob, "harbour", "open_gate", new { width = 7 });
        var rows = page.Locator(".inbox-row[data-kind=approval]");
        await Expect(page.Locator(".inbox-item .diff-added")).ToContainTextAsync("7");

        await keys.PressAsync("r");
        await keys.TypeAsync("a narrower one, ask the keeper");
        await Expect(page.GetByLabel("Note")).ToHaveValueAsync("a narrower one, ask the keeper");
        await keys.PressAsync("Enter");
        await Expect(page.GetByText("Rejected open_gate.")).ToBeVisibleAsync();
        Assert.Null(await GateAsync(owner));

        await InvokeAsync(bob, "harbour", "open_gate", new { width = 8 });
        await Expect(page.Locator(".inbox-item .diff-added")).ToContainTextAsync("8");
        await keys.PressAsync("e");
        await keys.PressAsync("a");
        await Expect(page.GetByLabel("Parameters to accept it with")).ToBeFocusedAsync();
        Assert.Null(await GateAsync(owner));
        await page.GetByRole(AriaRole.Button, new() { Name = "Back", Exact = true }).ClickAsync();

        await InvokeAsync(bob, "harbour", "open_gate", new { width = 9 });
        await Expect(rows).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Heading, new() { Name = "Inbox" }).ClickAsync();
        for (var i = 0; i < 8; i++)
        {
            await keys.DownAsync("a"); // Held: each but the first is a repetition.
        }

        await keys.UpAsync("a");
        await Expect(page.GetByText("Accepted open_gate.")).ToBeVisibleAsync();
        await Expect(rows).ToHaveCountAsync(1);

        await SayAsync(bob, "harbour", new { body = "Which berth?", kind = "question", to = new[] { "olga" } });
        await page.Locator(".inbox-row", new() { HasText = "Which berth?" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Locator(".inbox-item")).ToContainTextAsync("Which berth?");
        await Expect(page.GetByLabel("Reply to bob")).ToBeVisibleAsync();
        await keys.PressAsync("r");
        await keys.TypeAsync("a quay further");
        await Expect(page.GetByLabel("Reply to bob")).ToHaveValueAsync("a quay further");
    }

    [Fact]
    public async Task Messages_InSight_AreReadByThePersonsOwnAgent_AndOtherPanelsReadNothing()
    {
        await using var olga = await PersonAsync("olga");
        using var owner = Client(await TokenAsync("olga"));
        using var harbour = await RoomAsync(owner, "harbour");
        await SayAsync(owner, "harbour", new { body = "I am here" });
        using var bob = Client(await JoinAsync(owner, "harbour", "bob"));
        await olga.Page.OpenAsync("/rooms/harbour/dashboard?panel=state");
        await SayAsync(bob, "harbour", new { body = "Good morning", to = new[] { "olga" } });
        var tab = olga.Page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^Messages") });
        await Expect(tab.GetByLabel("1 unread")).ToBeVisibleAsync();
        Assert.Equal(1, await UnreadAsync(owner));

        await tab.ClickAsync();

        await Expect(tab.GetByLabel("1 unread")).ToHaveCountAsync(0);
        await Expect(olga.Page.GetByRole(AriaRole.Link, new() { Name = "1 waits for you" })).ToHaveCountAsync(0);
        Assert.Equal(0, await UnreadAsync(owner));
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1440)]
    public async Task Item_InEachWidth_FitsAndIsAccessible_AndBackLeadsToTheList(int width)
    {
        await using var olga = await PersonAsync("olga");
        using var owner = Client(await TokenAsync("olga"));
        using var harbour = await RoomAsync(owner, "harbour");
        await InvokeAsync(owner, "harbour", "_register_action", new { id = "open_gate", writes = new[] { new { key = "gate", value = 1 } }, approve = new { by = "person" } });
        await InvokeAsync(owner, "harbour", "_register_view", new { id = "broken", expr = "1 / 0" });
        using var bob = Client(await JoinAsync(owner, "harbour", "bob"));
        await InvokeAsync(bob, "harbour", "open_gate", new { });
        await SayAsync(bob, "harbour", new { body = "Which berth?", kind = "question", to = new[] { "olga" } });
        await olga.Page.SetViewportSizeAsync(width, 900);
        await olga.Page.OpenAsync("/inbox");
        await Expect(olga.Page.Locator(".inbox-row")).ToHaveCountAsync(3);

        foreach (var row in (string[])["open_gate", "Which berth?", "broken"])
        {
            var link = olga.Page.Locator(".inbox-row", new() { HasText = row }).GetByRole(AriaRole.Link);
            await link.ClickAsync();
            await Expect(olga.Page.Locator(".inbox-item")).ToContainTextAsync(row);
            Assert.True(await olga.SidewaysAsync() <= 0, row);
            if (Axe.Find() is { } axe)
            {
                Assert.Equal("", await Axe.ComplaintsAsync(olga.Page, axe));
            }

            await olga.Page.GoBackAsync();
            await Expect(link).ToBeVisibleAsync();
        }
    }

    private async Task<Visit> PersonAsync(string name)
    {
        var visit = await browser.OpenAsync(_server.Home);
        await PasskeyDevice.AttachAsync(visit.Page);
        await visit.Page.GotoAsync(await _server.SetupLinkAsync(Cancellation));
        await visit.Page.GetByLabel("User name").FillAsync(name);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await visit.Page.ArriveAsync("**/manage");
        return visit;
    }

    private async Task<string> TokenAsync(string user)
    {
        var (exitCode, token, error) = await _server.CommandAsync(["token", "mint", "--user", user, "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        return token.Trim();
    }

    private HttpClient Client(string token)
    {
        var client = new HttpClient { BaseAddress = _server.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    private static async Task<HttpResponseMessage> RoomAsync(HttpClient owner, string id)
    {
        var made = await owner.PostAsJsonAsync("rooms", new { id }, Cancellation);
        return made.EnsureSuccessStatusCode();
    }

    private static async Task<string> JoinAsync(HttpClient owner, string room, string id)
    {
        using var nobody = new HttpClient { BaseAddress = owner.BaseAddress };
        using var joined = await nobody.PostAsJsonAsync($"rooms/{room}/agents", new { id }, Cancellation);
        return (await joined.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("token").GetString()!; // A join answers one.
    }

    private static async Task InvokeAsync(HttpClient client, string room, string action, object parameters)
    {
        using var invoked = await client.PostAsJsonAsync($"rooms/{room}/actions/{action}/invoke", new { @params = parameters }, Cancellation);
        Assert.True(invoked.IsSuccessStatusCode, await invoked.Content.ReadAsStringAsync(Cancellation));
    }

    private static Task SayAsync(HttpClient client, string room, object message) => InvokeAsync(client, room, "_send_message", message);

    private static async Task<int?> GateAsync(HttpClient owner)
    {
        var context = await owner.GetFromJsonAsync<JsonElement>("rooms/harbour/context?only=state._shared", Cancellation);
        return context.GetProperty("state").TryGetProperty("_shared", out var shared) && shared.TryGetProperty("gate", out var gate) ? gate.GetInt32() : null;
    }

    private static async Task<int> UnreadAsync(HttpClient owner)
    {
        using var answer = await owner.PostAsJsonAsync("rooms/harbour/eval", new { expr = "messages.unread" }, Cancellation);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("value").GetInt32();
    }
}
