using System.Collections.Concurrent;
using Sync.Engine.Primitives.Clock;

namespace Sync.Web.Http.Pipeline;

/// <summary>
/// The bytes that each party has been answered lately, as a debt that shrinks by <c>AnswerBytesPerSecond</c>. Requests alone do not bound what a party makes the server read, compose
/// and send: an answer may have some hundred bytes or eight megabytes. A debt of two seconds is free; above it new requests are refused and streams wait. Any thread.
/// </summary>
/// <param name="bytesPerSecond">How fast a debt shrinks.</param>
/// <param name="time">The clock.</param>
internal sealed class AnswerBudget(long bytesPerSecond, TimeProvider time)
{
    private const int BurstSeconds = 2;

    // Accounts without a debt are forgotten whenever there are more than this.
    private const int TidyAbove = 4_096;

    private readonly ConcurrentDictionary<ClientKey, LeakyBucket> _debts = new();
    private int _tidyAt = TidyAbove;

    /// <summary>How long a party has to wait until its debt is small enough again; zero for who may go on.</summary>
    public TimeSpan Wait(ClientKey key)
    {
        if (!_debts.TryGetValue(key, out var debt))
        {
            return TimeSpan.Zero;
        }

        var over = debt.LevelNow(time, bytesPerSecond) - (bytesPerSecond * BurstSeconds);
        return over > 0 ? TimeSpan.FromSeconds(over / bytesPerSecond) : TimeSpan.Zero;
    }

    /// <summary>Adds what a party was sent.</summary>
    public void Charge(ClientKey key, long bytes)
    {
        _debts.AddOrUpdate(
            key,
            static (_, t) => default(LeakyBucket).Add(t.bytes, t.time, t.bytesPerSecond),
            static (_, debt, t) => debt.Add(t.bytes, t.time, t.bytesPerSecond),
            (bytes, bytesPerSecond, time));
        if (_debts.Count > _tidyAt)
        {
            Tidy();
        }
    }

    private void Tidy()
    {
        foreach (var (key, debt) in _debts)
        {
            if (debt.LevelNow(time, bytesPerSecond) == 0)
            {
                _debts.TryRemove(KeyValuePair.Create(key, debt));
            }
        }

        // What is left is in use; the next round comes when as many again have been added.
        Volatile.Write(ref _tidyAt, Math.Max(TidyAbove, _debts.Count * 2));
    }
}
