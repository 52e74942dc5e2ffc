using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Sync.Engine.Services.Live;

namespace Sync.Web.Http.Answers;

/// <summary>
/// Writes events as a server-sent event stream (WHATWG HTML §9.2). What is ready is written before the flush that sends it, so a burst costs few
/// packets and a single event none of the delay. A reader that is too slow is cut by Kestrel's minimum rate and resumes by its last id.
/// </summary>
internal static class EventStream
{
    public const string MediaType = "text/event-stream";

    private const int FlushBytes = 32 * 1024;

    /// <summary>The longest silence: neither a client nor a proxy takes the stream for dead.</summary>
    public static TimeSpan Heartbeat { get; } = TimeSpan.FromSeconds(15);

    /// <summary>A comment that says no more than that the stream is alive.</summary>
    public static ReadOnlySpan<byte> StillHere => ": still here\n\n"u8;

    public static async Task WriteAsync(HttpResponse response, IAsyncEnumerable<LiveEvent> events, TimeProvider time, CancellationToken cancellationToken)
    {
        Begin(response);
        if (HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            // The stream has no end to wait for, and nobody has begun to read it: it holds nothing yet.
            return;
        }

        var output = response.BodyWriter;
        var enumerator = events.GetAsyncEnumerator(cancellationToken);
        Task<bool>? next = null;
        try
        {
            output.Write("retry: 2000\n\n"u8);
            await output.FlushAsync(cancellationToken);
            while (true)
            {
                next = enumerator.MoveNextAsync().AsTask();
                if (!next.IsCompleted || output.UnflushedBytes > FlushBytes)
                {
                    await output.FlushAsync(cancellationToken);
                }

                while (!await HappensAsync(next, time, cancellationToken))
                {
                    output.Write(StillHere);
                    await output.FlushAsync(cancellationToken);
                }

                if (!await next)
                {
                    output.Write("event: end\ndata: {}\n\n"u8);
                    await output.FlushAsync(cancellationToken);
                    return;
                }

                Write(output, enumerator.Current);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has gone or the server stops: either way the stream just ends.
        }
        finally
        {
            // An enumerator must not be disposed while it moves.
            if (next is not null)
            {
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }

            await enumerator.DisposeAsync();
        }
    }

    /// <summary>Says that a stream follows, and sees to it that nobody on the way keeps it back.</summary>
    public static void Begin(HttpResponse response)
    {
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        // nginx buffers answers unless told otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        }
    }

    /// <summary>Waits for what is to be written; false when it is time for a sign of life before.</summary>
    public static async ValueTask<bool> HappensAsync(Task something, TimeProvider time, CancellationToken cancellationToken)
    {
        if (something.IsCompleted)
        {
            return true;
        }

        try
        {
            await something.WaitAsync(Heartbeat, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            // It may have happened at the same moment: whoever asks again hears so.
            return false;
        }
    }

    private static void Write(PipeWriter output, LiveEvent live)
    {
        output.Write("id: "u8);
        output.Write(Encoding.UTF8.GetBytes(live.Cursor.ToString()));
        output.Write("\nevent: "u8);
        output.Write(Encoding.UTF8.GetBytes(live.Kind));
        output.Write("\ndata: "u8);
        output.Write(live.Json.Span);
        output.Write("\n\n"u8);
    }
}
