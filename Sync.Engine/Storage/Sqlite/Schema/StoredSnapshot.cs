namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>snapshots</c>: a room's projection as it stood after event <see cref="Seq"/>.</summary>
internal sealed class StoredSnapshot
{
    public required long Room { get; init; }

    public required long Seq { get; init; }

    public required byte[] Body { get; init; }
}
