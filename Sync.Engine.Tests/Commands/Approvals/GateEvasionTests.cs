using System.Text.Json.Nodes;
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
}
