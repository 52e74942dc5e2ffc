namespace Sync.Web.Passkeys;

/// <summary>
/// Challenges that have been answered, for as long as their cookie lives: each is good once (WebAuthn §13.4.3). The cookie is removed from the browser, which
/// does not stop a copy of it. Only what was verified is noted, so nobody fills this with inventions. Thread-safe.
/// </summary>
internal sealed class ChallengeReplayCache(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _spent = new(StringComparer.Ordinal);
    private readonly Queue<(string Challenge, DateTimeOffset Until)> _order = new();

    /// <summary>Spends the challenge of a ceremony whose credential was verified; false when it was spent before.</summary>
    public bool Spend(Ceremony ceremony)
    {
        var challenge = Convert.ToBase64String(ceremony.Challenge);
        var now = time.GetUtcNow();
        lock (_lock)
        {
            while (_order.TryPeek(out var oldest) && oldest.Until <= now)
            {
                _spent.Remove(_order.Dequeue().Challenge);
            }

            if (!_spent.Add(challenge))
            {
                return false;
            }

            // A clock that is put back meanwhile makes the cookie good for longer, and this kept for longer.
            _order.Enqueue((challenge, ceremony.Until));
            return true;
        }
    }
}
