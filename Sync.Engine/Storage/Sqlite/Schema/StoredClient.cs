namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>clients</c>: an OAuth client that registered itself. It holds no secret.</summary>
internal sealed class StoredClient
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>JSON array.</summary>
    public required string RedirectUris { get; init; }

    public string? Uri { get; init; }

    public required long CreatedMs { get; init; }

    public required long LastUsedMs { get; set; }
}
