using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Console;
using Sync.Web.Components.Dashboard.Digest;
using Sync.Web.Components.Dashboard.Log;
using Sync.Web.Components.Dashboard.State;
using Sync.Web.Components.Dashboard.Time;
using Sync.Web.Components.Dashboard.Vocabulary;
using Sync.Web.Components.Shared;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>What the panels work out, without rendering.</summary>
public sealed class ModelTests
{
    private static readonly DateTimeOffset s_at = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", null, null, null, null)]
    [InlineData("?panel=log&event=12&key=_shared%2Fa%20b&at=7", "log", 12L, "_shared/a b", 7L)]
    [InlineData("?event=-1&at=x&panel=", null, null, null, null)]
    public void Place_OfAnAddress_IsReadAndWrittenBack(string query, string? panel, long? seq, string? key, long? at)
    {
        var location = PageLocation.Read("http://localhost/rooms/r/dashboard" + query);

        Assert.Equal(new PageLocation(panel, seq, key, at), location);
        Assert.Equal(location, PageLocation.Read("http://localhost/" + location.Href("r")));
    }

    [Fact]
    public void Place_WithEverythingOpen_IsReadBackAndEqual()
    {
        var location = new PageLocation("log", 3, "_shared/a", 9) { Agent = "a b", Action = "x&y", View = "v=1", Message = 4 }.WithFilter("log.agent", "ö?#").WithFilter("state.q", "q").WithFilter("log.ok", null);

        Assert.Equal(location, PageLocation.Read("http://localhost/" + location.Href("r")));
        Assert.Equal("ö?#", location.Filter("log.agent"));
        Assert.Equal(new PageLocation(), new PageLocation().WithFilter("log.q", "x").WithFilter("log.q", ""));
    }

    [Theory]
    [InlineData("?panel=log&nonsense=1&log.q=a", "?panel=log&log.q=a")]
    [InlineData("?message=-4&log.q=", "")]
    public void Place_WithWhatNobodyKnows_LeavesItOut(string query, string expected) => Assert.Equal(expected, PageLocation.Read("http://localhost/x" + query).Query());

    [Fact]
    public void Navigation_OfAFilter_ChangesThePresentStep()
    {
        var steps = new List<bool>();
        var navigation = new PageNavigation(new PageLocation(), (_, isStep) => steps.Add(isStep));

        navigation.OpenPanel("log");
        navigation.SetFilter("log.q", "a");
        navigation.SetFilter("log.q", "a");
        navigation.OpenEvent(4);

        Assert.Equal([true, false, true], steps);
    }

    [Fact]
    public void Diff_OfTwoTexts_MarksWhatWentAndCameAndFoldsTheRest()
    {
        var before = string.Join('\n', Enumerable.Range(0, 40).Select(i => $"line {i}"));
        var after = before.Replace("line 20", "line twenty", StringComparison.Ordinal);

        var lines = LineDiff.Of(before, after);

        Assert.Equal(["line 20"], lines.Where(line => line.Kind == DiffKind.Removed).Select(line => line.Text));
        Assert.Equal(["line twenty"], lines.Where(line => line.Kind == DiffKind.Added).Select(line => line.Text));
        Assert.Equal(["17 lines the same", "16 lines the same"], lines.Where(line => line.Kind == DiffKind.Skipped).Select(line => line.Text));
        Assert.Equal(6, lines.Count(line => line.Kind == DiffKind.Same));
    }

    [Theory]
    [InlineData("", "a", "+a")]
    [InlineData("a", "", "-a")]
    [InlineData("a\nb\nc", "a\nc", " a-b c")]
    [InlineData("a\nc", "a\nb\nc", " a+b c")]
    [InlineData("a", "a", " a")]
    public void Diff_OfSmallTexts_IsExact(string before, string after, string expected) =>
        Assert.Equal(expected, string.Concat(LineDiff.Of(before, after).Select(line => (line.Kind switch { DiffKind.Added => "+", DiffKind.Removed => "-", _ => " " }) + line.Text)));

    [Fact]
    public void Diff_OfVeryLongDifferentTexts_IsBounded()
    {
        var lines = LineDiff.Of(string.Join('\n', Enumerable.Range(0, 20_000)), string.Join('\n', Enumerable.Range(50_000, 20_000)));

        Assert.True(lines.Count <= 601);
    }

