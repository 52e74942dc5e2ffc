using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Approvals;

/// <summary>Ways round a gate, and that they lead nowhere.</summary>
public sealed class GateEvasionTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    private static string Decide(JsonNode id, string decision, string more = "") => $$"""{"approval":"{{id}}","decision":"{{decision}}"{{more}}}""";

    // The time that is a write's own: a value that turns on the time is compared as of the asking, and another is written.
    [Fact]
    public async Task WritesThatTurnOnTheTime_AreNotOtherThanShown()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(bob, "r", """{"id":"go","writes":[{"key":"pay","expr":true,"value":"now > timestamp('2026-03-01T12:01:00Z') ? 1000000 : 1"},{"key_expr":"now > timestamp('2026-03-01T12:01:00Z') ? 'ledger' : 'draft'","value":0}],"approve":{"by":"person"}}""");
        var asked = await host.InvokeAsync(bob, "r", "go");
        Assert.Equal("1", asked["writes"]![0]!["value"]!.ToJsonString());
        clock.Advance(TimeSpan.FromMinutes(5));
        var decided = await host.TryInvokeAsync(await host.SessionAsync("olga"), "r", "_decide", Decide(asked["approval"]!, "accept"));
        Assert.True(decided.Error?.Code.Name == "approval_changed", $"{decided.Error?.Code.Name} pay = {await host.StoredAsync("r", "_shared", "pay")}, ledger = {await host.StoredAsync("r", "_shared", "ledger")}");
    }

    // writes_version is of the decider's view: a blind one accepts nothing that was not computed.
    [Theory]
    [InlineData("x")]
    [InlineData("")]
    public async Task WrongWritesVersion_DoesNotAcceptChangedWrites(string version)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"set","params":{"v":"any"},"writes":[{"key":"s","value":"${params.v}"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","expr":true,"value":"state._shared.s"},{"key_expr":"string(state._shared.s)","delete":true}],"approve":{"by":"person"}}""");
        await host.InvokeAsync(bob, "r", "set", """{"v":"one"}""");
        var id = (await host.InvokeAsync(bob, "r", "go"))["approval"]!;
        await host.InvokeAsync(bob, "r", "set", """{"v":"two"}""");
        Assert.Equal("approval_changed", (await host.TryInvokeAsync(await host.SessionAsync("olga"), "r", "_decide", Decide(id, "accept", $$""","writes_version":"{{version}}" """))).Error?.Code.Name);
        await host.InvokeAsync(bob, "r", "set", """{"v":"one"}""");
    }

    // edit: the decider names the invoker's own scope.
    [Fact]
    public async Task Edit_DoesNotWriteTheInvokersPrivateScopeThatOnlyTheDeciderNamed()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var lead = await host.JoinAsync("r", "lead");
        var bob = await host.JoinAsync("r", "bob", ""","state":{"plan":"mine"}""");
        await host.RegisterAsync(lead, "r", """{"id":"put","params":{"scope":"string","value":"any"},"writes":[{"scope":"${params.scope}","key":"plan","value":"${params.value}"}],"approve":{"by":["agent:lead"]}}""");
        var id = (await host.InvokeAsync(bob, "r", "put", """{"scope":"_shared","value":1}"""))["approval"]!;
        var decided = await host.TryInvokeAsync(lead, "r", "_decide", Decide(id, "edit", ""","params":{"scope":"bob","value":"lead was here"}"""));
        Assert.Equal("mine", (await host.StoredAsync("r", "bob", "plan"))!.ToString());
        Assert.NotNull(decided.Error);
    }

    // edit: the decider picks which private value of the invoker is published, on the strength of its trust.
    [Fact]
    public async Task Edit_DoesNotPublishAnotherPrivateValueOnTrust()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var lead = await host.JoinAsync("r", "lead");
        var bob = await host.JoinAsync("r", "bob", ""","state":{"open":"o","secret":"s3cret"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"show","params":{"k":"string"},"writes":[{"key":"shown","expr":true,"value":"state.self[params.k]"}],"approve":{"by":["agent:lead"]}}""");
        var asked = await host.TryInvokeAsync(bob, "r", "show", """{"k":"open"}""");
        Assert.Null(asked.Error);
        var decided = await host.TryInvokeAsync(lead, "r", "_decide", Decide(asked.Value["approval"]!, "edit", ""","params":{"k":"secret"}"""));
        Assert.True(await host.StoredAsync("r", "_shared", "shown") is null, decided.Error?.Code.Name ?? decided.Value.ToJsonString());
    }

    // The refusal in a preview tells anybody of a private guard.
    [Fact]
    public async Task Preview_TellsNobodyElseOfAPrivateGuard()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob", ""","state":{"hp":9}""");
        var eve = await host.JoinAsync("r", "eve");
        await host.RegisterAsync(bob, "r", """{"id":"hurt","writes":[{"scope":"${self}","key":"hp","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","if":"state.self.hp > 5","writes":[{"scope":"${self}","key":"k","value":1}],"approve":{"by":"person"}}""");
        var id = (await host.InvokeAsync(bob, "r", "go"))["approval"]!.ToString();
        var before = EngineHost.Node((await host.Engine.Approvals.ReadAsync(eve, "r", id, Cancel)).Value)["preview"]!;
        await host.InvokeAsync(bob, "r", "hurt");
        var after = EngineHost.Node((await host.Engine.Approvals.ReadAsync(eve, "r", id, Cancel)).Value)["preview"]!;
        Assert.Equal(before.ToJsonString(), after.ToJsonString());
    }

    // Eviction of decided ones by another party.
    [Fact]
    public async Task DecidedApproval_IsNotEvictedByAnotherAgentsFlood()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":"person"}}""");
        var page = await host.SessionAsync("olga");
        var asked = await host.InvokeAsync(bob, "r", "go");
        var id = asked["approval"]!;
        await host.InvokeAsync(page, "r", "_decide", Decide(id, "accept"));
        var mallory = await host.JoinAsync("r", "mallory");
        var m2 = await host.JoinAsync("r", "m2");
        await host.RegisterAsync(mallory, "r", """{"id":"noise","writes":[{"key":"n","value":1}],"approve":{"by":["agent:m2"]}}""");
        for (var i = 0; i < 201; i++)
        {
            var n = await host.TryInvokeAsync(mallory, "r", "noise");
            Assert.True(n.Error is null, $"asking {i}: {n.Error?.Message}");
            var d = await host.TryInvokeAsync(m2, "r", "_decide", Decide(n.Value["approval"]!, "reject"));
            Assert.True(d.Error is null, $"deciding {i}: {d.Error?.Message}");
        }

        var again = await host.TryInvokeAsync(page, "r", "_decide", Decide(id, "accept"));
        var eval = await host.Engine.Context.EvalAsync(bob, "r", asked["wait"]!.ToString(), Cancel);
        Assert.True(again.Error is null, again.Error?.Code.Name + " | wait condition: " + (eval.Error?.Message ?? EngineHost.Node(eval.Value).ToJsonString()));
    }

    // An approval holds the lease it needs, and so one party's self-made gate blocks a key for a week.
    [Fact]
    public async Task GatedActionWithALease_AcceptedAfterItsLeaseWasLost_IsRefused()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        var eve = await host.JoinAsync("r", "eve");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","lease":"x","writes":[{"key":"k","value":1}],"approve":{"by":"person"}}""");
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"x","ttl_ms":60000}""");
        var id = (await host.InvokeAsync(bob, "r", "go"))["approval"]!;
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(5));
        var claimed = await host.TryInvokeAsync(eve, "r", "_claim", """{"key":"x"}""");
        var page = await host.SessionAsync("olga");
        var decided = await host.TryInvokeAsync(page, "r", "_decide", Decide(id, "accept"));
        Assert.True(claimed.Error?.Code.Name == "lease_held" && decided.Error is null, $"the pending approval does not hold its lease: eve claims {claimed.Error?.Code.Name ?? "it"}, decision {decided.Error?.Code.Name}");
    }

    // A role approver is forged by any writer of _role_holders.
    [Fact]
    public async Task Role_IsNotForgedByAWriteToRoleHolders()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":["role:reviewer"]}}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"declare","writes":[{"scope":"_roles","key":"reviewer","value":{"description":"x"}}]}""");
        await host.InvokeAsync(host.Owner, "r", "declare");
        var rita = await host.JoinAsync("r", "rita", ""","role":"reviewer" """);
        var bob = await host.JoinAsync("r", "bob");
        var mallory = await host.JoinAsync("r", "mallory");
        var id = (await host.InvokeAsync(bob, "r", "go"))["approval"]!;
        Assert.NotNull((await host.TryInvokeAsync(mallory, "r", "_decide", Decide(id, "accept"))).Error);
        var reg = await host.TryInvokeAsync(mallory, "r", "_register_action", """{"id":"steal","writes":[{"scope":"_role_holders","key":"reviewer","value":{"agent":"mallory","since":"2026-01-01T00:00:00Z"}}]}""");
        var steal = await host.TryInvokeAsync(mallory, "r", "steal");
        var decided = await host.TryInvokeAsync(mallory, "r", "_decide", Decide(id, "accept"));
        Assert.True(decided.Error is not null, $"reg {reg.Error?.Code.Name} steal {steal.Error?.Code.Name}");
    }

    // What a registrant's private value would be published as is shown before anybody approved.
    [Fact]
    public async Task PrivateValueOfTheRegistrant_IsShownToNobodyBeforeItIsAccepted()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var lead = await host.JoinAsync("r", "lead", ""","state":{"card":"ACE-77"}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(lead, "r", """{"id":"reveal","writes":[{"key":"card","expr":true,"value":"state.lead.card"},{"key":"log","append":true,"expr":true,"value":"state.lead.card"},{"key_expr":"state.lead.card","value":1}],"result":"state._shared.card","approve":{"by":"person"}}""");
        var asked = await host.InvokeAsync(bob, "r", "reveal");
        var id = asked["approval"]!.ToString();
        Assert.DoesNotContain("ACE", asked.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ACE", (await host.StoredAsync("r", "_approvals", id))!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ACE", (await host.ContextAsync(bob, "r")).ToJsonString(), StringComparison.Ordinal);
        var read = await host.Engine.Approvals.ReadAsync(bob, "r", id, Cancel);
        Assert.DoesNotContain("ACE", EngineHost.Node(read.Value).ToJsonString(), StringComparison.Ordinal);
        var list = await host.Engine.Approvals.ListAsync(bob, "r", pendingOnly: false);
        Assert.DoesNotContain("ACE", EngineHost.Node(list.Value).ToJsonString(), StringComparison.Ordinal);
        var ev = await host.Engine.History.EventAsync(bob, "r", asked["seq"]!.GetValue<long>(), Cancel);
        Assert.DoesNotContain("ACE", EngineHost.Node(ev.Value).ToJsonString(), StringComparison.Ordinal);
        // Changed: lead's card changes and an agent that may decide meets approval_changed.
    }

    // edited params that go to a private scope in the log.
    [Fact]
    public async Task EditedParams_OfAPrivateWrite_AreNotInTheLogForOthers()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        var eve = await host.JoinAsync("r", "eve");
        await host.RegisterAsync(host.Owner, "r", """{"id":"keep","params":{"v":"string"},"writes":[{"scope":"${self}","key":"v","value":"${params.v}"}],"result":"params.v","approve":{"by":"person"}}""");
        var id = (await host.InvokeAsync(bob, "r", "keep", """{"v":"PRIV1"}"""))["approval"]!;
        var eveRead = await host.Engine.Approvals.ReadAsync(eve, "r", id.ToString(), Cancel);
        Assert.DoesNotContain("PRIV", EngineHost.Node(eveRead.Value).ToJsonString(), StringComparison.Ordinal);
        var decided = await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", Decide(id, "edit", ""","params":{"v":"PRIV2"}"""));
        Assert.DoesNotContain("PRIV1", decided.ToJsonString(), StringComparison.Ordinal);
        foreach (var seq in (long[])[decided["seq"]!.GetValue<long>(), decided["seq"]!.GetValue<long>() - 1])
        {
            Assert.DoesNotContain("PRIV", EngineHost.Node((await host.Engine.History.EventAsync(eve, "r", seq, Cancel)).Value).ToJsonString(), StringComparison.Ordinal);
            Assert.DoesNotContain("PRIV", System.Text.Encoding.UTF8.GetString((await host.Engine.History.ReplayAsync(eve, "r", new EventCursor(seq), Cancel)).Value.Span), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("PRIV", (await host.ContextAsync(eve, "r")).ToJsonString(), StringComparison.Ordinal);
        eveRead = await host.Engine.Approvals.ReadAsync(eve, "r", id.ToString(), Cancel);
        Assert.DoesNotContain("PRIV", EngineHost.Node(eveRead.Value).ToJsonString(), StringComparison.Ordinal);
    }

    // Copies of the clock are no other writes, wherever they stand, and what was said to be accepted is accepted a while later, too.
    [Theory]
    [InlineData("""{"key":"k","value":"${now}"}""", true)]
    [InlineData("""{"key":"k","value":{"by":"${self}","note":"done at ${now}, all of it"}}""", true)]
    [InlineData("""{"key":"k","expr":true,"value":"{'from': now, 'to': now + duration('1h'), 'n': 3}"}""", true)]
    [InlineData("""{"key":"log","append":true,"value":{"at":"${now}"}}""", true)]
    [InlineData("""{"key":"k","expr":true,"value":"now > timestamp('2026-03-01T12:01:00Z') ? [now, now] : [now]"}""", false)]
    [InlineData("""{"key":"k","expr":true,"value":"now > timestamp('2026-03-01T12:01:00Z') ? string(now) : '2020-01-01T00:00:00Z'"}""", false)]
    [InlineData("""{"scope_expr":"now > timestamp('2026-03-01T12:01:00Z') ? '_b' : '_a'","key":"k","value":"${now}"}""", false)]
    [InlineData("""{"key":"n","expr":true,"increment":"now > timestamp('2026-03-01T12:01:00Z') ? 100 : 1"}""", false)]
    [InlineData("""{"key":"k","expr":true,"value":"{'at': now, 'who': now > timestamp('2026-03-01T12:01:00Z') ? 'eve' : 'bob'}"}""", false)]
    public async Task WritesOfALaterMoment_AreAcceptedWhereOnlyTheClockHasMoved(string write, bool isSame)
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(bob, "r", """{"id":"go","writes":[WRITE],"approve":{"by":"person"}}""".Replace("WRITE", write, StringComparison.Ordinal));
        var id = (await host.InvokeAsync(bob, "r", "go"))["approval"]!;
        clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromTicks(12_345_678));
        var page = await host.SessionAsync("olga");
        var decided = await host.TryInvokeAsync(page, "r", "_decide", Decide(id, "accept"));
        if (isSame)
        {
            Assert.True(decided.Error is null, decided.Error?.Message);
            return;
        }

        Assert.Equal("approval_changed", decided.Error?.Code.Name);
        var version = decided.Error!.Details!["writes_version"]!;
        clock.Advance(TimeSpan.FromMinutes(3) + TimeSpan.FromTicks(7_654_321));
        Assert.Equal(version.ToString(), EngineHost.Node((await host.Engine.Approvals.ReadAsync(page, "r", id.ToString(), Cancel)).Value)["preview"]!["writes_version"]!.ToString());
        Assert.Null((await host.TryInvokeAsync(page, "r", "_decide", Decide(id, "accept", $$""","writes_version":"{{version}}" """))).Error);
    }

    // Another's parameters are no word of the invoker's, whoever registered the action and whomever the invoker trusts.
    [Theory]
    [InlineData("owner")]
    [InlineData("trusted")]
    public async Task Edit_OfWhatShowsAPrivateValue_TellsTheDeciderToLetItBeAskedAnew(string registrant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var lead = await host.JoinAsync("r", "lead");
        var bob = await host.JoinAsync("r", "bob", ""","state":{"open":"o","secret":"s3cret"}""");
        Assert.Null((await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json("""{"trusts":["lead"]}"""), Cancel)).Error);
        await host.RegisterAsync(registrant == "owner" ? host.Owner : lead, "r", """{"id":"show","params":{"k":"string"},"writes":[{"key":"shown","expr":true,"value":"state.self[params.k]"}],"approve":{"by":["agent:lead"]}}""");
        var id = (await host.InvokeAsync(bob, "r", "show", """{"k":"open"}"""))["approval"]!;
        var refused = await host.RefusedAsync(lead, "r", "_decide", Decide(id, "edit", ""","params":{"k":"secret"}"""));
        Assert.Equal("consent_required", refused.Code.Name);
        Assert.Contains("Reject it", refused.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refused.Message + refused.Hint, StringComparison.Ordinal);
        Assert.Null(await host.StoredAsync("r", "_shared", "shown"));
        Assert.Null((await host.TryInvokeAsync(lead, "r", "_decide", Decide(id, "accept"))).Error);
        Assert.Equal("o", (await host.StoredAsync("r", "_shared", "shown"))!.ToString());
    }

    // The definition of a scope of an agent goes with the agent, and comes back without its gate.
    [Theory]
    [InlineData("lead")]
    public async Task PersonsGate_IsNotDeletedByATokenWithTheAgentOfItsScope(string scope)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", scope);
        await host.RegisterAsync(await host.SessionAsync("olga"), "r", """{"id":"go","scope":"lead","writes":[{"scope":"_shared","key":"k","value":1}],"approve":{"by":"person"}}""");
        Assert.Equal("person_required", (await host.RefusedAsync(host.Owner, "r", "_delete_action", """{"id":"go"}""")).Code.Name);
        var removed = await host.Engine.Agents.RemoveAsync(host.Owner, "r", "lead", free: true, Cancel);
        var again = await host.TryInvokeAsync(host.Owner, "r", "_register_action", """{"id":"go","writes":[{"scope":"_shared","key":"k","value":1}]}""");
        Assert.True((await host.LoadedAsync("r")).Published.Actions.GetValueOrDefault("go")?.Definition.Approve is not null, $"removed {removed.Error?.Code.Name}, again {again.Error?.Code.Name}");
    }

    // By the agent itself, a collaborator's or guest's: remove oneself.
    [Fact]
    public async Task PersonsGate_IsNotDeletedByTheAgentOfItsScopeLeaving()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var lead = await host.JoinAsync("r", "lead");
        await host.RegisterAsync(await host.SessionAsync("olga"), "r", """{"id":"go","scope":"lead","writes":[{"scope":"_shared","key":"k","value":1}],"approve":{"by":"person"}}""");
        Assert.NotNull((await host.TryInvokeAsync(lead, "r", "_delete_action", """{"id":"go"}""")).Error);
        var removed = await host.Engine.Agents.RemoveAsync(lead, "r", "lead", free: false, Cancel);
        var mallory = await host.JoinAsync("r", "mallory");
        var again = await host.TryInvokeAsync(mallory, "r", "_register_action", """{"id":"go","writes":[{"scope":"_shared","key":"k","value":2}]}""");
        Assert.Null(removed.Error);
        Assert.Equal("not_owner", again.Error?.Code.Name);
        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_register_action", """{"id":"go","writes":[]}""")).Error?.Code.Name);
        await host.RestartAsync();
        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_register_action", """{"id":"go","writes":[]}""")).Error?.Code.Name);
        var state = (await host.LoadedAsync("r")).Published;
        Assert.Equal("go", Assert.Single(Sync.Engine.Model.State.SnapshotJson.Read(Sync.Engine.Model.State.SnapshotJson.Write(state), state.Language).KeptGates).Key);
        await host.RegisterAsync(await host.SessionAsync("olga"), "r", """{"id":"go","writes":[]}""");
        Assert.Empty((await host.LoadedAsync("r")).Published.KeptGates);
    }

    // Two gates of different deciders.
    [Fact]
    public async Task ActionGateAndRuleGate_OfDifferentDeciders_CanBeMet()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var page = await host.SessionAsync("olga");
        var lead = await host.JoinAsync("r", "lead");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"rule","params":{"list":"any"},"writes":[{"scope":"_config","key":"targets","value":"${params.list}"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":["agent:lead"]}}""");
        await host.InvokeAsync(page, "r", "rule", """{"list":[{"scope":"_shared","key":"k","approve":{"by":"person"}}]}""");
        var id = (await host.InvokeAsync(bob, "r", "go"))["approval"]!;
        var one = await host.TryInvokeAsync(lead, "r", "_decide", Decide(id, "accept"));
        var two = await host.TryInvokeAsync(page, "r", "_decide", Decide(id, "accept"));
        Assert.Equal("pending", one.Value["status"]!.ToString());
        Assert.Equal("person", one.Value["needs"]![0]!["by"]!.ToString());
        Assert.Null(await host.StoredAsync("r", "_shared", "nothing"));
        Assert.True(two.Error is null, two.Error?.Message);
        Assert.Equal("accepted", two.Value["status"]!.ToString());
        Assert.Equal("1", (await host.StoredAsync("r", "_shared", "k"))!.ToString());
    }

    // An agent of nobody, joined without a token by the user who asked, decides for them.
    [Fact]
    public async Task AnonymousAgentOfTheSameHand_IsHeldOffByALevel()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ben = await host.MemberAsync("r", "ben", Role.Participant, "rooms:*");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":["agent:lead"]}}""");
        var id = (await host.InvokeAsync(ben, "r", "go"))["approval"]!;
        var lead = await host.JoinAsync("r", "lead");
        Assert.NotNull((await host.TryInvokeAsync(lead, "r", "_decide", Decide(id, "accept"))).Error);
    }

    // The id of an approver who left is taken by a stranger.
    [Fact]
    public async Task ApproverWhoLeft_IsNotReplacedByAStranger()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var lead = await host.JoinAsync("r", "lead");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":["agent:lead"]}}""");
        var id = (await host.InvokeAsync(bob, "r", "go"))["approval"]!;
        await host.Engine.Agents.RemoveAsync(lead, "r", "lead", free: false, Cancel);
        var joined = await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"lead"}"""), Cancel);
        if (joined.Error is not null)
        {
            return;
        }

        var stranger = await host.CallerAsync(JsonNode.Parse(joined.Value.Json.Span)!["token"]!.GetValue<string>());
        Assert.NotNull((await host.TryInvokeAsync(stranger, "r", "_decide", Decide(id, "accept"))).Error);
    }

    // By patch: a delete timer on the agent.
    [Fact]
    public async Task ByPerson_IsKeptAfterATimerOfTheDefinitionFired()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(await host.SessionAsync("olga"), "r", """{"id":"go","writes":[{"key":"k","value":1}],"timer":{"ms":1000,"effect":"enable"},"approve":{"by":"person"}}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(5));
        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_register_action", """{"id":"go","writes":[{"key":"k","value":1}]}""")).Error?.Code.Name);
    }

    [Fact]
    public async Task ByPerson_IsKeptAfterTicksAndInvocations()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"tick","writes":[{"key":"t","increment":1}]}""");
        await host.RegisterAsync(await host.SessionAsync("olga"), "r", """{"id":"go","writes":[{"key":"k","value":1}],"on_invoke":{"timer":{"ticks":1,"tick_on":"_shared.t","effect":"enable"}},"timer":{"ticks":3,"tick_on":"_shared.t","effect":"enable"},"approve":{"by":"person","when":"false"}}""");
        for (var i = 0; i < 4; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "tick");
        }

        await host.InvokeAsync(host.Owner, "r", "go");
        await host.InvokeAsync(host.Owner, "r", "tick");
        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_register_action", """{"id":"go","writes":[{"key":"k","value":1}]}""")).Error?.Code.Name);
        await host.RestartAsync();
        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_register_action", """{"id":"go","writes":[{"key":"k","value":1}]}""")).Error?.Code.Name);
    }

    // Own user's room token: whoever minted it.
    [Theory]
    [InlineData("\"owner\"", false)]
    [InlineData("\"owner\"", true)]
    public async Task OwnerGate_IsNotDecidedByARoomTokenOfTheSameUser(string by, bool minted)
    {
        await using var host = await EngineHost.StartAsync();
        var room = await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":BY}}""".Replace("BY", by, StringComparison.Ordinal));
        var id = (await host.InvokeAsync(host.Owner, "r", "go"))["approval"]!;
        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_decide", Decide(id, "accept"))).Error?.Code.Name);
        Caller token;
        if (minted)
        {
            var issued = await host.MintAsync(host.Owner, scope: null, room: "r");
            if (issued.Error is { } e) { Assert.Fail($"mint {e.Code.Name} {e.Message}"); }
            token = await host.CallerAsync(issued.Value.Secret);
        }
        else
        {
            token = await host.CallerAsync(room.RoomToken);
        }

        var decided = await host.TryInvokeAsync(token, "r", "_decide", Decide(id, "accept"));
        Assert.True(decided.Error is not null, decided.Error is null ? decided.Value.ToJsonString() : "");
    }

    // Agent-named by an admin token that is another user's... the decider's user is asked; the room token acting as another agent.
    [Fact]
    public async Task ListGate_IsNotDecidedByARoomTokenNamingTheApprover()
    {
        await using var host = await EngineHost.StartAsync();
        var room = await host.RoomAsync("r");
        var token = await host.CallerAsync(room.RoomToken);
        await host.JoinAsync("r", "lead");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":["agent:lead"]}}""");
        var id = (await host.InvokeAsync(host.Owner, "r", "go"))["approval"]!;
        var own = await host.TryInvokeAsync(host.Owner, "r", "_decide", Decide(id, "accept"), agent: "lead");
        Assert.NotNull(own.Error);
        var decided = await host.TryInvokeAsync(token, "r", "_decide", Decide(id, "accept"), agent: "lead");
        Assert.True(decided.Error is not null, decided.Error is null ? decided.Value.ToJsonString() : "");
    }

    // What several accept is one and the same; a word is given once, holds over a restart, and anybody who may decide rejects.
    [Fact]
    public async Task SeveralGates_AreMetByThoseWhoAcceptTheSame()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var page = await host.SessionAsync("olga");
        var lead = await host.JoinAsync("r", "lead");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"rule","params":{"list":"any"},"writes":[{"scope":"_config","key":"targets","value":"${params.list}"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","params":{"v":"any"},"writes":[{"key":"k","value":"${params.v}"}],"approve":{"by":["agent:lead"]}}""");
        await host.InvokeAsync(page, "r", "rule", """{"list":[{"scope":"_shared","key":"k","approve":{"by":"person"}}]}""");
        var id = (await host.InvokeAsync(bob, "r", "go", """{"v":1}"""))["approval"]!;
        var first = await host.InvokeAsync(lead, "r", "_decide", Decide(id, "accept"));
        var seq = (await host.LoadedAsync("r")).Published.Seq;
        Assert.Equal("pending", (await host.InvokeAsync(lead, "r", "_decide", Decide(id, "accept")))["status"]!.ToString());
        Assert.Equal(seq, (await host.LoadedAsync("r")).Published.Seq);
        Assert.Equal("lead", first["accepted"]![0]!["by"]!.ToString());
        await host.RestartAsync();
        page = await host.SessionAsync("olga");
        Assert.Equal("pending", (await host.InvokeAsync(page, "r", "_decide", Decide(id, "edit", ""","params":{"v":2}""")))["status"]!.ToString());
        Assert.Null(await host.StoredAsync("r", "_shared", "k"));
        var read = EngineHost.Node((await host.Engine.Approvals.ReadAsync(page, "r", id.ToString(), Cancel)).Value);
        Assert.Equal("""["agent:lead"]""", read["needs"]![0]!["by"]!.ToJsonString());
        Assert.Equal("true", EngineHost.Node((await host.Engine.Context.EvalAsync(bob, "r", $"approvals[\"{id}\"].needs == [\"agent:lead\"] && approvals[\"{id}\"].accepted == [\"olga\"]", Cancel)).Value)["value"]!.ToJsonString());
        Assert.Equal("accepted", (await host.InvokeAsync(lead, "r", "_decide", Decide(id, "edit", ""","params":{"v":2}""")))["status"]!.ToString());
        Assert.Equal("2", (await host.StoredAsync("r", "_shared", "k"))!.ToString());

        var other = (await host.InvokeAsync(bob, "r", "go", """{"v":3}"""))["approval"]!;
        await host.InvokeAsync(page, "r", "_decide", Decide(other, "accept"));
        Assert.Equal("rejected", (await host.InvokeAsync(lead, "r", "_decide", Decide(other, "reject")))["status"]!.ToString());
        Assert.Equal("2", (await host.StoredAsync("r", "_shared", "k"))!.ToString());
    }
}
