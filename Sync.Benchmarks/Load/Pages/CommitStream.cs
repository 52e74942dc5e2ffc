using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sync.Benchmarks.Load.Pages;

/// <summary>
/// Commits to a room at a steady rate, a few under way at once: most count its pulse on, others report work, speak, or are refused. One that is late is made up for, so that the rate holds on
/// average. The room itself hardly grows by it.
/// </summary>
internal sealed class CommitStream(ArchiveRoom room, int rate)
{
    private const int MaxUnderWay = 8;

    private readonly ConcurrentDictionary<long, double> _sent = new();
    private readonly SemaphoreSlim _free = new(MaxUnderWay);
    private long _beat;
    private long _answered;

    /// <summary>When each beat was sent, in milliseconds since 1970; whoever has seen one takes it out.</summary>
    public ConcurrentDictionary<long, double> Sent => _sent;

    /// <summary>Invocations answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        for (var number = 0L; !cancellationToken.IsCancellationRequested; number++)
        {
            var due = TimeSpan.FromSeconds(number / (double)rate) - Stopwatch.GetElapsedTime(began);
            if (due > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(due, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await _free.WaitAsync(CancellationToken.None);
            _ = AnswerAsync(SendAsync(number));
        }

        for (var ended = 0; ended < MaxUnderWay; ended++)
        {
            await _free.WaitAsync(CancellationToken.None);
        }
    }

    private async Task AnswerAsync(Task<bool> sent)
    {
        try
        {
            await sent;
            Interlocked.Increment(ref _answered);
        }
        finally
        {
            _free.Release();
        }
    }

    private Task<bool> SendAsync(long number)
    {
        var member = ArchiveContent.Team[number % ArchiveContent.Team.Length].Id;
        var task = (1 + (number / 20 % 20)).ToString(CultureInfo.InvariantCulture);
        switch (number % 20)
        {
            case 4:
                return room.InvokeAsync(member, "_send_message", new JsonObject { ["body"] = $"Beat {_beat.ToString(CultureInfo.InvariantCulture)}, and all decks are running." });
            case 9:
                return room.InvokeAsync(member, "claim_task", new JsonObject { ["task"] = task });
            case 11:
                return room.InvokeAsync(member, "submit_transcript", new JsonObject { ["tape"] = "T-0001", ["words"] = 40, ["confidence"] = 0.9 });
            case 14:
                return room.InvokeAsync(member, "regrade_tape", new JsonObject { ["tape"] = $"T-00{(1 + (number % 17)).ToString("00", CultureInfo.InvariantCulture)}", ["condition"] = number % 40 < 20 ? "fair" : "good" });
            case 19:
                return room.InvokeAsync(member, "drop_task", new JsonObject { ["task"] = task });
            default:
                var beat = ++_beat;
                _sent[beat] = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;
                return room.InvokeAsync(member, "beat", new JsonObject { ["n"] = beat });
        }
    }
}
