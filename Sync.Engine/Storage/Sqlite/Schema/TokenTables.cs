using Sync.Engine.Identity.Grants;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Storage.Sqlite.Schema;

// Tokens, what they were granted by, and the clients they were issued to.

/// <summary>A row of <c>tokens</c>. The secret is never stored, only its SHA-256.</summary>
internal sealed class StoredToken
{
    public required string Id { get; init; }

    public required byte[] Hash { get; init; }

    public required string Scope { get; set; }

    /// <summary>Whose it is. Of a room's own tokens: who made it, with whose role it ends; null for one that nobody is known to have made.</summary>
    public string? UserId { get; init; }

    /// <summary>The room a legacy token belongs to and dies with; null for users' tokens.</summary>
    public long? Room { get; init; }

    public string? Label { get; set; }

    public required long CreatedMs { get; init; }

    public long? ExpiresMs { get; set; }

    public long? RevokedMs { get; set; }

    public long? LastUsedMs { get; set; }

    /// <summary>JSON object, room id to agent id; null when the token is bound nowhere.</summary>
    public string? Agents { get; set; }

    public CredentialKind Kind { get; init; }

    /// <summary>The client it was issued to; null for minted and legacy tokens and sessions.</summary>
    public string? ClientId { get; init; }

    /// <summary>Seconds that an access secret lives after each refresh; null when nothing refreshes it.</summary>
    public long? AccessSeconds { get; init; }

    /// <summary>The token that minted it and with which it ends; null for what a person made. No foreign key: whoever removes a token ends what it minted.</summary>
    public string? Parent { get; set; }

    /// <summary>Whether a room's link that only reads was made to show private scopes too.</summary>
    public bool SeesPrivate { get; init; }

    /// <summary>Of a token of another's agent who made it, with whose role it ends too; null where that is <see cref="UserId"/>. No foreign key: a user who is gone has no role.</summary>
    public string? Maker { get; init; }

    /// <summary>Of a token of nobody's agent: the user whose token it was that joined; null where nobody knows. No foreign key, as for <see cref="Maker"/>.</summary>
    public string? JoinedBy { get; init; }
}

/// <summary>A row of <c>refresh_tokens</c>. Used ones stay as long as they would have lived, to tell a second use.</summary>
internal sealed class StoredRefreshToken
{
    public required byte[] Hash { get; init; }

    /// <summary>The token it renews.</summary>
    public required string TokenId { get; init; }

    public required long CreatedMs { get; init; }

    public required long ExpiresMs { get; init; }

    public long? UsedMs { get; set; }
}

/// <summary>A row of <c>grants</c>: a device flow, or a consent whose code is not redeemed yet. Kept for a day after it has expired.</summary>
internal sealed class StoredGrant
{
    public required string Id { get; init; }

    /// <summary>Hash of a device flow's secret; null for a consent.</summary>
    public byte[]? DeviceHash { get; init; }

    /// <summary>A device flow's code for people, upper case without hyphen; null for a consent.</summary>
    public string? UserCode { get; init; }

    public string? ClientId { get; init; }

    public string? ClientName { get; init; }

    /// <summary>Scope text that was asked.</summary>
    public required string Asked { get; init; }

    /// <summary>Scope text that was granted; null until then.</summary>
    public string? Granted { get; set; }

    /// <summary>Who granted or denied.</summary>
    public string? UserId { get; set; }

    public required GrantState State { get; set; }

    /// <summary>The token it was redeemed for.</summary>
    public string? TokenId { get; set; }

    public required long CreatedMs { get; init; }

    public required long ExpiresMs { get; init; }

    /// <summary>When a device last polled.</summary>
    public long? PolledMs { get; set; }

    /// <summary>Seconds a device has to wait between polls.</summary>
    public int? IntervalSeconds { get; set; }
}

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
