using System.Globalization;
using BenchmarkDotNet.Attributes;

namespace Sync.Benchmarks.Actions;

/// <summary>Invoking through the engine's door, answered when it is on disk. Callers at once share transactions, so each more of them costs less.</summary>
[MemoryDiagnoser]
public class InvokeBenchmarks
{
    private const int Invocations = 512;

    private BenchmarkEngine _host = null!; // Set up before any run.
    private BenchmarkRoom _room = null!; // The same.
    private long _request;

    /// <summary>How many wait for their answers at once.</summary>
    [Params(1, 16, 64)]
    public int Callers { get; set; }

    /// <summary>Opens the engine.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _host = await BenchmarkEngine.StartAsync();
        _room = await _host.RoomAsync("invoke");
    }

    /// <summary>Closes it.</summary>
    [GlobalCleanup]
    public async Task CleanUp() => await _host.DisposeAsync();

    /// <summary>An increment, durable.</summary>
    [Benchmark(OperationsPerInvoke = Invocations, Baseline = true)]
    public Task Invoke() => EachAsync(number => _room.AddAsync(number));

    /// <summary>The same with an idempotency key nobody has used before.</summary>
    [Benchmark(OperationsPerInvoke = Invocations)]
    public Task InvokeWithAKey() => EachAsync(number => _room.AddAsync(number, Interlocked.Increment(ref _request).ToString(CultureInfo.InvariantCulture)));

    private Task EachAsync(Func<int, Task> invoke) => Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
    {
        for (var number = caller; number < Invocations; number += Callers)
        {
            await invoke(number);
        }
    }));
}
