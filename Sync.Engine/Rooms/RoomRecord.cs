using System.Collections.Immutable;

namespace Sync.Engine;

/// <summary>Who may join a room without a token.</summary>
public enum JoinPolicy
{
    /// <summary>Whoever knows the room's id.</summary>
    Open,
    /// <summary>Only a token with write access.</summary>
    Members,
}

/// <summary>
/// A room's entry in the catalogue: what is true of it outside its log. Immutable; the catalogue holds the current one.
/// </summary>
internal sealed record RoomRecord
{
    /// <summary>Row id: what the log's tables refer to. Never reused.</summary>
    public required long Row { get; init; }

    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public string? Name { get; init; }

    public required JoinPolicy Join { get; init; }

    /// <summary>Role by user id.</summary>
    public required ImmutableDictionary<string, Role> Members { get; init; }
}
