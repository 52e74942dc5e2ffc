using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary>Targets that CEL works out: what they may be, what they may read, and whose word they need.</summary>
public sealed class KeyExpressionTests
{
    [Theory]
    [InlineData("""{"key_expr":"views.open[0]","value":"x"}""", "_shared", "t2")]
    [InlineData("""{"key_expr":"params.n + 1","value":"x"}""", "_shared", "8")]
    [InlineData("""{"key_expr":"self + '.' + string(params.n)","value":"x"}""", "_shared", "alice.7")]
    [InlineData("""{"scope_expr":"'_' + params.s","key":"k","value":"x"}""", "_notes", "k")]
    [InlineData("""{"scope_expr":"self","key":"k","value":"x"}""", "alice", "k")]
    [InlineData("""{"scope_expr":"'_' + params.s","key_expr":"state._tasks.t2.title","increment":1}""", "_notes", "second")]
    [InlineData("""{"scope_expr":"'_' + params.s","append":true,"value":"x"}""", "_notes", "1")]
    [InlineData("""{"key_expr":"views.open.first()","append":true,"value":"x"}""", "_shared", "t2")]
    [InlineData("""{"scope":"_tasks","key_expr":"views.open[0]","delete":true}""", "_tasks", "t2")]
    [InlineData("""{"scope":"_tasks","key_expr":"views.open[0]","path":"title","delete":true}""", "_tasks", "t2")]
    public async Task Target_FromAnExpression_IsWritten(string write, string scope, string key)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await TasksAsync(host);
        await host.RegisterAsync(alice, "r", $$"""{"id":"act","params":{"n":{"type":"integer","default":7},"s":{"default":"notes"} },"writes":[{{write}}]}""");

        var answer = await host.InvokeAsync(alice, "r", "act");

