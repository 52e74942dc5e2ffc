using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Maintenance;

namespace Sync.Engine.Tests.Commands.Leases;

/// <summary>Leases in definitions: what an action needs, takes and ends, and what follows when a hold ends before its work is done.</summary>
public sealed class LeasedActionTests
{
    private const string Claim = """
        {"id":"claim_task","params":{"id":{"type":"string","required":true}},"if":"state._tasks[params.id].status == 'open'",
         "lease":{"take":"task:${params.id}","ttl_ms":60000,"on_lapse":"reopen_task"},
         "writes":[{"scope":"_tasks","key":"${params.id}","merge":{"status":"claimed","by":"${self}"}}]}
        """;

    private const string Complete = """
        {"id":"complete_task","params":{"id":{"type":"string","required":true}},"lease":{"end":"task:${params.id}"},
         "writes":[{"scope":"_tasks","key":"${params.id}","merge":{"status":"done"}}]}
        """;

    private const string Reopen = """
        {"id":"reopen_task","params":{"id":{"type":"string","required":true}},"if":"state._tasks[params.id].status == 'claimed'",
         "writes":[{"scope":"_tasks","key":"${params.id}","merge":{"status":"open","by":"${self}?"}}]}
        """;

    private const string Next = """
        {"id":"next_task","lease":{"take":"task:${key}","on_lapse":{"action":"reopen_task","params":{"id":"${key}"}}},
         "writes":[{"scope":"_tasks","key_expr":"state._tasks.filter(k, state._tasks[k].status == 'open')[0]","merge":{"status":"claimed","by":"${self}"}}]}
        """;

