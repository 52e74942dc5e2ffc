using System.Text.Json;

namespace Sync.Web.Passkeys;

/// <summary>
/// Challenges that have been answered, for as long as their cookie lives: each is good once (WebAuthn §13.4.3). The library removes the cookie from the browser,
/// which does not stop a copy of it. Only what was verified is noted, so nobody fills this with inventions. Thread-safe.
/// </summary>
internal sealed class SpentChallenges(TimeProvider time)
{
    // A little longer than the cookie that holds the challenge.
    private static readonly TimeSpan s_kept = TimeSpan.FromMinutes(6);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _spent = new(StringComparer.Ordinal);
    private readonly Queue<(string Challenge, DateTimeOffset Until)> _order = new();

    /// <summary>Spends the challenge that a verified credential answers; false when it was spent before.</summary>
    public bool Spend(string credential)
    {
        var challenge = ChallengeOf(credential);
        var now = time.GetUtcNow();
        lock (_gate)
        {
            while (_order.TryPeek(out var oldest) && oldest.Until <= now)
            {
                _spent.Remove(_order.Dequeue().Challenge);
            }

            if (!_spent.Add(challenge))
            {
                return false;
            }

            _order.Enqueue((challenge, now + s_kept));
            return true;
        }
    }

    // What was verified has all of this (WebAuthn §5.8.1).
    private static string ChallengeOf(string credential)
    {
        using var json = JsonDocument.Parse(credential);
        var client = json.RootElement.GetProperty("response").GetProperty("clientDataJSON").GetString()!;
        using var data = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(client));
        return data.RootElement.GetProperty("challenge").GetString()!;
    }
}
