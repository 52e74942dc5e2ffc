namespace Sync.Engine.Identity.Administration;

/// <summary>What can be used at the moment to act on the server: a signed-in browser or a token. Never its secret.</summary>
public sealed record AdministeredCredential
{
    /// <summary>Its id, which is no secret.</summary>
    public required string Id { get; init; }

    /// <summary>Whether it is a signed-in browser.</summary>
    public required bool IsSession { get; init; }

    /// <summary>Whose, by name; null for a room's own token that nobody is known to have made.</summary>
    public required string? User { get; init; }

    /// <summary>What it is called.</summary>
    public required string? Label { get; init; }

    /// <summary>The room whose own token it is, or null.</summary>
    public required string? Room { get; init; }

    /// <summary>The OAuth client it was issued to, or null.</summary>
    public required string? ClientId { get; init; }

    /// <summary>What it may do at most.</summary>
    public required string Scope { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used, to half a minute; null for never.</summary>
    public required DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it ends by itself, or null.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }
}
