using System.Collections.Immutable;
using AngleSharp.Dom;
using Bunit;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>What a panel filters, searches and opens stands in the address: it comes from there, goes there, and Back takes it away.</summary>
public sealed class AddressTests
{
    private static readonly DateTimeOffset s_then = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Each filter: its value, the control that shows it, and which property of that control does.</summary>
    public static TheoryData<string, string, string, string> Filters => new()
    {
        { PageFilters.LogText, "a1", "#log input[type=search]", "value" },
        { PageFilters.LogAgent, "cleo", "#log select[aria-label=Agent]", "selected" },
        { PageFilters.LogAction, "a2", "#log select[aria-label=Action]", "selected" },
        { PageFilters.LogOutcome, "refused", "#log select[aria-label=Outcome]", "selected" },
        { PageFilters.StateText, "key", "#state input[type=search]", "value" },
        { PageFilters.StateClosed, "_shared", "#state .scope-button", "collapsed" },
        { PageFilters.MessagesText, "hello", "#messages input[type=search]", "value" },
        { PageFilters.MessagesKind, "question", "#messages select", "selected" },
        { PageFilters.MessagesDirect, "yes", "#messages button[aria-pressed]", "pressed" },
        { PageFilters.ActionsText, "a3", "#actions input[type=search]", "value" },
        { PageFilters.ViewsText, "v3", "#views input[type=search]", "value" },
        { PageFilters.LeasesText, "l3", "#leases input[type=search]", "value" },
        { PageFilters.PacksText, "p3", "#packs input[type=search]", "value" },
        { PageFilters.PacksOpen, "p1", "#packs .key-button", "expanded" },
        { PageFilters.ConsoleExpression, "40 + 2", "#console textarea", "value" },
        { PageFilters.VocabularyText, "a1", "#vocabulary input[type=search]", "value" },
        { PageFilters.VocabularyContested, "yes", "#vocabulary button[aria-pressed]", "pressed" },
    };

