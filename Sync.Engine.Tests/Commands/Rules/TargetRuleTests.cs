using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Rules;

/// <summary><c>_config.targets</c>: who writes where, asked of whatever writes.</summary>
public sealed class TargetRuleTests
{
    private const string Closed = """[{"scope":"_releases","key":["v*","latest"],"actions":["publish","_revert"]},{"scope":"vault","actions":[]}]""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData("put", """{"scope":"_releases","key":"v1","value":1}""", true)]
    [InlineData("put", """{"scope":"_releases","key":"latest","value":1}""", true)]
    [InlineData("put", """{"scope":"_releases","key":"draft","value":1}""", false)]
    [InlineData("put", """{"scope":"_shared","key":"v1","value":1}""", false)]
    [InlineData("drop", """{"scope":"_releases","key":"v0"}""", true)]
    [InlineData("drop", """{"scope":"_releases","key":"v9"}""", true)]
    [InlineData("count", """{"scope":"_releases","key":"v1"}""", true)]
    [InlineData("timed", """{"scope":"_releases","key":"v1"}""", true)]
    [InlineData("hidden", """{"scope":"_releases","key":"v1"}""", true)]
    [InlineData("chosen", "{}", true)]
    [InlineData("publish", """{"key":"v1"}""", false)]
    [InlineData("_batch", """{"steps":[{"action":"put","params":{"scope":"_shared","key":"x","value":1}},{"action":"put","params":{"scope":"_releases","key":"v1","value":1}}]}""", true)]
    [InlineData("_batch", """{"steps":[{"action":"publish","params":{"key":"v1"}}]}""", false)]
    public async Task Rule_OfEachWrite_IsAskedOfTheResolvedPlace(string action, string parameters, bool isRefused)
    {
        await using var host = await StageAsync(Closed);
        var seq = (await host.LoadedAsync("r")).Published.Seq;

        var outcome = await host.TryInvokeAsync(host.Owner, "r", action, parameters);
        var tried = await host.TryInvokeAsync(host.Owner, "r", action, parameters, dryRun: true);

        Assert.Equal(isRefused ? "scope_denied" : null, outcome.Error?.Code.Name);
        Assert.Equal(isRefused ? "scope_denied" : null, tried.Error?.Code.Name);
        Assert.DoesNotContain(
            (await host.LoadedAsync("r")).Published.Scope("_releases")!.Entries.Values,
            entry => entry.Seq > seq && entry.Via is not "publish" and not "put");
    }

    [Fact]
    public async Task Rule_Refusal_NamesTheActionsThatMay()
    {
        await using var host = await StageAsync(Closed);

        var refusal = await host.RefusedAsync(host.Owner, "r", "put", """{"scope":"_releases","key":"v1","value":1}""");

        Assert.Contains("'publish'", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal("""["publish","_revert"]""", refusal.Details!["actions"]!.ToJsonString());
    }

    [Fact]
    public async Task Rule_OfAPrivateScope_IsAskedOfAJoinAndAnEmbodimentWithState()
    {
        await using var host = await StageAsync(Closed);

        Assert.Equal("scope_denied", (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"vault","state":{"k":1}}"""), Cancel)).Error?.Code.Name);
        Assert.Null((await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"other","state":{"k":1}}"""), Cancel)).Error);
        var session = host.Owner.In(host.Engine.Embodiments.Open(host.Owner, "probe"));
        Assert.Equal("scope_denied", (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest { Agent = "vault", State = EngineHost.Json("""{"k":1}""") }, Cancel)).Error?.Code.Name);
        Assert.Null((await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"vault"}"""), Cancel)).Error);
        Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", "put", """{"scope":"self","key":"k","value":1}""", agent: "vault")).Code.Name);
    }

    [Theory]
    [InlineData("""{"a":1}""", "targets")]
    [InlineData("""[1]""", "targets[0]")]
    [InlineData("""[{"key":"a","actions":[]}]""", "targets[0]")]
    [InlineData("""[{"scope":"_x"}]""", "targets[0]")]
    [InlineData("""[{"scope":"_x","actions":[]},{"scope":"_x","actions":"put"}]""", "targets[1].actions")]
    [InlineData("""[{"scope":["_x",1],"actions":[]}]""", "targets[0].scope")]
    [InlineData("""[{"scope":"_x","actions":[],"action":[]}]""", "targets[0].action")]
    [InlineData("""[{"scope":"_x","approve":{"by":"nobody at all"}}]""", "targets[0].approve.by")]
    public async Task List_ThatIsNone_IsRefusedWithWhereItIsWrong(string list, string field)
    {
        await using var host = await StageAsync("[]");

        var refusal = await host.RefusedAsync(host.Owner, "r", "rule", $$"""{"list":{{list}}}""");

        Assert.Equal("invalid_param", refusal.Code.Name);
        Assert.StartsWith(field, refusal.Details!["field"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null((await host.StoredAsync("r", "_config", "targets"))?.AsArray().FirstOrDefault());
    }

    [Fact]
    public async Task List_OfAPerson_IsLoosenedByAPersonAlone()
    {
        await using var host = await StageAsync("[]");
        var person = await host.SessionAsync("olga");
        await host.InvokeAsync(person, "r", "rule", $$"""{"list":{{Closed}}}""");

        // More is a token's to ask, less is not, over any door; and what it added is then a person's too.
        await host.InvokeAsync(host.Owner, "r", "rule", $$"""{"list":[{"scope":"_more","actions":[]},{{Closed[1..]}}}""");
        await host.RestartAsync();
        foreach (var (action, parameters) in new[]
        {
            ("rule", """{"list":[]}"""),
            ("rule", """{"list":[{"scope":"vault","actions":[]}]}"""),
            ("rule", $$"""{"list":{{Closed.Replace("\"publish\"", "\"publish\",\"put\"", StringComparison.Ordinal)}}}"""),
            ("rule", $$"""{"list":{{Closed.Replace("\"v*\"", "\"v1\"", StringComparison.Ordinal)}}}"""),
            ("unrule", "{}"),
            ("drop", """{"scope":"_config","key":"targets"}"""),
            ("_batch", """{"steps":[{"action":"unrule"}]}"""),
        })
        {
            Assert.Equal("person_required", (await host.RefusedAsync(host.Owner, "r", action, parameters)).Code.Name);
        }

        Assert.Equal("invalid_param", (await host.RefusedAsync(host.Owner, "r", "timed", """{"scope":"_config","key":"targets"}""")).Code.Name);
        Assert.Equal("invalid_param", (await host.RefusedAsync(host.Owner, "r", "hidden", """{"scope":"_config","key":"targets"}""")).Code.Name);
        Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", "put", """{"scope":"_releases","key":"v1","value":1}""")).Code.Name);
        person = await host.SessionAsync("olga");
        await host.InvokeAsync(person, "r", "rule", """{"list":[]}""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"scope":"_releases","key":"v1","value":1}""");
    }

    [Fact]
    public async Task List_OfAToken_IsATokensToChange()
    {
        await using var host = await StageAsync(Closed);

        await host.InvokeAsync(host.Owner, "r", "unrule");

        await host.InvokeAsync(host.Owner, "r", "put", """{"scope":"_releases","key":"v1","value":1}""");
    }

    [Fact]
    public async Task Rule_WithApprove_HasEachActionStopThere()
    {
        await using var host = await StageAsync("""[{"scope":"_releases","actions":["put"],"approve":{"by":"person","when":"params.value != 'draft'"}}]""");

        var pending = await host.InvokeAsync(host.Owner, "r", "put", """{"scope":"_releases","key":"v1","value":"final"}""");
        var drafted = await host.InvokeAsync(host.Owner, "r", "put", """{"scope":"_releases","key":"v1","value":"draft"}""");
        var batch = await host.RefusedAsync(host.Owner, "r", "_batch", """{"steps":[{"action":"put","params":{"scope":"_releases","key":"v1","value":1}}]}""");
        var join = await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"free","state":{"k":1}}"""), Cancel);

        Assert.True(pending["pending"]!.GetValue<bool>());
        Assert.Null(drafted["pending"]);
        Assert.Equal("draft", (string?)await host.StoredAsync("r", "_releases", "v1"));
        Assert.Equal("approval_required", batch.Code.Name);
        Assert.Null(join.Error);
        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", new JsonObject { ["approval"] = pending["approval"]!.DeepClone(), ["decision"] = "accept" }.ToJsonString());
        Assert.Equal("final", (string?)await host.StoredAsync("r", "_releases", "v1"));
    }

    [Fact]
    public async Task Rule_WithApprove_IsAskedOfAJoinWithState()
    {
        await using var host = await StageAsync("""[{"scope":"guarded","approve":{"by":"owner"}}]""");

        Assert.Equal("approval_required", (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"guarded","state":{"k":1}}"""), Cancel)).Error?.Code.Name);
        Assert.Null((await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"guarded"}"""), Cancel)).Error);
    }

    [Theory]
    [InlineData("_lease?")]
    [InlineData("_*")]
    public async Task Rule_WhoseGlobMatchesWhatTheEngineKeeps_IsNotAskedThere(string scope)
    {
        await using var host = await StageAsync("[]");
        var ann = await host.JoinAsync("r", "ann");
        await host.JoinAsync("r", "bob");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"before"}""");
        await host.InvokeAsync(host.Owner, "r", "rule", $$"""{"list":[{"scope":"{{scope}}","actions":[]}]}""");

        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");
        await host.InvokeAsync(ann, "r", "_renew", """{"key":"before"}""");
        await host.InvokeAsync(ann, "r", "_hand_over", """{"to":"bob","keys":["before"]}""");
        await host.InvokeAsync(ann, "r", "_release", """{"key":"k"}""");

        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
    }

    [Fact]
    public async Task Rule_ByWhoIsNoOwner_CannotBeWritten()
    {
        await using var host = await StageAsync("[]");
        var nina = await host.MemberAsync("r", "nina", Role.Collaborator, "rooms:*");

        Assert.Equal("scope_denied", (await host.RefusedAsync(nina, "r", "rule", $$"""{"list":{{Closed}}}""")).Code.Name);
    }

    private static async Task<EngineHost> StageAsync(string rules)
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var definition in new[]
        {
            """{"id":"put","params":{"scope":{"type":"string","required":true},"key":"string","value":"any"},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":"${params.value}"}]}""",
            """{"id":"drop","params":{"scope":"string","key":"string"},"writes":[{"scope":"${params.scope}","key":"${params.key}","delete":true}]}""",
            """{"id":"count","params":{"scope":"string","key":"string"},"writes":[{"scope":"${params.scope}","key":"${params.key}","increment":1}]}""",
            """{"id":"timed","params":{"scope":"string","key":"string"},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":[],"timer":{"ms":1000,"effect":"delete"}}]}""",
            """{"id":"hidden","params":{"scope":"string","key":"string"},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":[],"enabled":"false"}]}""",
            """{"id":"chosen","writes":[{"scope":"_releases","key_expr":"'v' + '1'","value":1}]}""",
            """{"id":"publish","params":{"key":"string"},"writes":[{"scope":"_releases","key":"${params.key}","value":"out"}]}""",
            """{"id":"rule","params":{"list":"any"},"writes":[{"scope":"_config","key":"targets","value":"${params.list}"}]}""",
            """{"id":"unrule","writes":[{"scope":"_config","key":"targets","delete":true}]}""",
        })
        {
            await host.RegisterAsync(host.Owner, "r", definition);
        }

        await host.InvokeAsync(host.Owner, "r", "put", """{"scope":"_releases","key":"v0","value":0}""");
        await host.InvokeAsync(host.Owner, "r", "rule", $$"""{"list":{{rules}}}""");
        return host;
    }
}