    [Fact]
    public void Tree_WhenOnlyValuesChange_KeepsItsOrderAndTheLinesOfTheRest()
    {
        var tree = new StateTree();
        ImmutableArray<EntryModel> first = [Entry("alice", "x"), Entry("_shared", "10"), Entry("_shared", "2"), Entry("_tasks", "t")];
        var rows = tree.Rows(first, "");
        Assert.Equal(["_shared", "2", "10", "_tasks", "t", "alice", "x"], rows.Select(row => row.Entry?.Key ?? row.Scope));

        var second = first.SetItem(3, Entry("_tasks", "t", "2"));
        var again = tree.Rows(second, "");

        Assert.Equal(1, tree.Sortings);
        Assert.Same(rows[1], again[1]);
        Assert.Equal("2", again[4].Entry!.Value);
        Assert.Equal(again, tree.Rows(second, ""));
    }

    [Fact]
    public void Tree_FilteredOrFolded_ListsWhatIsLeft()
    {
        var tree = new StateTree();
        ImmutableArray<EntryModel> entries = [Entry("_shared", "alpha"), Entry("_shared", "beta"), Entry("_tasks", "alpha")];

        Assert.Equal(["_shared", "alpha", "_tasks", "alpha"], tree.Rows(entries, "alp").Select(row => row.Entry?.Key ?? row.Scope));
        Assert.Equal(["_tasks", "alpha"], tree.Rows(entries, "alp tasks").Select(row => row.Entry?.Key ?? row.Scope));
        Assert.Empty(tree.Rows(entries, "nothing"));
        tree.Toggle("_shared");
        Assert.Equal(["_shared", "_tasks", "alpha"], tree.Rows(entries, "").Select(row => row.Entry?.Key ?? row.Scope));
        Assert.Equal(2, tree.Rows(entries, "")[0].Count);
    }

    [Fact]
    public void List_AsEventsCome_HasEachOnceAndNoGap()
    {
        var list = new LogList();
        list.Show(Events(100, 51));
        list.AddOlder(new LogPage([.. Enumerable.Range(0, 50).Select(i => Line(50 - i))], SearchedTo: 1), before: 51);
        Assert.True(list.ReachesStart);

        list.Show(Events(103, 54));

        Assert.Equal(Enumerable.Range(1, 103).Reverse().Select(i => (long)i), list.Shown.Select(line => line.Seq));
    }

    [Fact]
    public void List_AfterMoreThanAPictureHolds_BeginsAnewInsteadOfHidingAGap()
    {
        var list = new LogList();
        list.Show(Events(100, 51));

        list.Show(Events(300, 251));

        Assert.Equal(50, list.Shown.Length);
        Assert.False(list.ReachesStart);
        Assert.Equal(251, list.SearchedTo);
    }

    [Fact]
    public void List_FollowedForLong_StaysShort()
    {
        var list = new LogList();
        for (var i = 100; i < 3_000; i += 50)
        {
            list.Show(Events(i, Math.Max(1, i - 99)));
        }

        Assert.Equal(LogList.MaxFollowed, list.Shown.Length);
        Assert.False(list.ReachesStart);
        Assert.Equal(2_451, list.SearchedTo);
    }

    [Fact]
    public void List_ReadBackAndLeftOpenForLong_IsBounded()
    {
        var list = new LogList();
        list.Show(Events(60, 51));
        list.AddOlder(new LogPage([.. Enumerable.Range(0, 50).Select(i => Line(50 - i))], SearchedTo: 1), before: 51);
        for (var i = 100; i < 12_000; i += 50)
        {
            list.Show(Events(i, Math.Max(1, i - 99)));
        }

        Assert.Equal(LogList.Max, list.Shown.Length);
        Assert.False(list.ReachesStart);
    }

    [Fact]
    public void List_BegunAnewWhileAStretchWasFetched_DoesNotTakeIt()
    {
        var list = new LogList();
        list.Show(Events(100, 51));
        list.Show(Events(300, 251));

        list.AddOlder(new LogPage([Line(50)], SearchedTo: 50), before: 51);

        Assert.Equal(251, list.SearchedTo);
        Assert.DoesNotContain(list.Shown, line => line.Seq == 50);
    }

    [Fact]
    public void List_ReadBackBeyondItsLimit_HidesNoGapAboveTheNewest()
    {
        var list = new LogList();
        list.Show(Events(9_000, 8_901));
        while (!list.IsBehind)
        {
            var before = list.SearchedTo;
            list.AddOlder(new LogPage([.. Enumerable.Range(1, 500).Select(i => Line(before - i))], before - 500), before);
        }

        Assert.Equal(LogList.Max, list.Shown.Length);
        list.Show(Events(9_001, 8_902));
        Assert.DoesNotContain(list.Shown, line => line.Seq == 9_001);

        list.Restart();
        Assert.Equal(9_001, list.Shown[0].Seq);
    }