    [Fact]
    public void Table_HasEveryFilter() => Assert.Equal(PageFilters.All.Order(StringComparer.Ordinal), Filters.Select(static row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filter_OfTheAddress_IsShownAndBackTakesItAway(string name, string value, string control, string shows)
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = name.Split('.')[0];
        var board = bench.ShowBoard(Room(await bench.ModelAsync()), new PageLocation(panel).WithFilter(name, value).Query());

        await board.WaitForAssertionAsync(() => Assert.Equal(value, Shown(board.Find(control), shows, value)));
        bench.GoTo($"?panel={panel}");

        await board.WaitForAssertionAsync(() => Assert.NotEqual(value, Shown(board.Find(control), shows, value)));
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filter_SetOnThePage_IsInTheAddressAndOutlivesAReload(string name, string value, string control, string shows)
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = name.Split('.')[0];
        var model = Room(await bench.ModelAsync());
        var board = bench.ShowBoard(model, $"?panel={panel}");
        if (panel == "log")
        {
            await board.Find("#log .tools-line button").ClickAsync(new());
        }

        await SetAsync(board, control, value);
        if (panel == "console")
        {
            await board.Find("#console form").SubmitAsync();
        }

        var address = bench.BoardNavigation.Location;
        Assert.Equal(value, address.Filter(name));
        Assert.Equal(panel, address.Panel);

        var again = bench.ShowBoard(model, address.Query());
        await again.WaitForAssertionAsync(() => Assert.Equal(value, Shown(again.Find(control), shows, value)));
    }

    [Theory]
    [InlineData("?panel=actions&action=a1", "#actions form[aria-label='Invoke a1']")]
    [InlineData("?panel=views&view=v1", "#views .view.opened")]
    [InlineData("?panel=messages&message=2", "#message-2.pointed")]
    [InlineData("?panel=state&key=_shared%2Fkey1", ".entry-detail")]
    [InlineData("?panel=log&event=1", ".event-card")]
    public async Task WhatIsOpen_OfTheAddress_IsOpenAndBackClosesIt(string query, string opened)
    {
        await using var bench = await RoomBench.OpenAsync();
        var board = bench.ShowBoard(Room(await bench.ModelAsync()), query);
        await board.WaitForAssertionAsync(() => Assert.NotEmpty(board.FindAll(opened)));

        bench.GoTo(query[..query.IndexOf('&', StringComparison.Ordinal)]);

        await board.WaitForAssertionAsync(() => Assert.Empty(board.FindAll(opened)));
    }

    [Theory]
    [InlineData("?panel=log&log.action=a2", "#log", "1 of 3")]
    [InlineData("?panel=state&state.text=key1", "#state", "1 of 5")]
    [InlineData("?panel=messages&messages.kind=question", "#messages", "1 of 3")]
    [InlineData("?panel=actions&actions.text=a1", "#actions", "1 of 9")]
    [InlineData("?panel=views&views.text=v1", "#views", "1 of 9")]
    [InlineData("?panel=leases&leases.text=l1", "#leases", "1 of 9")]
    [InlineData("?panel=packs&packs.text=p1", "#packs", "1 of 9")]
    public async Task Count_OfAPanelThatIsFiltered_FollowsTheFilter(string query, string panel, string expected)
    {
        await using var bench = await RoomBench.OpenAsync();
        var board = bench.ShowBoard(Room(await bench.ModelAsync()), query);

        await board.WaitForAssertionAsync(() => Assert.Equal(expected, board.Find($"{panel} .panel-head .count").TextContent));
    }

    [Fact]
    public async Task Expression_TooLongForAnAddress_IsEvaluatedAllTheSame()
    {
        await using var bench = await RoomBench.OpenAsync();
        var board = bench.ShowBoard(Room(await bench.ModelAsync()), "?panel=console");

        await board.Find("#console textarea").InputAsync(string.Join(" + ", Enumerable.Repeat("1", 1_000)));
        await board.Find("#console form").SubmitAsync();

        await board.WaitForAssertionAsync(() => Assert.Equal("1000", board.Find(".console-value .json").TextContent));
        Assert.Null(bench.BoardNavigation.Location.Filter(PageFilters.ConsoleExpression));
    }

    // What the control says, in the words of the address.
    private static string? Shown(IElement control, string how, string value) => how switch
    {
        "value" => control.GetAttribute("value"),
        "selected" => control.QuerySelector("option[selected]")?.GetAttribute("value"),
        "pressed" => control.GetAttribute("aria-pressed") == "true" ? value : null,
        "expanded" => control.GetAttribute("aria-expanded") == "true" ? value : null,
        _ => control.GetAttribute("aria-expanded") == "false" ? value : null,
    };

    private static Task SetAsync(IRenderedComponent<RoomBoard> board, string control, string value) => board.Find(control).LocalName switch
    {
        "select" => board.Find(control).ChangeAsync(new() { Value = value }),
        "button" => board.Find(control).ClickAsync(new()),
        _ => board.Find(control).InputAsync(new() { Value = value }),
    };

    // A room that has enough of everything for every filter to be offered.
    private static RoomPageModel Room(RoomPageModel model)
    {
        var numbers = Enumerable.Range(1, 9).ToImmutableArray();
        return model with
        {
            Self = "olga",
            Agents = [new AgentModel("cleo", "Cleo", "agent", Sync.Engine.Model.Agents.AgentStatus.Active, null, s_then), new AgentModel("olga", "Olga", "agent", Sync.Engine.Model.Agents.AgentStatus.Active, null, s_then)],
            Actions = [.. numbers.Select(static i => new ActionModel($"a{i}", "_shared", null, Available: true, null, 0, "{}"))],
            Views = [.. numbers.Select(static i => new ViewModel($"v{i}", "_shared", "1", null, "1", null, System: false, null))],
            Entries = [.. numbers.Take(5).Select(static i => new EntryModel("_shared", $"key{i}", "1", "abcdef", 1, s_then, 1, "cleo", "a1"))],
            Messages =
            [
                new MessageModel(1, "cleo", "question", "hello?", [], s_then), new MessageModel(2, "olga", "chat", "hello", ["cleo"], s_then) { ReplyTo = 1 },
                new MessageModel(3, "cleo", "chat", "done", [], s_then),
            ],
            MessageCount = 3,
            Activity = [.. numbers.Take(3).Reverse().Select(static i => new EventModel(i, s_then, "invoked", "cleo", $"a{i}", Ok: true, null, 1, null))],
            Seq = 3,
            Leases =
            [
                .. numbers.Select(static i => new LeaseModel
                {
                    Key = $"l{i}", IsShared = false, IsOwn = false, Holders = [new LeaseHolderModel { Agent = "cleo", Fence = i, TakenAt = s_then }],
                }),
            ],
            LeaseCount = 9,
            Packs = [.. numbers.Select(static i => new PackModel($"p{i}", "1.0", "A pack.", "cleo", s_then))],
            Vocabulary = model.Vocabulary with
            {
                Writes = [new VocabularyWrite("a1", "_shared", "key1", Contested: true), new VocabularyWrite("a2", "_shared", "key1", Contested: true)],
                Reads = [new VocabularyRead("v1", "_shared", "key1")],
            },
        };
    }
}
