using System.Collections.Immutable;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Embodiments;
using Sync.Web.Http.Requests;

namespace Sync.Web.Mcp.Tools;

/// <summary>Whom a session embodies, and how far it narrows itself.</summary>
internal static class EmbodimentTools
{
    private const string Standing = """ "scope_level":{"type":"string"},"role":{"type":["string","null"]},"released":{"type":["string","null"]} """;

    public static ImmutableArray<ToolDefinition> All { get; } =
    [
        new()
        {
            Name = "sync_embody", Title = "Embody an agent",
            Description = """
                Become an agent in a room, joining it where it is open; acting needs it. Nothing named: your own agent, user:client. "agent": that one. "role": a free agent of yours with the role, or a new one (a declared role has one agent; letting it go vacates it). One agent per room; embodying another lets the first go. Example: {"room":"launch","role":"reviewer"}
                """,
            Input = """
                "room":{"type":"string"},"agent":{"type":"string","description":"an id; created when new"},"role":{"type":"string"},"name":{"type":"string","description":"shown to others"},"state":{"type":"object","description":"private keys to set"},
                "take_over":{"type":"boolean","description":"from another session"},"wait_ms":{"type":"integer","minimum":0,"maximum":45000,"description":"wait for the room to exist and let you in"}
                """,
            Output = """ "agent":{"type":"string"},"role":{"type":"string"},"created":{"type":"boolean"},"released":{"type":["string","null"]},"warnings":{"type":"array"} """,
            Effect = ToolEffect.Sets, Needs = AccessLevel.Write, Enters = true,
            Handle = EmbodyAsync,
        },
        new()
        {
            Name = "sync_disembody", Title = "Let an agent go",
            Description = """Stop being an agent in a room: it falls idle and keeps its state; one that never acted goes. With remove it ends for good, with its private state. Do it when your work there is done. Example: {"room":"launch"}""",
            Input = """ "room":{"type":"string"},"remove":{"type":"boolean","description":"end the agent for good"},"agent":{"type":"string","description":"with remove: another one, for owners"} """,
            Required = ["room"],
            Output = """ "agent":{"type":["string","null"]},"removed":{"type":"boolean"} """,
            Effect = ToolEffect.Removes, Needs = AccessLevel.Read,
            Handle = DisembodyAsync,
        },
        new()
        {
            Name = "sync_restrict_scope", Title = "Narrow this session in a room",
            Description = """Give up rights in a room until the session ends, before risky work: observe (read only) or role (act only as agents of one role). Cannot be undone. Example: {"room":"launch","level":"observe"}""",
            Input = """ "room":{"type":"string"},"level":{"type":"string","enum":["observe","role"]},"role":{"type":"string","description":"with level role; left out: the role you hold"} """,
            Required = ["room", "level"],
            Output = """ "restricted":{"type":"boolean"},""" + Standing,
            Effect = ToolEffect.Removes, Needs = AccessLevel.Read,
            Handle = RestrictAsync,
        },
        new()
        {
            Name = "sync_revoke_access", Title = "Give a room up",
            Description = """Give up a room altogether until the session ends. Cannot be undone. Example: {"room":"launch"}""",
            Input = """ "room":{"type":"string"} """,
            Output = """ "revoked":{"type":"boolean"},""" + Standing,
            Effect = ToolEffect.Removes, Needs = AccessLevel.Read,
            Handle = RevokeAsync,
        },
    ];

    private static async Task<Outcome<ReadOnlyMemory<byte>>> EmbodyAsync(ToolCall call)
    {
        if (!call.Text("agent").Try(out var agent, out var error) || !call.Text("role").Try(out var role, out error) || !call.Text("name").Try(out var name, out error)
            || !call.Switch("take_over").Try(out var takeOver, out error) || !call.EntryWait().Try(out var wait, out error))
        {
            return error;
        }

        var request = new EmbodyRequest { Agent = agent, Role = role, Name = name, State = call.Argument("state"), TakeOver = takeOver == true, Wait = wait };
        return (await call.ParkedAsync(ending => call.Engine.Embodiments.EmbodyAsync(call.Caller, call.Room, request, ending))).Try(out var embodied, out error)
            ? ToolJson.Write((embodied, call.Services.Steps), static (writer, t) =>
            {
                var (embodied, steps) = t;
                writer.WriteBoolean("embodied", value: true);
                writer.WriteString("room", embodied.Room);
                writer.WriteString("agent", embodied.Agent);
                writer.WriteString("name", embodied.Name);
                writer.WriteString("role", embodied.Role);
                writer.WriteBoolean("created", embodied.Created);
                writer.WriteString("released", embodied.Released);
                if (embodied.HeldElsewhere is { } held)
                {
                    writer.WriteStartArray("warnings");
                    writer.WriteStartObject();
                    writer.WriteString("code", ErrorCode.AgentHeld.Name);
                    writer.WriteString("message", $"Another session acts as '{held}'; this one is '{embodied.Agent}'.");
                    writer.WriteString("hint", $"If that session is over, take it over: {steps.Call(NextStep.Embody(embodied.Room, held, takeOver: true))}");
                    writer.WriteEndObject();
                    writer.WriteEndArray();
                }
            })
            : error;
    }

