using System.Text.Json.Nodes;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>What a hostile look at the running server found, and its relatives: one's words run with nobody else's rights, and tell nobody what they may not read.</summary>
public sealed class TrustTests : IAsyncLifetime
{
    private const string Secret = "hunter2-sentinel";

    private EngineHost _host = null!;
    private Caller _alice = null!;
    private Caller _mallory = null!;

    private static CancellationToken Cancel => EngineHost.Cancel;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync();
        await _host.RoomAsync("r");
        _alice = await _host.JoinAsync("r", "alice", $$""","state":{"password":"{{Secret}}","private_key_name":1,"list":["{{Secret}}"],"map":{"inside":"{{Secret}}"},"n":1}""");
        _mallory = await _host.JoinAsync("r", "mallory");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>A password was read letter by letter through somebody's count.</summary>
    [Theory]
    [InlineData("state.alice.password.startsWith('h')")]
    [InlineData("state.self.password.startsWith('h')")]
    [InlineData("state[self].password.startsWith('h')")]
    [InlineData("views.peek.startsWith('h')")]
    public async Task EntryCondition_OverWhatOthersKeep_ShowsTheSameToEverybody(string condition)
    {
        await _host.ViewAsync(_mallory, "r", """{"id":"peek","expr":"state.self.password"}""");
        await _host.RegisterAsync(_mallory, "r", $$"""{"id":"plant","writes":[{"scope":"_trap","key":"k","value":1,"enabled":{{JsonValue.Create(condition).ToJsonString()}} }]}""");
        await _host.InvokeAsync(_mallory, "r", "plant");

        foreach (var reader in (Caller[])[_alice, _mallory, _host.Owner])
        {
            JsonAssert.Equal("0", await _host.EvalAsync(reader, "r", "size(state._trap)"));
            Assert.False(((JsonObject)(await _host.ContextAsync(reader, "r"))["state"]!).ContainsKey("_trap") && (await _host.ContextAsync(reader, "r"))["state"]!["_trap"]!["k"] is not null);
        }
    }

    /// <summary>Agents and views have conditions, too.</summary>
    [Fact]
    public async Task Condition_OfAnAgentOrAView_ReadsNoReader()
    {
        await _host.Engine.Agents.UpdateAsync(_mallory, "r", "mallory", EngineHost.Json("""{"enabled":"state.self.n == 1 || state.alice.n == 1"}"""), Cancel);
        await _host.ViewAsync(_mallory, "r", """{"id":"v","expr":"1","enabled":"state.self.n == 1 || state.alice.n == 1"}""");

        var context = await _host.ContextAsync(_alice, "r");

        Assert.Null(context["agents"]!["mallory"]);
        Assert.Null(context["views"]!["v"]);
    }

    /// <summary>An action of anybody's copied what its invoker keeps, whoever that was.</summary>
    [Theory]
    [InlineData("state.self.password", "consent_required")]
    [InlineData("state[self].password", "consent_required")]
    [InlineData("{'k': state.self}", "consent_required")]
    [InlineData("state['self'].password", "consent_required")]
    [InlineData("has(state.self.password)", "consent_required")]
    [InlineData("state.alice.password", "not_readable")]
    [InlineData("state[params.who].password", "not_readable")]
    [InlineData("views.peek", "not_readable")]
    [InlineData("[views].map(v, v.peek)[0]", "not_readable")]
    [InlineData("actions.gate.available", null)]
    [InlineData("state", null)]
    public async Task Value_OfAnothersAction_TellsNothingOfTheInvokerUnasked(string expression, string? code)
    {
        await _host.ViewAsync(_mallory, "r", """{"id":"peek","expr":"state.self.password"}""");
        await _host.RegisterAsync(_mallory, "r", """{"id":"gate","if":"state.self.password.startsWith('h')","writes":[]}""");
        await _host.RegisterAsync(_mallory, "r", $$"""{"id":"take","params":{"who":{"default":"alice"} },"writes":[{"key":"taken","value":{{JsonValue.Create(expression).ToJsonString()}},"expr":true}]}""");

        var outcome = await _host.TryInvokeAsync(_alice, "r", "take");

        Assert.Equal(code, outcome.Error?.Code.Name);
        var stored = (await _host.StoredAsync("r", "_shared", "taken"))?.ToJsonString() ?? "";
        Assert.DoesNotContain("sentinel", stored, StringComparison.Ordinal);
        Assert.NotEqual("true", stored);
        Assert.DoesNotContain("sentinel", await EverythingAsync(_mallory), StringComparison.Ordinal);
    }

