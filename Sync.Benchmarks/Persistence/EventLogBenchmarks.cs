using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Persistence;

namespace Sync.Benchmarks.Persistence;

/// <summary>The log by itself: appends of 200 bytes, each waited for until it is on disk.</summary>
[MemoryDiagnoser]
public class EventLogBenchmarks : ILogSink
{
    private const int Appends = 512;

    private readonly byte[] _body = Encoding.UTF8.GetBytes("{\"changes\":[{\"scope\":\"_shared\",\"key\":\"key\",\"value\":\"" + new string('x', 148) + "\"}]}");
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private readonly Lock _gate = new();
    private string _folder = "";
    private Database _database = null!; // Set up before any run.
    private LogStream _stream = null!; // The same.
    private long _seq;

    /// <summary>How many wait at once; what waits together is written together.</summary>
    [Params(1, 16, 64, 512)]
    public int Producers { get; set; }

    /// <summary>Opens a database with one room.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("sync-bench-").FullName;
        _database = await Database.OpenAsync(_folder, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var room = await _database.Rooms.CreateAsync("log", name: null, JoinPolicy.Open, ownerUserId: null, DateTimeOffset.UnixEpoch, [], CancellationToken.None);
        _stream = new LogStream(room!.Row, this); // The database is new, so the id was free.
    }

    /// <summary>Closes it.</summary>
    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Append and wait.</summary>
    [Benchmark(OperationsPerInvoke = Appends)]
    public Task Append() => Task.WhenAll(Enumerable.Range(0, Producers).Select(async producer =>
    {
        for (var number = producer; number < Appends; number += Producers)
        {
            await AppendAsync();
        }
    }));

    void ILogSink.Durable(IReadOnlyList<LogAppend> appends)
    {
        for (var number = 0; number < appends.Count; number++)
        {
            TaskCompletionSource done;
            lock (_gate)
            {
                done = _waiting.Dequeue();
            }

            done.SetResult();
        }
    }

    void ILogSink.Failed(int epoch, Exception cause) => throw new InvalidOperationException("The disk failed.", cause);

    private async Task AppendAsync()
    {
        await _database.Log.AdmitAsync(CancellationToken.None);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue(done);
            _database.Log.Append(new LogAppend
            {
                Stream = _stream,
                Epoch = 0,
                Seq = ++_seq,
                At = DateTimeOffset.UnixEpoch,
                Kind = "invoked",
                Agent = "ada",
                Action = "set",
                Ok = true,
                Body = _body,
            });
        }

        await done.Task;
    }
}
