using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sync.E2E.Crash;

/// <summary>A lease that somebody was told to hold.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Agent">Who holds it.</param>
/// <param name="Fence">The event that gave it.</param>
/// <param name="ExpiresAt">Until when, as was said last.</param>
internal sealed record HeldLease(string Key, string Agent, long Fence, DateTimeOffset ExpiresAt)
{
    /// <summary>The event with which it was given back; 0 while it was not.</summary>
    public long ReleasedSeq { get; set; }
}

/// <summary>One worker: takes leases, stands in line for them, gives them back, and tries to with fences that are long over, until the server is gone. What was not answered is asked again with its key. One task at a time.</summary>
internal sealed class LeaseClient(string room, string agent, Random random)
{
    private const int Keys = 6;

    private readonly List<HeldLease> _held = [];
    private (string Action, object Body, string Id, HeldLease? Of)? _unanswered;
    private int _made;

    /// <summary>All that it was told to hold, in order.</summary>
    public List<HeldLease> Told { get; } = [];

    /// <summary>Calls with a fence that was over, which must all be refused.</summary>
    public int Revenants { get; private set; }

    public async Task RunAsync(HttpClient http, Action answered, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                _unanswered ??= Next();
                await SendAsync(http, cancellationToken);
                answered();
            }
        }
        catch (Exception end) when (end is HttpRequestException or IOException)
        {
            // Killed, in the middle of this call or before it.
        }
    }

    /// <summary>Asks again for what was left unanswered; the server lives.</summary>
    public Task RetryAsync(HttpClient http, CancellationToken cancellationToken) => _unanswered is null ? Task.CompletedTask : SendAsync(http, cancellationToken);

    private (string Action, object Body, string Id, HeldLease? Of) Next()
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{agent}/{++_made}");
        if (Told.Count > 0 && random.Next(6) == 0)
        {
            var old = Told[random.Next(Told.Count)];
            return ("_release", new { agent, fence = old.Fence, @params = new { key = old.Key } }, id, old);
        }

        if (_held.Count > 0 && random.Next(2) == 0)
        {
            var held = _held[random.Next(_held.Count)];
            return ("_release", new { agent, fence = held.Fence, @params = new { key = held.Key } }, id, held);
        }

        var key = string.Create(CultureInfo.InvariantCulture, $"k{random.Next(Keys)}");
        return ("_claim", new { agent, wait_ms = random.Next(2) * random.Next(50, 1_500), @params = new { key, ttl_ms = 1_000 + random.Next(1_500) } }, id, null);
    }

    private async Task SendAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var (action, body, id, of) = _unanswered!.Value; // Whoever calls has one.
        using var message = new HttpRequestMessage(HttpMethod.Post, $"rooms/{room}/actions/{action}/invoke") { Content = JsonContent.Create(body) };
        message.Headers.Add("Idempotency-Key", id);
        using var response = await http.SendAsync(message, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        _unanswered = null;
        var answer = JsonElement.Parse(text);
        if (!response.IsSuccessStatusCode)
        {
            Assert.Contains(answer.GetProperty("error").GetString(), (string[])["lease_held", "lease_lost", "lease_not_found"]);
            if (of is not null)
            {
                _held.Remove(of);
                Revenants += of.ReleasedSeq > 0 || of.ExpiresAt < TimeProvider.System.GetUtcNow() ? 1 : 0;
            }

            return;
        }

        if (of is not null)
        {
            Assert.True(of.ReleasedSeq == 0, $"{of} was given back twice: {text}");
            of.ReleasedSeq = answer.GetProperty("seq").GetInt64();
            _held.Remove(of);
            return;
        }

        var lease = new HeldLease(answer.GetProperty("key").GetString()!, agent, answer.GetProperty("fence").GetInt64(), answer.GetProperty("expires_at").GetDateTimeOffset());
        if (Told.Find(known => known.Fence == lease.Fence) is { } renewed)
        {
            Told.Remove(renewed);
            _held.Remove(renewed);
        }

        Told.Add(lease);
        _held.Add(lease);
    }
}
