namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>users</c>.</summary>
internal sealed class StoredUser
{
    public required string Id { get; init; }

    /// <summary>Unique; the column compares without case.</summary>
    public required string Name { get; set; }

    public required long CreatedMs { get; init; }

    /// <summary>Administrator of the server.</summary>
    public bool IsAdmin { get; set; }
}
