using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Tests.Runtime.Waits;

/// <summary>What a wait is told, while it is parked and when it ends.</summary>
public sealed class WaitTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"v":{}},"writes":[{"key":"${params.key}","value":"${params.v}"}]}""";

    [Fact]
    public async Task Wait_Parked_IsShownAsWhatTheAgentWaitsOn()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", Set);
        var watcher = host.WaitAsync(host.Owner, "r", "agents.alice.status == 'waiting'");
        await host.ParkedAsync("r");
        var wait = host.WaitAsync(alice, "r", "state._shared.a == 1");

        Assert.True((await watcher)["triggered"].Flag());
        var shown = (await host.ContextAsync(host.Owner, "r"))["agents"]!["alice"]!;
        Assert.Equal(("waiting", "state._shared.a == 1"), (shown["status"].Text(), shown["waiting_on"].Text()));
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"a","v":1}""");
        await wait;
        shown = (await host.ContextAsync(host.Owner, "r"))["agents"]!["alice"]!;
        Assert.Equal(("active", null), (shown["status"].Text(), shown["waiting_on"]));
    }

    [Fact]
    public async Task Wait_True_AnswersAtOnce()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var answer = await host.WaitAsync(host.Owner, "r", "1 < 2");

        Assert.True(answer["triggered"].Flag());
        Assert.Equal(["triggered", "condition", "value", "context"], answer.Names());
    }

    [Fact]
    public async Task Wait_TimedOut_SaysSo()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var wait = host.WaitAsync(host.Owner, "r", "state._shared.a + 1 == 2", timeoutMs: 5_000);
        await host.ParkedAsync("r");

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(6));

        var answer = await wait;
        Assert.Equal((false, true, "state._shared.a + 1 == 2"), (answer["triggered"].Flag(), answer["timeout"].Flag(), answer["condition"].Text()));
        Assert.InRange(answer["elapsed_ms"].Number(), 5_000, 6_000);
        Assert.NotEmpty(answer["last_error"].Text());
        Assert.NotNull(answer["context"]);
        Assert.Equal(0, (await host.LoadedAsync("r")).Waits.Count);
    }

    [Fact]
    public async Task Wait_LongerThanAllowed_EndsAtTheLimit()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var wait = host.WaitAsync(host.Owner, "r", "false", timeoutMs: 3_600_000);
        await host.ParkedAsync("r");

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(601));

        var answer = await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel);
        Assert.Equal((false, 600_000), (answer["triggered"].Flag(), answer["capped_to_ms"].Number()));
        Assert.NotNull(answer["context"]);
    }

    [Fact]
    public async Task Wait_Cancelled_IsFreed()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        using var cancel = new CancellationTokenSource();
        var wait = host.Engine.Waits.WaitAsync(alice, "r", "false", null, ContextShape.Default, cancel.Token);
        await host.ParkedAsync("r");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(0, (await host.LoadedAsync("r")).Waits.Count);
        var shown = (await host.ContextAsync(host.Owner, "r"))["agents"]!["alice"]!;
        Assert.Equal(("active", null), (shown["status"].Text(), shown["waiting_on"]));
    }

    [Fact]
    public async Task Wait_WhoseRoomIsDeleted_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var wait = host.Engine.Waits.WaitAsync(alice, "r", "false", null, ContextShape.Default, EngineHost.Cancel);
        await host.ParkedAsync("r");

        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel);

        Assert.Equal(ErrorCode.RoomNotFound, (await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel)).Error!.Code);
    }

    [Fact]
    public async Task Wait_WhoseTokenIsTakenAway_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var carl = await host.UserAsync("carl", "rooms:*");
        await host.GiveRoleAsync("r", "carl", Role.Participant);
        var wait = host.Engine.Waits.WaitAsync(carl, "r", "false", null, ContextShape.Default, EngineHost.Cancel);
        await host.ParkedAsync("r");

        await host.Engine.IdentityCache.Tokens.RevokeAsync(carl.TokenId!, EngineHost.Cancel);

        Assert.NotNull((await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel)).Error);
    }

    [Fact]
    public async Task Wait_WhenTheServerStops_AnswersAsIfTimeWereUp()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var wait = host.WaitAsync(host.Owner, "r", "false");
        await host.ParkedAsync("r");

        await host.RestartAsync();

        var answer = await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel);
        Assert.Equal((false, true), (answer["triggered"].Flag(), answer["timeout"].Flag()));
    }

    [Theory]
    [InlineData("state._shared.phse == 1", "state._shared.phase")]
    public async Task Wait_ForAMisspeltPath_IsWarned(string condition, string meant)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.ViewAsync(host.Owner, "r", """{"id":"results","expr":"1"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"p","writes":[{"key":"phase","value":1}]}""");
        var wait = host.WaitAsync(host.Owner, "r", condition, timeoutMs: 1_000);
        await host.ParkedAsync("r");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        var warning = (await wait)["warnings"]![0]!;

        Assert.Equal("unknown_path", warning["code"].Text());
        Assert.Contains(meant, warning["hint"].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 +", "invalid_cel")]
    [InlineData("(", "invalid_cel")]
    [InlineData("state._shared.phase = 1", "invalid_cel")]
    [InlineData("stat._shared.a == 1", "invalid_cel")]
    public async Task Wait_ForWhatDoesNotCompile_IsRefusedWithPlaceAndHint(string condition, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = (await host.Engine.Waits.WaitAsync(host.Owner, "r", condition, null, ContextShape.Default, EngineHost.Cancel)).Error!;

        Assert.Equal(code, error.Code.Name);
        Assert.NotNull(error.Details!["line"]);
        Assert.NotNull(error.Details!["column"]);
        Assert.NotNull(error.Details!["caret"]);
        Assert.NotNull(error.Hint);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Wait_WithoutACondition_IsRefusedAsMissingIt(string condition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = (await host.Engine.Waits.WaitAsync(host.Owner, "r", condition, null, ContextShape.Default, EngineHost.Cancel)).Error!;

        Assert.Equal(("missing_param", "condition", "expressions"), (error.Code.Name, error.Details!["parameter"]!.GetValue<string>(), error.Help));
    }

    [Fact]
    public async Task Waits_BeyondTheLimit_AreRefused()
    {
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { Waits = 1 });
        await host.RoomAsync("r");
        using var cancel = new CancellationTokenSource();
        var first = host.Engine.Waits.WaitAsync(host.Owner, "r", "false", null, ContextShape.Default, cancel.Token);
        await host.ParkedAsync("r");

        var second = await host.Engine.Waits.WaitAsync(host.Owner, "r", "false", null, ContextShape.Default, EngineHost.Cancel);

        Assert.Equal("rate_limited", second.Error!.Code.Name);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task Wait_ThatIncludesSections_GivesThoseOnly()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var context = (await host.WaitAsync(host.Owner, "r", "true", query: "include=state,views"))["context"]!;

        Assert.Equal(["state", "views", "self", "_context"], context.Names());
    }

    [Fact]
    public async Task Wait_OfAnOwnerWhoIsOneNoLonger_SeesNoPrivateStateAnyMore()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", """{"id":"note","params":{"v":{}},"writes":[{"scope":"self","key":"diary","value":"${params.v}"},{"key":"n","increment":1}]}""");
        var carl = await host.UserAsync("carl", "rooms:*");
        await host.GiveRoleAsync("r", "carl", Role.Owner);
        var probing = host.WaitAsync(carl, "r", "state.alice.diary == 'dear'");
        var counting = host.WaitAsync(carl, "r", "state._shared.n == 1");
        await host.ParkedAsync("r", 2);

        await host.GiveRoleAsync("r", "carl", Role.Participant);
        await host.InvokeAsync(alice, "r", "note", """{"v":"dear"}""");

        Assert.DoesNotContain("dear", (await counting).ToJsonString(), StringComparison.Ordinal);
        Assert.False(probing.IsCompleted);
    }

    [Fact]
    public async Task Wait_PrivateStateOfAnother_IsNotSeen()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice", ""","state":{"secret":"x"}""");
        var bob = await host.JoinAsync("r", "bob");
        var answer = await host.WaitAsync(bob, "r", "state.alice.secret == \"x\"", timeoutMs: 1);
        Assert.False(answer["triggered"]!.GetValue<bool>());
        Assert.True((await host.WaitAsync(host.Owner, "r", "state.alice.secret == \"x\""))["triggered"]!.GetValue<bool>());
    }
}
