using Sync.Engine.Identity.Grants;

namespace Sync.Engine.Storage.Sqlite.Schema;

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
