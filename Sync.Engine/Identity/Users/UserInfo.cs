namespace Sync.Engine.Identity.Users;

/// <summary>A user.</summary>
/// <param name="Id">Opaque id, <c>u_</c> and 24 hex digits; also the user handle of passkeys.</param>
/// <param name="Name">Unique name, compared without case.</param>
/// <param name="CreatedAt">When created.</param>
/// <param name="IsAdmin">Whether this is an administrator of the server, who may invite people to it.</param>
public sealed record UserInfo(string Id, string Name, DateTimeOffset CreatedAt, bool IsAdmin);

/// <summary>A passkey as it is kept.</summary>
public sealed record PasskeyRecord
{
    /// <summary>The credential's id.</summary>
    public required ReadOnlyMemory<byte> CredentialId { get; init; }

    /// <summary>What its user calls it, 1 to 60 printable characters.</summary>
    public required string Name { get; init; }

    /// <summary>Public key, counter and flags, as the web's JSON; the engine keeps it and does not look.</summary>
    public required string Data { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last signed in, or null.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>The proof that entitles a person to register. Both null: registration is open to everybody.</summary>
/// <param name="Setup">The secret of the setup link.</param>
/// <param name="Invitation">The secret of an invitation link, <c>inv_…</c>.</param>
public sealed record RegistrationProof(string? Setup, string? Invitation)
{
    /// <summary>Whether whoever sets the server up becomes an owner, beside the others, of the rooms that tokens minted on the machine have made before.</summary>
    public bool AdoptsRooms { get; init; }
}

/// <summary>A signed-in browser.</summary>
/// <param name="Id">Its id, for the protected cookie.</param>
/// <param name="Label">What the browser calls itself.</param>
/// <param name="CreatedAt">When it signed in.</param>
/// <param name="LastUsedAt">When it was last active, or null.</param>
/// <param name="ExpiresAt">When it ends by itself: 30 days after sign-in.</param>
public sealed record SessionInfo(string Id, string Label, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset ExpiresAt);
