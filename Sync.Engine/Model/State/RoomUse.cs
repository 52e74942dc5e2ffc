namespace Sync.Engine.Model.State;

/// <summary>The space that the entries of one writer take in a room.</summary>
internal readonly record struct RoomUse(long Entries, long Bytes)
{
    public static RoomUse operator +(RoomUse one, RoomUse other) => new(one.Entries + other.Entries, one.Bytes + other.Bytes);
}
