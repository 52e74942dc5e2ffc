using System.Collections.Concurrent;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Authority;

/// <summary>
/// Hashes that the database has just been asked for in vain, for two seconds each, so that a client repeating a dead token costs no
/// look-up. Bounded: when full it is emptied, which only costs look-ups. Thread-safe.
/// </summary>
internal sealed class NegativeTokenCache(TimeProvider time)
{
    private const int Max = 4_096;

    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<TokenHash, long> _since = new();
    private int _count;

    public bool Contains(TokenHash hash) => _since.TryGetValue(hash, out var since) && time.GetElapsedTime(since) < s_lifetime;

    public void Add(TokenHash hash)
    {
        if (Interlocked.Increment(ref _count) > Max)
        {
            _since.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        _since[hash] = time.GetTimestamp();
    }
}
