using System.Collections.Immutable;
using System.Security.Cryptography;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <summary>
/// Signed-in browsers: rows of the token table without a secret. Only the running server makes and ends them, so memory knows all that live. An ended one is removed, not
/// marked.
/// </summary>
internal sealed class SessionCache(TokenCache tokens, UserStore users, TimeProvider time)
{
    private const int MaxSessions = 100;
    private const int LongestLabel = 200;

    private static readonly TimeSpan s_sessionLife = TimeSpan.FromDays(30);

    /// <summary>Starts a session. Of more than a hundred the one that was idle longest ends.</summary>
    public async Task<TokenEntry> StartAsync(UserRecord user, string label, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var token = new TokenRecord
        {
            Id = TokenIssue.NewId(),

            // Nobody has what hashes to this.
            Hash = ImmutableArray.Create(RandomNumberGenerator.GetBytes(TokenHash.Length)),
            Scope = Scope.Everything,
            Kind = CredentialKind.Session,
            Label = Cut(label),
            CreatedAt = ClockExtensions.ToMillisecond(now),
            ExpiresAt = ClockExtensions.ToMillisecond(now + s_sessionLife),
            User = user,
        };
        TokenEntry started;
        List<TokenEntry> tooMany;
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            tooMany = [.. Of(user.Id).OrderByDescending(LastActive).Skip(MaxSessions - 1)];
            await users.AddSessionAsync(token, user.Id, Ids(tooMany), cancellationToken).ConfigureAwait(false);
            tokens.Forget(tooMany);
            started = tokens.Adopt(token, lastUsedAt: null);
            started.Confirm(now);
        }

        tokens.RaiseChanged(Ids(tooMany));

        return started;
    }

    /// <summary>The caller of a live session; notes the use.</summary>
    public Outcome<Caller> CallerOf(string sessionId)
    {
        if (!tokens.TryGet(sessionId, out var entry))
        {
            return AccessErrors.EndedSession;
        }

        var caller = entry.Caller;

        // Callers made from a token have one.
        var token = caller.Token!;
        var now = time.GetUtcNow();
        if (token.Kind != CredentialKind.Session || token.Revoked || token.ExpiresAt <= now)
        {
            return AccessErrors.EndedSession;
        }

        tokens.NoteUse(entry, now);

        return caller;
    }

    /// <summary>When a passkey was last shown in the caller's session; null when there is none.</summary>
    public DateTimeOffset? ConfirmedAt(Caller caller) => SessionOf(caller)?.ConfirmedAt;

    /// <summary>Notes that a passkey was shown in the caller's session.</summary>
    public void Confirm(Caller caller) => SessionOf(caller)?.Confirm(time.GetUtcNow());

    /// <summary>A user's live sessions, in no order.</summary>
    public IEnumerable<TokenEntry> Of(string userId)
    {
        foreach (var entry in tokens.All)
        {
            var token = entry.Token;
            if (token.Kind == CredentialKind.Session && token.User?.Id == userId && tokens.IsLive(token))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Ends the sessions of a user that the condition names; answers their number.</summary>
    public async Task<int> EndAsync(string userId, Func<string, bool> which, CancellationToken cancellationToken)
    {
        List<TokenEntry> ended;
        using (await tokens.TurnAsync(cancellationToken).ConfigureAwait(false))
        {
            ended = [.. Of(userId).Where(entry => which(entry.Token.Id))];
            if (ended.Count > 0)
            {
                await users.RemoveSessionsAsync(Ids(ended), cancellationToken).ConfigureAwait(false);
                tokens.Forget(ended);
            }
        }

        tokens.RaiseChanged(Ids(ended));

        return ended.Count;
    }

    private TokenEntry? SessionOf(Caller caller) => caller is { IsSession: true, TokenId: { } id } && tokens.TryGet(id, out var entry) ? entry : null;

    private static DateTimeOffset LastActive(TokenEntry entry) => entry.LastUsedAt ?? entry.Token.CreatedAt;

    private static List<string> Ids(List<TokenEntry> entries) => entries.ConvertAll(static entry => entry.Token.Id);

    private static string Cut(string label) =>
        label.Length <= LongestLabel ? label : label[..(char.IsHighSurrogate(label[LongestLabel - 1]) ? LongestLabel - 1 : LongestLabel)];
}
