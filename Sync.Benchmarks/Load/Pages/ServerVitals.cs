using System.Diagnostics;
using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace Sync.Benchmarks.Load.Pages;

/// <summary>CPU and memory of a server process, read from outside. Follows its garbage collections until disposed.</summary>
internal sealed class ServerVitals : IDisposable
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const long Collections = 0x1;
    private const long CollectNow = 0x800000;
    private const double MiB = 1024 * 1024;

    private readonly Process _server;
    private readonly DiagnosticsClient _diagnostics;
    private readonly EventPipeSession _session;
    private long _heapAfterCollection;
    private TimeSpan _cpu;
    private long _at = Stopwatch.GetTimestamp();

    public ServerVitals(Process server)
    {
        _server = server;
        _diagnostics = new DiagnosticsClient(server.Id);
        _cpu = server.TotalProcessorTime;
        _session = _diagnostics.StartEventPipeSession([new EventPipeProvider(Runtime, EventLevel.Informational, Collections)], requestRundown: false, circularBufferMB: 8);
        Follow(_session, bytes => Interlocked.Exchange(ref _heapAfterCollection, bytes));
    }

    /// <summary>Working set, MiB.</summary>
    public double ResidentMiB
    {
        get
        {
            _server.Refresh();
            return _server.WorkingSet64 / MiB;
        }
    }

    /// <summary>Managed heap after the last collection that happened by itself, MiB.</summary>
    public double HeapMiB => Interlocked.Read(ref _heapAfterCollection) / MiB;

    /// <summary>CPU since the last asking, as a share of one core.</summary>
    public double CpuShare()
    {
        _server.Refresh();
        var (cpu, at) = (_server.TotalProcessorTime, Stopwatch.GetTimestamp());
        var share = (cpu - _cpu) / Stopwatch.GetElapsedTime(_at, at);
        (_cpu, _at) = (cpu, at);
        return share;
    }

    /// <summary>What is left of the managed heap after a full collection, MiB.</summary>
    public async Task<double> LiveHeapMiBAsync()
    {
        var left = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var session = _diagnostics.StartEventPipeSession([new EventPipeProvider(Runtime, EventLevel.Informational, Collections | CollectNow)], requestRundown: false, circularBufferMB: 8);
        Follow(session, bytes => left.TrySetResult(bytes), onlyFull: true);
        var bytes = await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await session.StopAsync(CancellationToken.None);
        return bytes / MiB;
    }

    public void Dispose() => _session.Dispose();

    // A collection says how deep it goes when it begins, and the size of the heap when it has ended.
    private static void Follow(EventPipeSession session, Action<long> tell, bool onlyFull = false) => new Thread(() =>
    {
        try
        {
            using var source = new EventPipeEventSource(session.EventStream);
            var isInduced = !onlyFull;
            source.Clr.GCStart += started => isInduced |= started.Depth == 2 && started.Reason is Microsoft.Diagnostics.Tracing.Parsers.Clr.GCReason.Induced or Microsoft.Diagnostics.Tracing.Parsers.Clr.GCReason.InducedNotForced;
            source.Clr.GCHeapStats += stats =>
            {
                if (isInduced)
                {
                    tell(stats.TotalHeapSize);
                }
            };
            source.Process();
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or EndOfStreamException or FormatException)
        {
            // The session was closed, or the server has gone.
        }
    })
    { IsBackground = true }.Start();
}
