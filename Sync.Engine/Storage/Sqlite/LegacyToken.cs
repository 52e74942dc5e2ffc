using System.Collections.Immutable;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>A room's own token (<c>room_</c>, <c>view_</c>, <c>as_</c>) before the room has a row.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Hash">SHA-256 of its secret.</param>
/// <param name="Scope">What it may do.</param>
/// <param name="CreatedAt">When.</param>
internal sealed record LegacyToken(string Id, ImmutableArray<byte> Hash, Scope Scope, DateTimeOffset CreatedAt)
{
    /// <summary>Who made it; see <see cref="TokenRecord.OnBehalfOf"/>.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>See <see cref="TokenRecord.Maker"/>.</summary>
    public string? Maker { get; init; }

    /// <summary>See <see cref="TokenRecord.JoinedBy"/>.</summary>
    public string? JoinedBy { get; init; }

    /// <summary>The agent it is, by room id; see <see cref="TokenRecord.Agents"/>.</summary>
    public ImmutableDictionary<string, AgentBinding> Agents { get; init; } = ImmutableDictionary<string, AgentBinding>.Empty;

    /// <summary>What minted it; see <see cref="TokenRecord.Parent"/>.</summary>
    public string? Parent { get; init; }

    /// <summary>When it ends by itself: with what minted it, if that does.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>See <see cref="TokenRecord.SeesPrivate"/>.</summary>
    public bool SeesPrivate { get; init; }

    /// <summary>What whoever made it calls it.</summary>
    public string? Label { get; init; }

    /// <summary>The same for the agent of a user: what that one may do, and whoever makes it.</summary>
    public LegacyToken For(string? user) => user is null || user == OnBehalfOf ? this : this with { OnBehalfOf = user, Maker = Maker ?? OnBehalfOf };

    /// <summary>The row it becomes.</summary>
    public StoredToken ToStored(long room) => new()
    {
        Id = Id,
        Hash = [.. Hash],
        Scope = Scope.Text,
        Room = room,
        UserId = OnBehalfOf,
        Maker = Maker,
        JoinedBy = JoinedBy,
        CreatedMs = CreatedAt.ToUnixTimeMilliseconds(),
        ExpiresMs = ExpiresAt?.ToUnixTimeMilliseconds(),
        Parent = Parent,
        SeesPrivate = SeesPrivate,
        Label = Label,
    };

    /// <summary>The token it becomes.</summary>
    public TokenRecord ToRecord(long room) => new()
    {
        Id = Id,
        Hash = Hash,
        Scope = Scope,
        RoomRow = room,
        CreatedAt = CreatedAt,
        OnBehalfOf = OnBehalfOf,
        Maker = Maker,
        JoinedBy = JoinedBy,
        Agents = Agents,
        ExpiresAt = ExpiresAt,
        Parent = Parent,
        SeesPrivate = SeesPrivate,
        Label = Label,
    };
}
