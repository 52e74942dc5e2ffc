using Sync.Engine.Commands.Agents;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Commands.Agents;

/// <summary>Declared roles and their holders, over the standard library's actions and the rules that an embodiment asks.</summary>
public sealed class RolesTests
{
    [Fact]
    public async Task Roles_OfARoomThatDeclaresNone_AreLabels()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var moment = await MomentAsync(host);

        Assert.Empty(Roles.Declared(moment));
        Assert.Null(Roles.Check(moment, "anything", agent: null));
        var copy = new WorkingCopy(moment);
        Roles.Fill(copy, moment, "anything", Named("alice"), "test");
        Assert.Empty(copy.ToChanges());
    }

    [Fact]
    public async Task Role_FilledByTheLibrary_IsHeldForAnEmbodimentToo()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await DeclaredAsync(host);
        await host.InvokeAsync(alice, "r", "fill_role", """{"role":"lead"}""");
        var moment = await MomentAsync(host);

        Assert.Equal(["lead", "reviewer"], Roles.Declared(moment));
        Assert.Equal("alice", Roles.HolderOf(moment, "lead"));
        Assert.Equal(["lead"], Roles.HeldBy(moment, "alice"));
        Assert.Null(Roles.Check(moment, "lead", "alice"));
        Assert.Null(Roles.Check(moment, "reviewer", "bob"));
        var held = Roles.Check(moment, "lead", "bob")!;
        Assert.Equal(ErrorCode.LeaseHeld, held.Code);
        Assert.Equal("alice", held.Details!["holder"].Text());
        var unknown = Roles.Check(moment, "leed", "bob")!;
        Assert.Equal(ErrorCode.InvalidParameter, unknown.Code);
        Assert.Equal("Did you mean 'lead'?", unknown.HintFor(PlainSteps.Instance));
        JsonAssert.Equal("""[{"role":"lead","agent":"alice"},{"role":"reviewer","agent":null}]""", unknown.Details!["roles"]);
    }

    [Fact]
    public async Task Role_FilledByAnEmbodiment_IsTheLeaseThatFillRoleTakes()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await DeclaredAsync(host);
        await host.InvokeAsync(alice, "r", "fill_role", """{"role":"lead"}""");
        var moment = await MomentAsync(host);
        var copy = new WorkingCopy(moment);

        Roles.Fill(copy, moment, "reviewer", Named("bob"), "test");
        Roles.Fill(copy, moment, "lead", moment.State.Agents["alice"], "test");

        var change = Assert.Single(copy.ToChanges());
        Assert.Equal(("_leases", "role:reviewer"), (change.Scope, change.Key));
        Assert.Equal("alice", (await host.EvalAsync(alice, "r", "leases['role:lead'].holder")).Text());
    }

    [Fact]
    public async Task Role_OfAnAgentThatIsRemoved_IsVacant()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await DeclaredAsync(host);
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(alice, "r", "fill_role", """{"role":"lead"}""");
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "alice", free: true, EngineHost.Cancel)).Error);

        Assert.Null(await host.EvalAsync(bob, "r", "leases['role:lead']"));
        await host.InvokeAsync(bob, "r", "fill_role", """{"role":"lead"}""");
        Assert.Equal("bob", Roles.HolderOf(await MomentAsync(host), "lead"));
    }

    [Fact]
    public async Task Role_OfAnAgentThatIsLetGo_IsVacated()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await DeclaredAsync(host);
        await host.InvokeAsync(alice, "r", "fill_role", """{"role":"lead"}""");
        await host.InvokeAsync(alice, "r", "fill_role", """{"role":"reviewer"}""");
        var moment = await MomentAsync(host);

        var released = Roles.DecideRelease(moment, moment.State.Agents["alice"].Binding, new RoomLimits());

        Assert.True(released.Writes);
        Assert.Empty(Roles.HeldBy(moment with { State = released.After! }, "alice"));
        Assert.False(Roles.DecideRelease(moment with { State = released.After! }, moment.State.Agents["alice"].Binding, new RoomLimits()).Writes);
    }

    private static async Task<Sync.Engine.Identity.Caller> DeclaredAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        foreach (var action in (string[])["define_role", "fill_role", "vacate_role"])
        {
            await host.RegisterAsync(host.Owner, "r", $$"""{"from":"standard_library","id":"{{action}}"}""");
        }

        await host.InvokeAsync(alice, "r", "define_role", """{"role":"lead","description":"leads"}""");
        await host.InvokeAsync(alice, "r", "define_role", """{"role":"reviewer","description":"reviews"}""");
        return alice;
    }

    private static AgentRecord Named(string id) => new() { Id = id, Name = id, Role = AgentRole.Default, JoinedAt = DateTimeOffset.UnixEpoch, JoinedSeq = 1 };

    private static async Task<Moment> MomentAsync(EngineHost host)
    {
        var room = await host.LoadedAsync("r");
        return new Moment(room.Published, room.Presence, host.Time.GetUtcNow(), Record: null);
    }
}
