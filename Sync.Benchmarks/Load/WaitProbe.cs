using System.Diagnostics;
using System.Globalization;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.Context;

namespace Sync.Benchmarks.Load;

/// <summary>What parked waits cost while nothing concerns them, and how long after a commit the one that is concerned has its answer.</summary>
internal static class WaitProbe
{
    private const int Wakes = 300;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);
    private static readonly ContextShape s_small = ContextShape.Default with { Sections = [ContextSection.State], Peek = true };

    public static async Task RunAsync(Report report)
    {
        await using var host = await BenchmarkEngine.StartAsync();
        var room = await host.RoomAsync("waits");
        await room.MixedAsync(5_000, callers: 16);
        await WakeAsync(host, room, wakes: 50);
        foreach (var parked in new[] { 1, 1_000 })
        {
            report.Title($"{parked} parked waits on different keys");
            using var end = new CancellationTokenSource();
            Task[] waits = [.. Enumerable.Range(0, parked).Select(number => ParkAsync(room, number, end.Token))];
            report.Figure("CPU while nothing happens, per second", (await IdleAsync()).TotalMilliseconds / s_idle.TotalSeconds, "ms");
            report.Figure("CPU per invoke that concerns none of them", await Cpu.PerRunAsync(1_000, number => room.AddAsync(number)), "µs");
            var latencies = await WakeAsync(host, room, Wakes);
            report.Figure("from before COMMIT to the answer of the one concerned, median", Cpu.Median(latencies), "ms");
            report.Figure("the same, 99th percentile", Cpu.Quantile(latencies, 0.99), "ms");
            await end.CancelAsync();
            await Task.WhenAll(waits);
        }

        report.Title("1000 parked waits on one key");
        Task<ReadOnlyMemory<byte>>[] all = [.. Enumerable.Range(0, 1_000).Select(_ => room.WaitAsync("state._shared.all == true", s_small, CancellationToken.None))];
        report.Figure("from the invocation to the last answer", (await Cpu.OfAsync(async () =>
        {
            await room.InvokeAsync("set", """{"key":"all","value":true}""");
            await Task.WhenAll(all);
        })).Wall, "ms");
    }

    private static async Task ParkAsync(BenchmarkRoom room, int number, CancellationToken end)
    {
        try
        {
            await room.WaitAsync(string.Create(CultureInfo.InvariantCulture, $"state._shared[\"idle-{number}\"] == 1"), s_small, end);
        }
        catch (OperationCanceledException)
        {
            // Measured.
        }
    }

    private static async Task<TimeSpan> IdleAsync()
    {
        // Let the parking itself settle first.
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        GC.Collect();
        var before = Environment.CpuUsage.TotalTime;
        await Task.Delay(s_idle);
        return Environment.CpuUsage.TotalTime - before;
    }

    private static async Task<List<double>> WakeAsync(BenchmarkEngine host, BenchmarkRoom room, int wakes)
    {
        // The moment right before COMMIT: what is measured holds the commit itself, the wake-up and the writing of the answer.
        long committing = 0;
        host.Engine.Log.BeforeCommit = _ => Volatile.Write(ref committing, Stopwatch.GetTimestamp());
        var latencies = new List<double>(wakes);
        for (var number = 0; number < wakes; number++)
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetTimestamp()}");
            var woken = WokenAsync(room.WaitAsync($"state._shared.hot == {value}", s_small, CancellationToken.None));
            await room.InvokeAsync("set", $$"""{"key":"hot","value":{{value}}}""");
            latencies.Add(Stopwatch.GetElapsedTime(Volatile.Read(ref committing), await woken).TotalMilliseconds);
        }

        host.Engine.Log.BeforeCommit = null;
        return latencies;
    }

    private static async Task<long> WokenAsync(Task<ReadOnlyMemory<byte>> wait)
    {
        await wait;
        return Stopwatch.GetTimestamp();
    }
}