    /// <summary>What is written to a key that others see may rest on that key and on no more of the invoker's scope, by whatever name it is reached.</summary>
    [Theory]
    [InlineData("""{"scope":"${self}","key":"status","value":"state.self.status","expr":true}""", null)]
    [InlineData("""{"scope":"${self}","key":"status","value":"busy"}""", null)]
    [InlineData("""{"scope":"${self}","key":"status","value":"busy","enabled":"state.alice.status == 'x'"}""", null)]
    [InlineData("""{"scope":"${self}","key":"unseen","value":"state.self.password","expr":true}""", null)]
    [InlineData("""{"scope":"${self}","key":"status","value":"state.self.password","expr":true}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"status","value":"state.self.status == 'zz' ? '' : state['se' + 'lf'].password","expr":true}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"status","value":"[state.self.status, state[params.k].password]","expr":true}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"status","value":"[state.self.status, state.map(k, k == 'self', state[k])]","expr":true}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"status","value":"[state.self.status, state['al' + 'ice'].password]","expr":true}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"status","value":"[state.self.status, state.alice.password]","expr":true}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"status","value":"busy","enabled":"state.alice.password.startsWith('h')"}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"status","value":"busy","enabled":"state['al' + 'ice'].password.startsWith('h')"}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"status","value":"busy","enabled":"state.exists(k, state[k].exists(n, n == 'password'))"}""", "consent_required")]
    [InlineData("""{"scope":"${params.me}","key":"status","value":"busy","enabled":"state.alice.password.startsWith('h')"}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"flag","value":"state.self.password.startsWith('h')","expr":true}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"mood","value":"state.self.password.startsWith('h')","expr":true}""", "consent_required")]
    [InlineData("""{"scope":"${self}","key":"gate","value":"state.self.password.startsWith('h')","expr":true}""", "consent_required")]
    public async Task Write_IntoAKeyOfTheInvokersThatOthersSee_AsksWhereItRestsOnMore(string write, string? code)
    {
        await _host.ViewAsync(_alice, "r", """{"id":"status","scope":"alice","expr":"state.self.status"}""");
        await _host.ViewAsync(_alice, "r", """{"id":"shy","scope":"alice","expr":"1","enabled":"state.alice.flag == true"}""");
        await _host.RegisterAsync(_alice, "r", """{"id":"open","scope":"alice","if":"state.alice.gate == true","writes":[]}""");
        Assert.Null((await _host.Engine.Agents.UpdateAsync(_alice, "r", "alice", EngineHost.Json("""{"enabled":"state.alice.mood != true"}"""), Cancel)).Error);
        await _host.RegisterAsync(_mallory, "r", $$$"""{"id":"set","params":{"k":{"default":"self"},"me":{"default":"x"} },"writes":[{{{write}}}]}""");

        var outcome = await _host.TryInvokeAsync(_alice, "r", "set", """{"me":"alice"}""");

        Assert.Equal(code, outcome.Error?.Code.Name);
    }