    [Fact]
    public async Task Paths_OfAnEmptyListInAParameter_AreNone()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"work","params":{"paths":{"type":"array"}},"lease":{"take":"k","paths":"${params.paths}"},"writes":[{"key":"w","value":1}]}""");
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));

        await host.InvokeAsync(ann, "r", "work", """{"paths":[]}""");

        Assert.Equal("ann", (string?)await host.EvalAsync(bob, "r", "leases.k.holder"));
        await host.InvokeAsync(bob, "r", "_claim", """{"paths":["**"]}""");

        // A list with something in it that is no path is refused as before.
        Assert.Equal(ErrorKind.Invalid, (await host.RefusedAsync(ann, "r", "work", """{"paths":[""]}""")).Code.Kind);
        Assert.Equal(ErrorKind.Invalid, (await host.RefusedAsync(ann, "r", "work", """{"paths":[7]}""")).Code.Kind);
    }

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Take_ThenEnd_KeepsTheKeyWithItsWrites()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));

        var taken = await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""");
        Assert.Equal(("task:1", taken["seq"].Number()), (taken["leases"]![0]!["key"]!.GetValue<string>(), taken["leases"]![0]!["fence"].Number()));
        var refused = await host.RefusedAsync(bob, "r", "complete_task", """{"id":"1"}""");
        Assert.Equal((ErrorCode.LeaseRequired, "ann"), (refused.Code, refused.Details!["holder"]!.GetValue<string>()));

        var done = await host.InvokeAsync(ann, "r", "complete_task", """{"id":"1"}""");
        Assert.Equal("task:1", done["leases_done"]![0]!.GetValue<string>());
        Assert.Equal("done", await StatusAsync(host, "1"));
        Assert.Null(await host.StoredAsync("r", "_leases", "task:1"));
    }

    [Fact]
    public async Task Take_OfWhatAnotherHolds_WritesNothing()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"task:1"}""");

        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(bob, "r", "claim_task", """{"id":"1"}""")).Code);

        Assert.Equal("open", await StatusAsync(host, "1"));
    }

    [Fact]
    public async Task Lapse_OfADeadWorker_RunsInItsNameInTheSameEvent_AndTheRevenantIsRefused()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        var first = await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""");

        await host.AdvanceAsync("r", TimeSpan.FromMinutes(1));

        Assert.Equal("open", await StatusAsync(host, "1"));
        Assert.Equal("ann?", (await host.StoredAsync("r", "_tasks", "1"))!["by"]!.GetValue<string>());
        var ended = (await EventsAsync(host))[^1];
        Assert.Equal("timer_fired", ended["kind"]!.GetValue<string>());
        Assert.Equal("""[{"agent":null,"action":null},{"agent":"ann","action":"reopen_task"}]""", ended["steps"]!.ToJsonString());
        Assert.Equal("reopen_task", ended["leases_ended"]![0]!["on_lapse"]!.GetValue<string>());
        await host.InvokeAsync(bob, "r", "claim_task", """{"id":"1"}""");
        var revenant = (await FencedAsync(host, ann, "complete_task", """{"id":"1"}""", first["seq"].Number())).Error!;
        Assert.Equal((ErrorCode.LeaseLost, "bob"), (revenant.Code, revenant.Details!["holder"]!.GetValue<string>()));
        Assert.Null(revenant.Details["fence"]);
        Assert.Equal(ErrorCode.LeaseRequired, (await host.RefusedAsync(ann, "r", "complete_task", """{"id":"1"}""")).Code);
        await host.InvokeAsync(bob, "r", "complete_task", """{"id":"1"}""");
    }

    [Theory]
    [InlineData("_release", "released")]
    [InlineData("forced", "forced")]
    [InlineData("removed", "removed")]
    public async Task Lapse_HoweverItEnds_ButByItsWork_Runs(string how, string reason)
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""");

        switch (how)
        {
            case "forced":
                await host.InvokeAsync(host.Owner, "r", "_release", """{"key":"task:1","force":true}""");
                break;
            case "removed":
                Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "ann", free: false, Cancel)).Error);
                break;
            default:
                await host.InvokeAsync(ann, "r", how, """{"key":"task:1"}""");
                break;
        }

        Assert.Equal("open", await StatusAsync(host, "1"));
        var ended = (await EventsAsync(host))[^1]["leases_ended"]![0]!;
        Assert.Equal((reason, null), (ended["reason"]!.GetValue<string>(), ended["refused"]?.GetValue<string>()));
    }

    [Fact]
    public async Task Lapse_ThatIsRefused_EndsTheLeaseAllTheSame_AndTheEventSaysSo()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"close","writes":[{"scope":"_tasks","key":"1","merge":{"status":"closed"}}]}""");
        await host.InvokeAsync(host.Owner, "r", "close");

        await host.InvokeAsync(ann, "r", "_release", """{"key":"task:1"}""");

        Assert.Null(await host.StoredAsync("r", "_leases", "task:1"));
        Assert.Equal("closed", await StatusAsync(host, "1"));
        Assert.Equal("precondition_failed", (await EventsAsync(host))[^1]["leases_ended"]![0]!["refused"]!.GetValue<string>());
    }

    [Fact]
    public async Task Lapse_ThatWouldTakeALease_IsRefused()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        await host.RegisterAsync(host.Owner, "r", """{"id":"again","lease":{"take":"k","on_lapse":"again"},"writes":[{"key":"n","increment":true}]}""");
        await host.InvokeAsync(ann, "r", "again");

        await host.InvokeAsync(ann, "r", "_release", """{"key":"k"}""");

        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
        Assert.Equal("1", (await host.StoredAsync("r", "_shared", "n"))!.ToJsonString());
    }

    [Fact]
    public async Task Next_TakesWhatItChose_AndItsLapseKnowsWhich()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));

        var first = await host.InvokeAsync(ann, "r", "next_task");
        var second = await host.InvokeAsync(bob, "r", "next_task");

        Assert.Equal("task:1", first["leases"]![0]!["key"]!.GetValue<string>());
        Assert.Equal("task:2", second["leases"]![0]!["key"]!.GetValue<string>());
        Assert.Equal(ErrorCode.NothingToWrite, (await host.RefusedAsync(ann, "r", "next_task")).Code);
        await host.InvokeAsync(ann, "r", "_release", """{"key":"task:1"}""");
        Assert.Equal("task:1", (await host.InvokeAsync(bob, "r", "next_task"))["leases"]![0]!["key"]!.GetValue<string>());
    }

    [Fact]
    public async Task Fence_InAnyInvocation_IsOfAHoldThatLives()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        await host.RegisterAsync(host.Owner, "r", """{"id":"say","params":{"t":{}},"writes":[{"key":"t","value":"${params.t}"}]}""");
        var fence = (await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":1000}"""))["fence"].Number();

        Assert.Null((await FencedAsync(host, ann, "say", """{"t":1}""", fence)).Error);
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(1));

        Assert.Equal(ErrorCode.LeaseLost, (await FencedAsync(host, ann, "say", """{"t":2}""", fence)).Error!.Code);
        Assert.Equal(ErrorCode.LeaseLost, (await FencedAsync(host, ann, "_send_message", """{"body":"x"}""", fence)).Error!.Code);
        Assert.Equal("1", (await host.StoredAsync("r", "_shared", "t"))!.ToJsonString());
    }

    [Fact]
    public async Task Replay_OfAnAnswerThatTookALease_OnlyWhileThatFenceLives()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        var first = await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""", requestId: "q");
        var claim = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":60000}""", requestId: "c");

        Assert.Equal(first.ToJsonString(), (await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""", requestId: "q")).ToJsonString());
        await host.RestartAsync();
        Assert.Equal(claim.ToJsonString(), (await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":60000}""", requestId: "c")).ToJsonString());
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(1));

        Assert.Equal(ErrorCode.LeaseLost, (await host.RefusedAsync(ann, "r", "claim_task", """{"id":"1"}""", requestId: "q")).Code);
        Assert.Equal(ErrorCode.LeaseLost, (await host.RefusedAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":60000}""", requestId: "c")).Code);
    }

    [Fact]
    public async Task Availability_KnowsLeasesWithoutParameters_AndWakesWaits()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.RegisterAsync(host.Owner, "r", """{"id":"deploy","lease":{"take":"deploy","ttl_ms":60000},"writes":[{"key":"v","increment":true}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"roll_back","lease":"deploy","writes":[{"key":"v","increment":-1}]}""");

        Assert.Equal("lease_required", (await host.ContextAsync(ann, "r"))["actions"]!["roll_back"]!["reason"]!.GetValue<string>());
        await host.InvokeAsync(ann, "r", "deploy");

        var actions = (await host.ContextAsync(bob, "r"))["actions"]!;
        Assert.Equal(("lease_held", "ann"), (actions["deploy"]!["reason"]!.GetValue<string>(), actions["deploy"]!["holder"]!.GetValue<string>()));
        Assert.True((await host.ContextAsync(ann, "r"))["actions"]!["roll_back"]!["available"]!.GetValue<bool>());
        var explained = EngineHost.Node((await host.Engine.Actions.ExplainAsync(bob, "r", "deploy", new InvokeRequest(), Cancel)).Value);
        Assert.Equal(("lease_held", "ann"), (explained["reason"]!.GetValue<string>(), explained["lease"]!["holder"]!.GetValue<string>()));
        var wait = host.WaitAsync(bob, "r", "actions[\"deploy\"].available", 600_000);
        await host.ParkedAsync("r");
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(1));
        Assert.True((await wait)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task DryRun_OfATake_TakesNothing()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");

        Assert.Equal("task:1", (await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""", dryRun: true))["leases"]![0]!["key"]!.GetValue<string>());

        Assert.Null(await host.StoredAsync("r", "_leases", "task:1"));
    }

    [Theory]
    [InlineData("""7""", "invalid_param_type")]
    [InlineData("""{}""", "invalid_param_type")]
    [InlineData("""{"need":[]}""", "invalid_param_type")]
    [InlineData("""{"need":7}""", "invalid_param_type")]
    [InlineData("""{"need":"k","ttl_ms":1000}""", "invalid_param_type")]
    [InlineData("""{"take":"k","mode":"mine"}""", "invalid_param_type")]
    [InlineData("""{"take":"k","on_lapse":"_release"}""", "invalid_param_type")]
    [InlineData("""{"take":"k","on_lapse":{"action":"x","with":1}}""", "invalid_param_type")]
    [InlineData("""{"takes":"k"}""", "unknown_param")]
    [InlineData("""{"take":"task:${params.nope}"}""", "invalid_template")]
    [InlineData("""{"take":"task:${params.pin}"}""", "invalid_template")]
    [InlineData("""{"take":"k","note":"${params.pin}"}""", "invalid_template")]
    [InlineData("""{"take":"k","on_lapse":"x"}""", "invalid_template")]
    public async Task Definition_ThatSaysALeaseWrongly_IsRefused(string lease, string code)
    {
        await using var host = await StartAsync();

        var refused = await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"a","params":{"id":{},"pin":{"secret":true} },"lease":{{lease}},"writes":[{"key":"k","value":1}]}""");

        Assert.Equal(code, refused.Code.Name);
    }

    [Fact]
    public async Task Key_OfAPrivateWrite_IsNoLease()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        await host.RegisterAsync(ann, "r", """{"id":"mine","params":{"k":{}},"lease":{"take":"x:${key}"},"writes":[{"scope":"${self}","key":"${params.k}","value":1}]}""");

        Assert.Equal(ErrorCode.ScopeDenied, (await host.RefusedAsync(ann, "r", "mine", """{"k":"diary"}""")).Code);
    }

    [Fact]
    public async Task Leases_AndWhatWasLost_AreTheSameFromASnapshotAReplayAndAnExport()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""");
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(1));
        await host.InvokeAsync(ann, "r", "claim_task", """{"id":"1"}""");
        await host.InvokeAsync(bob, "r", "_claim", """{"paths":["src/**"],"mode":"shared","note":"mine"}""");
        await host.InvokeAsync(bob, "r", "next_task");
        await host.InvokeAsync(bob, "r", "_hand_over", """{"to":"ann","keys":["task:2"]}""");
        await host.SettleAsync("r");
        var room = await host.LoadedAsync("r");
        var before = Told(room.Published);

        Assert.Equal(before, Told(SnapshotJson.Read(SnapshotJson.Write(room.Published), room.Published.Language)));
        Assert.Equal(before, Told(await host.Engine.Directory.ReadStateAsync(room.Record.Row, room.Published.Seq, Cancel)));
        using var copy = new MemoryStream();
        Assert.Null((await host.Engine.History.ExportAsync(host.Owner, "r", copy, Cancel)).Error);
        copy.Position = 0;
        Assert.Null((await RoomImport.RunAsync(host.Engine.Database, copy, "copy", Cancel)).Error);
        await host.RestartAsync();
        Assert.Equal(before, Told((await host.LoadedAsync("copy")).Published));
        Assert.Equal(before, Told((await host.LoadedAsync("r")).Published));
    }

    // Every lease with all that is kept of it, and every loss.
    private static string Told(RoomState state) =>
        string.Join('\n', state.Leases.All.Select(static pair => $"{pair.Key} {pair.Value.ToJson()}").Concat(state.LeaseLosses.All.Select(static loss => loss.ToString())));

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        foreach (var definition in (string[])[Claim, Complete, Reopen, Next, """{"id":"post","params":{"id":{"type":"string"}},"writes":[{"scope":"_tasks","key":"${params.id}","value":{"status":"open"}}]}"""])
        {
            await host.RegisterAsync(host.Owner, "r", definition);
        }

        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"1"}""");
        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"2"}""");
        return host;
    }

    private static async Task<string> StatusAsync(EngineHost host, string task) => (await host.StoredAsync("r", "_tasks", task))!["status"]!.GetValue<string>();

    private static async Task<List<JsonNode>> EventsAsync(EngineHost host)
    {
        await host.SettleAsync("r");
        return [.. EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", AuditQuery.Newest(200), Cancel)).Value)["events"]!.AsArray().Select(e => e!).OrderBy(e => e["seq"].Number())];
    }

    private static async Task<Outcome<Invoked>> FencedAsync(EngineHost host, Caller caller, string action, string parameters, long fence) =>
        await host.Engine.Actions.InvokeAsync(caller, "r", action, new InvokeRequest { Params = EngineHost.Json(parameters), Fence = fence }, Cancel);
}
