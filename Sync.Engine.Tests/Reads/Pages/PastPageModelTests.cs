using Sync.Engine.Identity;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Engine.Tests.Reads.Pages;

public sealed class PastPageModelTests
{
    private const string Set = """{"id":"set","params":{"v":{}},"if":"state._shared.k != 9","writes":[{"key":"k","value":"${params.v}"}]}""";

    [Fact]
    public async Task At_AnEarlierEvent_ShowsStateViewsAvailabilityAndLogOfThatMoment()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"doubled","expr":"state._shared.k * 2"}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"v":1}""");
        var then = (await LoadedSeqAsync(host));
        await host.AdvanceAsync("r", TimeSpan.FromHours(1));
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"later"}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"v":9}""");

        var past = (await host.Engine.Live.AtAsync(host.Owner, "r", then, EngineHost.Cancel)).Value;

        Assert.True(past.IsPast);
        Assert.Equal(then, past.Seq);
        Assert.Equal("1", Assert.Single(past.Entries).Value);
        Assert.Equal("2", past.Views.Single(view => view.Id == "doubled").Value);
        Assert.True(Assert.Single(past.Actions).Available);
        Assert.Equal(0, past.MessageCount);
        Assert.Equal(then, past.Activity[0].Seq);
        Assert.Equal(EngineHost.Clock().GetUtcNow(), past.At);
        Assert.Equal(AgentStatus.Active, Assert.Single(past.Agents).Status);
        Assert.False(Assert.Single((await host.Engine.Live.AtAsync(host.Owner, "r", await LoadedSeqAsync(host), EngineHost.Cancel)).Value.Actions).Available);
    }

    [Fact]
    public async Task At_EveryEventBackAndForth_IsWhatReplayGives()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":1}]}""");
        var first = await LoadedSeqAsync(host);
        for (var i = 0; i < 40; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "inc");
        }

        foreach (var i in Enumerable.Range(1, 40).Concat(Enumerable.Range(1, 40).Reverse()))
        {
            Assert.Equal($"{i}", Assert.Single((await host.Engine.Live.AtAsync(host.Owner, "r", first + i, EngineHost.Cancel)).Value.Entries).Value);
        }
    }

    [Fact]
    public async Task At_AMomentOfAnothersPrivateScope_DoesNotShowIt()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"note","scope":"self","params":{"v":{}},"writes":[{"scope":"self","key":"secret","value":"${params.v}"}]}""");
        await host.InvokeAsync(alice, "r", "note", """{"v":"hush"}""");
        var seq = await LoadedSeqAsync(host);
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"x"}""");

        var others = (await host.Engine.Live.AtAsync(bob, "r", seq, EngineHost.Cancel)).Value;

        Assert.Empty(others.Entries);
        Assert.DoesNotContain(others.Activity, e => e.Params?.Contains("hush", StringComparison.Ordinal) == true);
        Assert.Equal("\"hush\"", Assert.Single((await host.Engine.Live.AtAsync(alice, "r", seq, EngineHost.Cancel)).Value.Entries).Value);
        Assert.Equal("not_readable", (await host.Engine.Context.ExamineAsync(bob, "r", "state.alice.secret", seq, EngineHost.Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Activity_AfterAGrantIsTakenBack_HidesWhatItShowed()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        Assert.Null((await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"grants":["bob"]}"""), EngineHost.Cancel)).Error);
        await host.RegisterAsync(alice, "r", """{"id":"note","scope":"self","params":{"v":{}},"writes":[{"scope":"self","key":"secret","value":"${params.v}"}]}""");
        await host.InvokeAsync(alice, "r", "note", """{"v":"hush"}""");
        using var watch = (await host.Engine.Live.WatchAsync(bob, "r", EngineHost.Cancel)).Value;
        Assert.Contains(watch.Current.Activity, e => e.Params?.Contains("hush", StringComparison.Ordinal) == true);

        Assert.Null((await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"grants":[]}"""), EngineHost.Cancel)).Error);

        Assert.DoesNotContain(watch.Current.Activity, e => e.Params?.Contains("hush", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    public async Task At_AnEventThatIsNot_IsRefused(long seq)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.Live.AtAsync(host.Owner, "r", seq, EngineHost.Cancel)).Error!.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.Context.ExamineAsync(host.Owner, "r", "1", seq, EngineHost.Cancel)).Error!.Code);
    }

    [Fact]
    public async Task At_ByWhoMayNotRead_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RoomAsync("other");
        var elsewhere = await host.JoinAsync("other", "eve");

        Assert.Equal(ErrorCode.ScopeDenied, (await host.Engine.Live.AtAsync(elsewhere, "r", 1, EngineHost.Cancel)).Error!.Code);
        Assert.Equal(ErrorCode.AuthenticationRequired, (await host.Engine.Live.AtAsync(Caller.Anonymous, "r", 1, EngineHost.Cancel)).Error!.Code);
        Assert.Equal(ErrorCode.ScopeDenied, (await host.Engine.Context.ExamineAsync(elsewhere, "r", "1", null, EngineHost.Cancel)).Error!.Code);
        Assert.Equal(ErrorCode.ScopeDenied, (await host.Engine.History.EventAsync(elsewhere, "r", 1, EngineHost.Cancel)).Error!.Code);
        Assert.NotNull((await host.Engine.History.ExportAsync(await host.JoinAsync("r", "ada"), "r", Stream.Null, EngineHost.Cancel)).Error);
    }

    [Fact]
    public async Task Vocabulary_OfActionsAndViews_TiesThemToKeysAndStaysTheSameObject()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.RegisterAsync(host.Owner, "r", """{"id":"reset","writes":[{"key":"k","value":0},{"scope":"_log","append":true,"value":"x"}]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"one","expr":"state._shared.k"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"two","expr":"views.one + size(state._log)"}""");
        using var watch = (await host.Engine.Live.WatchAsync(host.Owner, "r", EngineHost.Cancel)).Value;

        var vocabulary = watch.Current.Vocabulary;
        await host.InvokeAsync(host.Owner, "r", "set", """{"v":1}""");

        Assert.Contains(new VocabularyWrite("set", "_shared", "k", Contested: true), vocabulary.Writes);
        Assert.Contains(vocabulary.Writes, write => write is { Action: "reset", Scope: "_log", Contested: false });
        Assert.Equal(
            [new VocabularyRead("one", "_shared", "k"), new VocabularyRead("two", "_log", null), new VocabularyRead("two", "_shared", "k")],
            vocabulary.Reads.OrderBy(read => read.View).ThenBy(read => read.Scope));
        Assert.Same(vocabulary, watch.Current.Vocabulary);
    }

    private static async Task<long> LoadedSeqAsync(EngineHost host) => (await host.LoadedAsync("r")).Published.Seq;
}
