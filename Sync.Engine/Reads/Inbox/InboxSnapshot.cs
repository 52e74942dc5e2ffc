using System.Collections.Immutable;

namespace Sync.Engine.Reads.Inbox;

/// <summary>What is known of a user's rooms at one moment. Immutable.</summary>
/// <param name="Rooms">The rooms that have been read.</param>
/// <param name="Reading">How many are still to be read.</param>
/// <param name="Beyond">How many are not looked at.</param>
/// <param name="Invitations">The rooms into which they are invited; another object when they are others.</param>
internal sealed record InboxSnapshot(ImmutableArray<RoomInbox> Rooms, int Reading, int Beyond, object Invitations)
{
    /// <summary>Whether it shows the same as another one.</summary>
    public bool IsSameAs(InboxSnapshot other) =>
        Reading == other.Reading && Beyond == other.Beyond && ReferenceEquals(Invitations, other.Invitations) && Rooms.Length == other.Rooms.Length
        && Rooms.Zip(other.Rooms).All(static pair => pair.First.Row == pair.Second.Row && pair.First.IsSameAs(pair.Second));

    /// <summary>When the first of what waits ends by itself; null where nothing does.</summary>
    public DateTimeOffset? NextEnd => Rooms.SelectMany(static room => room.Items).Min(static item => item.EndsAt);
}
