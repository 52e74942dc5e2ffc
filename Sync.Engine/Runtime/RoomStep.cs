using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;

namespace Sync.Engine.Runtime;

/// <summary>One published step of a room, as waits and feeds are told of it.</summary>
/// <param name="State">The room after the step.</param>
/// <param name="Event">The event, or null for a change without one (presence, a cursor, a cooldown's end).</param>
/// <param name="Changed">What moved.</param>
internal sealed record RoomStep(RoomState State, RoomEvent? Event, IReadOnlyList<StateKey> Changed);
