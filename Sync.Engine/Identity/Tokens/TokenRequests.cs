using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Identity.Tokens;

/// <summary>A request to mint a token.</summary>
public sealed record MintToken
{
    /// <summary>Scope text; may be left out when room and agent say it all.</summary>
    public string? Scope { get; init; }

    /// <summary>What its user calls it, at most 200 characters.</summary>
    public string? Label { get; init; }

    /// <summary>How long it lives; null until it is revoked. With a refresh token: the life of each access secret, one hour unless given.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Binds the token to this agent in the room, which is <see cref="RoomId"/> or the only one that the scope names.</summary>
    public string? AgentId { get; init; }

    /// <summary>Limits the token to this room.</summary>
    public string? RoomId { get; init; }

    /// <summary>Whether a refresh token comes with it.</summary>
    public bool WithRefresh { get; init; }
}

/// <summary>A token as its user sees it; never its secret.</summary>
public sealed record TokenInfo
{
    /// <summary>Its id, which is no secret.</summary>
    public required string Id { get; init; }

    /// <summary>Canonical scope text.</summary>
    public required string Scope { get; init; }

    /// <summary>What its user calls it.</summary>
    public string? Label { get; init; }

    /// <summary>The client it was issued to by OAuth or a device flow; null for minted ones.</summary>
    public string? ClientId { get; init; }

    /// <summary>The only room the scope names, when there is exactly one and nothing else.</summary>
    public string? RoomId { get; init; }

    /// <summary>The agent the scope binds it to in that room.</summary>
    public string? AgentId { get; init; }

    /// <summary>The token that minted it, and with which it ends; null for what a person made or keeps.</summary>
    public string? ParentId { get; init; }

    /// <summary>When minted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When last presented, or null.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When the access secret dies by itself; null: not before it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it was revoked.</summary>
    public required bool Revoked { get; init; }

    /// <summary>Whether a live refresh token belongs to it, so that it outlives <see cref="ExpiresAt"/>.</summary>
    public required bool Refreshable { get; init; }

    /// <summary>How many pages and streams are open with it at this moment, in the process that was asked; only in lists.</summary>
    public int OpenNow { get; init; }

    internal static TokenInfo Of(TokenRecord token, DateTimeOffset? lastUsedAt, bool refreshable)
    {
        var room = token.Scope is { CanCreateRooms: false, Everywhere: AccessLevel.None } && token.Scope.Rooms.Take(2).ToList() is [var only] ? only : null;
        return new TokenInfo
        {
            Id = token.Id,
            Scope = token.Scope.Text,
            Label = token.Label,
            ClientId = token.ClientId,
            RoomId = room,
            AgentId = room is null ? null : token.Scope.AgentFor(room),
            ParentId = token.Parent,
            CreatedAt = token.CreatedAt,
            LastUsedAt = lastUsedAt,
            ExpiresAt = token.ExpiresAt,
            Revoked = token.Revoked,
            Refreshable = refreshable && !token.Revoked,
        };
    }
}

/// <summary>A token with its secrets, shown this once.</summary>
/// <param name="Info">The token.</param>
/// <param name="Secret"><c>tok_…</c></param>
/// <param name="RefreshSecret"><c>ref_…</c>, or null.</param>
/// <param name="ExpiresIn">Life of the access secret from now; null: until it is revoked.</param>
public sealed record IssuedToken(TokenInfo Info, string Secret, string? RefreshSecret, TimeSpan? ExpiresIn);

/// <summary>A changed token.</summary>
/// <param name="Info">As it is now.</param>
/// <param name="PreviousScope">Its scope text before.</param>
public sealed record TokenChanged(TokenInfo Info, string PreviousScope);

/// <summary>The scope that an elevation adds.</summary>
/// <param name="Token">The token as it is.</param>
/// <param name="Room">The room.</param>
/// <param name="RoomName">Its human name, or null.</param>
/// <param name="Level">How much of it.</param>
/// <param name="Adds">The grant in scope text.</param>
/// <param name="ScopeAfter">The whole scope text afterwards.</param>
/// <param name="AlreadyHeld">Whether the token holds that much already.</param>
public sealed record Elevation(TokenInfo Token, string Room, string? RoomName, AccessLevel Level, string Adds, string ScopeAfter, bool AlreadyHeld);

/// <summary>The part of a requested scope that a user may grant.</summary>
/// <param name="Requested">The canonical text of what was asked.</param>
/// <param name="Parts">Each part that may be granted.</param>
/// <param name="Withheld">Asked parts of which the user holds nothing, as scope text.</param>
/// <param name="Rooms">Rooms that the asked scope reaches and the user has a role in, with the level both allow: for narrowing <c>rooms:*</c> to some of them.</param>
public sealed record GrantableScope(string Requested, IReadOnlyList<GrantablePart> Parts, IReadOnlyList<string> Withheld, IReadOnlyList<GrantableRoom> Rooms);

/// <summary>A part of an asked scope.</summary>
/// <param name="Text">Scope text of the part, narrowed to what may be granted.</param>
/// <param name="Words">What it lets its holder do, in one plain sentence.</param>
public sealed record GrantablePart(string Text, string Words);

/// <summary>A room that may be granted.</summary>
/// <param name="Id">The room.</param>
/// <param name="Name">Its human name, or null.</param>
/// <param name="Level">The most that may be granted.</param>
/// <param name="Agent">The agent that the asked scope binds to, or null.</param>
public sealed record GrantableRoom(string Id, string? Name, AccessLevel Level, string? Agent)
{
    /// <summary>The only views that were asked for, with <see cref="AccessLevel.Views"/>; else null.</summary>
    public IReadOnlyList<string>? Views { get; init; }
}
