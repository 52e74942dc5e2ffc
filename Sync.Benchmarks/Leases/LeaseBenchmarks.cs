using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace Sync.Benchmarks.Leases;

/// <summary>
/// Leases through the engine's door, answered when they are on disk, in a room where nothing else is held and in one with ten thousand leases. To take and to release are two calls and two events: they are held
/// against two increments by the same agent.
/// </summary>
[MemoryDiagnoser]
public class LeaseBenchmarks
{
    private const int Pairs = 256;

    private static readonly ImmutableArray<JsonElement> s_claim = Each("""{"key":"work:#"}""");
    private static readonly ImmutableArray<JsonElement> s_paths = Each("""{"key":"work:#","paths":["src/new/module#/**","docs/new/#.md"]}""");
    private static readonly ImmutableArray<JsonElement> s_add = Each("""{"key":"key-#"}""");

    private BenchmarkEngine _host = null!; // Set up before any run.
    private LeaseRoom _room = null!; // The same.

    /// <summary>How many wait for their answers at once.</summary>
    [Params(1, 16)]
    public int Callers { get; set; }

    /// <summary>Leases that are held in the room, each with paths.</summary>
    [Params(0, 10_000)]
    public int Held { get; set; }

    /// <summary>Opens the engine.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _host = await BenchmarkEngine.StartAsync();
        _room = await LeaseRoom.OpenAsync(_host, Held);
    }

    /// <summary>Closes it.</summary>
    [GlobalCleanup]
    public async Task CleanUp() => await _host.DisposeAsync();

    /// <summary>Two increments.</summary>
    [Benchmark(OperationsPerInvoke = Pairs, Baseline = true)]
    public Task TwoInvocations() => EachAsync("add", "add", s_add);

    /// <summary>A key is taken and released.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public Task ClaimAndRelease() => EachAsync("_claim", "_release", s_claim);

    /// <summary>A key with two patterns of paths is taken and released.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public Task ClaimPathsAndRelease() => EachAsync("_claim", "_release", s_paths);

    private Task EachAsync(string first, string second, ImmutableArray<JsonElement> parameters) => Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
    {
        for (var number = caller; number < Pairs; number += Callers)
        {
            await _room.InvokeAsync(first, parameters[number]);
            await _room.InvokeAsync(second, second == "_release" ? s_claim[number] : parameters[number]);
        }
    }));

    private static ImmutableArray<JsonElement> Each(string template) =>
        [.. Enumerable.Range(0, Pairs).Select(number => BenchmarkEngine.Json(template.Replace("#", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)))];
}
