using System.Text.Json.Nodes;
using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>Help: an override needs proof of what it replaces, and no action of a room takes its place.</summary>
public sealed class HelpAuthorityTests : HostileParticipant
{
    /// <summary>Help was overridden without proof by a parameter left out.</summary>
    [Fact]
    public async Task HelpOverride_WithoutTheVersionItReplaces_IsRefused()
    {
        await Host.RegisterAsync(Mallory, "r", """{"id":"advise","params":{"v":"string","t":"string"},"writes":[{"scope":"_help","key":"guide","value":"${params.t}","if_version":"${params.v}"}]}""");
        await Host.RegisterAsync(Mallory, "r", """{"id":"unadvise","params":{"v":"string"},"writes":[{"scope":"_help","key":"guide","delete":true,"if_version":"${params.v}"}]}""");

        Assert.Equal("scope_denied", (await Host.RefusedAsync(Mallory, "r", "advise", """{"t":"x"}""")).Code.Name);
        Assert.Equal("version_conflict", (await Host.RefusedAsync(Mallory, "r", "advise", """{"t":"x","v":""}""")).Code.Name);
        var version = (await Host.InvokeAsync(Mallory, "r", "help", """{"key":"guide"}"""))["version"].Text();
        await Host.InvokeAsync(Mallory, "r", "advise", $$"""{"t":"ours","v":"{{version}}"}""");
        Assert.Equal("scope_denied", (await Host.RefusedAsync(Mallory, "r", "unadvise")).Code.Name);
        Assert.Equal("ours", (await Host.InvokeAsync(Mallory, "r", "help", """{"key":"guide"}"""))["content"].Text());
    }

    /// <summary>A room of old may hold an action called help: it is never run, and the room opens.</summary>
    [Fact]
    public async Task RoomAction_WithTheIdOfHelp_IsNeverRun()
    {
        var room = await Host.LoadedAsync("r");
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
        await Host.RestartAsync();
        var reader = await Host.UserAsync("olga", "rooms:r:read");

        foreach (var caller in (Caller[])[reader, Host.Owner])
        {
            Assert.NotNull((await Host.InvokeAsync(caller, "r", "help"))["keys"]);
        }

        Assert.Null(await Host.StoredAsync("r", "_shared", "pwned"));
        var context = await Host.ContextAsync(Host.Owner, "r");
        Assert.True(context["actions"]!["help"]!["builtin"].Flag());
        Assert.Contains(context["_context"]!["attention"]!.AsArray(), static note => note!["kind"].Text() == "reserved_id");
        await Host.InvokeAsync(Host.Owner, "r", "_delete_action", """{"id":"help"}""");
    }
}
