using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Maintenance;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Benchmarks.Persistence;

/// <summary>The log by itself: appends of 200 bytes, each waited for until it is on disk.</summary>
[MemoryDiagnoser]
public class EventLogBenchmarks
{
    private const int Appends = 512;

    private readonly byte[] _body = Encoding.UTF8.GetBytes("{\"changes\":[{\"scope\":\"_shared\",\"key\":\"key\",\"value\":\"" + new string('x', 148) + "\"}]}");
    private readonly Lock _lock = new();
    private string _folder = "";
    private Database _database = null!; // Set up before any run.
    private long _room;
    private long _epoch;
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
        _room = room!.Row; // The database is new, so the id was free.
        _epoch = (await _database.Log.AcquireAsync(_room, CancellationToken.None))!.Value.Epoch; // The room is there.
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

    private async Task AppendAsync()
    {
        await _database.Log.ReserveAsync(CancellationToken.None);
        ValueTask<AppendResult> append;
        lock (_lock)
        {
            append = _database.Log.AppendAsync(_room, _epoch, _seq++, [new ExportedEvent(DateTimeOffset.UnixEpoch, "invoked", "ada", "set", ok: true, requestKey: null, _body, [], [])]);
        }

        var result = await append;
        _database.Log.Release(1);
        if (result.Status != AppendStatus.Committed)
        {
            throw new InvalidOperationException($"{result.Status}", result.Cause);
        }

        // As a room does, which leaves the log's thread before its callers go on.
        await Task.Yield();
    }
}
