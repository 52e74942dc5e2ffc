using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Time;

/// <summary>
/// Turns a room's page to another moment and back. Only the newest wish counts: an older one that is still being fetched is given up, and while the slider moves nothing is
/// fetched before it has rested a moment. On the page's dispatcher only; <c>changed</c> is called there after each change.
/// </summary>
internal sealed class TimeMachine(Func<long, CancellationToken, Task<Outcome<RoomPageModel>>> fetch, TimeProvider time, Action changed) : IDisposable
{
    /// <summary>How long the slider rests before its moment is fetched.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(80);

    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(500);

    private CancellationTokenSource? _wish;
    private CancellationTokenSource? _playing;

    /// <summary>The event asked for; null is now.</summary>
    public long? At { get; private set; }

    /// <summary>The room at that event once it is there; null is now.</summary>
    public RoomPageModel? Past { get; private set; }

    /// <summary>Why the moment could not be shown.</summary>
    public SyncError? Refusal { get; private set; }

    /// <summary>Whether it plays.</summary>
    public bool IsPlaying => _playing is not null;

    /// <summary>Goes to an event; the newest or beyond is now.</summary>
    public Task GoToAsync(long seq, long newest)
    {
        StopPlaying();
        return ShowAsync(seq, newest, Rest);
    }

    /// <summary>Back to now.</summary>
    public void GoLive()
    {
        StopPlaying();
        Leave();
        changed();
    }

    /// <summary>Fetches the moment again, when what its reader may see has changed.</summary>
    public Task RefreshAsync()
    {
        Past = null;
        return At is { } at ? ShowAsync(at, long.MaxValue, TimeSpan.Zero) : Task.CompletedTask;
    }

    /// <summary>Plays on from the moment shown, or from the beginning, until stopped or now.</summary>
    /// <param name="newest">The newest event, asked at each step.</param>
    public async Task PlayAsync(Func<long> newest)
    {
        StopPlaying();
        using var playing = new CancellationTokenSource();
        _playing = playing;
        try
        {
            var at = At ?? 0;

            // A long log plays in about a minute, a short one event by event.
            var step = Math.Max(1, (newest() - at) / 120);
            while (!playing.IsCancellationRequested && at < newest())
            {
                at = Math.Max(1, at + step);
                await ShowAsync(at, newest(), TimeSpan.Zero);
                if (playing.IsCancellationRequested || Refusal is not null || At is null)
                {
                    break;
                }

                await Task.Delay(s_beat, time, playing.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped between two steps.
        }
        finally
        {
            if (_playing == playing)
            {
                _playing = null;
                changed();
            }
        }
    }

    /// <summary>Stops where it is.</summary>
    public void Pause()
    {
        StopPlaying();
        changed();
    }

    public void Dispose()
    {
        StopPlaying();
        _wish?.Cancel();
    }

    private async Task ShowAsync(long seq, long newest, TimeSpan rest)
    {
        Refusal = null;
        if (seq >= newest)
        {
            Leave();
            changed();
            return;
        }

        _wish?.Cancel();
        using var wish = new CancellationTokenSource();
        _wish = wish;
        At = seq;
        changed();
        try
        {
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, time, wish.Token);
            }

            var fetched = await fetch(seq, wish.Token);
            if (wish.IsCancellationRequested)
            {
                return;
            }

            if (fetched.Try(out var model, out var refusal))
            {
                Past = model;
            }
            else
            {
                Leave();
                Refusal = refusal;
            }

            changed();
        }
        catch (OperationCanceledException) when (wish.IsCancellationRequested)
        {
            // A newer wish has taken its place.
        }
        finally
        {
            if (_wish == wish)
            {
                _wish = null;
            }
        }
    }

    private void Leave()
    {
        _wish?.Cancel();
        (At, Past, Refusal) = (null, null, null);
    }

    private void StopPlaying()
    {
        _playing?.Cancel();
        _playing = null;
    }
}
