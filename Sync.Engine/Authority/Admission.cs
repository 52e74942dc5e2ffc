using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Authority;

/// <summary>A caller whom a room lets in to act there.</summary>
/// <param name="Record">The room.</param>
/// <param name="Held">What the caller may do there by now.</param>
/// <param name="Access">What the caller may do there once it is in: more than <paramref name="Held"/> where an open room gives a role with it.</param>
/// <param name="User">Whose entry it is; null for nobody's, and for tokens that are a room's or an agent's own.</param>
internal sealed record Admission(RoomRecord Record, RoomAccess Held, RoomAccess Access, UserRecord? User)
{
    /// <summary>The caller in the room, as it is once it is in.</summary>
    public RoomCaller Caller(Caller caller) => new(Record, Access, caller, caller.Token?.User);
}
