namespace Sync.Engine.Storage.Sqlite.Schema;

// People and what they prove themselves with.

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

/// <summary>A row of <c>recovery_codes</c>. A used code is gone.</summary>
internal sealed class StoredRecoveryCode
{
    public required byte[] Hash { get; init; }

    public required string UserId { get; init; }

    public required long CreatedMs { get; init; }
}