        Assert.Equal(scope, answer["writes"]![0]!["scope"].Text());
        Assert.Equal(key, answer["writes"]![0]!["key"].Text());
    }

    [Theory]
    [InlineData("""{"key_expr":"views.none[0]","value":1}""", "nothing_to_write")]
    [InlineData("""{"key_expr":"views.none[0].id","value":1}""", "nothing_to_write")]
    [InlineData("""{"key_expr":"views.none.first()","value":1}""", "nothing_to_write")]
    [InlineData("""{"key_expr":"state._tasks.t9.title","value":1}""", "nothing_to_write")]
    [InlineData("""{"scope_expr":"state._shared.scope","key":"k","value":1}""", "nothing_to_write")]
    [InlineData("""{"key_expr":"state._tasks.t9.title","delete":true}""", "nothing_to_write")]
    [InlineData("""{"key_expr":"state._tasks.t2","value":1}""", "invalid_param")]
    [InlineData("""{"key_expr":"1 / (params.n - params.n)","value":1}""", "cel_error")]
    [InlineData("""{"key_expr":"''","value":1}""", "invalid_id")]
    [InlineData("""{"scope_expr":"'_' + 'audit'","key":"k","value":1}""", "scope_denied")]
    [InlineData("""{"scope_expr":"'bob'","key":"k","value":1}""", "scope_denied")]
    public async Task Target_ThatIsNone_IsRefusedAndNothingChanges(string write, string code)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await TasksAsync(host);
        await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", $$"""{"id":"act","params":{"n":{"type":"integer","default":7} },"writes":[{"key":"before","value":1},{{write}}]}""");

        var error = await host.RefusedAsync(alice, "r", "act");

        Assert.Equal(code, error.Code.Name);
        Assert.Null(await host.EvalAsync(alice, "r", "state._shared.before"));
    }

    [Fact]
    public async Task NothingToWrite_SaysWhatToWaitFor()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await TasksAsync(host);
        await host.RegisterAsync(alice, "r", """{"id":"take","writes":[{"key_expr":"views.none[0]","value":1}]}""");

        var refused = await host.RefusedAsync(alice, "r", "take");

        Assert.Contains("\"wait_ms\"", refused.Hint, StringComparison.Ordinal);
        var condition = refused.Details!["condition"]!.GetValue<string>();
        Assert.Equal(condition, Assert.Single(refused.Next).Text("condition"));
        var waiting = host.WaitAsync(alice, "r", condition, timeoutMs: 60_000);
        await host.ParkedAsync("r");
        await host.ViewAsync(host.Owner, "r", """{"id":"none","expr":"['t2']"}""");
        Assert.True((await waiting)["triggered"].Flag());
    }

    [Theory]
    [InlineData("""{"key":"a","key_expr":"'a'","value":1}""", "invalid_template")]
    [InlineData("""{"scope":"_a","scope_expr":"'_a'","key":"a","value":1}""", "invalid_template")]
    [InlineData("""{"key_expr":"1 +","value":1}""", "invalid_cel")]
    [InlineData("""{"key_expr":"[1]","value":1}""", "invalid_cel")]
    [InlineData("""{"key_expr":"params.x == 1","value":1}""", "invalid_cel")]
    [InlineData("""{"key_expr":5,"value":1}""", "invalid_template")]
    [InlineData("""{"key_expr":"params.pin","value":1}""", "invalid_template")]
    [InlineData("""{"scope_expr":"'_' + params.pin","key":"a","value":1}""", "invalid_template")]
    public async Task Register_AnExpressionThatNamesNoPlace_IsRefused(string write, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"x","params":{"x":{},"pin":{"secret":true} },"writes":[{{write}}]}""")).Code.Name);
    }

    [Fact]
    public async Task Key_MadeOfTheInvokersPrivateState_NeedsTheirWord()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob", ""","state":{"card":"ace"}""");
        var registered = await host.RegisterAsync(alice, "r", """{"id":"play","writes":[{"scope":"_table","key_expr":"state.self.card","value":true}]}""");
        Assert.Equal(["state.self"], registered["publishes"].Texts());

        Assert.Equal("consent_required", (await host.RefusedAsync(bob, "r", "play")).Code.Name);

        var agreed = await host.Engine.Actions.InvokeAsync(bob, "r", "play", new InvokeRequest { Consent = ["state.self"] }, EngineHost.Cancel);
        Assert.Null(agreed.Error);
        JsonAssert.Equal("""{"ace":true}""", await host.EvalAsync(alice, "r", "state._table"));
    }

    [Fact]
    public async Task Key_MadeOfWhatTheInvokerMayNotRead_IsNotToldByADryRun()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var dealer = await host.JoinAsync("r", "dealer", ""","state":{"next":"queen-of-hearts"}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(dealer, "r", """{"id":"draw","scope":"self","writes":[{"scope":"_drawn","key_expr":"state.dealer.next","value":"${self}"}]}""");

        var dry = await host.InvokeAsync(bob, "r", "draw", dryRun: true);

        Assert.DoesNotContain("queen", dry.ToJsonString(), StringComparison.Ordinal);
        Assert.True(dry["writes"]![0]!["withheld"].Flag());
        Assert.Equal("queen-of-hearts", (await host.InvokeAsync(bob, "r", "draw"))["writes"]![0]!["key"].Text());
    }

    [Fact]
    public async Task Key_OfAClosedScope_IsAnErrorAndNoNull()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.JoinAsync("r", "bob", ""","state":{"k":"secret"}""");
        await host.RegisterAsync(alice, "r", """{"id":"peek","writes":[{"key_expr":"state.bob.k","value":1}]}""");

        Assert.Equal(ErrorCode.NotReadable, (await host.RefusedAsync(alice, "r", "peek")).Code);
    }

    [Fact]
    public async Task Definition_WithExpressions_IsTheSameAfterARestart()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await TasksAsync(host);
        await host.RegisterAsync(host.Owner, "r", """{"id":"take","shares":["drop"],"writes":[{"scope_expr":"'_tasks'","key_expr":"views.open[0]","merge":{"by":"${self}"}},{"key":"left","increment":"0 - size(views.open)","expr":true}]}""");
        await host.RestartAsync();

        var answer = await host.InvokeAsync(alice, "r", "take");

        Assert.Equal("t2", answer["writes"]![0]!["key"].Text());
        JsonAssert.Equal("-1", await host.EvalAsync(alice, "r", "state._shared.left"));
    }

    /// <summary>Places chosen from what the invoker may not read, each of which is refused.</summary>
    [Theory]
    [InlineData("""{"scope_expr":"state['pat'].key","key":"k","value":1}""")]
    [InlineData("""{"scope_expr":"'bad scope ' + state['pat'].key","key":"k","value":1}""")]
    [InlineData("""{"key_expr":"' ' + state['pat'].key + '\\u0007'","value":1}""")]
    [InlineData("""{"scope":"_shared","key_expr":"state['pat'].key","increment":1}""")]
    public async Task Place_ChosenFromWhatTheInvokerMayNotRead_StandsInNoRefusalAndNoLog(string write)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var pat = await host.JoinAsync("r", "pat", ""","state":{"key":"PATVALUE"}""");
        var mallory = await host.JoinAsync("r", "mallory");
        await host.RegisterAsync(pat, "r", """{"id":"text","writes":[{"key_expr":"state['pat'].key","value":"text"}]}""");
        await host.InvokeAsync(pat, "r", "text");
        await host.RegisterAsync(pat, "r", $$"""{"id":"x","writes":[{{write}}]}""");

        var refused = await host.RefusedAsync(mallory, "r", "x");

        await host.SettleAsync("r");
        Assert.DoesNotContain("PATVALUE", refused.Message + refused.Hint + refused.Details?.ToJsonString() + refused.LogMessage, StringComparison.Ordinal);
    }

    private static async Task<Sync.Engine.Identity.Caller> TasksAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", """{"id":"post","params":{"id":{},"task":{}},"writes":[{"scope":"_tasks","key":"${params.id}","value":"${params.task}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"t1","task":{"title":"first","done":true}}""");
        await host.InvokeAsync(host.Owner, "r", "post", """{"id":"t2","task":{"title":"second"}}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"open","expr":"state._tasks.filter(k, state._tasks[k].done != true)"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"none","expr":"state._tasks.filter(k, state._tasks[k].done == 'never')"}""");
        return alice;
    }
}
