using System.Text.Json.Nodes;
using Sync.Engine.Identity;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>Conditions of entries, agents and views: they are evaluated with nobody's private scope, and give every reader the same.</summary>
public sealed class ConditionAuthorityTests : HostileParticipant
{
    /// <summary>A password was read letter by letter through somebody's count.</summary>
    [Theory]
    [InlineData("state.alice.password.startsWith('h')")]
    [InlineData("state.self.password.startsWith('h')")]
    [InlineData("state[self].password.startsWith('h')")]
    [InlineData("views.peek.startsWith('h')")]
    public async Task EntryCondition_OverPrivateValues_GivesTheSameToEveryReader(string condition)
    {
        await Host.ViewAsync(Mallory, "r", """{"id":"peek","expr":"state.self.password"}""");
        await Host.RegisterAsync(Mallory, "r", $$"""{"id":"plant","writes":[{"scope":"_trap","key":"k","value":1,"enabled":{{JsonValue.Create(condition).ToJsonString()}} }]}""");
        await Host.InvokeAsync(Mallory, "r", "plant");

        foreach (var reader in (Caller[])[Alice, Mallory, Host.Owner])
        {
            JsonAssert.Equal("0", await Host.EvalAsync(reader, "r", "size(state._trap)"));
            Assert.False(((JsonObject)(await Host.ContextAsync(reader, "r"))["state"]!).ContainsKey("_trap") && (await Host.ContextAsync(reader, "r"))["state"]!["_trap"]!["k"] is not null);
        }
    }

    /// <summary>Agents and views have conditions, too.</summary>
    [Fact]
    public async Task Condition_OfAnAgentOrAView_DoesNotDependOnTheReader()
    {
        await Host.Engine.Agents.UpdateAsync(Mallory, "r", "mallory", EngineHost.Json("""{"enabled":"state.self.n == 1 || state.alice.n == 1"}"""), Cancel);
        await Host.ViewAsync(Mallory, "r", """{"id":"v","expr":"1","enabled":"state.self.n == 1 || state.alice.n == 1"}""");

        var context = await Host.ContextAsync(Alice, "r");

        Assert.Null(context["agents"]!["mallory"]);
        Assert.Null(context["views"]!["v"]);
    }

    /// <summary>Whether an agent shows is one answer, whoever asks first and through which map.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Condition_OfAnAgent_IsTheSameThroughEveryMap(bool evaluatesFirst)
    {
        await Host.Engine.Agents.UpdateAsync(Alice, "r", "alice", EngineHost.Json("""{"enabled":"state.alice.n == 1"}"""), Cancel);
        if (evaluatesFirst)
        {
            JsonAssert.Equal("true", await Host.EvalAsync(Mallory, "r", "'alice' in state._agents"));
        }

        Assert.NotNull((await Host.ContextAsync(Mallory, "r"))["agents"]!["alice"]);
        JsonAssert.Equal("true", await Host.EvalAsync(Mallory, "r", "'alice' in state._agents"));
    }
}
