using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Services.Tokens;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Every operation of the engine, asked for by everybody who may not.</summary>
public sealed class DeniedTests
{
    private static readonly AuditQuery s_audit = new(null, 10, null, null, null);

    /// <summary>Every operation on a room with the least access it needs: v(iews), r(ead), w(rite), a(dmin).</summary>
    private static readonly (string Name, char Needs, Func<EngineHost, Caller, Task<SyncError?>> Call)[] s_operations =
    [
        ("get", 'r', async (h, c) => (await h.Engine.Rooms.GetAsync(c, "r", EngineHost.Cancel)).Error),
        ("patch", 'a', async (h, c) => (await h.Engine.Rooms.PatchAsync(c, "r", new RoomPatch("x", null), EngineHost.Cancel)).Error),
        ("invite", 'a', async (h, c) => (await h.Engine.Rooms.InviteAsync(c, "r", "olga", Role.Owner, EngineHost.Cancel)).Error),
        ("context", 'v', async (h, c) => (await h.Engine.Context.ReadAsync(c, "r", ContextShape.Default, EngineHost.Cancel)).Error),
        ("context of the past", 'r', async (h, c) => (await h.Engine.Context.ReadAsync(c, "r", ContextShape.Default with { AtCursor = 1 }, EngineHost.Cancel)).Error),
        ("context since", 'r', async (h, c) => (await h.Engine.Context.ReadAsync(c, "r", ContextShape.Default with { SinceCursor = 1 }, EngineHost.Cancel)).Error),
        ("context with the log", 'r', async (h, c) => (await h.Engine.Context.ReadAsync(c, "r", ContextShape.Default with { Include = ContextExtras.Audit }, EngineHost.Cancel)).Error),
        ("samples", 'v', async (h, c) => (await h.Engine.History.SamplesAsync(c, "r", "seen", null, 10, EngineHost.Cancel)).Error),
        ("samples of another view", 'r', async (h, c) => (await h.Engine.History.SamplesAsync(c, "r", "hidden", null, 10, EngineHost.Cancel)).Error),
        ("event", 'r', async (h, c) => (await h.Engine.History.EventAsync(c, "r", 1, EngineHost.Cancel)).Error),
        ("export", 'a', async (h, c) => (await h.Engine.History.ExportAsync(c, "r", Stream.Null, EngineHost.Cancel)).Error),
        ("examine", 'r', async (h, c) => (await h.Engine.Context.ExamineAsync(c, "r", "1", null, EngineHost.Cancel)).Error),
        ("page model of the past", 'r', async (h, c) => (await h.Engine.Live.AtAsync(c, "r", 1, EngineHost.Cancel)).Error),
        ("changes", 'r', async (h, c) => (await h.Engine.Live.ChangesAsync(c, "r", EngineHost.Cancel)).Error),
        ("poll", 'r', async (h, c) => (await h.Engine.Context.PollAsync(c, "r", MessageSelection.All, 10, 10, EngineHost.Cancel)).Error),
        ("eval", 'r', async (h, c) => (await h.Engine.Context.EvalAsync(c, "r", "1", EngineHost.Cancel)).Error),
        ("wait", 'r', async (h, c) => (await h.Engine.Waits.WaitAsync(c, "r", "true", null, ContextShape.Default, EngineHost.Cancel)).Error),
        ("mark read", 'w', async (h, c) => (await h.Engine.Inbox.MarkReadAsync(c, "r", 0, EngineHost.Cancel)).Error),
        ("history", 'r', async (h, c) => (await h.Engine.History.KeyAsync(c, "r", "_shared", "k", null, 10, EngineHost.Cancel)).Error),
        ("replay", 'r', async (h, c) => (await h.Engine.History.ReplayAsync(c, "r", 1, EngineHost.Cancel)).Error),
        ("audit", 'r', async (h, c) => (await h.Engine.History.AuditAsync(c, "r", s_audit, EngineHost.Cancel)).Error),
        ("events", 'r', async (h, c) => (await h.Engine.Live.EventsAsync(c, "r", null, parameter: "since", EngineHost.Cancel)).Error),
        ("watch", 'v', async (h, c) =>
        {
            var outcome = await h.Engine.Live.WatchAsync(c, "r", EngineHost.Cancel);
            if (outcome.Error is null)
            {
                outcome.Value.Dispose();
            }

            return outcome.Error;
        }),
        ("help", 'r', async (h, c) => (await h.TryInvokeAsync(c, "r", "help")).Error),
        ("explain", 'r', async (h, c) => (await h.Engine.Actions.ExplainAsync(c, "r", "act", new InvokeRequest(), EngineHost.Cancel)).Error),
        ("invoke", 'w', async (h, c) => (await h.TryInvokeAsync(c, "r", "act")).Error),
        ("dry run", 'w', async (h, c) => (await h.TryInvokeAsync(c, "r", "act", dryRun: true)).Error),
        ("register action", 'w', async (h, c) => (await h.TryInvokeAsync(c, "r", "_register_action", """{"id":"mine","writes":[]}""")).Error),
        ("register view", 'w', async (h, c) => (await h.TryInvokeAsync(c, "r", "_register_view", """{"id":"mine","expr":"1"}""")).Error),
        ("send", 'w', async (h, c) => (await h.TryInvokeAsync(c, "r", "_send_message", """{"body":"x"}""")).Error),
        ("update agent", 'w', async (h, c) => (await h.Engine.Agents.UpdateAsync(c, "r", "alice", EngineHost.Json("""{"name":"x"}"""), EngineHost.Cancel)).Error),
        ("join", 'w', async (h, c) => (await h.Engine.Agents.JoinAsync(c, "r", EngineHost.Json("{}"), EngineHost.Cancel)).Error),
        ("make an invitation", 'a', async (h, c) => (await h.Engine.Invitations.CreateAsync(c, "r", Role.Owner, life: null, EngineHost.Cancel)).Error),
        ("list invitations", 'a', async (h, c) => (await h.Engine.Invitations.ListAsync(c, "r", EngineHost.Cancel)).Error),
        ("list the room's tokens", 'w', async (h, c) => (await h.Engine.RoomTokens.ListAsync(c, "r", EngineHost.Cancel)).Error),
        ("make a token of the room", 'a', async (h, c) => (await h.Engine.RoomTokens.MintAsync(c, "r", new MintRoomToken { Kind = RoomTokenKind.Room }, EngineHost.Cancel)).Error),
        ("revoke a token of the room", 'w', async (h, c) => (await h.Engine.RoomTokens.RevokeAsync(c, "r", "t_none", EngineHost.Cancel)).Error is { } error && error.Code != ErrorCode.TokenNotFound ? error : null), // Whoever may is told that there is none.
        ("delete", 'a', async (h, c) => (await h.Engine.Rooms.DeleteAsync(c, "r", EngineHost.Cancel)).Error),
    ];

