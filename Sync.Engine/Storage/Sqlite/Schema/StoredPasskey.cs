namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>passkeys</c>. Holds public keys only.</summary>
internal sealed class StoredPasskey
{
    public required byte[] CredentialId { get; init; }

    public required string UserId { get; init; }

    public required string Name { get; set; }

    /// <summary>Public key, counter and flags as JSON, written and read by the web.</summary>
    public required string Data { get; set; }

    public required long CreatedMs { get; init; }

    public long? LastUsedMs { get; set; }
}
