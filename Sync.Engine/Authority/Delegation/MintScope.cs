using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Authority.Delegation;

/// <summary>The scope that a mint asks for, out of its scope text, room and agent. Pure.</summary>
internal static class MintScope
{
    /// <summary>
    /// What is asked. Errors: <c>invalid_scope</c>; <c>invalid_parameter</c> when the three contradict one another or do not suffice.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="delegator">Who asks.</param>
    /// <param name="role">What the user may in a room; only asked for a room without scope text.</param>
    public static Outcome<Scope> Of(MintToken request, Delegator delegator, Func<string, AccessLevel> role)
    {
        if (request.RoomId is { } room && Identifiers.CheckRoomId(room) is { } badRoom)
        {
            return Invalid("room_id", badRoom);
        }

        if (request.AgentId is { } agent && Identifiers.CheckAgentId(agent) is { } badAgent)
        {
            return Invalid("agent_id", badAgent);
        }

        if (string.IsNullOrWhiteSpace(request.Scope))
        {
            return OfNames(request, delegator, role);
        }

        if (!Scope.Parse(request.Scope).Try(out var scope, out var error)
            || !InRoom(scope, request.RoomId).Try(out scope, out error))
        {
            return error;
        }

        return request.AgentId is { } bound ? Bind(scope, request.RoomId, bound) : scope;
    }

    private static Outcome<Scope> OfNames(MintToken request, Delegator delegator, Func<string, AccessLevel> role)
    {
        if (request.RoomId is not { } room)
        {
            return request.AgentId is null
                ? ScopeErrors.InvalidMint("scope", "A token needs a scope.", $"Grammar: {Scope.Grammar}. Or give room_id, with or without agent_id.")
                : ScopeErrors.InvalidMint("agent_id", "An agent is bound in a room.", "Give room_id too.");
        }

        if (request.AgentId is { } agent)
        {
            return Scope.Of(room, AccessLevel.Write, agent);
        }

        // As much of the room as the caller can give. Of nothing there is still something to refuse.
        var (held, max) = (delegator.Held.LevelFor(room), role(room));
        var level = held < max ? held : max;
        var bound = delegator.Held.AgentFor(room);
        return level == AccessLevel.None ? Scope.Of(room, AccessLevel.Read)
            : level == AccessLevel.Views ? Scope.Of(delegator.Held.GrantIn(room))
            : bound is not null ? Scope.Of(room, AccessLevel.Write, bound)
            : Scope.Of(room, level);
    }

    private static Outcome<Scope> InRoom(Scope scope, string? room)
    {
        if (room is null)
        {
            return scope;
        }

        if (scope.CanCreateRooms)
        {
            return Contradiction("create_rooms", room);
        }

        if (scope.Rooms.FirstOrDefault(other => !string.Equals(other, room, StringComparison.Ordinal)) is { } named)
        {
            return Contradiction($"rooms:{named}", room);
        }

        // rooms:* falls to the one room.
        return Scope.Of(scope.GrantIn(room));
    }

    private static Outcome<Scope> Bind(Scope scope, string? roomId, string agent)
    {
        if ((roomId ?? OnlyRoom(scope)) is not { } room)
        {
            return ScopeErrors.InvalidMint("agent_id", "The scope names no single room to bind the agent in.", "Give room_id too, or a scope that names one room.");
        }

        if (scope.AgentFor(room) is { } other && !string.Equals(other, agent, StringComparison.Ordinal))
        {
            return ScopeErrors.InvalidMint("agent_id", $"The scope names the agent '{other}' in the room '{room}', agent_id names '{agent}'.", "Mint one token for each agent.");
        }

        if (scope.LevelFor(room) < AccessLevel.Write)
        {
            return ScopeErrors.InvalidMint("agent_id", $"The scope only reads the room '{room}'; an agent writes.", $"Ask for '{Scope.TextOf(room, AccessLevel.Write, agent)}', or leave agent_id out.");
        }

        var builder = new Scope.Builder { CanCreateRooms = scope.CanCreateRooms, Everywhere = scope.Everywhere };
        foreach (var named in scope.Rooms)
        {
            builder.Add(string.Equals(named, room, StringComparison.Ordinal)
                ? new RoomGrant(room, AccessLevel.Write, agent)
                : scope.GrantIn(named));
        }

        return builder.Build();
    }

    private static string? OnlyRoom(Scope scope) => scope.Rooms.Take(2).ToList() is [var room] ? room : null;

    private static SyncError Contradiction(string part, string room) =>
        ScopeErrors.InvalidMint("room_id", $"room_id limits the token to the room '{room}', but the scope also holds '{part}'.", $"Leave room_id out, or ask for '{Scope.TextOf(room, AccessLevel.Write, agent: null)}'.");

    private static SyncError Invalid(string field, SyncError badId) => ScopeErrors.InvalidMint(field, badId.Message, badId.Hint ?? "");
}
