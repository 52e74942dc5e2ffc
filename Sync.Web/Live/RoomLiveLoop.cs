using Sync.Engine;

namespace Sync.Web.Live;

/// <summary>
/// Keeps one page's view of one room current: opens it, then paints each newer picture, at most ten a second, until disposed.
/// <para>
/// One loop per page and opening. It runs outside the page's dispatcher; <c>paint</c> must bring itself there and may be slow: the loop waits
/// for it and then takes the newest picture, so a slow page skips pictures instead of queueing them. The last picture is always painted.
/// </para>
/// </summary>
internal sealed partial class RoomLiveLoop(RoomEntrance entrance, TimeProvider time, ILogger<RoomLiveLoop> log, Func<RoomFrame, Task> paint) : IAsyncDisposable
{
    private static readonly TimeSpan s_betweenPaints = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Starts. To be called once.</summary>
    public void Start(string room, string? token) => _running = RunAsync(room, token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(string room, string? token)
    {
        // Leave the caller's dispatcher, so that nothing below runs between two of the page's renders.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        RoomFrame? last = null;
        try
        {
            var entered = await entrance.OpenAsync(room, token, _stop.Token).ConfigureAwait(false);
            if (!entered.Try(out var opened, out var refusal))
            {
                var stage = refusal.Code.Kind is ErrorKind.Unauthenticated or ErrorKind.Forbidden ? RoomStage.NeedsToken : RoomStage.Refused;
                await paint(new RoomFrame(stage, null, null, IsAudience: false, refusal)).ConfigureAwait(false);
                return;
            }

            using (opened)
            {
                RoomPicture picture;
                do
                {
                    picture = opened.Watch.Current;
                    last = new RoomFrame(RoomStage.Live, picture, opened.Seat, opened.IsAudience, null);
                    await paint(last).ConfigureAwait(false);
                    await Task.Delay(s_betweenPaints, time, _stop.Token).ConfigureAwait(false);
                }
                while (await opened.Watch.ChangedAsync(picture, _stop.Token).ConfigureAwait(false));

                await paint(last with { Stage = RoomStage.Ended }).ConfigureAwait(false);
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The page has gone, and with it perhaps the renderer: whatever failed had nobody left to paint for.
        }
        catch (Exception failure)
        {
            LogFailed(failure, room);
            await paint((last ?? RoomFrame.Opening) with { Stage = RoomStage.Failed }).ConfigureAwait(false);
        }
    }

    [LoggerMessage(LogLevel.Error, "The live page of room {Room} stopped.")]
    private partial void LogFailed(Exception failure, string room);
}
