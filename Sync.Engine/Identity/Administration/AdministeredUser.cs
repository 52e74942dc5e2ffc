namespace Sync.Engine.Identity.Administration;

/// <summary>A user, as an administrator sees them: figures and times, nothing of what they do.</summary>
public sealed record AdministeredUser
{
    /// <summary>The unique name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether this is an administrator of the server.</summary>
    public required bool IsAdmin { get; init; }

    /// <summary>When they came.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a browser or a program of theirs was last active, to half a minute; null for never.</summary>
    public required DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>How many passkeys they have; nobody signs in without one.</summary>
    public required int Passkeys { get; init; }

    /// <summary>How many recovery codes they have left.</summary>
    public required int RecoveryCodes { get; init; }

    /// <summary>How many browsers they are signed in with.</summary>
    public required int Sessions { get; init; }

    /// <summary>How many live tokens they have.</summary>
    public required int Tokens { get; init; }

    /// <summary>How many rooms they have a role in.</summary>
    public required int Rooms { get; init; }

    /// <summary>When a link for a new passkey of theirs ends; null when there is none.</summary>
    public required DateTimeOffset? PasskeyLinkUntil { get; init; }
}