    [Fact]
    public async Task Operation_ByACallerWithoutTheAccess_IsRefusedAndDoesNothing()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        await host.RoomAsync("elsewhere");
        var alice = EngineHost.Node((await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"alice"}"""), EngineHost.Cancel)).Value.Json);
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"k","value":1}]}""", agent: "alice");
        await ViewsAsync(host);
        var observer = await MemberAsync(host, "otto", Role.Observer, "rooms:*");
        (string Name, Caller Caller, string Holds, string Read, string Write, string Admin)[] callers =
        [
            ("nobody", Caller.Anonymous, "", "authentication_required", "authentication_required", "authentication_required"),
            ("a stranger", await host.UserAsync("stan", "rooms:* create_rooms"), "", "scope_denied", "scope_denied", "scope_denied"),
            ("a member whose token is of another room", await MemberAsync(host, "mia", Role.Owner, "rooms:elsewhere"), "", "scope_denied", "scope_denied", "scope_denied"),
            ("a member whose token may only create", await MemberAsync(host, "max", Role.Owner, "create_rooms"), "", "scope_denied", "scope_denied", "scope_denied"),
            ("an agent of another room", await host.JoinAsync("elsewhere", "alice"), "", "scope_denied", "scope_denied", "scope_denied"),
            ("a token bound to an agent elsewhere", await MemberAsync(host, "bea", Role.Owner, "rooms:elsewhere:agent:alice"), "", "scope_denied", "scope_denied", "scope_denied"),
            ("an owner's token for another room's views", await MemberAsync(host, "vera", Role.Owner, "rooms:elsewhere:view:seen"), "", "scope_denied", "scope_denied", "scope_denied"),
            ("an owner's token that shows one view", await MemberAsync(host, "viv", Role.Owner, "rooms:r:view:seen"), "v", "scope_denied", "scope_denied", "scope_denied"),
            ("an observer's token that shows one view", await MemberAsync(host, "vic", Role.Observer, "rooms:r:view:seen"), "v", "scope_denied", "scope_denied", "scope_denied"),
            ("a read-only token of an owner", await MemberAsync(host, "rita", Role.Owner, "rooms:*:read"), "vr", "", "read_only_token", "read_only_token"),
            ("an observer", observer, "vr", "", "read_only_token", "read_only_token"),
            ("a participant", await MemberAsync(host, "pat", Role.Participant, "rooms:*"), "vrw", "", "", "room_token_required"),
            ("an owner's token for writing", await MemberAsync(host, "wim", Role.Owner, "rooms:r:write"), "vrw", "", "", "room_token_required"),
            ("an agent", await host.CallerAsync(alice["token"].Text()), "vrw", "", "", "room_token_required"),
        ];
        foreach (var (name, caller, holds, read, write, admin) in callers)
        {
            foreach (var (operation, needs, call) in s_operations.Where(o => !holds.Contains(o.Needs)))
            {
                var before = (await host.LoadedAsync("r")).Published;
                var code = (await call(host, caller))?.Code.Name;
                var expected = needs switch { 'v' or 'r' => read, 'w' => write, _ => admin };
                expected = operation is "invite" or "make an invitation" or "list invitations" && expected is "read_only_token" or "room_token_required" ? "not_owner" : expected;
                Assert.True(expected == code, $"{operation} by {name}: {code ?? "done"} instead of {expected}");
                await host.SettleAsync("r");
                Assert.Same(before.Scopes, (await host.LoadedAsync("r")).Published.Scopes);
            }

            Assert.Equal(!holds.Contains('r') && !caller.IsAnonymous ? 0 : caller.IsAnonymous ? -1 : 1, host.Engine.Rooms.Page(caller, after: null, limit: 100) is { Error: null } list ? list.Value.Rooms.Count(r => r.Id == "r") : -1);
        }
    }

    [Fact]
    public async Task Operation_ByACallerWithJustTheAccess_IsDone()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"alice"}"""), EngineHost.Cancel);
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"k","value":1}]}""");
        await ViewsAsync(host);
        var shown = await MemberAsync(host, "viv", Role.Owner, "rooms:r:view:seen");
        var observer = await MemberAsync(host, "otto", Role.Observer, "rooms:*");
        var participant = await MemberAsync(host, "pat", Role.Participant, "rooms:*");
        foreach (var (operation, needs, call) in s_operations.Where(o => o.Name != "update agent"))
        {
            var error = await call(host, needs switch { 'v' => shown, 'r' => observer, 'w' => participant, _ => host.Owner });
            Assert.True(error is null, $"{operation}: {error?.Code.Name} {error?.Message}");
        }
    }

    [Fact]
    public async Task Operation_OnARoomThatIsNot_IsNotFound()
    {
        await using var host = await EngineHost.StartAsync();
        foreach (var (operation, _, call) in s_operations)
        {
            Assert.True((await call(host, host.Owner))?.Code.Name == "room_not_found", operation);
        }
    }

    [Fact]
    public async Task Denied_Error_SaysWhereToAsk()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var stranger = await host.UserAsync("stan", "rooms:*");

        var error = (await host.Engine.Context.ReadAsync(stranger, "r", ContextShape.Default, EngineHost.Cancel)).Error!;

        Assert.Equal("r", error.Details!["room"].Text());
        Assert.Equal([NextStep.Embody("r").ToString()], error.Next.Select(step => step.ToString()));
    }

    [Fact]
    public async Task Agent_BoundToken_ActsAsThatAgentOnly()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.JoinAsync("r", "bob");
        var bound = await MemberAsync(host, "mia", Role.Owner, "rooms:r:agent:alice");
        foreach (var caller in (Caller[])[alice, bound])
        {
            Assert.Equal("identity_mismatch", (await host.RefusedAsync(caller, "r", "_send_message", """{"body":"x"}""", agent: "bob")).Code.Name);
            Assert.Equal("identity_mismatch", (await host.RefusedAsync(caller, "r", "_send_message", """{"body":"x"}""", agent: "nobody")).Code.Name);
            Assert.Equal("identity_mismatch", (await host.Engine.Agents.UpdateAsync(caller, "r", "bob", EngineHost.Json("""{"name":"x"}"""), EngineHost.Cancel)).Error!.Code.Name);
            Assert.Equal("alice", (await host.InvokeAsync(caller, "r", "_send_message", """{"body":"x"}"""))["agent"].Text());
        }

        Assert.Equal("identity_mismatch", (await host.Engine.Agents.JoinAsync(bound, "r", EngineHost.Json("""{"id":"other"}"""), EngineHost.Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Invite_IntoARole_TakesEffectAtTheNextRequest()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var pat = await MemberAsync(host, "pat", Role.Participant, "rooms:*");
        await host.InvokeAsync(pat, "r", "_send_message", """{"body":"x"}""");

        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "PAT", Role.Observer, EngineHost.Cancel)).Error);

        Assert.Equal("read_only_token", (await host.RefusedAsync(pat, "r", "_send_message", """{"body":"x"}""")).Code.Name);
        Assert.Equal("last_owner", (await host.Engine.Rooms.InviteAsync(host.Owner, "r", "olga", Role.Observer, EngineHost.Cancel)).Error!.Code.Name);
    }

    private static async Task ViewsAsync(EngineHost host)
    {
        await host.ViewAsync(host.Owner, "r", """{"id":"seen","expr":"1"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"hidden","expr":"2"}""");
    }

    private static async Task<Caller> MemberAsync(EngineHost host, string name, Role role, string scope)
    {
        var caller = await host.UserAsync(name, scope);
        await host.GiveRoleAsync("r", name, role);
        return caller;
    }
}
