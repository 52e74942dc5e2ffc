using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>Publishing what the invoker keeps: it needs the consent of the invoker, or trust in the registrant.</summary>
public sealed class ConsentTests : HostileParticipant
{
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
    public async Task Value_OfAnothersAction_PublishesNothingOfTheInvokerWithoutConsent(string expression, string? code)
    {
        await Host.ViewAsync(Mallory, "r", """{"id":"peek","expr":"state.self.password"}""");
        await Host.RegisterAsync(Mallory, "r", """{"id":"gate","if":"state.self.password.startsWith('h')","writes":[]}""");
        await Host.RegisterAsync(Mallory, "r", $$"""{"id":"take","params":{"who":{"default":"alice"} },"writes":[{"key":"taken","value":{{JsonValue.Create(expression).ToJsonString()}},"expr":true}]}""");

        var outcome = await Host.TryInvokeAsync(Alice, "r", "take");

        Assert.Equal(code, outcome.Error?.Code.Name);
        var stored = (await Host.StoredAsync("r", "_shared", "taken"))?.ToJsonString() ?? "";
        Assert.DoesNotContain("sentinel", stored, StringComparison.Ordinal);
        Assert.NotEqual("true", stored);
        Assert.DoesNotContain("sentinel", await EverythingAsync(Mallory), StringComparison.Ordinal);
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
    public async Task Write_IntoAKeyOfTheInvokerThatOthersSee_NeedsConsentWhereItReadsMoreThanThatKey(string write, string? code)
    {
        await Host.ViewAsync(Alice, "r", """{"id":"status","scope":"alice","expr":"state.self.status"}""");
        await Host.ViewAsync(Alice, "r", """{"id":"shy","scope":"alice","expr":"1","enabled":"state.alice.flag == true"}""");
        await Host.RegisterAsync(Alice, "r", """{"id":"open","scope":"alice","if":"state.alice.gate == true","writes":[]}""");
        Assert.Null((await Host.Engine.Agents.UpdateAsync(Alice, "r", "alice", EngineHost.Json("""{"enabled":"state.alice.mood != true"}"""), Cancel)).Error);
        await Host.RegisterAsync(Mallory, "r", $$$"""{"id":"set","params":{"k":{"default":"self"},"me":{"default":"x"} },"writes":[{{{write}}}]}""");

        var outcome = await Host.TryInvokeAsync(Alice, "r", "set", """{"me":"alice"}""");

        Assert.Equal(code, outcome.Error?.Code.Name);
    }

    [Fact]
    public async Task Consent_WithTheVersionThatWasRead_PublishesOnce()
    {
        var registered = await Host.RegisterAsync(Mallory, "r", """{"id":"show","writes":[{"key":"shown","value":"state.self.password","expr":true}]}""");
        Assert.Equal("state.self", registered["publishes"]![0].Text());
        Assert.Equal("state.self", (await Host.ContextAsync(Alice, "r"))["actions"]!["show"]!["publishes"]![0].Text());
        var asked = await Host.RefusedAsync(Alice, "r", "show");
        Assert.Equal(("consent_required", "mallory", Secret), (asked.Code.Name, asked.Details!["registered_by"].Text(), asked.Details["writes"]![0]!["value"].Text()));
        var version = asked.Details["if_action_version"].Text();
        Assert.Equal((registered["version"].Text(), (await Host.ContextAsync(Alice, "r"))["actions"]!["show"]!["version"].Text()), (version, version));

        await Host.RegisterAsync(Mallory, "r", """{"id":"show","writes":[{"key":"shown","value":"state.self","expr":true}]}""");
        Assert.Equal("action_changed", (await AgreeAsync(version)).Error?.Code.Name);
        await Host.RegisterAsync(Mallory, "r", """{"id":"show","writes":[{"key":"shown","value":"state.self.password","expr":true}]}""");
        Assert.Null((await AgreeAsync(version)).Error);
        Assert.Equal(Secret, (await Host.StoredAsync("r", "_shared", "shown")).Text());
        Assert.Equal("consent_required", (await Host.RefusedAsync(Alice, "r", "show")).Code.Name);

        Task<Outcome<Invoked>> AgreeAsync(string of) =>
            Host.Engine.Actions.InvokeAsync(Alice, "r", "show", InvokeRequest.Parse(EngineHost.Json($$"""{"consent":["state.self"],"if_action_version":"{{of}}"}"""), null).Value, Cancel);
    }

    [Fact]
    public async Task Trust_InTheRegistrant_CanBeWithdrawnAndEndsWithTheAgent()
    {
        await Host.RegisterAsync(Mallory, "r", """{"id":"show","writes":[{"key":"shown","value":"state.self.n","expr":true}]}""");
        await TrustAsync("""["mallory"]""");
        await Host.InvokeAsync(Alice, "r", "show");
        await TrustAsync("[]");
        Assert.Equal("consent_required", (await Host.RefusedAsync(Alice, "r", "show")).Code.Name);
        await TrustAsync("""["mallory"]""");

        Assert.Null((await Host.Engine.Agents.RemoveAsync(Host.Owner, "r", "mallory", free: true, Cancel)).Error);
        var again = await Host.JoinAsync("r", "mallory");
        Assert.Equal("consent_required", (await Host.RefusedAsync(Alice, "r", "show")).Code.Name);
        await Host.RegisterAsync(again, "r", """{"id":"show2","writes":[{"key":"shown","value":"state.self.n","expr":true}]}""");
        Assert.Equal("consent_required", (await Host.RefusedAsync(Alice, "r", "show2")).Code.Name);

        async Task TrustAsync(string agents) =>
            Assert.Null((await Host.Engine.Agents.UpdateAsync(Alice, "r", "alice", EngineHost.Json($$"""{"trusts":{{agents}} }"""), Cancel)).Error);
    }
}
