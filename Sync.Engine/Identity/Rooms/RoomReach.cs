using System.Collections.Immutable;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Identity.Rooms;

/// <summary>
/// What the holder of a token, a link or an invitation of a room can do there: with it, and, where whoever knows the room's id may join, without it. Worked out by the rule that
/// decides at each request, so that what a form promises is what happens.
/// </summary>
public sealed record RoomReach
{
    private const string Holder = "holder";

    /// <summary>How much the holder may do with what they hold.</summary>
    public required AccessLevel Level { get; init; }

    /// <summary>The only views they see, with <see cref="AccessLevel.Views"/>; empty with every other level.</summary>
    public required ImmutableArray<string> Views { get; init; }

    /// <summary>The only agent they act as, or null.</summary>
    public required string? Agent { get; init; }

    /// <summary>Whether they read what agents keep private, those that are not theirs among it.</summary>
    public required bool SeesPrivate { get; init; }

    /// <summary>
    /// Whether the room is open: what they hold names it, and whoever knows an open room's id joins it as an agent, reads everything shared and acts, also when what they hold has ended.
    /// </summary>
    public required bool CanJoin { get; init; }

    /// <summary>What a user's token with this scope can do, as long as the user has this role.</summary>
    /// <param name="scope">The token's scope.</param>
    /// <param name="room">The room.</param>
    /// <param name="role">The user's role there.</param>
    /// <param name="join">Who may join.</param>
    public static RoomReach OfToken(Scope scope, string room, Role role, JoinPolicy join)
    {
        var user = new UserRecord(Holder, Holder, default);
        return Of(Token(scope) with { User = user }, Room(room, join) with { Members = Members(role) });
    }

    /// <summary>What a user with this role can do, signed in.</summary>
    /// <param name="room">The room.</param>
    /// <param name="role">The role.</param>
    /// <param name="join">Who may join.</param>
    public static RoomReach OfRole(string room, Role role, JoinPolicy join) => OfToken(Scope.Everything, room, role, join);

    /// <summary>What one of the room's own tokens can do, as long as who made it has this role.</summary>
    /// <param name="room">The room.</param>
    /// <param name="level">How much it was made for.</param>
    /// <param name="agent">The agent it acts as, or null.</param>
    /// <param name="seesPrivate">Whether it was made to show private scopes.</param>
    /// <param name="role">The role of who made it.</param>
    /// <param name="join">Who may join.</param>
    public static RoomReach OfRoomToken(string room, AccessLevel level, string? agent, bool seesPrivate, Role role, JoinPolicy join)
    {
        var scope = Scope.Of(room, level, agent);
        var record = Room(room, join) with { Members = Members(role) };
        return Of(Token(scope) with { RoomRow = record.Row, OnBehalfOf = Holder, SeesPrivate = seesPrivate }, record);
    }

    private static RoomReach Of(TokenRecord token, RoomRecord room)
    {
        var access = RoomPolicy.Of(token, room);
        return new RoomReach
        {
            Level = access.Level,
            Views = access.Level == AccessLevel.Views ? [.. token.Scope.ViewsFor(room.Id) ?? []] : [],
            Agent = access.BoundAgent,
            SeesPrivate = access.SeesAllScopes,
            CanJoin = room.Join == JoinPolicy.Open,
        };
    }

    private static TokenRecord Token(Scope scope) => new() { Id = Holder, Hash = [], Scope = scope, CreatedAt = default };

    private static RoomRecord Room(string room, JoinPolicy join) => new() { Row = 1, Id = room, CreatedAt = default, Join = join, Members = ImmutableDictionary<string, Member>.Empty };

    private static ImmutableDictionary<string, Member> Members(Role role) => ImmutableDictionary<string, Member>.Empty.Add(Holder, new Member(role));
}
