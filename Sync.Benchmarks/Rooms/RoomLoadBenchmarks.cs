using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Benchmarks.Rooms;

/// <summary>Loading a room of 100,000 events: the latest snapshot and the tail of the log.</summary>
[MemoryDiagnoser]
public class RoomLoadBenchmarks
{
    private const int Events = 100_000;

    private BenchmarkEngine _host = null!; // Set up before any run.
    private string _crashed = "";
    private Database _database = null!; // The same.
    private RoomDirectory _directory = null!; // The same.
    private RoomRecord _record = null!; // The same.

    /// <summary>Writes the events and takes the folder as a crash would leave it, so that there is a tail to apply.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _host = await BenchmarkEngine.StartAsync();
        var room = await _host.RoomAsync("long");
        await room.MixedAsync(Events, callers: 64);
        _crashed = _host.CopyAsCrashed();
        _database = await Database.OpenAsync(_crashed, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        _directory = await RoomDirectory.OpenAsync(_database, new EngineOptions { DataDirectory = _crashed }, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        _record = _directory.All.Single();
    }

    /// <summary>Closes both.</summary>
    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _directory.DisposeAsync();
        await _database.DisposeAsync();
        await _host.DisposeAsync();
        Directory.Delete(_crashed, recursive: true);
    }

    /// <summary>The state as it is now.</summary>
    [Benchmark]
    public async Task<object> Load() => await _directory.ReadStateAsync(_record.Row, upTo: long.MaxValue, CancellationToken.None);

    /// <summary>The state half way, from the snapshot kept before it.</summary>
    [Benchmark]
    public async Task<object> LoadThePast() => await _directory.ReadStateAsync(_record.Row, upTo: Events / 2, CancellationToken.None);
}
