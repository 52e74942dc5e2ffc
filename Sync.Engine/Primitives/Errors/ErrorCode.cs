namespace Sync.Engine.Primitives.Errors;

/// <summary>The kind of refusal that a code is; each surface maps kinds to its own statuses.</summary>
public enum ErrorKind
{
    /// <summary>The request itself is wrong.</summary>
    Invalid,
    /// <summary>Nobody known is asking.</summary>
    Unauthenticated,
    /// <summary>The caller is known and may not.</summary>
    Forbidden,
    /// <summary>The thing named does not exist, or does not for this caller.</summary>
    NotFound,
    /// <summary>The state of the room forbids it now.</summary>
    Conflict,
    /// <summary>It existed once and never will again.</summary>
    Gone,
    /// <summary>The request is too large.</summary>
    TooLarge,
    /// <summary>Too many requests.</summary>
    Limited,
    /// <summary>The server cannot do it at the moment.</summary>
    Unavailable,
}

/// <summary>A stable error code. Every code of the product stands in this file and nowhere else.</summary>
public sealed record ErrorCode
{
    private static readonly Dictionary<string, ErrorCode> s_all = [];

    private ErrorCode(string name, ErrorKind kind)
    {
        Name = name;
        Kind = kind;
        s_all.Add(name, this);
    }

    /// <summary>The code as clients see it.</summary>
    public string Name { get; }

    /// <summary>What kind of refusal it is.</summary>
    public ErrorKind Kind { get; }

    /// <summary>All codes, by name.</summary>
    public static IReadOnlyDictionary<string, ErrorCode> All => s_all;

#pragma warning disable CS1591 // The names are the documentation; docs/api.md explains each code.
    public static readonly ErrorCode AuthenticationRequired = new("authentication_required", ErrorKind.Unauthenticated);
    public static readonly ErrorCode InvalidToken = new("invalid_token", ErrorKind.Unauthenticated);

    public static readonly ErrorCode ScopeDenied = new("scope_denied", ErrorKind.Forbidden);
    public static readonly ErrorCode IdentityMismatch = new("identity_mismatch", ErrorKind.Forbidden);
    public static readonly ErrorCode ReadOnlyToken = new("read_only_token", ErrorKind.Forbidden);
    public static readonly ErrorCode RoomTokenRequired = new("room_token_required", ErrorKind.Forbidden);
    public static readonly ErrorCode PersonRequired = new("person_required", ErrorKind.Forbidden);
    public static readonly ErrorCode NotOwner = new("not_owner", ErrorKind.Forbidden);
    public static readonly ErrorCode ActionOwned = new("action_owned", ErrorKind.Forbidden);
    public static readonly ErrorCode ViewOwned = new("view_owned", ErrorKind.Forbidden);
    public static readonly ErrorCode ScopeExceedsToken = new("scope_exceeds_token", ErrorKind.Forbidden);
    public static readonly ErrorCode ScopeExceedsAccess = new("scope_exceeds_access", ErrorKind.Forbidden);
    public static readonly ErrorCode AlreadyOwned = new("already_owned", ErrorKind.Forbidden);
    public static readonly ErrorCode ConsentRequired = new("consent_required", ErrorKind.Forbidden);
    public static readonly ErrorCode RegistrationClosed = new("registration_closed", ErrorKind.Forbidden);
    public static readonly ErrorCode ConfirmationRequired = new("confirmation_required", ErrorKind.Forbidden);

