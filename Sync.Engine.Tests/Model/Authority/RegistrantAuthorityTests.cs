using System.Text.Json.Nodes;
using Sync.Engine.Commands;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>The authority of an action: that of its registrant now, never that of who invokes it.</summary>
public sealed class RegistrantAuthorityTests : HostileParticipant
{
    /// <summary>A participant's action wrote with the rights of the owner who invoked it.</summary>
    [Theory]
    [InlineData("alice")]
    [InlineData("_config")]
    [InlineData("olga")]
    public async Task Owner_InvokingAnothersAction_LendsItNothing(string scope)
    {
        await Host.InvokeAsync(Host.Owner, "r", "_send_message", """{"body":"here"}""");
        await Host.RegisterAsync(Mallory, "r", $$"""{"id":"reach","params":{"scope":{"default":"{{scope}}"} },"writes":[{"scope":"${params.scope}","key":"password","value":"taken"}]}""");
        await Host.RegisterAsync(Mallory, "r", $$"""{"id":"reach2","writes":[{"scope":"{{scope}}","key":"password","value":"taken"}]}""");

        Assert.Equal("scope_denied", (await Host.RefusedAsync(Host.Owner, "r", "reach")).Code.Name);
        Assert.Equal("scope_denied", (await Host.RefusedAsync(Host.Owner, "r", "reach2")).Code.Name);
    }

    [Fact]
    public async Task Level_OfARegistrant_IsCappedByTheRoleItsUserHasNow()
    {
        var cora = await Host.UserAsync("cora", "rooms:*");
        await InviteAsync(Role.Owner);
        await Host.RegisterAsync(cora, "r", """{"id":"configure","writes":[{"scope":"_config","key":"k","value":1}]}""");
        await Host.RegisterAsync(cora, "r", """{"id":"everywhere","reach":"all","writes":[{"scope":"alice","key":"seen","value":1}]}""");
        await Host.ViewAsync(cora, "r", """{"id":"alices","scope":"alice","expr":"state.self.n"}""");
        await Host.InvokeAsync(Host.Owner, "r", "configure");
        await Host.InvokeAsync(Mallory, "r", "everywhere");
        Assert.Equal("all", (await Host.ContextAsync(Mallory, "r"))["actions"]!["everywhere"]!["reach"].Text());

        await InviteAsync(Role.Participant);

        Assert.Equal("scope_denied", (await Host.RefusedAsync(Host.Owner, "r", "configure")).Code.Name);
        Assert.Equal("scope_denied", (await Host.RefusedAsync(Mallory, "r", "everywhere")).Code.Name);
        Assert.Null((await Host.ContextAsync(Mallory, "r"))["actions"]!["everywhere"]!["reach"]);
        Assert.NotNull((await Host.ContextAsync(Mallory, "r"))["views"]!["alices"]!["value"]!["_error"]);

        async Task InviteAsync(Role role) => Assert.Null((await Host.Engine.Rooms.InviteAsync(Host.Owner, "r", "cora", role, Cancel)).Error);
    }

    [Fact]
    public async Task Definition_OfALogFromBefore_ActsAtTheLevelItsAgentsUserHasNow()
    {
        await Host.InvokeAsync(Host.Owner, "r", "_send_message", """{"body":"here"}""");
        var room = await Host.LoadedAsync("r");
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

        Assert.Null((await Host.TryInvokeAsync(Host.Owner, "r", "olgas")).Error);
        Assert.Equal("scope_denied", (await Host.RefusedAsync(Host.Owner, "r", "alices")).Code.Name);
    }
}
