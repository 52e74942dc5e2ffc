using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard;

/// <summary>
/// Keeps one page's view of one room current: opens it, then paints each newer model, at most ten a second, until disposed. What fails is painted as stopped and opened
/// again after a rest.
/// <para>
/// One loop per page and opening. It runs outside the page's dispatcher; <c>paint</c> must bring itself there and may be slow: the loop waits
/// for it and then takes the newest model, so a slow page skips models instead of queueing them. The last model is always painted.
/// </para>
/// </summary>
internal sealed class RoomPageRefresher(RoomOpener opener, TimeProvider time, ILogger<RoomPageRefresher> log, Func<PageState, Task> paint) : IAsyncDisposable
{
    private static readonly TimeSpan s_betweenPaints = TimeSpan.FromMilliseconds(100);

    private BackgroundLoop? _loop;

    /// <summary>Starts. To be called once.</summary>
    public void Start(string room, string? token) => _loop = BackgroundLoop.StartWhile(
        new BackgroundLoopOptions { Name = "live pages", Every = null, Time = time, Logger = log, Health = opener.Health },
        stop => RunAsync(room, token, stop));

    public async ValueTask DisposeAsync()
    {
        if (_loop is not null)
        {
            await _loop.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Shows the room until its end or the page's; false: there is nothing more to show.</summary>
    private async Task<bool> RunAsync(string room, string? token, CancellationToken stop)
    {
        // Leave the caller's dispatcher, so that nothing below runs between two of the page's renders.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        PageState? last = null;
        try
        {
            var entered = await opener.OpenAsync(room, token, stop).ConfigureAwait(false);
            if (!entered.Try(out var opened, out var refusal))
            {
                var status = refusal.Code.Kind is ErrorKind.Unauthenticated or ErrorKind.Forbidden ? PageStatus.NeedsToken : PageStatus.Refused;
                await paint(new PageState(status, null, null, IsAudience: false, refusal)).ConfigureAwait(false);
                return false;
            }

            using (opened)
            {
                RoomPageModel model;
                do
                {
                    model = await opened.Watch.CurrentAsync(stop).ConfigureAwait(false);
                    last = new PageState(PageStatus.Live, model, opened.Viewer, opened.IsAudience, null);
                    await paint(last).ConfigureAwait(false);
                    await Task.Delay(s_betweenPaints, time, stop).ConfigureAwait(false);
                }
                while (await opened.Watch.ChangedAsync(model, stop).ConfigureAwait(false));

                // Whoever may not read the room any more does not keep what they read.
                await paint(new PageState(PageStatus.Ended, null, null, last.IsAudience, null)).ConfigureAwait(false);
                return false;
            }
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            await paint((last ?? PageState.Opening) with { Status = PageStatus.Failed }).ConfigureAwait(false);
            throw;
        }
    }
}
