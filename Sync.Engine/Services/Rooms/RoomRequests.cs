using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Services.Rooms;

/// <summary>A request to create a room.</summary>
/// <param name="Id">The room's id, or null for a generated one.</param>
/// <param name="Name">A human name, or null.</param>
/// <param name="Join">Join policy, or null for the configured default.</param>
public sealed record CreateRoom(string? Id, string? Name, JoinPolicy? Join)
{
    /// <summary>Who gets a role in it at once.</summary>
    public ImmutableArray<RoomInvite> Invites { get; init; } = [];

    /// <summary>The pack that it begins with: the name of one that is built in, or a document; undefined or null for none.</summary>
    public JsonElement Template { get; init; }

    /// <summary>Without an id: whether it is made of the name, with a number where that is taken. It can then be guessed by who knows the name, which in an open room is the way in.</summary>
    public bool IdFromName { get; init; }

    /// <summary>Whether it is to begin with a pack.</summary>
    internal bool HasTemplate => Template.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
}

/// <summary>A request to make a room of what another has.</summary>
/// <param name="Id">The new room's id, or null for a generated one.</param>
/// <param name="Name">Its human name, or null.</param>
/// <param name="Join">Its join policy, or null for the configured default.</param>
/// <param name="At">The event of the other room up to which it is copied; null for all.</param>
public sealed record ForkRoom(string? Id, string? Name, JoinPolicy? Join, EventCursor? At)
{
    /// <summary>As <see cref="CreateRoom.IdFromName"/>.</summary>
    public bool IdFromName { get; init; }
}

/// <summary>The pack that a room began with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
public sealed record RoomTemplate(string Name, string Version);

/// <summary>A role that a user is to get in a room.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Role">The role.</param>
public sealed record RoomInvite(string User, Role Role);

/// <summary>A change of a room; null leaves a field as it is.</summary>
/// <param name="Name">A human name.</param>
/// <param name="Join">Join policy.</param>
public sealed record RoomPatch(string? Name, JoinPolicy? Join);

/// <summary>A new room with its legacy tokens, shown this once.</summary>
/// <param name="Info">The room.</param>
/// <param name="RoomToken"><c>room_…</c>: full access.</param>
/// <param name="ViewToken"><c>view_…</c>: reads what everyone in the room may read.</param>
public sealed record RoomCreated(RoomInfo Info, string RoomToken, string ViewToken)
{
    /// <summary>The roles that were given.</summary>
    public ImmutableArray<MemberInvited> Invited { get; init; } = [];

    /// <summary>The pack that it began with, or null.</summary>
    public RoomTemplate? Template { get; init; }

    /// <summary>The event of the other room up to which it was copied, of a fork; null otherwise.</summary>
    public long? ForkedAt { get; init; }
}

/// <summary>A room of its owner, made or there before.</summary>
/// <param name="Info">The room.</param>
/// <param name="IsNew">Whether it was made by this.</param>
/// <param name="Invited">The roles that were given.</param>
public sealed record RoomFound(RoomInfo Info, bool IsNew, ImmutableArray<MemberInvited> Invited)
{
    /// <summary>What changes the room to what was asked for, where it was there before and is otherwise; null where it is as asked.</summary>
    public NextStep? ToChange { get; init; }

    /// <summary>What puts the template into a room that was there before; null where none was asked for.</summary>
    public NextStep? ToInstall { get; init; }

    /// <summary>The pack that a new room began with, or null.</summary>
    public RoomTemplate? Template { get; init; }
}

/// <summary>A page of a list of rooms.</summary>
/// <param name="Rooms">Its rooms.</param>
/// <param name="Total">How many the whole list has.</param>
/// <param name="Left">How many it has from the page's beginning, those of the page among them.</param>
public sealed record RoomPage(IReadOnlyList<RoomInfo> Rooms, int Total, int Left)
{
    /// <summary>Where the page ends that ends with this room: the next one begins after it, also when the room is gone by then.</summary>
    public static string EndAt(RoomInfo last) => RoomCursor.Of(last).Text;
}

/// <summary>Rooms that a search found.</summary>
/// <param name="Rooms">The first of them, the newest first.</param>
/// <param name="HasMore">Whether there are more.</param>
public sealed record RoomMatches(IReadOnlyList<RoomInfo> Rooms, bool HasMore);

/// <summary>A role in a room that a user was given and has not taken up.</summary>
/// <param name="Room">The room.</param>
/// <param name="RoomName">Its human name, or null.</param>
/// <param name="Role">The role, which works already.</param>
/// <param name="InvitedBy">The name of who gave it, or null for the room's own authority.</param>
/// <param name="At">When.</param>
public sealed record RoomInvitation(string Room, string? RoomName, Role Role, string? InvitedBy, DateTimeOffset At);