    [Theory]
    [InlineData("ada", null, null, "", 2)]
    [InlineData(null, "set", null, "", 2)]
    [InlineData(null, null, false, "", 1)]
    [InlineData(null, null, null, "needle", 1)]
    [InlineData(null, null, null, "#3", 1)]
    [InlineData("ada", "set", true, "needle", 1)]
    public void Filter_ByAgentActionOutcomeAndText_TakesWhatMatches(string? agent, string? action, bool? ok, string text, int count)
    {
        EventModel[] lines =
        [
            new(1, s_at, "invoked", "ada", "set", Ok: true, null, 1, """{"v":"a needle"}"""),
            new(2, s_at, "refused", "ada", "drop", Ok: false, "precondition_failed", 1, null),
            new(3, s_at, "invoked", "bob", "set", Ok: true, null, 1, null),
        ];

        Assert.Equal(count, lines.Count(new LogQuery(agent, action, ok, text).Takes));
    }

    [Theory]
    [InlineData("state", "_shared", "a", true)]
    [InlineData("state", "_shared", "b", false)]
    [InlineData("state", "_shared", null, true)]
    [InlineData("views", null, null, false)]
    [InlineData("now", null, null, false)]
    public void Reads_OfAnExpression_DecideWhetherANewPageModelConcernsIt(string root, string? scope, string? key, bool changed)
    {
        var before = Model([Entry("_shared", "a"), Entry("_shared", "b")]);
        var now = before with { Seq = 2, Entries = [Entry("_shared", "a", "2"), Entry("_shared", "b")] };

        Assert.Equal(changed, ConsoleReads.Changed(before, now, [new ExpressionRead(root, scope, key)]));
    }

    [Theory]
    [InlineData("state", "_tasks", "state._tasks")]
    [InlineData("views", "a-b", "views[\"a-b\"]")]
    [InlineData("views", "a\"b", "views[\"a\\\"b\"]")]
    public void Names_InExpressions_AreQuotedWhereTheyMust(string root, string name, string expected) => Assert.Equal(expected, ConsoleNames.Path(root, name));

    [Fact]
    public void Graph_OfAVocabulary_TiesActionsToKeysToViewsAndMarksTheContested()
    {
        var vocabulary = new RoomVocabulary
        {
            Writes = [new("claim", "_tasks", "${params.id}", Contested: true), new("add", "_tasks", "${params.id}", Contested: true), new("say", "_shared", "topic", Contested: false)],
            Reads = [new("queue", "_tasks", null), new("title", "_shared", "topic"), new("other", "_shared", "unwritten")],
        };

        var graph = VocabularyGraph.Of(vocabulary, ["claim", "add", "say"], ["queue", "title", "other"]);

        Assert.Equal(3, graph.Nodes.Count(node => node.Column == 1));
        Assert.Equal("_tasks / ${params.id}", Assert.Single(graph.Nodes, node => node.Contested).Label);
        Assert.Equal(["add", "claim"], graph.Neighbours(graph.Nodes.Single(node => node.Contested), left: true).Order());
        Assert.Equal(["queue"], graph.Neighbours(graph.Nodes.Single(node => node.Contested), left: false));
        Assert.Equal(["_shared / unwritten"], graph.Neighbours(graph.Nodes.Single(node => node.Label == "other"), left: true));
    }

    [Fact]
    public void Graph_OfFiftyActions_GivesEachNodeARowOfItsOwn()
    {
        var vocabulary = new RoomVocabulary
        {
            Writes = [.. Enumerable.Range(0, 50).Select(i => new VocabularyWrite($"a{i:00}", "_shared", $"k{i % 31}", Contested: i % 31 < 19))],
            Reads = [.. Enumerable.Range(0, 30).Select(i => new VocabularyRead($"v{i}", "_shared", $"k{i}"))],
        };

        var graph = VocabularyGraph.Of(vocabulary, [.. Enumerable.Range(0, 50).Select(i => $"a{i:00}")], [.. Enumerable.Range(0, 30).Select(i => $"v{i}")]);

        Assert.Equal(50, graph.Rows);
        foreach (var column in graph.Nodes.GroupBy(node => node.Column))
        {
            var rows = column.Select(node => node.Row).Order().ToList();
            Assert.All(rows.Zip(rows.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 1));
            Assert.InRange(rows[^1], 0, graph.Rows);
        }
    }

