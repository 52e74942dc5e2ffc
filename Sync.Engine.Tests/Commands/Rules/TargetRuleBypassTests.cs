using System.Text.Json.Nodes;
using Sync.Cel.Values.Limits;
using Sync.Engine.Identity;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Rules;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Rules;

/// <summary>Ways round the rules of places, and ways to make others pay for them or be locked out by them.</summary>
public sealed class TargetRuleBypassTests
{
    private const string Rule = """{"id":"rule","params":{"list":"any"},"writes":[{"scope":"_config","key":"targets","value":"${params.list}"}]}""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task When_OfARuleWithoutActions_ReadsNoParameters()
    {
        await using var host = await StageAsync();

        var refusal = await host.RefusedAsync(host.Owner, "r", "rule", """{"list":[{"scope":"_releases","approve":{"by":"person","when":"params.value != 'draft'"}}]}""");

        Assert.Equal(("invalid_param", "targets[0].approve.when"), (refusal.Code.Name, refusal.Details!["field"]!.GetValue<string>()));
        await SetAsync(host, """[{"scope":"_releases","approve":{"by":"person","when":"state._shared.phase == 'live'"}}]""");
        await SetAsync(host, """[{"scope":"_releases","actions":["publish"],"approve":{"by":"person","when":"params.value != 'draft'"}}]""");
        var mallory = await host.JoinAsync("r", "mallory");
        await host.RegisterAsync(mallory, "r", """{"id":"sneak","params":{"value":"string"},"writes":[{"scope":"_releases","key":"v1","value":"final"}]}""");
        Assert.Equal("scope_denied", (await host.RefusedAsync(mallory, "r", "sneak", """{"value":"draft"}""")).Code.Name);
    }

    [Fact]
    public void When_OfAStoredRuleThatReadsParameters_IsKeptAndAsksAlways()
    {
        var list = EngineHost.Json("""[{"scope":"_releases","approve":{"by":"person","when":"params.value != 'draft'"}},{"scope":"_actions","actions":[]}]""");

        Assert.NotNull(TargetRules.Parse(list, RoomLanguage.Standard).Error);
        var rule = Assert.Single(TargetRules.Parse(list, RoomLanguage.Standard.ForStored).Value.Of("_releases", "v1", RoomLanguage.Standard.NewBudget())!);
        Assert.Null(rule.Actions);
        Assert.True(rule.Approve!.When!.UsesParams);
    }

    [Theory]
    [InlineData("""[{"scope":"*","actions":[]}]""")]
    [InlineData("""[{"scope":"_config","actions":[]}]""")]
    [InlineData("""[{"scope":"_config","key":"t*","actions":[]}]""")]
    [InlineData("""[{"scope":"_config","approve":{"by":["agent:gone"]}}]""")]
    public async Task Rules_AreTakenBackByWhoSetThem(string list)
    {
        await using var host = await StageAsync();
        await SetAsync(host, list);

        var back = await host.InvokeAsync(await host.SessionAsync("olga"), "r", "rule", """{"list":[]}""");

        Assert.Null(back["approval"]);
        Assert.Empty((await host.StoredAsync("r", "_config", "targets"))!.AsArray());
    }

    [Fact]
    public async Task Rules_ThatATokenAddedToAPersons_AreTakenBackByThePerson()
    {
        await using var host = await StageAsync();
        await SetAsync(host, """[{"scope":"_releases","actions":[]}]""");
        await host.InvokeAsync(host.Owner, "r", "rule", """{"list":[{"scope":"_releases","actions":[]},{"scope":"*","actions":[]},{"scope":"_config","approve":{"by":["agent:gone"]}}]}""");

        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "rule", """{"list":[]}""");

        Assert.Empty((await host.StoredAsync("r", "_config", "targets"))!.AsArray());
    }

    [Fact]
    public async Task Action_ThatARuleNamesAndNobodyHad_IsNotWhoeverRegistersItFirst()
    {
        await using var host = await StageAsync(EngineHost.Clock());
        var page = await host.SessionAsync("olga");
        await host.RegisterAsync(page, "r", """{"id":"publish","timer":{"ms":1000,"effect":"delete"},"writes":[{"scope":"_releases","key":"v1","value":"ok"}]}""");
        await SetAsync(host, """[{"scope":"_releases","actions":["publish","withdraw"]}]""");
        var mallory = await host.JoinAsync("r", "mallory");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(5));

        foreach (var id in (string[])["withdraw", "publish"])
        {
            await host.RegisterAsync(mallory, "r", $$"""{"id":"{{id}}","writes":[{"scope":"_releases","key":"v1","value":"pwned"}]}""");
            Assert.Equal("scope_denied", (await host.RefusedAsync(mallory, "r", id)).Code.Name);
            Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", id)).Code.Name);
            Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", "_batch", $$"""{"steps":[{"action":"{{id}}"}]}""")).Code.Name);
        }

        Assert.Null(await host.StoredAsync("r", "_releases", "v1"));
        await host.RegisterAsync(host.Owner, "r", """{"id":"publish","writes":[{"scope":"_releases","key":"v1","value":"ok"}]}""");
        await host.InvokeAsync(mallory, "r", "publish");
        Assert.Equal("ok", (string?)await host.StoredAsync("r", "_releases", "v1"));
    }

    [Fact]
    public async Task Action_OfWhoIsNoOwner_CountsAsItStoodWhenTheRulesWereWritten()
    {
        await using var host = await StageAsync();
        var nina = await host.MemberAsync("r", "nina", Role.Collaborator, "rooms:*");
        await host.RegisterAsync(nina, "r", """{"id":"publish","on_invoke":{"timer":{"ms":1,"effect":"enable"}},"writes":[{"scope":"_releases","key":"v1","value":1}]}""");
        await SetAsync(host, """[{"scope":"_releases","actions":["publish"]}]""");

        await host.InvokeAsync(nina, "r", "publish");
        await host.RestartAsync();
        await host.RegisterAsync(await host.UserAsync("nina", "rooms:*"), "r", """{"id":"publish","writes":[{"scope":"_releases","key":"v1","value":2}]}""");

        Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", "publish")).Code.Name);
        Assert.Equal("1", (await host.StoredAsync("r", "_releases", "v1"))!.ToJsonString());
        await SetAsync(host, """[{"scope":"_releases","actions":["publish"]}]""");
        await host.InvokeAsync(host.Owner, "r", "publish");
    }

    [Theory]
    [InlineData("""{"scope":"_actions","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":["_releases","_messages"],"actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"_agents","approve":{"by":"person"}}""", "targets[0].scope")]
    [InlineData("""{"scope":"_views","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"_leases","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"_approvals","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"_pauses","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"_packs","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"_audit","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"self","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"${self}","actions":[]}""", "targets[0].scope")]
    [InlineData("""{"scope":"_config","key":"targets","actions":[]}""", "targets[0]")]
    [InlineData("""{"scope":"*a*b*c*d*e*f*g*h*i","actions":[]}""", "targets[0].scope")]
    public async Task Rule_ThatIsNeverAskedOrTooDear_IsRefusedWhenItIsWritten(string rule, string field)
    {
        await using var host = await StageAsync();

        var refusal = await host.RefusedAsync(host.Owner, "r", "rule", $$"""{"list":[{{rule}}]}""");

        Assert.Equal(("invalid_param", field), (refusal.Code.Name, refusal.Details!["field"]!.GetValue<string>()));
        Assert.NotNull(refusal.Hint);
    }

    [Fact]
    public void Patterns_CostByTheirLengthAndTheName_BeforeTheyAreTried()
    {
        var list = new JsonArray();
        for (var i = 0; i < 40; i++)
        {
            list.Add(new JsonObject { ["scope"] = "_x", ["key"] = new JsonArray([.. Enumerable.Range(0, 90).Select(n => (JsonNode)("*" + new string('a', 120) + "b" + n))]), ["actions"] = new JsonArray() });
        }

        var json = EngineHost.Json(list.ToJsonString());
        var rules = TargetRules.Parse(json, RoomLanguage.Standard.ForStored).Value;
        var (spent, elsewhere) = (RoomLanguage.Standard.NewBudget(), RoomLanguage.Standard.NewBudget());

        // Such a list is taken no more; a room that has one asks it as far as the request pays.
        Assert.Equal("targets", TargetRules.Parse(json, RoomLanguage.Standard).Error!.Details!["field"]!.GetValue<string>());
        Assert.Null(rules.Of("_x", new string('a', 200), spent));
        Assert.True(spent.IsExhausted);
        Assert.Empty(rules.Of("_y", new string('a', 200), elsewhere)!);
        Assert.Equal(0, elsewhere.Spent);
    }

    [Fact]
    public void Names_ThatAreWrittenOut_CostNextToNothing()
    {
        var list = EngineHost.Json(new JsonArray([.. Enumerable.Range(0, 100).Select(n => (JsonNode)new JsonObject { ["scope"] = $"_s{n}", ["key"] = new JsonArray("a", "b"), ["actions"] = new JsonArray("put") })]).ToJsonString());
        var budget = new CelBudget(1000, TimeSpan.MaxValue);

        Assert.Single(TargetRules.Parse(list, RoomLanguage.Standard).Value.Of("_s7", "a", budget)!);
        Assert.InRange(budget.Spent, 1, 10);
    }

    [Fact]
    public async Task Patterns_OfABatch_AreOnTheBudgetOfTheRequest()
    {
        await using var host = await StageAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"key":"string"},"writes":[{"scope":"_x","key":"${params.key}","value":1}]}""");
        await SetAsync(host, new JsonArray(new JsonObject { ["scope"] = "_x", ["key"] = new JsonArray([.. Enumerable.Range(10, 25).Select(n => (JsonNode)("*" + new string('a', 150) + "b" + n))]), ["actions"] = new JsonArray() }).ToJsonString());
        var steps = new JsonArray([.. Enumerable.Range(100, 100).Select(n => (JsonNode)new JsonObject { ["action"] = "put", ["params"] = new JsonObject { ["key"] = new string('a', 200) + n } })]);

        Assert.Equal("cel_limit_exceeded", (await host.RefusedAsync(host.Owner, "r", "_batch", new JsonObject { ["steps"] = steps }.ToJsonString())).Code.Name);
        await host.InvokeAsync(host.Owner, "r", "put", new JsonObject { ["key"] = new string('a', 200) }.ToJsonString());
    }

    [Fact]
    public async Task Rule_OfWhatAChangeOfAnAgentWrites_IsAsked()
    {
        await using var host = await StageAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"note","params":{"agent":"string"},"writes":[{"scope":"_role_holders","key":"reviewer","value":{"agent":"${params.agent}"}}]}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(host.Owner, "r", "note", """{"agent":"bob"}""");
        await SetAsync(host, """[{"scope":"_role_holders","actions":["note"]}]""");

        var done = await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json("""{"status":"done"}"""), Cancel);

        Assert.Equal("scope_denied", done.Error?.Code.Name);
        Assert.NotNull(await host.StoredAsync("r", "_role_holders", "reviewer"));
        Assert.Null((await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json("""{"name":"Bob"}"""), Cancel)).Error);
    }

    [Theory]
    [InlineData("put", "{}")]
    [InlineData("_batch", """{"steps":[{"action":"put"}]}""")]
    [InlineData("_revert", """{"agent":"worker","since":1}""")]
    [InlineData("_install_pack", """{"pack":{"name":"p","version":"1","state":{"_x":{"other":1}}}}""")]
    public async Task Rule_OverEachWayThatAnInvocationWrites_IsAsked(string action, string parameters)
    {
        await using var host = await StageAsync();
        await host.JoinAsync("r", "worker");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"scope":"_x","key":"k","increment":1}]}""");
        await host.InvokeAsync(host.Owner, "r", "put", agent: "worker");

        await SetAsync(host, """[{"scope":"_x","actions":[]}]""");
        Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", action, parameters)).Code.Name);
        await SetAsync(host, """[{"scope":"*","actions":[]}]""");
        Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", action, parameters)).Code.Name);
        await SetAsync(host, """[{"scope":"_?","approve":{"by":"person"}}]""");
        var asked = await host.TryInvokeAsync(host.Owner, "r", action, parameters);
        Assert.True(asked.Error?.Code.Name == "approval_required" || asked.Value["approve"]!.AsArray().Count == 1);
        Assert.Equal("1", (await host.StoredAsync("r", "_x", "k"))!.ToJsonString());
        Assert.Null(await host.StoredAsync("r", "_x", "other"));
    }

    [Theory]
    [InlineData("""{"scope":"_x","actions":["take"]}""", "scope_denied")]
    [InlineData("""{"scope":"_x","approve":{"by":"person"}}""", "approval_required")]
    public async Task Rule_OfWhatFollowsALease_IsAskedAndTheLeaseEnds(string rule, string refused)
    {
        await using var host = await StageAsync();
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(bob, "r", """{"id":"back","writes":[{"scope":"_x","key":"k","value":1}]}""");
        await host.RegisterAsync(bob, "r", """{"id":"take","lease":{"take":"x","on_lapse":"back"},"writes":[{"key":"t","value":1}]}""");
        await host.InvokeAsync(bob, "r", "take");
        await SetAsync(host, $"[{rule}]");

        var released = await host.InvokeAsync(bob, "r", "_release", """{"key":"x"}""");

        Assert.Null(await host.StoredAsync("r", "_x", "k"));
        Assert.Null(await host.StoredAsync("r", "_leases", "x"));
        Assert.Contains($"\"refused\":\"{refused}\"", EngineHost.Node((await host.Engine.History.EventAsync(host.Owner, "r", released["seq"]!.GetValue<long>(), Cancel)).Value).ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"scope":"_config","key":"targets","path":"0.actions","value":["put"]}""")]
    [InlineData("""{"scope":"_config","key":"targets","path":"0.approve","delete":true}""")]
    [InlineData("""{"scope":"_config","key":"targets","path":"0.key","value":"nothing"}""")]
    [InlineData("""{"scope":"_config","key":"targets","append":true,"value":{"scope":"_y","actions":[]}}""")]
    [InlineData("""{"scope":"_config","key":"targets","merge":{"a":1}}""")]
    public async Task Rules_OfAPerson_AreNotLoosenedByParts(string write)
    {
        await using var host = await StageAsync();
        await SetAsync(host, """[{"scope":"_x","key":"k","actions":[],"approve":{"by":"person"}}]""");
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"part","writes":[{{write}}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"scope":"_x","key":"k","value":1}]}""");

        await host.TryInvokeAsync(host.Owner, "r", "part");

        Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", "put")).Code.Name);
    }

    private static async Task<EngineHost> StageAsync(TimeProvider? clock = null)
    {
        var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Rule);
        return host;
    }

    private static async Task SetAsync(EngineHost host, string list) => await host.InvokeAsync(await host.SessionAsync("olga"), "r", "rule", $$"""{"list":{{list}}}""");
}
