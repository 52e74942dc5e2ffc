using System.Buffers;
using System.IO.Pipelines;
using Sync.Web.Http.Answers;

namespace Sync.Web.Mcp.Sessions;

/// <summary>
/// What a session is told without having asked: the stream of its <c>GET</c> (MCP, Streamable HTTP, Listening for Messages). It belongs to the session and not to a connection: a client whose
/// connection broke, or was given up by its own fetch, opens another, which takes the place of the one before and gets what came meanwhile, and once more what was written in the last seconds of the other. A first comment goes out at once and another every
/// fifteen seconds, so that neither a client nor a proxy takes the stream for dead. The SDK's own stream can be opened once and says nothing by itself (docs/decisions/0030). Thread-safe.
/// </summary>
internal sealed class NotificationStream(TimeProvider time)
{
    /// <summary>Notices that are kept for a client that is not listening; the oldest goes for one too many. A notice that waits already is not kept twice: it says that there is something to read.</summary>
    public const int MaxWaiting = 128;

    private readonly Lock _lock = new();
    private readonly List<byte[]> _waiting = [];

    // What was written is not yet what was read: a connection that breaks takes with it what was on its way.
    private readonly Queue<(long At, byte[] Notice)> _underWay = new();
    private TaskCompletionSource _arrived = NewSignal();
    private TaskCompletionSource? _replaced;

    /// <summary>Whether a client listens.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _replaced is not null;
            }
        }
    }

    /// <summary>Says something to the client, now or when it listens again. Never waits.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        byte[] notice = [.. "event: message\ndata: "u8, .. message, .. "\n\n"u8];
        TaskCompletionSource arrived;
        lock (_lock)
        {
            if (IsWaiting(notice))
            {
                return;
            }

            if (_waiting.Count == MaxWaiting)
            {
                _waiting.RemoveAt(0);
            }

            _waiting.Add(notice);
            arrived = _arrived;
        }

        arrived.TrySetResult();
    }

    /// <summary>Writes the stream until the client goes, another connection takes its place, or <paramref name="cancellationToken"/> ends it. It then ends as a whole answer does.</summary>
    public async Task ServeAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        EventStream.Begin(response);
        var replaced = NewSignal();
        TaskCompletionSource? before;
        lock (_lock)
        {
            before = _replaced;
            _replaced = replaced;
            SayAgain();
        }

        before?.TrySetResult();
        byte[]? saying = null;
        try
        {
            await SayAsync(response.BodyWriter, ": open\n\n"u8, cancellationToken);
            while (!replaced.Task.IsCompleted)
            {
                saying = Take(replaced, out var arrived);
                if (saying is not null)
                {
                    if ((await SayAsync(response.BodyWriter, saying, cancellationToken)).IsCompleted)
                    {
                        // Nobody reads here any more.
                        break;
                    }

                    saying = null;
                }
                else if (!await EventStream.HappensAsync(Task.WhenAny(arrived, replaced.Task), time, cancellationToken))
                {
                    await SayAsync(response.BodyWriter, EventStream.StillHere, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has gone, or the session or the server ends: either way the stream just ends.
        }
        finally
        {
            lock (_lock)
            {
                if (_replaced == replaced)
                {
                    _replaced = null;
                }
            }

            if (saying is not null)
            {
                PutBack(saying);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static ValueTask<FlushResult> SayAsync(PipeWriter output, ReadOnlySpan<byte> text, CancellationToken cancellationToken)
    {
        output.Write(text);
        return output.FlushAsync(cancellationToken);
    }

    // It leaves the ones that wait before it is written: an equal one that comes meanwhile is news. A connection whose place another has taken takes none.
    private byte[]? Take(TaskCompletionSource replaced, out Task arrived)
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 && _arrived.Task.IsCompleted)
            {
                _arrived = NewSignal();
            }

            arrived = _arrived.Task;
            if (_waiting.Count == 0 || _replaced != replaced)
            {
                return null;
            }

            var notice = _waiting[0];
            _waiting.RemoveAt(0);
            _underWay.Enqueue((time.GetTimestamp(), notice));
            Forget();
            return notice;
        }
    }

    // What a broken connection did not take, the next one gets.
    private void PutBack(byte[] notice)
    {
        TaskCompletionSource arrived;
        lock (_lock)
        {
            if (IsWaiting(notice))
            {
                return;
            }

            _waiting.Insert(0, notice);
            arrived = _arrived;
        }

        arrived.TrySetResult();
    }

    private bool IsWaiting(byte[] notice) => _waiting.Exists(other => other.AsSpan().SequenceEqual(notice));

    // A notice says that there is something to read: heard twice it does no harm, and not heard it does.
    private void SayAgain()
    {
        Forget();
        _waiting.InsertRange(0, _underWay.Select(static sent => sent.Notice).Where(notice => !IsWaiting(notice)).ToList());
        _underWay.Clear();
    }

    // By the next sign of life a broken connection has been found out.
    private void Forget()
    {
        while (_underWay.TryPeek(out var sent) && (_underWay.Count > MaxWaiting || time.GetElapsedTime(sent.At) > EventStream.Heartbeat))
        {
            _underWay.Dequeue();
        }
    }
}
