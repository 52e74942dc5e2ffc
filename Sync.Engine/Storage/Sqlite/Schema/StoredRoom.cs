using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>rooms</c>.</summary>
internal sealed class StoredRoom
{
    /// <summary>AUTOINCREMENT: a deleted room's number never comes back.</summary>
    public long Row { get; init; }

    public required string Id { get; init; }

    public string? Name { get; set; }

    public required JoinPolicy Join { get; set; }

    public required long CreatedMs { get; init; }

    /// <summary>The epoch of the room's writer; see <see cref="IRoomLog"/>. 0 until a room is first written to, and in rooms of before there were epochs.</summary>
    public long Epoch { get; init; }

    /// <summary>Set when deletion has begun: from then on the room does not exist, and what is left of it is being removed.</summary>
    public long? DeletedMs { get; set; }
}
