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

    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    public static async Task WriteAsync(HttpResponse response, IAsyncEnumerable<LiveEvent> events, TimeProvider time, CancellationToken cancellationToken)
    {
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        // nginx buffers answers unless told otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
        if (HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            // The stream has no end to wait for, and nobody has begun to read it: it holds nothing yet.
            return;
        }

        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

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

                while (!await HasCompletedAsync(next, time, cancellationToken))
                {
                    output.Write(": still here\n\n"u8);
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

    private static async ValueTask<bool> HasCompletedAsync(Task<bool> next, TimeProvider time, CancellationToken cancellationToken)
    {
        if (next.IsCompleted)
        {
            return true;
        }

        try
        {
            await next.WaitAsync(s_heartbeat, time, cancellationToken);
            return true;
        }
        catch (TimeoutException) when (!next.IsCompleted)
        {
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
