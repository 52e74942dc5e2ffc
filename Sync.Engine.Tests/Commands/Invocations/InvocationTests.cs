using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Commands.Invocations;

public sealed class InvocationTests
{
    [Fact]
    public async Task Answer_OfAnInvocation_HasTheDocumentedFields()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", """{"id":"vote","params":{"choice":{"type":"string"}},"writes":[{"scope":"_votes","key":"${self}","value":"${params.choice}"}],"result":"size(state._votes)"}""");

        var answer = await host.InvokeAsync(alice, "r", "vote", """{"choice":"a"}""");

        var version = (await host.LoadedAsync("r")).Published.Find("_votes", "alice")!.Version;
        JsonAssert.Equal(
            $$"""{"invoked":true,"action":"vote","agent":"alice","params":{"choice":"a"},"writes":[{"scope":"_votes","key":"alice","value":"a","version":"{{version}}","revision":1}],"result":1,"seq":{{answer["seq"].Number()}} }""",
            answer);
    }

    /// <summary>Each row breaks one check more than the row after it; the earliest check is the one that answers.</summary>
    [Fact]
    public async Task Checks_OfAnInvocation_ComeInTheDocumentedOrder()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"set","params":{"key":{},"value":{}},"writes":[{"key":"${params.key}","value":"${params.value}"}]}""");
        const string Act = """
            {"id":"act","params":{"n":{"type":"integer","required":true}},"enabled":"state._shared.enabled == true","if":"state._shared.open == true",
             "writes":[{"key":"${params.n}","value":1},{"scope":"bob","key":"x","value":"1 / state._shared.by","expr":true,"if_version":""}],"on_invoke":{"timer":{"ms":1000,"effect":"enable"}}}
            """;
        Assert.Equal("action_not_found", await CodeAsync("{}"));
        await host.RegisterAsync(alice, "r", Act);
        Assert.Equal("action_disabled", await CodeAsync("{}"));
        await SetAsync("enabled", "true");
        Assert.Equal("missing_param", await CodeAsync("{}"));
        Assert.Equal("precondition_failed", await CodeAsync("""{"n":1}"""));
        await SetAsync("open", "true");
        Assert.Equal("cel_error", await CodeAsync("""{"n":1}"""));
        await SetAsync("by", "1");
        Assert.Equal("scope_denied", await CodeAsync("""{"n":1}"""));
        await GrantAsync("bob", bob, """["alice"]""");
        Assert.Null(await CodeAsync("""{"n":1}"""));
        await SetAsync("enabled", "false");
        Assert.Equal("action_cooldown", await CodeAsync("{}"));
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
        await SetAsync("enabled", "true");
        Assert.Equal("version_conflict", await CodeAsync("""{"n":2}"""));
        Assert.Null(await host.StoredAsync("r", "_shared", "2"));

        async Task<string?> CodeAsync(string parameters) => (await host.TryInvokeAsync(alice, "r", "act", parameters)).Error?.Code.Name;
        Task SetAsync(string key, string value) => host.InvokeAsync(alice, "r", "set", $$"""{"key":"{{key}}","value":{{value}}}""");
        async Task GrantAsync(string agent, Caller caller, string to) =>
            Assert.Null((await host.Engine.Agents.UpdateAsync(caller, "r", agent, EngineHost.Json($$"""{"grants":{{to}}}"""), EngineHost.Cancel)).Error);
    }

    [Fact]
    public async Task DryRun_AnswersTheSameAndCommitsNothing()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":1},{"scope":"_rows","append":true,"value":1}],"result":"state._shared.n","on_invoke":{"timer":{"ms":60000,"effect":"enable"}}}""");
        var before = (await host.LoadedAsync("r")).Published;

        var dry = await host.InvokeAsync(host.Owner, "r", "inc", dryRun: true);
        var refused = (await host.TryInvokeAsync(host.Owner, "r", "inc", """{"x":1}""", dryRun: true)).Error!;

        Assert.Equal("unknown_param", refused.Code.Name);
        Assert.Same(before, (await host.LoadedAsync("r")).Published);
        var real = await host.InvokeAsync(host.Owner, "r", "inc");
        Assert.True(dry["dry_run"].Flag());
        dry.Remove("dry_run");
        JsonAssert.Equal(real.ToJsonString(), dry);
    }

    [Fact]
    public async Task Result_SeesTheStateAfterTheWrites()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", """{"id":"inc","params":{"by":{}},"writes":[{"key":"n","increment":"${params.by}"}],"result":"{'n': state._shared.n, 'by': params.by, 'who': self, 'owner': owner}"}""");

        JsonAssert.Equal("""{"n":5,"by":5,"who":"olga","owner":"alice"}""", (await host.InvokeAsync(host.Owner, "r", "inc", """{"by":5}"""))["result"]);
    }

    [Fact]
    public async Task Result_ThatFails_DoesNotUndoTheWrites()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":1}],"result":"1 / 0"}""");

        var answer = await host.InvokeAsync(host.Owner, "r", "inc");

        Assert.NotNull(answer["result"]!["_error"]);
        JsonAssert.Equal("1", await host.StoredAsync("r", "_shared", "n"));
    }

    [Fact]
    public async Task Refusal_OfAGuard_ShowsItsPartsWithTheirValues()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","params":{"n":{"type":"integer"}},"if":"params.n > 3 && state._shared.open == true","writes":[]}""");

        var error = await host.RefusedAsync(host.Owner, "r", "act", """{"n":5}""");

        Assert.Equal("precondition_failed", error.Code.Name);
        Assert.Equal("params.n > 3 && state._shared.open == true", error.Details!["expression"].Text());
        JsonAssert.Equal("""[{"expression":"params.n > 3","value":true,"operands":[{"expression":"params.n","value":5}]},{"expression":"state._shared.open == true","value":false,"operands":[{"expression":"state._shared.open","value":null}]}]""", error.Details["parts"]);
    }

    [Fact]
    public async Task Explain_SaysEachReason()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","params":{"n":{"type":"integer","required":true}},"enabled":"state._shared.on == true || self == 'bob'","if":"params.n > 3","writes":[]}""");

        var closed = await ExplainAsync("{}");
        Assert.False(closed["available"].Flag());
        Assert.Equal("action_disabled", closed["reason"].Text());
        JsonAssert.Equal("""[{"expression":"state._shared.on == true","value":false,"operands":[{"expression":"state._shared.on","value":null}]},{"expression":"self == 'bob'","value":false,"operands":[{"expression":"self","value":"olga"}]}]""", closed["enabled"]!["parts"]);
        Assert.Equal("missing_param", closed["params"]!["error"].Text());
        await host.JoinAsync("r", "bob");

        var open = await ExplainAsync("""{"n":4}""", "bob");
        Assert.True(open["available"].Flag(), open.ToJsonString());
        Assert.Equal("bob", open["agent"].Text());
        Assert.Equal("precondition_failed", (await ExplainAsync("""{"n":1}""", "bob"))["reason"].Text());
        Assert.Equal("action_not_found", (await host.Engine.Actions.ExplainAsync(host.Owner, "r", "act2", new InvokeRequest(), EngineHost.Cancel)).Error!.Code.Name);

        async Task<JsonObject> ExplainAsync(string parameters, string? agent = null) =>
            EngineHost.Node((await host.Engine.Actions.ExplainAsync(host.Owner, "r", "act", new InvokeRequest { Params = EngineHost.Json(parameters), Agent = agent }, EngineHost.Cancel)).Value);
    }

    [Fact]
    public async Task NotFound_NamesTheNearestOrTheWayToBegin()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        Assert.Equal("claim_task", Assert.Single((await host.RefusedAsync(host.Owner, "r", "claim_task")).Next).Text("id"));
        Assert.Contains("standard_library", (await host.RefusedAsync(host.Owner, "r", "nothing_of_the_kind")).Hint, StringComparison.Ordinal);
        await host.RegisterAsync(host.Owner, "r", """{"id":"submit_result","writes":[]}""");

        Assert.Contains("'submit_result'", (await host.RefusedAsync(host.Owner, "r", "submit_reslt")).Hint, StringComparison.Ordinal);
        Assert.Contains("'_send_message'", (await host.RefusedAsync(host.Owner, "r", "_send_mesage")).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Action_WithTheIdOfABuiltIn_CannotBeRegistered()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var id in (string[])["help", "_register_action", "_delete_action", "_register_view", "_delete_view", "_send_message", "_batch", "_pause", "_resume", "_revert"])
        {
            Assert.Equal("reserved_id", (await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"{{id}}","writes":[]}""")).Code.Name);
        }

        Assert.NotNull((await host.InvokeAsync(host.Owner, "r", "help"))["keys"]);
    }

    [Fact]
    public async Task Values_TooLargeOrTooMany_AreRefused()
    {
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { ValueBytes = 200, MessageBytes = 200, Entries = 6, Actions = 3, Views = 1, Agents = 3, WritesPerAction = 2 });
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"add","writes":[{"scope":"_rows","append":true,"value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"big","params":{"v":{}},"writes":[{"key":"k","append":true,"value":"${params.v}"}]}""");

        Assert.Equal("payload_too_large", (await host.RefusedAsync(host.Owner, "r", "big", $$"""{"v":"{{new string('x', 250)}}"}""")).Code.Name);
        Assert.Equal("payload_too_large", (await host.RefusedAsync(host.Owner, "r", "_send_message", $$"""{"body":"{{new string('x', 250)}}"}""")).Code.Name);
        Assert.Equal("invalid_param_type", (await host.RefusedAsync(host.Owner, "r", "_register_action", """{"id":"many","writes":[{"key":"a","value":1},{"key":"b","value":1},{"key":"c","value":1}]}""")).Code.Name);
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"1"}""");
        Assert.Equal("payload_too_large", (await host.RefusedAsync(host.Owner, "r", "_register_view", """{"id":"w","expr":"1"}""")).Code.Name);
        await host.InvokeAsync(host.Owner, "r", "add");
        await host.InvokeAsync(host.Owner, "r", "add");
        Assert.Equal("payload_too_large", (await host.RefusedAsync(host.Owner, "r", "add")).Code.Name);
    }
}
