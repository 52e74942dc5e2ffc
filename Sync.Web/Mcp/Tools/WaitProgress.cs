using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Sync.Web.Mcp.Tools;

/// <summary>Notifications of progress while a call is parked, for a client that asked for them.</summary>
internal static class WaitProgress
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);

    /// <summary>Tells it until <paramref name="waiting"/> is over; at once where nobody asked.</summary>
    public static async Task TellAsync(ToolCall call, TimeSpan timeout, Task waiting, CancellationToken cancellationToken)
    {
        if (waiting.IsCompleted || call.Request.Params.ProgressToken is not { } token)
        {
            return;
        }

        var began = call.Services.Time.GetTimestamp();
        while (!waiting.IsCompleted)
        {
            var elapsed = call.Services.Time.GetElapsedTime(began);
            await call.Request.Server.NotifyProgressAsync(
                token,
                new ProgressNotificationValue { Progress = (float)elapsed.TotalSeconds, Total = (float)Math.Min(timeout.TotalSeconds, ToolCall.LongestWait.TotalSeconds), Message = "waiting" },
                cancellationToken: cancellationToken);
            await Task.WhenAny(waiting, Task.Delay(s_every, call.Services.Time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
