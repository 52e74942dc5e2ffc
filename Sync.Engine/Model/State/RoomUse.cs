namespace Sync.Engine.Model.State;

/// <summary>What the entries of one writer take of a room.</summary>
internal readonly record struct RoomUse(long Entries, long Bytes)
{
    public static RoomUse operator +(RoomUse one, RoomUse other) => new(one.Entries + other.Entries, one.Bytes + other.Bytes);
}
