using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Approvals;

/// <summary>An invocation that stops until somebody decides: asked, accepted, edited, rejected.</summary>
public sealed class ApprovalTests
{
    private const string Deploy = """
        {"id":"deploy","params":{"v":{"type":"string","required":true}},"writes":[{"key":"live","value":"${params.v}"},{"key":"times","increment":1}],"result":"state._shared.live","approve":{"by":"person"}}
        """;

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Invoke_GatedAction_AsksAndWritesNothing()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");

        var asked = await host.Engine.Actions.InvokeAsync(bob, "r", "deploy", new InvokeRequest { Params = EngineHost.Json("""{"v":"2"}""") }, Cancel);
        var answer = EngineHost.Node(asked.Value.Json);

        var id = answer["approval"]!.GetValue<string>();
        Assert.Equal(id, asked.Value.Approval);
        Assert.True(answer["pending"]!.GetValue<bool>());
        Assert.Equal($"a{answer["seq"]}", id);
        Assert.Equal("live", answer["writes"]![0]!["key"]!.GetValue<string>());
        Assert.Equal("2", answer["writes"]![0]!["value"]!.GetValue<string>());
        Assert.Equal($"approvals[\"{id}\"].status != \"pending\"", answer["wait"]!.GetValue<string>());
        Assert.Null(await host.StoredAsync("r", "_shared", "live"));
        var stored = (await host.StoredAsync("r", "_approvals", id))!;
        Assert.Equal("pending", stored["status"]!.GetValue<string>());
        JsonAssert.Equal("""{"v":"2"}""", stored["params"]);
    }

    [Fact]
    public async Task Accept_ByAPerson_RunsAsTheInvokerInOneEventAndTellsTheInvoker()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");
        var olga = await host.SessionAsync("olga");
        var id = await AskAsync(host, bob);

        var decided = await DecideAsync(host, olga, id, "accept", ""","note":"go"}""");

        Assert.Equal("accepted", decided["status"]!.GetValue<string>());
        Assert.Equal("2", (await host.StoredAsync("r", "_shared", "live"))!.GetValue<string>());
        var entry = (await host.LoadedAsync("r")).Published.Find("_shared", "live")!;
        Assert.Equal("bob", entry.Writer);
        Assert.Equal("deploy", entry.Via);
        Assert.Equal(decided["seq"]!.GetValue<long>(), entry.Seq);
        var stored = (await host.StoredAsync("r", "_approvals", id))!;
        Assert.Equal("accepted", stored["status"]!.GetValue<string>());
        Assert.Equal("olga", stored["decided_by"]!.GetValue<string>());
        Assert.True(stored["person"]!.GetValue<bool>());
        var message = (await host.ContextAsync(bob, "r"))["messages"]!["recent"]!.AsArray().Single()!;
        Assert.Equal("approval", message["kind"]!.GetValue<string>());
        JsonAssert.Equal($$$"""{"approval":"{{{id}}}","action":"deploy","decision":"accepted","decided_by":"olga","note":"go","seq":{{{entry.Seq}}}}""", message["body"]);
        Assert.Equal(1, await CountAsync(host, "deploy"));
    }

    [Fact]
    public async Task Reject_ByAPerson_WritesNothingAndIsSaid()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");
        var id = await AskAsync(host, bob);

        await DecideAsync(host, await host.SessionAsync("olga"), id, "reject", ""","note":"not now"}""");

        Assert.Null(await host.StoredAsync("r", "_shared", "live"));
        Assert.Equal("rejected", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
        Assert.Equal(0, await CountAsync(host, "deploy"));
        Assert.Single((await host.ContextAsync(bob, "r"))["messages"]!["recent"]!.AsArray());
    }

    [Fact]
    public async Task Edit_RunsWithTheOtherParameters()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");
        var id = await AskAsync(host, bob);

        await DecideAsync(host, await host.SessionAsync("olga"), id, "edit", ""","params":{"v":"3"}}""");

        Assert.Equal("3", (await host.StoredAsync("r", "_shared", "live"))!.GetValue<string>());
        Assert.True((await host.StoredAsync("r", "_approvals", id))!["edited"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Decide_Again_AnswersTheFirstAndRefusesAnother()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");
        var olga = await host.SessionAsync("olga");
        var id = await AskAsync(host, bob);
        var first = await DecideAsync(host, olga, id, "accept");

        var again = await DecideAsync(host, olga, id, "accept");
        var other = await host.RefusedAsync(olga, "r", "_decide", $$"""{"approval":"{{id}}","decision":"reject"}""");
        var edited = await host.RefusedAsync(olga, "r", "_decide", $$$"""{"approval":"{{{id}}}","decision":"edit","params":{"v":"3"}}""");

        Assert.Equal(first["seq"]!.GetValue<long>(), again["seq"]!.GetValue<long>());
        Assert.Equal("approval_decided", other.Code.Name);
        Assert.Equal("approval_decided", edited.Code.Name);
        Assert.Equal(1, await CountAsync(host, "deploy"));
        JsonAssert.Equal("1", await host.StoredAsync("r", "_shared", "times"));
    }

    [Fact]
    public async Task Accept_WritesThatChanged_SaysThemAndAcceptsThemWhenTheyAreNamed()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"bump","writes":[{"key":"times","increment":1}]}""");
        var bob = await host.JoinAsync("r", "bob");
        var olga = await host.SessionAsync("olga");
        var id = await AskAsync(host, bob);
        await host.InvokeAsync(bob, "r", "bump");

        var changed = await host.RefusedAsync(olga, "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");
        Assert.Equal("approval_changed", changed.Code.Name);
        Assert.Equal(2, changed.Details!["writes"]![1]!["sum"]!.GetValue<int>());
        await DecideAsync(host, olga, id, "accept", $",\"writes_version\":\"{changed.Details["writes_version"]}\"}}");

        JsonAssert.Equal("2", await host.StoredAsync("r", "_shared", "times"));
    }

    [Fact]
    public async Task Accept_WhatRestsOnTheTimeAlone_HasNotChanged()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"stamp","writes":[{"key":"at","value":"${now}"},{"key":"then","expr":true,"value":"string(now)"}],"approve":{"by":"person"}}""");
        var bob = await host.JoinAsync("r", "bob");
        var id = (await host.InvokeAsync(bob, "r", "stamp"))["approval"]!.GetValue<string>();
        clock.Advance(TimeSpan.FromMinutes(5));

        await DecideAsync(host, await host.SessionAsync("olga"), id, "accept");

        Assert.Equal("2026-03-01T12:05:00Z", (await host.StoredAsync("r", "_shared", "at"))!.GetValue<string>());
        Assert.Equal("2026-03-01T12:05:00Z", (await host.StoredAsync("r", "_shared", "then"))!.GetValue<string>());
    }

    [Fact]
    public async Task When_AnythingButFalse_Asks()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"pay","params":{"n":"any"},"writes":[{"key":"paid","value":"${params.n}"}],"approve":{"by":"person","when":"params.n > 100"}}""");
        var bob = await host.JoinAsync("r", "bob");

        Assert.Null((await host.InvokeAsync(bob, "r", "pay", """{"n":100}"""))["approval"]);
        Assert.NotNull((await host.InvokeAsync(bob, "r", "pay", """{"n":101}"""))["approval"]);
        Assert.NotNull((await host.InvokeAsync(bob, "r", "pay", """{"n":"much"}"""))["approval"]);
    }

    [Fact]
    public async Task Accept_WithoutTheRightsOfBefore_IsRefusedAndStaysPending()
    {
        await using var host = await StartAsync();
        await host.UserAsync("ben", "create_rooms");
        await host.GiveRoleAsync("r", "ben", Role.Participant);
        var ben = await host.UserAsync("ben", "rooms:*");
        var id = await AskAsync(host, ben);
        await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "ben", Cancel);

        var refused = await host.RefusedAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");

        Assert.Equal("scope_denied", refused.Code.Name);
        Assert.Null(await host.StoredAsync("r", "_shared", "live"));
        Assert.Equal("pending", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Undecided_InTime_IsRejectedAndSaidAndWakesWaits()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", """{"id":"deploy","params":{"v":"string"},"writes":[{"key":"live","value":1}],"approve":{"by":"person","timeout_ms":60000}}""");
        var bob = await host.JoinAsync("r", "bob");
        var asked = await host.InvokeAsync(bob, "r", "deploy");
        var id = asked["approval"]!.GetValue<string>();
        Assert.Equal("2026-03-01T12:01:00Z", asked["expires_at"]!.GetValue<string>());
        var waiting = host.WaitAsync(bob, "r", asked["wait"]!.GetValue<string>(), timeoutMs: 600_000);
        await host.ParkedAsync("r");

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(59));
        Assert.Equal("pending", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
        Assert.Equal("expired", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
        Assert.Equal("expired", (await host.ContextAsync(bob, "r"))["messages"]!["recent"]![0]!["body"]!["decision"]!.GetValue<string>());
        var late = await host.RefusedAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");
        Assert.Equal("approval_decided", late.Code.Name);
        Assert.Equal("expired", late.Details!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Undecided_WhileTheServerIsDown_IsRejectedWhenTheRoomIsReadAgain()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", Deploy);
        var id = await AskAsync(host, await host.JoinAsync("r", "bob"));
        clock.Advance(TimeSpan.FromHours(25));
        await host.RestartAsync();

        var late = await host.RefusedAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");

        Assert.Equal("approval_decided", late.Code.Name);
        Assert.Equal("expired", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
        Assert.Null(await host.StoredAsync("r", "_shared", "live"));
    }

    [Fact]
    public async Task Wait_OnAnApproval_WakesWithItsDecision()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");
        var id = await AskAsync(host, bob);
        var waiting = host.WaitAsync(bob, "r", $"approvals.{id}.status == 'rejected' && approvals.{id}.note == 'no'", timeoutMs: 600_000);
        await host.ParkedAsync("r");

        await DecideAsync(host, await host.SessionAsync("olga"), id, "reject", ",\"note\":\"no\"}");

        Assert.True((await waiting)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Pending_MoreThanTwentyOfAnAgent_AreRefusedAndNobodyElses()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");
        for (var i = 0; i < 20; i++)
        {
            await AskAsync(host, bob);
        }

        var refused = await host.RefusedAsync(bob, "r", "deploy", """{"v":"2"}""");

        Assert.Equal("rate_limited", refused.Code.Name);
        await AskAsync(host, await host.JoinAsync("r", "eve"));
    }

    [Fact]
    public async Task Removed_Agent_WithdrawsWhatItAskedFor()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");
        var id = await AskAsync(host, bob);
        await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: true, Cancel);
        await host.JoinAsync("r", "bob");

        var refused = await host.RefusedAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");

        Assert.Equal("approval_decided", refused.Code.Name);
        Assert.Equal("withdrawn", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("guard", "precondition_failed")]
    [InlineData("disabled", "action_disabled")]
    [InlineData("redefined", "action_changed")]
    [InlineData("deleted", "action_not_found")]
    [InlineData("cooldown", "action_cooldown")]
    public async Task Accept_AsksEverythingAnew(string change, string code)
    {
        await using var host = await StartAsync();
        const string Gated = """
            {"id":"go","params":{"n":{"type":"integer","default":1}},"if":"state._shared.closed != true","enabled":"state._shared.off != true","writes":[{"key":"went","value":"${params.n}"}],"on_invoke":{"timer":{"ms":60000,"effect":"enable"}},"approve":{"by":"person"}}
            """;
        await host.RegisterAsync(host.Owner, "r", Gated);
        await host.RegisterAsync(host.Owner, "r", """{"from":"standard_library","id":"set"}""");
        var bob = await host.JoinAsync("r", "bob");
        var olga = await host.SessionAsync("olga");
        var id = (await host.InvokeAsync(bob, "r", "go"))["approval"]!.GetValue<string>();
        var other = (await host.InvokeAsync(await host.JoinAsync("r", "eve"), "r", "go"))["approval"]!.GetValue<string>();
        switch (change)
        {
            case "guard":
                await host.InvokeAsync(host.Owner, "r", "set", """{"key":"closed","value":true}""");
                break;
            case "disabled":
                await host.InvokeAsync(host.Owner, "r", "set", """{"key":"off","value":true}""");
                break;
            case "redefined":
                await host.RegisterAsync(host.Owner, "r", Gated.Replace("went", "gone", StringComparison.Ordinal));
                break;
            case "deleted":
                await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"go"}""");
                break;
            default:
                await DecideAsync(host, olga, other, "accept");
                break;
        }

        var refused = await host.RefusedAsync(olga, "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");

        Assert.Equal(code, refused.Code.Name);
        Assert.Equal(id, refused.Details!["approval"]!.GetValue<string>());
        Assert.Equal("pending", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Batch_WithAStepThatWouldStop_IsRefusedWhole()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"bump","writes":[{"key":"n","increment":1}]}""");
        var bob = await host.JoinAsync("r", "bob");

        var refused = await host.RefusedAsync(bob, "r", "_batch", """{"steps":[{"action":"bump"},{"action":"deploy","params":{"v":"2"}}]}""");

        Assert.Equal("approval_required", refused.Code.Name);
        Assert.Equal(2, refused.Details!["step"]!.GetValue<int>());
        Assert.Null(await host.StoredAsync("r", "_shared", "n"));
        var id = await AskAsync(host, bob);
        Assert.Equal("invalid_param", (await host.RefusedAsync(host.Owner, "r", "_batch", "{\"steps\":[{\"action\":\"_decide\",\"params\":{\"approval\":\"" + id + "\",\"decision\":\"accept\"}}]}")).Code.Name);
    }

    [Fact]
    public async Task DryRun_SaysWhoWouldDecideAndAsksNobody()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");

        var tried = await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}""", dryRun: true);

        Assert.True(tried["dry_run"]!.GetValue<bool>());
        JsonAssert.Equal("""[{"by":"person"}]""", tried["approve"]);
        Assert.True((await host.LoadedAsync("r")).Published.Approvals.IsEmpty);
    }

    [Fact]
    public async Task Retry_WithTheSameRequestId_AsksOnce()
    {
        await using var host = await StartAsync();
        var bob = await host.JoinAsync("r", "bob");

        var first = await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}""", requestId: "once");
        var again = await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}""", requestId: "once");

        JsonAssert.Equal(first.ToJsonString(), again);
        Assert.Equal(1, (await host.LoadedAsync("r")).Published.Approvals.PendingCount);
    }

    [Fact]
    public async Task Confirm_TakesAPasskeyShownAfterTheAsking()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", """{"id":"deploy","params":{"v":"string"},"writes":[{"key":"live","value":"${params.v}"}],"approve":{"by":"owner","confirm":true}}""");
        await host.UserAsync("oskar", "rooms:*");
        await host.GiveRoleAsync("r", "oskar", Role.Owner);
        var bob = await host.JoinAsync("r", "bob");
        var olga = await host.SessionAsync("olga");
        host.Engine.IdentityCache.Sessions.Confirm(olga);
        clock.Advance(TimeSpan.FromMinutes(1));
        var id = await AskAsync(host, bob);
        var accept = $$"""{"approval":"{{id}}","decision":"accept"}""";

        // Shown before, not shown at all, shown too long ago; and no token can.
        Assert.Equal("confirmation_required", (await host.RefusedAsync(olga, "r", "_decide", accept)).Code.Name);
        Assert.Equal("confirmation_required", (await host.RefusedAsync(await host.SessionAsync("oskar"), "r", "_decide", accept)).Code.Name);
        Assert.Equal("person_required", (await host.RefusedAsync(host.Owner, "r", "_decide", accept)).Code.Name);
        clock.Advance(TimeSpan.FromSeconds(1));
        host.Engine.IdentityCache.Sessions.Confirm(olga);
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("confirmation_required", (await host.RefusedAsync(olga, "r", "_decide", accept)).Code.Name);

        host.Engine.IdentityCache.Sessions.Confirm(olga);
        Assert.Equal("accepted", (await DecideAsync(host, olga, id, "accept"))["status"]!.GetValue<string>());
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", Deploy);
        return host;
    }

    private static async Task<string> AskAsync(EngineHost host, Caller caller) => (await host.InvokeAsync(caller, "r", "deploy", """{"v":"2"}"""))["approval"]!.GetValue<string>();

    private static Task<JsonObject> DecideAsync(EngineHost host, Caller caller, string id, string decision, string rest = "}") =>
        host.InvokeAsync(caller, "r", "_decide", $$"""{"approval":"{{id}}","decision":"{{decision}}"{{rest}}""");

    private static async Task<long> CountAsync(EngineHost host, string action) => (await host.LoadedAsync("r")).Published.Use(action).Count;
}
