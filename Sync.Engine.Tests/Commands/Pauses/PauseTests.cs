using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Pauses;

/// <summary>What a pause stops and what it never stops, from one table over every door of the engine.</summary>
public sealed class PauseTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>A call that some pause stops, or none. Each is made by the worker's token unless it says otherwise.</summary>
    /// <param name="Make">Makes it, and gives its refusal.</param>
    /// <param name="Stops">Which pauses stop it: of the room, the worker, its action.</param>
    private sealed record Door(Func<Staged, Task<SyncError?>> Make, params string[] Stops);

    private sealed record Staged(EngineHost Host, Caller Worker, Caller Other, Caller Wanda, Caller RoomToken, string RoomSecret);

    private const string Whole = "room";
    private const string Worker = "agent:worker";
    private const string Action = "action:put";

    private static readonly Dictionary<string, Door> s_doors = new()
    {
        ["invoke"] = new(room => Refusal(room, "put"), Whole, Worker, Action),
        ["invoke, dry run"] = new(async room => (await room.Host.TryInvokeAsync(room.Worker, "r", "put", dryRun: true)).Error, Whole, Worker, Action),
        ["invoke another action"] = new(room => Refusal(room, "put_more"), Whole, Worker),
        ["invoke by another agent"] = new(async room => (await room.Host.TryInvokeAsync(room.Other, "r", "put")).Error, Whole, Action),
        ["invoke by an owner as nobody"] = new(async room => (await room.Host.TryInvokeAsync(room.RoomToken, "r", "put")).Error, Whole, Action),
        ["invoke by an owner as the worker"] = new(async room => (await room.Host.TryInvokeAsync(room.Host.Owner, "r", "put", agent: "worker")).Error, Whole, Worker, Action),
        ["invoke by the worker's user in its name"] = new(async room => (await room.Host.TryInvokeAsync(room.Wanda, "r", "put", agent: "worker")).Error, Whole, Worker, Action),
        ["first act of the user's own agent"] = new(async room => (await room.Host.TryInvokeAsync(room.Wanda, "r", "put_more")).Error, Whole, Worker),
        ["register an action"] = new(room => Refusal(room, "_register_action", """{"id":"mine","writes":[{"key":"m","value":1}]}"""), Whole, Worker),
        ["register the paused action anew"] = new(async room => (await room.Host.TryInvokeAsync(room.Host.Owner, "r", "_register_action", """{"id":"put","writes":[{"key":"x","value":2}]}""")).Error, Whole),
        ["delete an action"] = new(async room => (await room.Host.TryInvokeAsync(room.Host.Owner, "r", "_delete_action", """{"id":"put_more"}""")).Error, Whole),
        ["register a view"] = new(room => Refusal(room, "_register_view", """{"id":"v","expr":"1"}"""), Whole, Worker),
        ["delete a view"] = new(async room => (await room.Host.TryInvokeAsync(room.Host.Owner, "r", "_delete_view", """{"id":"shown"}""")).Error, Whole),
        ["send a message"] = new(room => Refusal(room, "_send_message", """{"body":"hi"}"""), Whole, Worker),
        ["batch"] = new(room => Refusal(room, "_batch", """{"steps":[{"action":"put_more"},{"action":"put"}]}"""), Whole, Worker, Action),
        ["join"] = new(async room => (await room.Host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"newcomer"}"""), Cancel)).Error, Whole),
        ["join another agent of the user"] = new(async room => (await room.Host.Engine.Agents.JoinAsync(room.Wanda, "r", EngineHost.Json("""{"id":"worker-two"}"""), Cancel)).Error, Whole, Worker),
        ["join again"] = new(async room => (await room.Host.Engine.Agents.JoinAsync(room.Wanda, "r", EngineHost.Json("""{"id":"worker"}"""), Cancel)).Error, Whole, Worker),
        ["embody another agent of the user"] = new(room => EmbodyAsync(room, new EmbodyRequest()), Whole, Worker),
        ["embody the agent with something new"] = new(room => EmbodyAsync(room, new EmbodyRequest { Agent = "worker", Name = "Another name" }), Whole, Worker),
        ["embody the agent"] = new(room => EmbodyAsync(room, new EmbodyRequest { Agent = "worker" }), Worker),
        ["join, by an owner"] = new(async room => (await room.Host.Engine.Agents.JoinAsync(room.Host.Owner, "r", EngineHost.Json("""{"id":"owners"}"""), Cancel)).Error),
        ["join by the room's token"] = new(async room => (await room.Host.Engine.Agents.JoinAsync(room.RoomToken, "r", EngineHost.Json("""{"id":"rooms"}"""), Cancel)).Error),
        ["embody, by an owner"] = new(room => EmbodyAsync(room, room.Host.Owner, new EmbodyRequest())),
        ["embody a named agent that is new, by an owner"] = new(room => EmbodyAsync(room, room.Host.Owner, new EmbodyRequest { Agent = "olga:desk", Name = "Desk" })),
        ["embody the agent with something new, by an owner"] = new(room => EmbodyAsync(room, room.Host.Owner, new EmbodyRequest { Agent = "worker", Name = "Another name", TakeOver = true }), Worker),
        ["change oneself"] = new(async room => (await room.Host.Engine.Agents.UpdateAsync(room.Worker, "r", "worker", EngineHost.Json("""{"name":"Other"}"""), Cancel)).Error, Whole, Worker),
        ["be changed by one's user"] = new(async room => (await room.Host.Engine.Agents.UpdateAsync(room.Wanda, "r", "worker", EngineHost.Json("""{"name":"Other"}"""), Cancel)).Error, Whole, Worker),
        ["remove oneself"] = new(async room => (await room.Host.Engine.Agents.RemoveAsync(room.Worker, "r", "worker", free: false, Cancel)).Error, Whole, Worker),

        ["invoke by another agent of the user"] = new(async room => (await room.Host.TryInvokeAsync(room.Wanda, "r", "put_more", agent: "spare")).Error, Whole),
        ["help"] = new(room => Refusal(room, "help")),
        ["explain"] = new(async room => (await room.Host.Engine.Actions.ExplainAsync(room.Worker, "r", "put", new InvokeRequest(), Cancel)).Error),
        ["context"] = new(async room => (await room.Host.Engine.Context.ReadAsync(room.Worker, "r", EngineHost.Shape(""), Cancel)).Error),
        ["eval"] = new(async room => (await room.Host.Engine.Context.EvalAsync(room.Worker, "r", "1", Cancel)).Error),
        ["wait"] = new(async room => (await room.Host.Engine.Waits.WaitAsync(room.Worker, "r", "true", TimeSpan.FromSeconds(10), EngineHost.Shape(""), Cancel)).Error),
        ["audit"] = new(async room => (await room.Host.Engine.History.AuditAsync(room.Worker, "r", new(0, 10, Agent: null, Action: null, Ok: null), Cancel)).Error),
        ["change an agent, by an owner"] = new(async room => (await room.Host.Engine.Agents.UpdateAsync(room.Host.Owner, "r", "worker", EngineHost.Json("""{"name":"Other"}"""), Cancel)).Error),
        ["remove an agent, by an owner"] = new(async room => (await room.Host.Engine.Agents.RemoveAsync(room.Host.Owner, "r", "worker", free: false, Cancel)).Error),
        ["pause more"] = new(async room => (await room.Host.TryInvokeAsync(room.Host.Owner, "r", "_pause", """{"what":"action:put_more"}""")).Error),
        ["resume"] = new(async room => (await room.Host.TryInvokeAsync(room.Host.Owner, "r", "_resume", """{"what":"room"}""")).Error),
        ["resume as the worker, by an owner"] = new(async room => (await room.Host.TryInvokeAsync(room.Host.Owner, "r", "_resume", """{"what":"agent:worker"}""", agent: "worker")).Error),
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var door in s_doors.Keys)
            {
                foreach (var paused in new[] { Whole, Worker, Action })
                {
                    cases.Add(door, paused);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Pause_OverEachDoor_StopsWhatTheTableSays(string door, string paused)
    {
        await using var host = await EngineHost.StartAsync();
        var room = await StageAsync(host);
        await host.InvokeAsync(host.Owner, "r", "_pause", $$"""{"what":"{{paused}}","reason":"It is late."}""");

        var refusal = await s_doors[door].Make(room);

        if (s_doors[door].Stops.Contains(paused))
        {
            Assert.Equal("paused", refusal?.Code.Name);
            Assert.Equal(paused, refusal!.Details!["paused"]!.GetValue<string>()); // It is refused.
            Assert.Equal("It is late.", refusal.Details["reason"]!.GetValue<string>());
            Assert.False((bool)(await host.EvalAsync(host.Owner, "r", refusal.Next[0].Text("condition")!))!);
            await host.InvokeAsync(host.Owner, "r", "_resume", $$"""{"what":"{{paused}}"}""");
            Assert.True((bool)(await host.EvalAsync(host.Owner, "r", refusal.Next[0].Text("condition")!))!); // What the hint says to wait for.
            Assert.Null((await s_doors[door].Make(room))?.Code.Name);
        }
        else
        {
            Assert.Null(refusal?.Code.Name);
        }
    }

    [Fact]
    public async Task Pause_OfTheRoom_StopsCooldownsAndNoOtherTimer()
    {
        var time = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(time);
        await StageAsync(host);
        await host.RegisterAsync(host.Owner, "r", """{"id":"slow","writes":[{"key":"s","increment":1}],"on_invoke":{"timer":{"ms":60000,"effect":"enable"}}}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"brief","writes":[{"key":"b","value":1,"timer":{"ms":90000,"effect":"delete"}}]}""");
        await host.InvokeAsync(host.Owner, "r", "slow");
        await host.InvokeAsync(host.Owner, "r", "brief");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(20));
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");

        await host.AdvanceAsync("r", TimeSpan.FromHours(1));

        Assert.Null(await host.StoredAsync("r", "_shared", "b"));
        await host.RestartAsync();
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"room"}""");
        var cooling = await host.RefusedAsync(host.Owner, "r", "slow");
        Assert.Equal("action_cooldown", cooling.Code.Name);
        Assert.Equal(time.GetUtcNow().AddSeconds(40).UtcDateTime, cooling.Details!["available_at"]!.GetValue<DateTime>());
        var waiting = host.WaitAsync(host.Owner, "r", "actions.slow.available", timeoutMs: 600_000);
        await host.ParkedAsync("r");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(39));
        Assert.Equal("action_cooldown", (await host.RefusedAsync(host.Owner, "r", "slow")).Code.Name);
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
        await host.InvokeAsync(host.Owner, "r", "slow");
    }

    [Fact]
    public async Task Pause_OfTheRoom_LetsAWaitForTheEndOfALeaseStand_UntilTheShiftedTime()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await StageAsync(host);
        var holder = await host.JoinAsync("r", "holder");
        await host.InvokeAsync(holder, "r", "_claim", """{"key":"k","ttl_ms":10000}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(6));
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");
        var waiting = host.WaitAsync(host.Owner, "r", "leases[\"k\"] == null", timeoutMs: 600_000);
        await host.ParkedAsync("r");

        await host.AdvanceAsync("r", TimeSpan.FromMinutes(5));
        Assert.False(waiting.IsCompleted);
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"room"}""");
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(3_999));
        Assert.NotNull(await host.StoredAsync("r", "_leases", "k"));
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(1));

        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData(Whole)]
    [InlineData(Worker)]
    public async Task Pause_OfTheRoomOrTheHolder_LetsItRenewAndRelease(string paused)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var room = await StageAsync(host);
        await host.InvokeAsync(room.Worker, "r", "_claim", """{"key":"k","ttl_ms":10000}""");
        await host.InvokeAsync(host.Owner, "r", "_pause", $$"""{"what":"{{paused}}"}""");

        Assert.Equal("paused", (await host.RefusedAsync(room.Worker, "r", "_claim", """{"key":"other"}""")).Code.Name);
        await host.InvokeAsync(room.Worker, "r", "_renew", """{"key":"k"}""");
        await host.InvokeAsync(room.Worker, "r", "_release", """{"key":"k"}""");

        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
    }

    [Theory]
    [InlineData(Whole)]
    [InlineData(Worker)]
    [InlineData("action:gated")]
    public async Task Pause_OfWhatAnApprovalWouldRun_LetsItBeRejectedAndNotAccepted(string paused)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var room = await StageAsync(host);
        await host.RegisterAsync(host.Owner, "r", """{"id":"gated","writes":[{"key":"g","value":1}],"approve":{"by":"person"}}""");
        var id = (await host.InvokeAsync(room.Worker, "r", "gated"))["approval"]!.GetValue<string>();
        await host.InvokeAsync(host.Owner, "r", "_pause", $$"""{"what":"{{paused}}"}""");
        var person = await host.SessionAsync("olga");

        Assert.Equal("paused", (await host.RefusedAsync(person, "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""")).Code.Name);
        Assert.Null(await host.StoredAsync("r", "_shared", "g"));
        await host.InvokeAsync(person, "r", "_decide", $$"""{"approval":"{{id}}","decision":"reject"}""");

        Assert.Equal("rejected", (string?)(await host.StoredAsync("r", "_approvals", id))!["status"]);
    }

    [Fact]
    public async Task Pause_OfTheRoom_LetsAnApprovalStand_AlsoOverARestart_UntilTheShiftedTime()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var room = await StageAsync(host);
        await host.RegisterAsync(host.Owner, "r", """{"id":"gated","writes":[{"key":"g","value":1}],"approve":{"by":"person","timeout_ms":10000}}""");
        var id = (await host.InvokeAsync(room.Worker, "r", "gated"))["approval"]!.GetValue<string>();
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(6));
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");
        await host.AdvanceAsync("r", TimeSpan.FromHours(1));
        await host.RestartAsync();
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"room"}""");

        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(3_999));
        Assert.Equal("pending", (string?)(await host.StoredAsync("r", "_approvals", id))!["status"]);
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(1));
        Assert.Equal("expired", (string?)(await host.StoredAsync("r", "_approvals", id))!["status"]);
    }

    [Fact]
    public async Task Pause_OfAnAction_StopsNoClock()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await StageAsync(host);
        await host.RegisterAsync(host.Owner, "r", """{"id":"slow","writes":[{"key":"s","increment":1}],"on_invoke":{"timer":{"ms":60000,"effect":"enable"}}}""");
        await host.InvokeAsync(host.Owner, "r", "slow");
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"action:slow"}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(60));
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"action:slow"}""");

        await host.InvokeAsync(host.Owner, "r", "slow");
    }

    [Fact]
    public async Task Resume_WhatAPersonPaused_IsAPersonsAlone()
    {
        await using var host = await EngineHost.StartAsync();
        var room = await StageAsync(host);
        var person = await host.SessionAsync("olga");
        await host.InvokeAsync(person, "r", "_pause", """{"what":"room"}""");

        // Another pause of it does not make it a token's.
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room","reason":"again"}""");
        await host.RestartAsync();
        foreach (var token in new[] { host.Owner, await host.UserAsync("olga", "rooms:r"), await host.CallerAsync(room.RoomSecret) })
        {
            Assert.Equal("person_required", (await host.RefusedAsync(token, "r", "_resume", """{"what":"room"}""")).Code.Name);
            Assert.Equal("person_required", (await host.RefusedAsync(token, "r", "_batch", """{"steps":[{"action":"_resume","params":{"what":"room"}}]}""")).Code.Name);
        }

        person = await host.SessionAsync("olga");
        await host.InvokeAsync(person, "r", "_resume", """{"what":"room"}""");
        await host.InvokeAsync(host.Owner, "r", "put");

        // What a token paused afterwards, a token resumes.
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"room"}""");
    }

    [Theory]
    [InlineData("""{"what":"worker"}""", "invalid_param", "agent:worker")]
    [InlineData("""{"what":"put"}""", "invalid_param", "action:put")]
    [InlineData("""{"what":"everything"}""", "invalid_param", null)]
    [InlineData("""{"what":"agent:nobody"}""", "agent_not_found", null)]
    [InlineData("""{"what":"action:nothing"}""", "action_not_found", null)]
    [InlineData("""{"what":"action:_resume"}""", "invalid_param", null)]
    [InlineData("""{"what":"action:help"}""", "invalid_param", null)]
    [InlineData("""{}""", "missing_param", null)]
    public async Task Pause_OfWhatIsNothing_IsRefusedWithWhatIsMeant(string parameters, string code, string? meant)
    {
        await using var host = await EngineHost.StartAsync();
        await StageAsync(host);

        var refusal = await host.RefusedAsync(host.Owner, "r", "_pause", parameters);

        Assert.Equal(code, refusal.Code.Name);
        Assert.Equal(meant, refusal.Details?["did_you_mean"]?.GetValue<string>());
        if (meant is not null)
        {
            await host.InvokeAsync(host.Owner, "r", "_pause", new JsonObject { ["what"] = meant }.ToJsonString());
        }
    }

    [Theory]
    [InlineData("_pause")]
    [InlineData("_resume")]
    public async Task Pause_ByWhoIsNoOwner_IsRefused(string action)
    {
        await using var host = await EngineHost.StartAsync();
        var room = await StageAsync(host);
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");

        Assert.Equal("not_owner", (await host.RefusedAsync(room.Worker, "r", action, """{"what":"room"}""")).Code.Name);
        Assert.Equal("not_owner", (await host.RefusedAsync(room.Wanda, "r", action, """{"what":"room"}""", agent: "worker")).Code.Name);
    }

    [Fact]
    public async Task Pause_SeenFromContextExplainAndExpressions_IsSaid()
    {
        await using var host = await EngineHost.StartAsync();
        var room = await StageAsync(host);
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"agent:worker","reason":"It loops."}""");

        var context = await host.ContextAsync(room.Worker, "r");
        Assert.Equal("""["agent:worker","It loops.","olga"]""", Said(context));
        Assert.Equal("paused", context["_context"]!["attention"]![0]!["kind"]!.GetValue<string>());
        Assert.False(context["actions"]!["put"]!["available"]!.GetValue<bool>());
        Assert.Equal("paused", context["actions"]!["put"]!["reason"]!.GetValue<string>());
        Assert.False(context["actions"]!["_send_message"]!["available"]!.GetValue<bool>());
        Assert.True(context["actions"]!["help"]!["available"]!.GetValue<bool>());
        var explained = EngineHost.Node((await host.Engine.Actions.ExplainAsync(room.Worker, "r", "put", new InvokeRequest(), Cancel)).Value);
        Assert.Equal("paused", explained["reason"]!.GetValue<string>());
        var other = await host.ContextAsync(room.Other, "r");
        Assert.True(other["actions"]!["put"]!["available"]!.GetValue<bool>());
        Assert.Empty(other["_context"]!["attention"]!.AsArray());

        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"action:put"}""");
        Assert.False((bool)(await host.EvalAsync(room.Other, "r", "actions.put.available"))!);
        Assert.Equal("It loops.", (string?)await host.EvalAsync(room.Other, "r", """state._pauses["agent:worker"].reason"""));
        var waiting = host.WaitAsync(room.Other, "r", "actions.put.available", timeoutMs: 600_000);
        await host.ParkedAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"action:put"}""");
        Assert.True((await waiting)["triggered"]!.GetValue<bool>());

        // As it was then, and after a restart.
        var seq = (await host.LoadedAsync("r")).Published.Seq;
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"agent:worker"}""");
        Assert.Null((await host.ContextAsync(room.Worker, "r"))["_context"]!["paused"]);
        Assert.Equal("""["agent:worker","It loops.","olga"]""", Said(await host.ContextAsync(host.Owner, "r", $"at={seq}")));
        await host.RestartAsync();
        Assert.Equal("""["agent:worker","It loops.","olga"]""", Said(await host.ContextAsync(host.Owner, "r", $"at={seq}")));
    }

    [Fact]
    public async Task Pause_OfAnAgentThatIsRemoved_StaysWithItsUser()
    {
        await using var host = await EngineHost.StartAsync();
        var room = await StageAsync(host);
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"agent:worker"}""");
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "worker", free: false, Cancel)).Error);

        Assert.Equal("paused", (await host.Engine.Agents.JoinAsync(room.Wanda, "r", EngineHost.Json("""{"id":"worker"}"""), Cancel)).Error?.Code.Name);
        Assert.Equal("paused", (await host.Engine.Agents.JoinAsync(room.Wanda, "r", EngineHost.Json("""{"id":"worker-two"}"""), Cancel)).Error?.Code.Name);

        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"agent:worker"}""");
        Assert.Null((await host.Engine.Agents.JoinAsync(room.Wanda, "r", EngineHost.Json("""{"id":"worker"}"""), Cancel)).Error);
    }

    [Fact]
    public async Task Pause_ARetryOfACallOfBefore_IsAnswered()
    {
        await using var host = await EngineHost.StartAsync();
        var room = await StageAsync(host);
        var first = await host.InvokeAsync(room.Worker, "r", "put", requestId: "k");
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");

        Assert.Equal(first["seq"]!.ToJsonString(), (await host.InvokeAsync(room.Worker, "r", "put", requestId: "k"))["seq"]!.ToJsonString());
    }

    [Fact]
    public void Pause_EntriesOfARoomOfBefore_AreNone()
    {
        // Before there were pauses, the scope was one like others.
        Assert.Null(Pause.Read(new Entry { Key = "room", Value = JsonText.Of(new JsonObject { ["reason"] = "no" }), Revision = 1, Seq = 1, UpdatedAt = default, Via = "set" }));
    }

    private static string Said(JsonObject context) =>
        new JsonArray([.. context["_context"]!["paused"]!.AsArray().SelectMany(pause => new[] { pause!["what"]!.DeepClone(), pause["reason"]!.DeepClone(), pause["by"]!.DeepClone() })]).ToJsonString();

    private static async Task<SyncError?> Refusal(Staged room, string action, string parameters = "{}") => (await room.Host.TryInvokeAsync(room.Worker, "r", action, parameters)).Error;

    private static Task<SyncError?> EmbodyAsync(Staged room, EmbodyRequest request) => EmbodyAsync(room, room.Wanda, request);

    private static async Task<SyncError?> EmbodyAsync(Staged room, Caller caller, EmbodyRequest request) =>
        (await room.Host.Engine.Embodiments.EmbodyAsync(caller.In(room.Host.Engine.Embodiments.Open(caller, "probe")), "r", request, Cancel)).Error;

    private static async Task<Staged> StageAsync(EngineHost host)
    {
        var made = await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"x","increment":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put_more","writes":[{"key":"y","increment":1}]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"shown","expr":"1"}""");
        await host.MemberAsync("r", "wanda", Role.Participant, "rooms:*");
        var wanda = await host.UserAsync("wanda", "rooms:*");
        var mate = await host.UserAsync("wanda", "rooms:*");
        var joined = (await host.Engine.Agents.JoinAsync(mate, "r", EngineHost.Json("""{"id":"worker"}"""), Cancel)).Value;
        var worker = await host.CallerAsync(joined.Token);
        Assert.Null((await host.Engine.Agents.JoinAsync(await host.UserAsync("wanda", "rooms:*"), "r", EngineHost.Json("""{"id":"spare"}"""), Cancel)).Error);
        return new Staged(host, worker, await host.JoinAsync("r", "other"), wanda, await host.CallerAsync(made.RoomToken), made.RoomToken);
    }
}
