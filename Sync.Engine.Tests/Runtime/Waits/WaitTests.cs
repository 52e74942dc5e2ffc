using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime.Waits;

public sealed class WaitTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string","required":true},"value":{"type":"any"},"scope":{"type":"string","default":"_shared"}},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":"${params.value}"}]}""";

    /// <summary>Each condition with the invocation that makes it true.</summary>
    public static TheoryData<string, string, string> Wakes => new()
    {
        { "state._shared.phase == \"go\"", "set", """{"key":"phase","value":"go"}""" },
        { "state._shared.absent != null", "set", """{"key":"absent","value":1}""" },
        { "\"late\" in state._shared", "set", """{"key":"late","value":null}""" },
        { "state._tasks.exists(k, state._tasks[k].open == true)", "set", """{"scope":"_tasks","key":"1","value":{"open":true}}""" },
        { "size(state._shared) > 0", "set", """{"key":"x","value":1}""" },
        { "views.total > 2", "set", """{"key":"a","value":3}""" },
        { "views[\"over\"] == true", "set", """{"key":"a","value":3}""" },
        { "messages.unread > 0", "_send_message", """{"body":"hi"}""" },
        { "messages.count == 1", "_send_message", """{"body":"hi"}""" },
        { "messages.directed_unread > 0", "_send_message", """{"body":"hi","to":"waiter"}""" },
        { "views[\"_contested\"] != null && size(views[\"_contested\"]) > 0", "_register_action", """{"id":"other","writes":[{"scope":"_shared","key":"fixed","value":2}]}""" },
        { "actions.later.available", "_register_action", """{"id":"later","writes":[]}""" },
        { "actions.guarded.available", "set", """{"key":"ready","value":true}""" },
        { "\"newview\" in views", "_register_view", """{"id":"newview","expr":"1"}""" },
        { "state._actions.later.description == \"soon\"", "_register_action", """{"id":"later","description":"soon","writes":[]}""" },
    };

    [Theory]
    [MemberData(nameof(Wakes))]
    public async Task Wait_ConditionMadeTrue_Wakes(string condition, string action, string parameters)
    {
        await using var host = await StartAsync();
        var waiter = await host.JoinAsync("r", "waiter");
        var waiting = host.WaitAsync(waiter, "r", condition);
        await ParkedAsync(host, waiter);
        await host.InvokeAsync(host.Owner, "r", action, parameters);
        var answer = await waiting;
        Assert.True(answer["triggered"]!.GetValue<bool>());
        Assert.True(answer["value"]!.GetValue<bool>());
        Assert.NotNull(answer["context"]!["state"]);
    }

    [Fact]
    public async Task Wait_AlreadyTrue_AnswersAtOnce()
    {
        await using var host = await StartAsync();
        var answer = await host.WaitAsync(host.Owner, "r", "1 < 2");
        Assert.True(answer["triggered"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("""{"ms":5000,"effect":"delete"}""", "state._shared.lease == null")]
    [InlineData("""{"ms":5000,"effect":"enable"}""", "state._shared.lease == 1")]
    public async Task Wait_TimerOfAnEntryFires_Wakes(string timer, string condition)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await StartAsync(time);
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"lease","writes":[{"key":"lease","value":1,"timer":{{timer}}}]}""");
        await host.InvokeAsync(host.Owner, "r", "lease");
        var waiting = host.WaitAsync(host.Owner, "r", condition);
        await ParkedAsync(host, host.Owner);
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Wait_LogicalTimerFires_Wakes()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"hint","writes":[{"key":"hint","value":1,"timer":{"ticks":2,"tick_on":"_shared.turn","effect":"delete"}}]}""");
        await host.InvokeAsync(host.Owner, "r", "hint");
        var waiting = host.WaitAsync(host.Owner, "r", "state._shared.hint == null");
        await ParkedAsync(host, host.Owner);
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"turn","value":1}""");
        Assert.Equal(1, (await host.EvalAsync(host.Owner, "r", "state._shared.hint"))!.GetValue<int>());
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"turn","value":2}""");
        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Wait_CooldownEnds_Wakes()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await StartAsync(time);
        await host.RegisterAsync(host.Owner, "r", """{"id":"cool","writes":[],"on_invoke":{"timer":{"ms":3000,"effect":"enable"}}}""");
        await host.InvokeAsync(host.Owner, "r", "cool");
        var refused = await host.RefusedAsync(host.Owner, "r", "cool");
        Assert.Equal(ErrorCode.ActionCooldown, refused.Code);
        Assert.NotNull(refused.Details!["available_at"]);
        var waiting = host.WaitAsync(host.Owner, "r", "actions.cool.available");
        await ParkedAsync(host, host.Owner);
        time.Advance(TimeSpan.FromSeconds(3.1));
        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
        await host.InvokeAsync(host.Owner, "r", "cool");
    }

    [Fact]
    public async Task Wait_ConditionOnTheClock_WakesAtThatMoment()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await StartAsync(time);
        var waiting = host.WaitAsync(host.Owner, "r", "now >= timestamp(\"2030-01-01T00:00:07Z\")", timeoutMs: 20_000);
        await ParkedAsync(host, host.Owner);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Wait_AgentBecomesDone_Wakes()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");
        var waiting = host.WaitAsync(host.Owner, "r", "agents.bob.status == \"done\"");
        await ParkedAsync(host, host.Owner);
        await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json("""{"status":"done"}"""), EngineHost.Cancel);
        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Wait_TimeIsUp_AnswersTheTimeOutForm()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await StartAsync(time);
        var waiting = host.WaitAsync(host.Owner, "r", "state._shared.never.size() > 0", timeoutMs: 1_000);
        await ParkedAsync(host, host.Owner);
        time.Advance(TimeSpan.FromSeconds(1.1));
        var answer = await waiting;
        Assert.False(answer["triggered"]!.GetValue<bool>());
        Assert.True(answer["timeout"]!.GetValue<bool>());
        Assert.True(answer["elapsed_ms"]!.GetValue<long>() >= 1_000);
        Assert.NotNull(answer["last_error"]);
        Assert.NotNull(answer["context"]);
    }

    [Fact]
    public async Task Wait_WhileParked_ShowsInPresenceAndEndsThere()
    {
        await using var host = await StartAsync();
        var waiter = await host.JoinAsync("r", "waiter");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(EngineHost.Cancel);
        var waiting = host.Engine.Waits.WaitAsync(waiter, "r", "state._shared.go == true", timeout: null, ContextShape.Default, cancel.Token);
        await ParkedAsync(host, waiter);
        var shown = (await host.ContextAsync(host.Owner, "r"))["agents"]!["waiter"]!;
        Assert.Equal("waiting", shown["status"]!.GetValue<string>());
        Assert.Equal("state._shared.go == true", shown["waiting_on"]!.GetValue<string>());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        shown = (await host.ContextAsync(host.Owner, "r"))["agents"]!["waiter"]!;
        Assert.Equal("active", shown["status"]!.GetValue<string>());
        Assert.Null(shown["waiting_on"]);
    }

    [Fact]
    public async Task Wait_StateThatHeldForOneEventOnly_IsNotMissed()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":1}]}""");
        var waiting = host.WaitAsync(host.Owner, "r", "state._shared.n == 5");
        await ParkedAsync(host, host.Owner);
        using var blocked = new BlockedCommit(host.Engine.Log);
        var first = host.InvokeAsync(host.Owner, "r", "inc");
        await blocked.ReachedAsync();

        // These pile up behind the blocked commit and reach the disk together.
        var rest = Enumerable.Range(0, 9).Select(_ => host.InvokeAsync(host.Owner, "r", "inc")).ToList();
        blocked.LetGo();
        await Task.WhenAll([first, .. rest]);
        var answer = await waiting;
        Assert.True(answer["triggered"]!.GetValue<bool>());
        Assert.Equal(5, answer["context"]!["state"]!["_shared"]!["n"]!.GetValue<int>());
    }

    [Fact]
    public async Task Wait_NotFoundMiddleware_CarriesAWarningWithTheNearestName()
    {
        await using var host = await StartAsync();
        await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"set"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"p","writes":[{"key":"phase","value":1}]}""");
        var time = host.WaitAsync(host.Owner, "r", "state._shared.phse == 1", timeoutMs: 1);
        var warning = (await time)["warnings"]![0]!;
        Assert.Equal("unknown_path", warning["code"]!.GetValue<string>());
        Assert.Contains("state._shared.phase", warning["hint"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state._shared.phase = 1", "invalid_cel")]
    [InlineData("stat._shared.x", "invalid_cel")]
    [InlineData("(", "invalid_cel")]
    public async Task Wait_ConditionThatDoesNotCompile_IsRefusedWithPlaceAndHint(string condition, string code)
    {
        await using var host = await StartAsync();
        var refused = (await host.Engine.Waits.WaitAsync(host.Owner, "r", condition, timeout: null, ContextShape.Default, EngineHost.Cancel)).Error!;
        Assert.Equal(code, refused.Code.Name);
        Assert.NotNull(refused.Details!["caret"]);
        Assert.NotNull(refused.Details!["line"]);
        Assert.NotNull(refused.Hint);
    }

    [Fact]
    public async Task Wait_RoomDeletedMeanwhile_EndsWithAnError()
    {
        await using var host = await StartAsync();
        var waiting = host.Engine.Waits.WaitAsync(host.Owner, "r", "state._shared.go == true", timeout: null, ContextShape.Default, EngineHost.Cancel);
        await ParkedAsync(host, host.Owner);
        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel);
        Assert.Equal(ErrorCode.RoomNotFound, (await waiting).Error!.Code);
    }

    [Fact]
    public async Task Wait_EngineCloses_AnswersTheTimeOutForm()
    {
        var host = await StartAsync();
        var waiting = host.Engine.Waits.WaitAsync(host.Owner, "r", "state._shared.go == true", timeout: null, ContextShape.Default, EngineHost.Cancel);
        await ParkedAsync(host, host.Owner);
        await host.DisposeAsync();
        Assert.True(EngineHost.Node((await waiting).Value)["timeout"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Wait_PrivateStateOfAnother_IsNotSeen()
    {
        await using var host = await StartAsync();
        await host.JoinAsync("r", "alice", ""","state":{"secret":"x"}""");
        var bob = await host.JoinAsync("r", "bob");
        var answer = await host.WaitAsync(bob, "r", "state.alice.secret == \"x\"", timeoutMs: 1);
        Assert.False(answer["triggered"]!.GetValue<bool>());
        Assert.True((await host.WaitAsync(host.Owner, "r", "state.alice.secret == \"x\""))["triggered"]!.GetValue<bool>());
    }

    private static async Task<EngineHost> StartAsync(TimeProvider? time = null)
    {
        var host = await EngineHost.StartAsync(time);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.RegisterAsync(host.Owner, "r", """{"id":"fixed","writes":[{"scope":"_shared","key":"fixed","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"guarded","if":"state._shared.ready == true","writes":[]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"total","expr":"state._shared.a == null ? 0 : state._shared.a"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"over","expr":"views.total > 2"}""");
        return host;
    }

    // A parked wait shows itself as presence; waiting for that with a wait of the same room keeps the test free of sleeps.
    private static async Task ParkedAsync(EngineHost host, Caller caller)
    {
        var agent = JsonNode.Parse((await host.Engine.Context.ReadAsync(caller, "r", EngineHost.Shape("peek=true"), EngineHost.Cancel)).Value.Span)!["self"]!.GetValue<string>();
        await EngineHost.UntilAsync(
            async () => (await host.ContextAsync(host.Owner, "r", "peek=true"))["agents"]![agent]!["status"]!.GetValue<string>(),
            static status => status == "waiting");
    }
}
