using System.Collections.Immutable;

namespace Sync.Engine.Persistence;

/// <summary>A room's own token (<c>room_</c>, <c>view_</c>, <c>as_</c>) before the room has a row.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Hash">SHA-256 of its secret.</param>
/// <param name="Scope">What it may do.</param>
/// <param name="CreatedAt">When.</param>
internal sealed record LegacyToken(string Id, ImmutableArray<byte> Hash, Scope Scope, DateTimeOffset CreatedAt)
{
    /// <summary>The member it acts for; see <see cref="TokenRecord.Behalf"/>.</summary>
    public string? Behalf { get; init; }

    /// <summary>The agent it is, by room id; see <see cref="TokenRecord.Agents"/>.</summary>
    public ImmutableDictionary<string, AgentBinding> Agents { get; init; } = ImmutableDictionary<string, AgentBinding>.Empty;

    /// <summary>The row it becomes.</summary>
    public StoredToken ToStored(long room) => new()
    {
        Id = Id,
        Hash = [.. Hash],
        Scope = Scope.Text,
        Room = room,
        UserId = Behalf,
        CreatedMs = CreatedAt.ToUnixTimeMilliseconds(),
    };

    /// <summary>The token it becomes.</summary>
    public TokenRecord ToRecord(long room) => new()
    {
        Id = Id,
        Hash = Hash,
        Scope = Scope,
        RoomRow = room,
        CreatedAt = CreatedAt,
        Behalf = Behalf,
        Agents = Agents,
    };
}
