using System.Collections.Immutable;
using Sync.Engine.Identity.Scopes;

namespace Sync.Engine.Identity.Tokens;

/// <summary>A user: a name and (elsewhere) passkeys.</summary>
/// <param name="Id">Opaque id.</param>
/// <param name="Name">Unique name, compared without case.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record UserRecord(string Id, string Name, DateTimeOffset CreatedAt)
{
    /// <summary>
    /// Whether this is an administrator of the server. Tokens carry their user as it was when they were read: ask the table's
    /// own record (<c>UserById</c>).
    /// </summary>
    public bool IsAdmin { get; init; }
}

/// <summary>The kind of credential that a row of the token table holds.</summary>
internal enum CredentialKind
{
    /// <summary>A bearer token.</summary>
    Token,
    /// <summary>A signed-in browser: no secret exists, its id travels in a protected cookie.</summary>
    Session,
}

/// <summary>
/// A token as the engine knows it; the secret itself is never held. Immutable: a change puts another record into the token table.
/// </summary>
internal sealed record TokenRecord
{
    public required string Id { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required ImmutableArray<byte> Hash { get; init; }

    /// <summary>What it may at most do. Legacy tokens are scopes too: <c>room_</c> = <c>rooms:ID:admin</c>, <c>view_</c> = <c>rooms:ID:read</c>, <c>as_</c> = <c>rooms:ID:agent:AGENT</c>.</summary>
    public required Scope Scope { get; init; }

    /// <summary>The user it belongs to; null for legacy tokens, which carry a room's own authority.</summary>
    public UserRecord? User { get; init; }

    /// <summary>
    /// The room a legacy token belongs to, by row: a room created later under the id of a deleted one does not honour it. Null for
    /// users' tokens.
    /// </summary>
    public long? RoomRow { get; init; }

    /// <summary>
    /// The id of the user who made one of a room's own tokens, or null where nobody is known to have. What that member may not any more, the token may not either; it
    /// belongs to the room all the same and is no token of the user's.
    /// </summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>
    /// The id of the user who made it for another's agent; null where that is <see cref="OnBehalfOf"/>, who is then the agent's. What either of the two may not any more, the token may not.
    /// </summary>
    public string? Maker { get; init; }

    /// <summary>
    /// The id of the user whose token joined as nobody and was given this one; null where nobody knows. It has no role of that user's and needs none, but ends when an owner removes the user.
    /// </summary>
    public string? JoinedBy { get; init; }

    /// <summary>
    /// The id of the token that minted it, and with which it ends; null for what a person made or keeps. A refreshed token keeps its id, so the hour of an
    /// access secret ends nothing.
    /// </summary>
    public string? Parent { get; init; }

    /// <summary>Whether a room's link that only reads was made to show private scopes too.</summary>
    public bool SeesPrivate { get; init; }

    public CredentialKind Kind { get; init; }

    /// <summary>The client it was issued to; null for minted and legacy tokens and sessions.</summary>
    public string? ClientId { get; init; }

    /// <summary>How long an access secret lives after each refresh; null when nothing refreshes it.</summary>
    public TimeSpan? AccessLife { get; init; }

    public string? Label { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public bool Revoked { get; init; }

    /// <summary>The agent this token acts as, by room id: set by a join made with it, and of an agent's own token when it is made.</summary>
    public ImmutableDictionary<string, AgentBinding> Agents { get; init; } = ImmutableDictionary<string, AgentBinding>.Empty;

    /// <summary>
    /// Rows of the rooms, open then, that a token which is for no room in particular has been let into by a join: it writes there as its user's agents, for as long as it may create rooms
    /// and its scope is not changed. The scope itself stays as its user gave it. By row: a room made anew under the id is another one.
    /// </summary>
    public ImmutableHashSet<long> Admitted { get; init; } = [];
}
