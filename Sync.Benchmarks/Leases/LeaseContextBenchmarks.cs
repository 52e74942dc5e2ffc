using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.Context;

namespace Sync.Benchmarks.Leases;

/// <summary>Reading a context in a room where nothing is held, and where ten thousand leases of others are.</summary>
[MemoryDiagnoser]
public class LeaseContextBenchmarks
{
    private static readonly ContextShape s_withoutLeases = ContextShape.Default with { Sections = ContextShape.Default.Sections.Remove(ContextSection.Leases) };
    private readonly JsonElement _add = BenchmarkEngine.Json("""{"key":"key-7"}""");
    private BenchmarkEngine _host = null!; // Set up before any run.
    private LeaseRoom _room = null!; // The same.

    /// <summary>Leases that are held, each with paths.</summary>
    [Params(0, 10_000)]
    public int Held { get; set; }

    /// <summary>Fills the room.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _host = await BenchmarkEngine.StartAsync();
        _room = await LeaseRoom.OpenAsync(_host, Held);
        await _room.InvokeAsync("_register_view", BenchmarkEngine.Json("""{"id":"free","expr":"leases[\"task:3\"] == null"}"""));
    }

    /// <summary>Closes the engine.</summary>
    [GlobalCleanup]
    public async Task CleanUp() => await _host.DisposeAsync();

    /// <summary>Nothing changed since the last read.</summary>
    [Benchmark(Baseline = true)]
    public Task<ReadOnlyMemory<byte>> Unchanged() => _room.ReadAsync(ContextShape.Default);

    /// <summary>The same without leases, to tell what those that are shown cost.</summary>
    [Benchmark]
    public Task<ReadOnlyMemory<byte>> UnchangedWithoutLeases() => _room.ReadAsync(s_withoutLeases);

    /// <summary>One key of the shared scope changed.</summary>
    [Benchmark]
    public async Task<ReadOnlyMemory<byte>> InvokeThenRead()
    {
        await _room.InvokeAsync("add", _add);
        return await _room.ReadAsync(ContextShape.Default);
    }
}