    /// <summary>What a removed agent kept is in no view of the past either, not even where the view had been read before.</summary>
    [Fact]
    public async Task View_OfThePast_TellsNothingOfAnAgentThatWasRemoved()
    {
        var eve = await _host.JoinAsync("r", "eve");
        Assert.Null((await _host.Engine.Agents.UpdateAsync(_alice, "r", "alice", EngineHost.Json("""{"grants":["eve"]}"""), Cancel)).Error);
        await _host.ViewAsync(eve, "r", """{"id":"copy","scope":"eve","expr":"state.alice.password"}""");
        await _host.ViewAsync(_alice, "r", """{"id":"own","scope":"alice","expr":"state.self.password"}""");
        var then = (await _host.LoadedAsync("r")).Published.Seq;
        await _host.RegisterAsync(_host.Owner, "r", """{"id":"tick","writes":[{"key":"n","increment":true}]}""");
        Assert.Contains(Secret, (await _host.ContextAsync(eve, "r", $"at={then}")).ToJsonString(), StringComparison.Ordinal);

        Assert.Null((await _host.Engine.Agents.RemoveAsync(_host.Owner, "r", "alice", free: false, Cancel)).Error);

        Assert.DoesNotContain(Secret, (await _host.ContextAsync(eve, "r", $"at={then}")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, (await _host.ContextAsync(_mallory, "r", $"at={then}")).ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>An answer does not give more than an answer may hold, however much was written.</summary>
    [Fact]
    public async Task Answer_OfManyLargeWrites_NamesThemAndLeavesTheValuesOut()
    {
        var writes = string.Join(',', Enumerable.Range(0, 20).Select(static i => $$$"""{"key":"k{{{i}}}","value":"${params.v}"}"""));
        await _host.RegisterAsync(_alice, "r", $$$"""{"id":"fill","params":{"v":{"type":"string"} },"writes":[{{{writes}}}]}""");

        var answer = await _host.InvokeAsync(_alice, "r", "fill", $$"""{"v":"{{new string('x', 900_000)}}"}""", dryRun: true);

        Assert.True(answer.ToJsonString().Length < 8 * 1024 * 1024);
        Assert.True(answer["writes"]![19]!["cut"]!.GetValue<bool>());
        Assert.Null(answer["writes"]![19]!["value"]);
        Assert.NotNull(answer["writes"]![0]!["value"]);
    }

    /// <summary>Where something stands is told to everybody.</summary>
    [Theory]
    [InlineData("""{"key":"k-${params.p}","value":1}""")]
    [InlineData("""{"scope":"_${params.p}","key":"k","value":1}""")]
    [InlineData("""{"key":"k","path":"at.${params.p}","value":1}""")]
    public async Task Secret_InThePlaceOfAWrite_IsNotRegistered(string write)
    {
        var refused = await _host.RefusedAsync(_alice, "r", "_register_action", $$$"""{"id":"lock","params":{"p":{"type":"string","secret":true} },"writes":[{{{write}}}]}""");

        Assert.Equal(ErrorCode.InvalidTemplate, refused.Code);
        var expr = await _host.RegisterAsync(_alice, "r", """{"id":"told","params":{"p":{"type":"string","secret":true} },"writes":[{"key":"k","value":"params.p + '!'","expr":true}]}""");
        Assert.Contains("secret_shown", expr["warnings"]!.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>Whether an agent shows is one answer, whoever asks first and through which map.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Condition_OfAnAgent_IsTheSameThroughEveryMap(bool evaluatesFirst)
    {
        await _host.Engine.Agents.UpdateAsync(_alice, "r", "alice", EngineHost.Json("""{"enabled":"state.alice.n == 1"}"""), Cancel);
        if (evaluatesFirst)
        {
            JsonAssert.Equal("true", await _host.EvalAsync(_mallory, "r", "'alice' in state._agents"));
        }

        Assert.NotNull((await _host.ContextAsync(_mallory, "r"))["agents"]!["alice"]);
        JsonAssert.Equal("true", await _host.EvalAsync(_mallory, "r", "'alice' in state._agents"));
    }

    [Fact]
    public async Task Consent_WithTheVersionThatWasRead_LetsItBeShownOnce()
    {
        var registered = await _host.RegisterAsync(_mallory, "r", """{"id":"show","writes":[{"key":"shown","value":"state.self.password","expr":true}]}""");
        Assert.Equal("state.self", registered["publishes"]![0].Text());
        Assert.Equal("state.self", (await _host.ContextAsync(_alice, "r"))["actions"]!["show"]!["publishes"]![0].Text());
        var asked = await _host.RefusedAsync(_alice, "r", "show");
        Assert.Equal(("consent_required", "mallory", Secret), (asked.Code.Name, asked.Details!["registered_by"].Text(), asked.Details["writes"]![0]!["value"].Text()));
        var version = asked.Details["if_action_version"].Text();
        Assert.Equal((registered["version"].Text(), (await _host.ContextAsync(_alice, "r"))["actions"]!["show"]!["version"].Text()), (version, version));

        await _host.RegisterAsync(_mallory, "r", """{"id":"show","writes":[{"key":"shown","value":"state.self","expr":true}]}""");
        Assert.Equal("action_changed", (await AgreeAsync(version)).Error?.Code.Name);
        await _host.RegisterAsync(_mallory, "r", """{"id":"show","writes":[{"key":"shown","value":"state.self.password","expr":true}]}""");
        Assert.Null((await AgreeAsync(version)).Error);
        Assert.Equal(Secret, (await _host.StoredAsync("r", "_shared", "shown")).Text());
        Assert.Equal("consent_required", (await _host.RefusedAsync(_alice, "r", "show")).Code.Name);

        Task<Outcome<Invoked>> AgreeAsync(string of) =>
            _host.Engine.Actions.InvokeAsync(_alice, "r", "show", InvokeRequest.Parse(EngineHost.Json($$"""{"consent":["state.self"],"if_action_version":"{{of}}"}"""), null).Value, Cancel);
    }

    [Fact]
    public async Task Trust_OfTheRegistrant_IsTakenBackAndEndsWithTheAgent()
    {
        await _host.RegisterAsync(_mallory, "r", """{"id":"show","writes":[{"key":"shown","value":"state.self.n","expr":true}]}""");
        await TrustAsync("""["mallory"]""");
        await _host.InvokeAsync(_alice, "r", "show");
        await TrustAsync("[]");
        Assert.Equal("consent_required", (await _host.RefusedAsync(_alice, "r", "show")).Code.Name);
        await TrustAsync("""["mallory"]""");

        Assert.Null((await _host.Engine.Agents.RemoveAsync(_host.Owner, "r", "mallory", free: true, Cancel)).Error);
        var again = await _host.JoinAsync("r", "mallory");
        Assert.Equal("consent_required", (await _host.RefusedAsync(_alice, "r", "show")).Code.Name);
        await _host.RegisterAsync(again, "r", """{"id":"show2","writes":[{"key":"shown","value":"state.self.n","expr":true}]}""");
        Assert.Equal("consent_required", (await _host.RefusedAsync(_alice, "r", "show2")).Code.Name);

        async Task TrustAsync(string agents) =>
            Assert.Null((await _host.Engine.Agents.UpdateAsync(_alice, "r", "alice", EngineHost.Json($$"""{"trusts":{{agents}} }"""), Cancel)).Error);
    }

    /// <summary>A participant's action wrote with the rights of the owner who invoked it.</summary>
    [Theory]
    [InlineData("alice")]
    [InlineData("_config")]
    [InlineData("olga")]
    public async Task Owner_InvokingAnothersAction_LendsItNothing(string scope)
    {
        await _host.InvokeAsync(_host.Owner, "r", "_send_message", """{"body":"here"}""");
        await _host.RegisterAsync(_mallory, "r", $$"""{"id":"reach","params":{"scope":{"default":"{{scope}}"} },"writes":[{"scope":"${params.scope}","key":"password","value":"taken"}]}""");
        await _host.RegisterAsync(_mallory, "r", $$"""{"id":"reach2","writes":[{"scope":"{{scope}}","key":"password","value":"taken"}]}""");

        Assert.Equal("scope_denied", (await _host.RefusedAsync(_host.Owner, "r", "reach")).Code.Name);
        Assert.Equal("scope_denied", (await _host.RefusedAsync(_host.Owner, "r", "reach2")).Code.Name);
    }

    [Fact]
    public async Task Level_OfARegistrant_IsCappedByTheRoleItsUserHasNow()
    {
        var cora = await _host.UserAsync("cora", "rooms:*");
        await InviteAsync(Role.Owner);
        await _host.RegisterAsync(cora, "r", """{"id":"configure","writes":[{"scope":"_config","key":"k","value":1}]}""");
        await _host.RegisterAsync(cora, "r", """{"id":"everywhere","reach":"all","writes":[{"scope":"alice","key":"seen","value":1}]}""");
        await _host.ViewAsync(cora, "r", """{"id":"alices","scope":"alice","expr":"state.self.n"}""");
        await _host.InvokeAsync(_host.Owner, "r", "configure");
        await _host.InvokeAsync(_mallory, "r", "everywhere");
        Assert.Equal("all", (await _host.ContextAsync(_mallory, "r"))["actions"]!["everywhere"]!["reach"].Text());

        await InviteAsync(Role.Participant);

        Assert.Equal("scope_denied", (await _host.RefusedAsync(_host.Owner, "r", "configure")).Code.Name);
        Assert.Equal("scope_denied", (await _host.RefusedAsync(_mallory, "r", "everywhere")).Code.Name);
        Assert.Null((await _host.ContextAsync(_mallory, "r"))["actions"]!["everywhere"]!["reach"]);
        Assert.NotNull((await _host.ContextAsync(_mallory, "r"))["views"]!["alices"]!["value"]!["_error"]);

        async Task InviteAsync(Role role) => Assert.Null((await _host.Engine.Rooms.InviteAsync(_host.Owner, "r", "cora", role, Cancel)).Error);
    }

    /// <summary>The answers of writes and dry runs revealed private scopes.</summary>
    [Fact]
    public async Task Answer_OfAWriteToAClosedScope_GivesScopeKeyAndRevision()
    {
        await _host.RegisterAsync(_alice, "r", """
            {"id":"leave","writes":[
              {"scope":"alice","key":"list","append":true,"value":1},{"scope":"alice","key":"map","merge":{"m":1}},{"scope":"alice","key":"n","increment":1},
              {"scope":"alice","key":"map","path":"p","value":2},{"scope":"alice","key":"new","value":3}]}
            """);
        foreach (var dryRun in (bool[])[true, false])
        {
            var answer = await _host.InvokeAsync(_mallory, "r", "leave", requestId: dryRun ? null : "once", dryRun: dryRun);
            Assert.All(answer["writes"]!.AsArray(), static write => Assert.Equal(["scope", "key", "revision"], write.Names()));
            Assert.DoesNotContain("sentinel", answer.ToJsonString(), StringComparison.Ordinal);
        }

        var replayed = await _host.InvokeAsync(_mallory, "r", "leave", requestId: "once");
        Assert.All(replayed["writes"]!.AsArray(), static write => Assert.Equal(["scope", "key", "revision"], write.Names()));
        Assert.Contains("version", (await _host.InvokeAsync(_alice, "r", "leave"))["writes"]![4].Names());
    }

    [Fact]
    public async Task Conflict_OnAClosedScope_TellsNeitherValueNorVersion()
    {
        await _host.RegisterAsync(_alice, "r", """{"id":"swap","params":{"v":"string"},"writes":[{"scope":"alice","key":"password","value":"x","if_version":"${params.v}"}]}""");

        var theirs = await _host.RefusedAsync(_mallory, "r", "swap", """{"v":"0000000000000000"}""");
        var own = await _host.RefusedAsync(_alice, "r", "swap", """{"v":"0000000000000000"}""");

        Assert.Equal(["revision"], theirs.Details!["current"].Names());
        Assert.Equal(Secret, own.Details!["current"]!["value"].Text());
    }

    [Fact]
    public async Task DryRun_OfWhatReadsAClosedScope_LeavesItOut()
    {
        await _host.RegisterAsync(_alice, "r", """{"id":"deal","writes":[{"key":"card","value":"state.alice.password","expr":true}],"result":"state.alice.password"}""");

        var tried = await _host.InvokeAsync(_mallory, "r", "deal", dryRun: true);

        Assert.Equal(["scope", "key", "withheld", "revision"], tried["writes"]![0].Names());
        Assert.True(tried["withheld"].Flag());
        Assert.Null(tried["result"]);
        Assert.Equal(Secret, (await _host.InvokeAsync(_alice, "r", "deal", dryRun: true))["result"].Text());
    }

    /// <summary>Error texts, parts, broken views and hints carried private values, and names of private keys.</summary>
    [Theory]
    [InlineData("int(state.alice.password) == 1")]
    [InlineData("{'a': 1}[state.alice.password] == 1 || timestamp(state.alice.password) == now")]
    [InlineData("state.alice.password == 'x' && state.alice.list == []")]
    [InlineData("state.alice.map.inside.matches('(' + state.alice.password)")]
    public async Task Words_AboutWhatIsPrivate_AreForWhoMayReadIt(string expression)
    {
        var quoted = JsonValue.Create(expression).ToJsonString();
        await _host.RegisterAsync(_alice, "r", $$"""{"id":"guarded","if":{{quoted}},"writes":[]}""");
        await _host.RegisterAsync(_alice, "r", $$"""{"id":"hidden","enabled":{{quoted}},"writes":[]}""");
        await _host.RegisterAsync(_alice, "r", $$"""{"id":"valued","writes":[{"key":"k","value":{{JsonValue.Create("string(" + expression + ") + state.alice.password.charAt(100)").ToJsonString()}},"expr":true}]}""");
        await _host.RegisterAsync(_alice, "r", $$"""{"id":"told","writes":[],"result":{{JsonValue.Create("timestamp(state.alice.password)").ToJsonString()}} }""");
        await _host.ViewAsync(_alice, "r", $$"""{"id":"broken","scope":"self","expr":{{JsonValue.Create("duration(state.alice.password)").ToJsonString()}} }""");
        await _host.ViewAsync(_mallory, "r", """{"id":"over","expr":"views.broken"}""");
        foreach (var action in (string[])["guarded", "hidden", "valued"])
        {
            var error = await _host.RefusedAsync(_mallory, "r", action);
            Assert.DoesNotContain("sentinel", Whole(error), StringComparison.Ordinal);
            await _host.RefusedAsync(_alice, "r", action);
            var explained = await _host.Engine.Actions.ExplainAsync(_mallory, "r", action, new InvokeRequest { Params = EngineHost.Json("{}") }, Cancel);
            Assert.DoesNotContain("sentinel", EngineHost.Node(explained.Value).ToJsonString(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("sentinel", (await _host.InvokeAsync(_mallory, "r", "told")).ToJsonString(), StringComparison.Ordinal);
        await _host.SettleAsync("r");
        Assert.DoesNotContain("sentinel", await EverythingAsync(_mallory), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DidYouMean_NamesNoPrivateKeyOfAnother()
    {
        foreach (var expression in (string[])["state.self.private_key_nam", "state.alice.private_key_nam", "state.alice.private_key_name"])
        {
            var answer = await _host.ViewAsync(_mallory, "r", $$"""{"id":"v","expr":"{{expression}}"}""");
            Assert.DoesNotContain("private_key_name?", answer.ToJsonString(), StringComparison.Ordinal);
            Assert.Null(answer["warnings"]?.AsArray().FirstOrDefault(warning => warning!["path"]?.Text().Contains("alice", StringComparison.Ordinal) == true));
            var wait = await _host.WaitAsync(_mallory, "r", $"{expression} == 1 || true");
            Assert.DoesNotContain("private_key_name\"", wait.ToJsonString().Replace(expression, "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Secret_Parameter_AppearsNowhere()
    {
        const string Pin = "4711-0815-pin";
        await _host.RegisterAsync(_alice, "r", """
            {"id":"unlock","params":{"pin":{"type":"string","secret":true,"pattern":"pin$"},"n":{"type":"integer"}},"if":"params.n != 1 || int(params.pin) == 1",
             "writes":[{"scope":"${self}","key":"pin","value":{"p":"${params.pin}"}},{"scope":"${self}","key":"list","append":true,"value":"${params.pin}"}],"result":"'<' + params.pin + '>'"}
            """);
        var answers = new List<string>
        {
            (await _host.InvokeAsync(_alice, "r", "unlock", $$"""{"pin":"{{Pin}}"}""", requestId: "x")).ToJsonString(),
            (await _host.InvokeAsync(_alice, "r", "unlock", $$"""{"pin":"{{Pin}}"}""", requestId: "x")).ToJsonString(),
            (await _host.InvokeAsync(_alice, "r", "unlock", $$"""{"pin":"{{Pin}}"}""", dryRun: true)).ToJsonString(),
            Whole(await _host.RefusedAsync(_alice, "r", "unlock", $$"""{"pin":"{{Pin}}","n":1}""")),
            Whole(await _host.RefusedAsync(_alice, "r", "unlock", $$"""{"pim":"{{Pin}}"}""")),
            Whole(await _host.RefusedAsync(_alice, "r", "unlock", $$"""{"pin":"{{Pin}}x"}""")),
            EngineHost.Node((await _host.Engine.Actions.ExplainAsync(_alice, "r", "unlock", new InvokeRequest { Params = EngineHost.Json($$"""{"pin":"{{Pin}}","n":1}""") }, Cancel)).Value).ToJsonString(),
        };
        await _host.SettleAsync("r");
        answers.Add(await EverythingAsync(_mallory));
        Assert.All(answers, static answer => Assert.DoesNotContain("4711", answer, StringComparison.Ordinal));
    }

    /// <summary>Help was overridden without proof by a parameter left out.</summary>
    [Fact]
    public async Task Help_Override_NeedsTheVersionThatIsReplaced()
    {
        await _host.RegisterAsync(_mallory, "r", """{"id":"advise","params":{"v":"string","t":"string"},"writes":[{"scope":"_help","key":"guide","value":"${params.t}","if_version":"${params.v}"}]}""");
        await _host.RegisterAsync(_mallory, "r", """{"id":"unadvise","params":{"v":"string"},"writes":[{"scope":"_help","key":"guide","delete":true,"if_version":"${params.v}"}]}""");

        Assert.Equal("scope_denied", (await _host.RefusedAsync(_mallory, "r", "advise", """{"t":"x"}""")).Code.Name);
        Assert.Equal("version_conflict", (await _host.RefusedAsync(_mallory, "r", "advise", """{"t":"x","v":""}""")).Code.Name);
        var version = (await _host.InvokeAsync(_mallory, "r", "help", """{"key":"guide"}"""))["version"].Text();
        await _host.InvokeAsync(_mallory, "r", "advise", $$"""{"t":"ours","v":"{{version}}"}""");
        Assert.Equal("scope_denied", (await _host.RefusedAsync(_mallory, "r", "unadvise")).Code.Name);
        Assert.Equal("ours", (await _host.InvokeAsync(_mallory, "r", "help", """{"key":"guide"}"""))["content"].Text());
    }

    /// <summary>A room of old may hold an action called help: it is never run, and the room opens.</summary>
    [Fact]
    public async Task Help_OfARoomOfOld_IsNeverRun()
    {
        var room = await _host.LoadedAsync("r");
        var outcome = await room.ExecuteAsync(
            WorkSource.Engine,
            moment =>
            {
                var copy = new Sync.Engine.Commands.Invocations.WorkingCopy(moment);
                copy.Put("_actions", "help", JsonText.Of(JsonNode.Parse("""{"id":"help","writes":[{"key":"pwned","value":1}],"registered_by":"mallory"}""")!));
                var e = new RoomEvent { Seq = moment.State.Seq + 1, At = moment.Now, Kind = EventKind.Invoked, Agent = "mallory", Action = "_register_action", Changes = copy.ToChanges() };
                return Decision.Commit(e, moment.State.Apply(e), JsonText.Null);
            },
            Cancel);
        Assert.Null(outcome.Error);
        await _host.RestartAsync();
        var reader = await _host.UserAsync("olga", "rooms:r:read");

        foreach (var caller in (Caller[])[reader, _host.Owner])
        {
            Assert.NotNull((await _host.InvokeAsync(caller, "r", "help"))["keys"]);
        }

        Assert.Null(await _host.StoredAsync("r", "_shared", "pwned"));
        var context = await _host.ContextAsync(_host.Owner, "r");
        Assert.True(context["actions"]!["help"]!["builtin"].Flag());
        Assert.Contains(context["_context"]!["attention"]!.AsArray(), static note => note!["kind"].Text() == "reserved_id");
        await _host.InvokeAsync(_host.Owner, "r", "_delete_action", """{"id":"help"}""");
    }

    /// <summary>An agent named in a body worked with a read-only link.</summary>
    [Fact]
    public async Task Agent_NamedByATokenThatReads_IsRefused()
    {
        await _host.InvokeAsync(_host.Owner, "r", "_send_message", """{"body":"here"}""");
        var reader = await _host.UserAsync("olga", "rooms:r:read");
        await _host.RegisterAsync(_host.Owner, "r", """{"id":"act","if":"state.self.x == null","writes":[{"key":"k","value":1}]}""");
        foreach (var agent in (string[])["olga", "alice"])
        {
            foreach (var action in (string[])["act", "help", "_send_message"])
            {
                Assert.Equal("read_only_token", (await _host.RefusedAsync(reader, "r", action, agent: agent)).Code.Name);
            }

            Assert.Equal("read_only_token", (await _host.Engine.Actions.ExplainAsync(reader, "r", "act", new InvokeRequest { Agent = agent }, Cancel)).Error?.Code.Name);
        }
    }

    [Fact]
    public async Task Timer_ThatTicksOnAPrivateKey_AsksForSight()
    {
        const string Timer = """{"ticks":1,"tick_on":"alice.password","effect":"enable"}""";
        Assert.Equal("not_readable", (await _host.RefusedAsync(_mallory, "r", "_register_action", $$"""{"id":"a","writes":[],"timer":{{Timer}} }""")).Code.Name);
        Assert.Equal("not_readable", (await _host.RefusedAsync(_mallory, "r", "_register_action", $$"""{"id":"a","writes":[],"on_invoke":{"timer":{{Timer}} } }""")).Code.Name);
        Assert.Equal("not_readable", (await _host.RefusedAsync(_mallory, "r", "_register_view", $$"""{"id":"a","expr":"1","timer":{{Timer}} }""")).Code.Name);
        Assert.Equal("not_readable", (await _host.Engine.Agents.UpdateAsync(_mallory, "r", "mallory", EngineHost.Json($$"""{"timer":{{Timer}} }"""), Cancel)).Error?.Code.Name);
        await _host.RegisterAsync(_mallory, "r", $$"""{"id":"a","writes":[{"key":"k","value":1,"timer":{{Timer}} }]}""");
        Assert.Equal("not_readable", (await _host.RefusedAsync(_mallory, "r", "a")).Code.Name);
        Assert.Null((await _host.TryInvokeAsync(_alice, "r", "_register_action", $$"""{"id":"b","writes":[],"timer":{{Timer}} }""")).Error);
    }

    [Fact]
    public async Task Scope_ThatIsAbsent_ReadsAsAnEmptyMapAndWhatMayNotBeReadAsAnError()
    {
        JsonAssert.Equal("[0,false,null,{}]", await _host.EvalAsync(_mallory, "r", "[size(state._nothing), has(state._nothing), state._nothing.x, state._nothing]"));
        foreach (var expression in (string[])["state.alice", "state.alice.x == null", "has(state.alice.password)", "state.?alice.orValue(1)", "size(state.alice)", "'x' in state.alice"])
        {
            Assert.Equal("not_readable", (await _host.Engine.Context.EvalAsync(_mallory, "r", expression, Cancel)).Error?.Code.Name);
        }
    }

    /// <summary>An owner who acts as an agent reads as that agent, unless the others' scopes are asked for.</summary>
    [Fact]
    public async Task Context_OfAnOwnerThatIsAnAgent_IsThatAgents()
    {
        var bound = await _host.UserAsync("olga", "rooms:r");
        Assert.Null((await _host.Engine.Agents.JoinAsync(bound, "r", EngineHost.Json("""{"id":"worker","state":{"own":1}}"""), Cancel)).Error);

        var lean = await _host.ContextAsync(bound, "r");
        var whole = await _host.ContextAsync(bound, "r", "include=private");

        Assert.Equal(("worker", false), (lean["self"].Text(), lean.ToJsonString().Contains(Secret, StringComparison.Ordinal)));
        Assert.Equal(Secret, whole["state"]!["alice"]!["password"].Text());
        Assert.Equal("not_readable", (await _host.Engine.Context.EvalAsync(bound, "r", "state.alice.password", Cancel)).Error?.Code.Name);
        Assert.Equal(Secret, (await _host.ContextAsync(_host.Owner, "r"))["state"]!["alice"]!["password"].Text());
        Assert.Equal("scope_denied", (await _host.Engine.Context.ReadAsync(_mallory, "r", EngineHost.Shape("include=private"), Cancel)).Error?.Code.Name);
    }

    [Fact]
    public async Task Checks_ComeInTheOrderOfTheSpecification()
    {
        await _host.RegisterAsync(_alice, "r", """
            {"id":"all","params":{"p":{"type":"integer","required":true},"v":"string"},"enabled":"state._shared.on == true","if":"params.p > 1","on_invoke":{"timer":{"ms":3600000,"effect":"enable"}},
             "writes":[{"key":"a","value":"state._shared.ok == true ? state.self.n : int('x')","expr":true},{"scope":"bob","key":"b","value":1},{"key":"c","value":1,"if_version":"${params.v}"}]}
            """);
        await _host.RegisterAsync(_alice, "r", """{"id":"put","params":{"k":"string"},"writes":[{"key":"${params.k}","value":true}]}""");
        var reader = await _host.UserAsync("olga", "rooms:r:read");
        await ExpectAsync("read_only_token", reader, "all", """{"if_action_version":"x","params":{"q":1}}""");
        await ExpectAsync("action_not_found", _mallory, "al", """{"if_action_version":"x","params":{"q":1}}""");
        await ExpectAsync("action_changed", _mallory, "all", """{"if_action_version":"x","params":{"q":1}}""");
        await ExpectAsync("action_disabled", _mallory, "all", """{"params":{"q":1}}""");
        await _host.InvokeAsync(_alice, "r", "put", """{"k":"on"}""");
        await ExpectAsync("unknown_param", _mallory, "all", """{"params":{"q":1}}""");
        await ExpectAsync("precondition_failed", _mallory, "all", """{"params":{"p":1,"v":"x"}}""");
        await ExpectAsync("cel_error", _mallory, "all", """{"params":{"p":2,"v":"x"}}""");
        await _host.InvokeAsync(_alice, "r", "put", """{"k":"ok"}""");
        await ExpectAsync("scope_denied", _mallory, "all", """{"params":{"p":2,"v":"x"}}""");
        await _host.JoinAsync("r", "bob");
        await ExpectAsync("scope_denied", _mallory, "all", """{"params":{"p":2,"v":"x"}}""");
        await _host.RegisterAsync(_alice, "r", """
            {"id":"all","params":{"v":"string"},"on_invoke":{"timer":{"ms":3600000,"effect":"enable"}},"writes":[{"key":"a","value":"state.self.n","expr":true},{"key":"c","value":1,"if_version":"${params.v}"}]}
            """);
        await ExpectAsync("consent_required", _mallory, "all", """{"params":{"v":"x"}}""");
        await ExpectAsync("version_conflict", _mallory, "all", """{"params":{"v":"x"},"consent":["state.self"]}""");
        await ExpectAsync(null, _mallory, "all", """{"params":{"v":""},"consent":["state.self"]}""");
        await ExpectAsync("action_changed", _mallory, "all", """{"if_action_version":"x"}""");
        await ExpectAsync("action_cooldown", _mallory, "all", """{"params":{"q":1}}""");

        async Task ExpectAsync(string? code, Caller caller, string action, string body) =>
            Assert.Equal(code, (await _host.Engine.Actions.InvokeAsync(caller, "r", action, InvokeRequest.Parse(EngineHost.Json(body), null).Value, Cancel)).Error?.Code.Name);
    }

    [Fact]
    public async Task Definition_OfALogFromBefore_ActsAtTheLevelItsAgentsUserHasNow()
    {
        await _host.InvokeAsync(_host.Owner, "r", "_send_message", """{"body":"here"}""");
        var room = await _host.LoadedAsync("r");
        await room.ExecuteAsync(
            WorkSource.Engine,
            moment =>
            {
                var copy = new Sync.Engine.Commands.Invocations.WorkingCopy(moment);
                foreach (var (id, by) in ((string, string)[])[("olgas", "olga"), ("alices", "alice")])
                {
                    copy.Put("_actions", id, JsonText.Of(JsonNode.Parse($$"""{"id":"{{id}}","writes":[{"scope":"_config","key":"k","value":1},{"scope":"{{by}}","key":"k","value":1}],"registered_by":"{{by}}"}""")!));
                }

                var e = new RoomEvent { Seq = moment.State.Seq + 1, At = moment.Now, Kind = EventKind.Invoked, Agent = "olga", Action = "_register_action", Changes = copy.ToChanges() };
                return Decision.Commit(e, moment.State.Apply(e), JsonText.Null);
            },
            Cancel);

        Assert.Null((await _host.TryInvokeAsync(_host.Owner, "r", "olgas")).Error);
        Assert.Equal("scope_denied", (await _host.RefusedAsync(_host.Owner, "r", "alices")).Code.Name);
    }

    private static string Whole(SyncError error) => $"{error.Code} {error.Message} {error.HintFor(PlainSteps.Instance)} {error.Details?.ToJsonString()}";

    // Everything that a reader is shown of the room.
    private async Task<string> EverythingAsync(Caller reader)
    {
        var answers = new List<string>
        {
            (await _host.ContextAsync(reader, "r", "depth=usage&meta=true&include=_audit,activity&peek=true")).ToJsonString(),
            EngineHost.Node((await _host.Engine.Context.PollAsync(reader, "r", 500, 500, Cancel)).Value).ToJsonString(),
            EngineHost.Node((await _host.Engine.History.AuditAsync(reader, "r", new AuditQuery(0, 1_000, null, null, null), Cancel)).Value).ToJsonString(),
        };
        using var watch = (await _host.Engine.Live.WatchAsync(reader, "r", Cancel)).Value;
        answers.Add(string.Join('\n', watch.Current.Entries) + string.Join('\n', watch.Current.Activity) + string.Join('\n', watch.Current.Views) + string.Join('\n', watch.Current.Actions));
        return string.Join('\n', answers);
    }
}