    private static async Task<Outcome<ReadOnlyMemory<byte>>> DisembodyAsync(ToolCall call)
    {
        if (!call.Text("agent").Try(out var named, out var error) || !call.Switch("remove").Try(out var remove, out error))
        {
            return error;
        }

        if (remove != true)
        {
            return named is not null
                ? Refusals.Parameter("agent", "'agent' goes with remove only.") with { Hint = "Leave it out to let your own go, or send {\"remove\": true} with it." }
                : (await call.Engine.Embodiments.DisembodyAsync(call.Caller, call.Room, call.Cancelled)).Try(out var released, out error)
                    ? Disembodied(call.Room, released, isRemoved: false)
                    : error;
        }

        if ((named ?? call.Session.Chosen.AgentIn(call.Room)) is not { } agent)
        {
            return Refusals.Parameter("agent", "This session embodies no agent in the room that could be removed.") with { Hint = "Name it: {\"remove\": true, \"agent\": …}." };
        }

        return (await call.Engine.Agents.RemoveAsync(call.Caller, call.Room, agent, free: false, call.Cancelled)).Try(out _, out error)
            ? Disembodied(call.Room, agent, isRemoved: true)
            : error;
    }

    private static ReadOnlyMemory<byte> Disembodied(string room, string? agent, bool isRemoved) =>
        ToolJson.Write((room, agent, isRemoved), static (writer, t) =>
        {
            writer.WriteBoolean("disembodied", t.agent is not null);
            writer.WriteString("room", t.room);
            writer.WriteString("agent", t.agent);
            if (t.isRemoved)
            {
                writer.WriteBoolean("removed", value: true);
            }
        });

    private static async Task<Outcome<ReadOnlyMemory<byte>>> RestrictAsync(ToolCall call)
    {
        if (!call.Needed("level").Try(out var level, out var error) || !call.Text("role").Try(out var role, out error))
        {
            return error;
        }

        switch (level)
        {
            case "observe" when role is null:
                break;
            case "observe":
                return Refusals.Parameter("role", "'role' goes with level role only.") with { Hint = "Leave it out, or restrict to level role." };
            case "role" when role is null:
                if (!(await RoleHeldAsync(call)).Try(out role, out error))
                {
                    return error;
                }

                break;
            case "role":
                break;
            default:
                return Refusals.Parameter("level", "'level' must be observe or role.") with { Hint = "observe leaves reading; role leaves acting as agents of one role." };
        }

        return (await call.Engine.Embodiments.RestrictAsync(call.Caller, call.Room, role, call.Cancelled)).Try(out var standing, out error)
            ? Write("restricted", standing)
            : error;
    }

    private static async Task<Outcome<string?>> RoleHeldAsync(ToolCall call) =>
        (await call.Engine.Embodiments.RoleHeldAsync(call.Caller, call.Room, call.Cancelled)).Try(out var role, out var error)
            ? role ?? (Outcome<string?>)Refusals.Missing("role", """{"room": "…", "level": "role", "role": "reviewer"}, or embody an agent first""")
            : error;

    private static Task<Outcome<ReadOnlyMemory<byte>>> RevokeAsync(ToolCall call) => Task.FromResult(
        call.Engine.Embodiments.Revoke(call.Caller, call.Room).Try(out var standing, out var error)
            ? Write("revoked", standing)
            : (Outcome<ReadOnlyMemory<byte>>)error);

    private static ReadOnlyMemory<byte> Write(string done, SessionStanding standing) => ToolJson.Write((done, standing), static (writer, t) =>
    {
        writer.WriteBoolean(t.done, value: true);
        writer.WriteString("room", t.standing.Room);
        writer.WriteString("scope_level", t.standing.Level);
        writer.WriteString("role", t.standing.Role);
        writer.WriteString("agent", t.standing.Agent);
        writer.WriteString("released", t.standing.Released);
    });
}
