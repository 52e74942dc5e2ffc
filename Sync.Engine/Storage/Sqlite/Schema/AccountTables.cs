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

/// <summary>A row of <c>passkey_links</c>: a link that lets somebody who is locked out make a new passkey. A used one is gone.</summary>
internal sealed class StoredPasskeyLink
{
    public required string Id { get; init; }

    public required byte[] Hash { get; init; }

    /// <summary>Whose. Unique: a new link takes the place of the one before.</summary>
    public required string UserId { get; init; }

    /// <summary>The id of the administrator who made it; null when it was made on the machine.</summary>
    public string? MadeBy { get; init; }

    public required long CreatedMs { get; init; }

    public required long ExpiresMs { get; init; }
}
