using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Storage.Sqlite.Schema;

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
}
