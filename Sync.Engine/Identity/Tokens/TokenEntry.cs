
namespace Sync.Engine.Identity.Tokens;

/// <summary>
/// A token's place in <c>IdentityCache</c>: the current record, ready as a caller, and when it was last used. The record is replaced
/// whole, under the table's mutation lock; readers take it with one volatile read.
/// </summary>
internal sealed class TokenEntry(TokenRecord token, DateTimeOffset? lastUsedAt)
{
    private volatile Caller _caller = Caller.Of(token);
    private long _lastUsedMs = lastUsedAt?.ToUnixTimeMilliseconds() ?? 0;
    private long _confirmedMs;
    private int _dirty;

    // Callers made from a token have one.
    public TokenRecord Token
    {
        get => _caller.Token!;
        set => _caller = Caller.Of(value);
    }

    public Caller Caller => _caller;

    public DateTimeOffset? LastUsedAt => Interlocked.Read(ref _lastUsedMs) is var at and > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    /// <summary>When the person of a session last showed a passkey in it. In memory only: to be asked once more after a restart does no harm.</summary>
    public DateTimeOffset? ConfirmedAt => Interlocked.Read(ref _confirmedMs) is var at and > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    /// <summary>Notes that they have.</summary>
    public void Confirm(DateTimeOffset now) => Interlocked.Exchange(ref _confirmedMs, now.ToUnixTimeMilliseconds());

    /// <summary>Notes a use. True when this is the first since the last flush.</summary>
    public bool Touch(DateTimeOffset now)
    {
        Interlocked.Exchange(ref _lastUsedMs, now.ToUnixTimeMilliseconds());
        return Volatile.Read(ref _dirty) == 0 && Interlocked.Exchange(ref _dirty, 1) == 0;
    }

    /// <summary>What to flush; uses from now on count for the next flush.</summary>
    public (string Id, long LastUsedMs) TakeUse()
    {
        Interlocked.Exchange(ref _dirty, 0);
        return (Token.Id, Interlocked.Read(ref _lastUsedMs));
    }
}
