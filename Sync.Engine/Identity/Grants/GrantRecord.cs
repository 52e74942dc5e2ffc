namespace Sync.Engine.Identity.Grants;

/// <summary>A device flow or a consent, as it stands.</summary>
internal sealed record GrantRecord
{
    public required string Id { get; init; }

    /// <summary>A device flow's code, without hyphen; null for a consent.</summary>
    public string? UserCode { get; init; }

    public string? ClientId { get; init; }

    public string? ClientName { get; init; }

    /// <summary>Canonical text of what is asked.</summary>
    public required string Requested { get; init; }

    /// <summary>Canonical text of what was granted; null until then.</summary>
    public string? Granted { get; init; }

    /// <summary>Who decided.</summary>
    public string? UserId { get; init; }

    public required GrantState State { get; init; }

    /// <summary>The token it was redeemed for.</summary>
    public string? TokenId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? PolledAt { get; init; }

    /// <summary>How long a device has to wait between polls; null for a consent.</summary>
    public TimeSpan? Interval { get; init; }
}
