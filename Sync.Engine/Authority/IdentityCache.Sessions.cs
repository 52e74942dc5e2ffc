using System.Collections.Immutable;
using System.Security.Cryptography;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <content>
/// Signed-in browsers: rows of the token table without a secret. Only the running server makes and ends them, so memory knows all that live.
/// An ended one is removed, not marked.
/// </content>
internal sealed partial class IdentityCache
{
    private const int MaxSessions = 100;
    private const int LongestLabel = 200;

    private static readonly TimeSpan s_sessionLife = TimeSpan.FromDays(30);

    /// <summary>Starts a session. Of more than a hundred the one that was idle longest ends.</summary>
    public async Task<TokenEntry> StartSessionAsync(UserRecord user, string label, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var token = new TokenRecord
        {
            Id = NewTokenId(),

            // Nobody has what hashes to this.
            Hash = ImmutableArray.Create(RandomNumberGenerator.GetBytes(TokenHash.Length)),
            Scope = Scope.Everything,
            Kind = CredentialKind.Session,
            Label = Cut(label),
            CreatedAt = UtcNowToMillisecond(now),
            ExpiresAt = UtcNowToMillisecond(now + s_sessionLife),
            User = user,
        };
        TokenEntry started;
        List<TokenEntry> tooMany;
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            tooMany = [.. SessionsOf(user.Id).OrderByDescending(LastActive).Skip(MaxSessions - 1)];
            await _users.AddSessionAsync(token, user.Id, Ids(tooMany), cancellationToken).ConfigureAwait(false);
            Forget(tooMany);
            started = Adopt(token, lastUsedAt: null);
            started.Confirm(now);
        }
        finally
        {
            _mutations.Release();
        }

        RaiseChanged(Ids(tooMany));

        return started;
    }

    /// <summary>The caller of a live session; notes the use.</summary>
    public Outcome<Caller> OfSession(string sessionId)
    {
        if (!_byId.TryGetValue(sessionId, out var entry))
        {
            return AccessErrors.EndedSession;
        }

        var caller = entry.Caller;

        // Callers made from a token have one.
        var token = caller.Token!;
        var now = _time.GetUtcNow();
        if (token.Kind != CredentialKind.Session || token.Revoked || token.ExpiresAt <= now)
        {
            return AccessErrors.EndedSession;
        }

        if (entry.Touch(now))
        {
            _used.Enqueue(entry);
        }

        return caller;
    }

    /// <summary>When a passkey was last shown in the caller's session; null when there is none.</summary>
    public DateTimeOffset? ConfirmedAt(Caller caller) => SessionOf(caller)?.ConfirmedAt;

    /// <summary>Notes that a passkey was shown in the caller's session.</summary>
    public void Confirm(Caller caller) => SessionOf(caller)?.Confirm(_time.GetUtcNow());

    /// <summary>A user's live sessions, in no order.</summary>
    public IEnumerable<TokenEntry> SessionsOf(string userId)
    {
        foreach (var (_, entry) in _byId)
        {
            var token = entry.Token;
            if (token.Kind == CredentialKind.Session && token.User?.Id == userId && IsLive(token))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Ends the sessions of a user that the condition names; answers their number.</summary>
    public async Task<int> EndSessionsAsync(string userId, Func<string, bool> which, CancellationToken cancellationToken)
    {
        List<TokenEntry> ended;
        await _mutations.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ended = [.. SessionsOf(userId).Where(entry => which(entry.Token.Id))];
            if (ended.Count > 0)
            {
                await _users.RemoveSessionsAsync(Ids(ended), cancellationToken).ConfigureAwait(false);
                Forget(ended);
            }
        }
        finally
        {
            _mutations.Release();
        }

        RaiseChanged(Ids(ended));

        return ended.Count;
    }

    private TokenEntry? SessionOf(Caller caller) => caller is { IsSession: true, TokenId: { } id } ? _byId.GetValueOrDefault(id) : null;

    private static DateTimeOffset LastActive(TokenEntry entry) => entry.LastUsedAt ?? entry.Token.CreatedAt;

    private static List<string> Ids(List<TokenEntry> entries) => entries.ConvertAll(static entry => entry.Token.Id);

    private static string Cut(string label) =>
        label.Length <= LongestLabel ? label : label[..(char.IsHighSurrogate(label[LongestLabel - 1]) ? LongestLabel - 1 : LongestLabel)];

    private void Forget(List<TokenEntry> entries)
    {
        foreach (var entry in entries)
        {
            Forget(entry);
        }
    }
}
