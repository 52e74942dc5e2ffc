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
