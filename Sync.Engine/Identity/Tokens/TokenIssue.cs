using System.Collections.Immutable;

namespace Sync.Engine.Identity.Tokens;

/// <summary>A token at the moment it is issued: what is stored of it, and the secrets that are not.</summary>
/// <param name="Token">The token.</param>
/// <param name="Secret"><c>tok_…</c></param>
/// <param name="Refresh">What refreshes it, or null.</param>
/// <param name="RefreshSecret"><c>ref_…</c>, or null.</param>
internal sealed record TokenIssue(TokenRecord Token, string Secret, RefreshRecord? Refresh, string? RefreshSecret)
{
    /// <summary>Life of an access secret that something refreshes, unless its token says otherwise.</summary>
    public static readonly TimeSpan StandardLife = TimeSpan.FromHours(1);

    /// <summary>An id for a token that comes to be.</summary>
    public static string NewId() => Identity.Tokens.Secret.NewId("t_");

    /// <summary>The answer to whoever gets it.</summary>
    public IssuedToken Answer(TokenRecord stored) =>
        new(
            TokenInfo.Of(stored, lastUsedAt: null, refreshable: Refresh is not null),
            Secret,
            RefreshSecret,
            Token.ExpiresAt is { } expires ? expires - Token.CreatedAt : null);
}

/// <summary>A refresh token as it is stored.</summary>
/// <param name="Hash">SHA-256 of the secret.</param>
/// <param name="CreatedAt">When made.</param>
/// <param name="ExpiresAt">When it dies unless it is used.</param>
internal sealed record RefreshRecord(ImmutableArray<byte> Hash, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(30);

    /// <summary>A new one with its secret.</summary>
    public static (string Secret, RefreshRecord Refresh) New(DateTimeOffset now)
    {
        var secret = Identity.Tokens.Secret.New(Identity.Tokens.Secret.RefreshPrefix);
        return (secret, Of(secret, now));
    }

    /// <summary>The record of a secret made here.</summary>
    public static RefreshRecord Of(string secret, DateTimeOffset now) =>
        new(Identity.Tokens.Secret.Hash(secret, Identity.Tokens.Secret.RefreshPrefix).ToBytes(), now, now + s_life);
}
