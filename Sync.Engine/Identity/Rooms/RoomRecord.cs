using System.Collections.Immutable;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Identity.Rooms;

/// <summary>
/// A room's entry in the catalogue: what is true of it outside its log. Immutable; the catalogue holds the current one.
/// </summary>
internal sealed record RoomRecord
{
    /// <summary>Row id: what the log's tables refer to. Never reused.</summary>
    public required long Row { get; init; }

    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public string? Name { get; init; }

    public required JoinPolicy Join { get; init; }

    /// <summary>Members by user id.</summary>
    public required ImmutableDictionary<string, Member> Members { get; init; }

    /// <summary>Names that were invited and have not answered, users' or not; compared without case.</summary>
    public ImmutableDictionary<string, InvitedName> Invited { get; init; } = InvitedName.None;

    /// <summary>Ids of users whom an owner took out of the room: no policy lets them in again, until somebody invites them.</summary>
    public ImmutableHashSet<string> Removed { get; init; } = [];

    /// <summary>Whether the caller's user was given a role here and has not taken it up: the room is in none of their lists.</summary>
    public bool IsPendingFor(Caller caller) => caller.UserId is { } user && Members.TryGetValue(user, out var member) && member.Pending;
}

/// <summary>A user's standing in a room.</summary>
/// <param name="Role">The role, which holds from the moment it is given.</param>
internal readonly record struct Member(Role Role)
{
    /// <summary>Whether the user came in by joining an open room and nobody has given them the role.</summary>
    public bool ViaOpen { get; init; }

    /// <summary>Whether the user has not taken the role up yet: the room stands in none of their lists, and nobody is told that they are a member.</summary>
    public bool Pending { get; init; }
}

/// <summary>A name that was invited into a room, whether or not a user is called so.</summary>
/// <param name="Name">As it was typed.</param>
/// <param name="Role">The role it was invited with.</param>
/// <param name="InvitedBy">The name of who invited, or null for the room's own authority.</param>
/// <param name="At">When.</param>
internal sealed record InvitedName(string Name, Role Role, string? InvitedBy, DateTimeOffset At)
{
    public static ImmutableDictionary<string, InvitedName> None { get; } = ImmutableDictionary.Create<string, InvitedName>(StringComparer.OrdinalIgnoreCase);
}