    public static readonly ErrorCode NotFound = new("not_found", ErrorKind.NotFound);
    public static readonly ErrorCode RoomNotFound = new("room_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode AgentNotFound = new("agent_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode ActionNotFound = new("action_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode ActionExpired = new("action_expired", ErrorKind.NotFound);
    public static readonly ErrorCode ViewNotFound = new("view_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode HelpKeyNotFound = new("help_key_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode TokenNotFound = new("token_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode UserNotFound = new("user_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode LeaseNotFound = new("lease_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode ApprovalNotFound = new("approval_not_found", ErrorKind.NotFound);
    public static readonly ErrorCode PackNotFound = new("pack_not_found", ErrorKind.NotFound);

    public static readonly ErrorCode RoomExists = new("room_exists", ErrorKind.Conflict);
    public static readonly ErrorCode LastOwner = new("last_owner", ErrorKind.Conflict);
    public static readonly ErrorCode LastPasskey = new("last_passkey", ErrorKind.Conflict);
    public static readonly ErrorCode AgentExists = new("agent_exists", ErrorKind.Conflict);
    public static readonly ErrorCode AgentHeld = new("agent_held", ErrorKind.Conflict);
    public static readonly ErrorCode EmbodimentRequired = new("embodiment_required", ErrorKind.Conflict);
    public static readonly ErrorCode ActionChanged = new("action_changed", ErrorKind.Conflict);
    public static readonly ErrorCode LeaseHeld = new("lease_held", ErrorKind.Conflict);
    public static readonly ErrorCode LeaseRequired = new("lease_required", ErrorKind.Conflict);
    public static readonly ErrorCode LeaseLost = new("lease_lost", ErrorKind.Conflict);
    public static readonly ErrorCode ApprovalRequired = new("approval_required", ErrorKind.Conflict);
    public static readonly ErrorCode ApprovalChanged = new("approval_changed", ErrorKind.Conflict);
    public static readonly ErrorCode ApprovalDecided = new("approval_decided", ErrorKind.Conflict);
    public static readonly ErrorCode Paused = new("paused", ErrorKind.Conflict);
    public static readonly ErrorCode NothingToWrite = new("nothing_to_write", ErrorKind.Conflict);
    public static readonly ErrorCode PreconditionFailed = new("precondition_failed", ErrorKind.Conflict);
    public static readonly ErrorCode ActionDisabled = new("action_disabled", ErrorKind.Conflict);
    public static readonly ErrorCode ActionCooldown = new("action_cooldown", ErrorKind.Conflict);
    public static readonly ErrorCode VersionConflict = new("version_conflict", ErrorKind.Conflict);
    public static readonly ErrorCode IdempotencyConflict = new("idempotency_conflict", ErrorKind.Conflict);

    public static readonly ErrorCode InvalidJson = new("invalid_json", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidParameter = new("invalid_parameter", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidParam = new("invalid_param", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidParamType = new("invalid_param_type", ErrorKind.Invalid);
    public static readonly ErrorCode UnknownParam = new("unknown_param", ErrorKind.Invalid);
    public static readonly ErrorCode UnknownField = new("unknown_field", ErrorKind.Invalid);
    public static readonly ErrorCode MissingParam = new("missing_param", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidCel = new("invalid_cel", ErrorKind.Invalid);
    public static readonly ErrorCode CelError = new("cel_error", ErrorKind.Invalid);
    public static readonly ErrorCode CelLimitExceeded = new("cel_limit_exceeded", ErrorKind.Invalid);
    public static readonly ErrorCode NotReadable = new("not_readable", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidTimer = new("invalid_timer", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidTemplate = new("invalid_template", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidId = new("invalid_id", ErrorKind.Invalid);
    public static readonly ErrorCode ReservedId = new("reserved_id", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidScope = new("invalid_scope", ErrorKind.Invalid);
    public static readonly ErrorCode InvalidPack = new("invalid_pack", ErrorKind.Invalid);

    public static readonly ErrorCode PayloadTooLarge = new("payload_too_large", ErrorKind.TooLarge);
    public static readonly ErrorCode RateLimited = new("rate_limited", ErrorKind.Limited);
    public static readonly ErrorCode CursorReset = new("cursor_reset", ErrorKind.Gone);
    public static readonly ErrorCode VaultDeprecated = new("vault_deprecated", ErrorKind.Gone);
    public static readonly ErrorCode Unavailable = new("unavailable", ErrorKind.Unavailable);
#pragma warning restore CS1591

    /// <inheritdoc/>
    public override string ToString() => Name;
}