    [Fact]
    public void Digest_OfARoom_SaysItsPurposeAndWhatNeedsAttention()
    {
        var model = Model([Entry("_shared", "goal", "\"Ship it\"")]) with
        {
            Views = [new ViewModel("v", "_shared", "1+", null, "null", null, System: false, "broken so")],
            Vocabulary = new RoomVocabulary { Writes = [new("a", "_shared", "k", Contested: true), new("b", "_shared", "k", Contested: true)], Reads = [] },
            Activity = [new EventModel(9, s_at, "refused", "ada", "a", Ok: false, "action_disabled", 3, null)],
        };

        var digest = RoomDigest.Of(model);

        Assert.Equal("Ship it", digest.Purpose);
        Assert.Equal(["views", "log", "vocabulary"], digest.Concerns.Select(concern => concern.Panel));
        Assert.Contains("3 times", digest.Concerns[1].What, StringComparison.Ordinal);
        Assert.Equal(9, digest.Concerns[1].Event);
    }

    [Fact]
    public async Task Machine_WhileTheSliderMoves_FetchesOnlyWhereItRests()
    {
        var clock = new FakeTimeProvider();
        var asked = new List<long>();
        using var machine = new TimeMachine((seq, _) => { asked.Add(seq); return Task.FromResult<Outcome<RoomPageModel>>(Model([]) with { Seq = seq, IsPast = true }); }, clock, () => { });

        var moves = Enumerable.Range(1, 30).Select(seq => machine.GoToAsync(seq, 100)).ToList();
        clock.Advance(TimeMachine.Rest);
        await Task.WhenAll(moves);

        Assert.Equal([30L], asked);
        Assert.Equal(30, machine.Past?.Seq);
    }

    [Fact]
    public async Task Machine_AtTheNewestEvent_IsNow()
    {
        using var machine = new TimeMachine((_, _) => throw new InvalidOperationException("Nothing is fetched for now."), TimeProvider.System, () => { });

        await machine.GoToAsync(100, 100);

        Assert.Null(machine.At);
    }

    [Fact]
    public async Task Machine_RefusedAMoment_IsNowAndSaysWhy()
    {
        var clock = new FakeTimeProvider();
        using var machine = new TimeMachine((_, _) => Task.FromResult<Outcome<RoomPageModel>>(new SyncError(ErrorCode.ScopeDenied, "No.")), clock, () => { });

        var going = machine.GoToAsync(3, 100);
        clock.Advance(TimeMachine.Rest);
        await going;

        Assert.Null(machine.At);
        Assert.Equal(ErrorCode.ScopeDenied, machine.Refusal?.Code);
    }

    [Fact]
    public async Task Machine_Playing_GoesEventByEventToNow()
    {
        var clock = new FakeTimeProvider();
        var asked = new List<long>();
        using var machine = new TimeMachine((seq, _) => { asked.Add(seq); return Task.FromResult<Outcome<RoomPageModel>>(Model([]) with { Seq = seq, IsPast = true }); }, clock, () => { });

        var playing = machine.PlayAsync(() => 4);
        while (!playing.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await playing;
        Assert.Equal([1L, 2, 3], asked);
        Assert.Null(machine.At);
        Assert.False(machine.IsPlaying);
    }

    private static EntryModel Entry(string scope, string key, string value = "1") => new(scope, key, value, "v", 1, s_at, 1, "ada", "set");

    private static EventModel Line(long seq) => new(seq, s_at, "invoked", "ada", "set", Ok: true, null, 1, null);

    private static ImmutableArray<EventModel> Events(long newest, long oldest) =>
        [.. Enumerable.Range(0, (int)(newest - oldest + 1)).Select(i => new EventModel(newest - i, s_at, "invoked", "ada", "set", Ok: true, null, 1, null))];

    private static RoomPageModel Model(ImmutableArray<EntryModel> entries) => new()
    {
        Seq = 1,
        At = s_at,
        Info = new RoomInfo { Id = "r", CreatedAt = s_at, Join = JoinPolicy.Open, Access = AccessLevel.Admin, Members = [] },
        Agents = [],
        Entries = entries,
        Messages = [],
        MessageCount = 0,
        Actions = [],
        Views = [],
        Vocabulary = RoomVocabulary.Empty,
        Activity = [],
    };
}
