using Sync.Engine.Reads.Context;

namespace Sync.Benchmarks.Load;

/// <summary>How long the first read of a room takes that has 100,000 events behind it: after a proper stop, and after a crash.</summary>
internal static class RestartProbe
{
    private const int Events = 100_000;
    private const double MaxMs = 300;

    public static async Task RunAsync(Report report)
    {
        await using var host = await BenchmarkEngine.StartAsync();
        var room = await host.RoomAsync("long");
        var written = await Cpu.OfAsync(() => room.MixedAsync(Events, callers: 64));
        report.Title($"A room of {Events} events");
        report.Figure("writing them, 64 callers, durable", Events / written.Wall * 1000, "a second");
        report.Figure("writing them, CPU each", written.Cpu * 1000 / Events, "µs");

        // Two of each: the first pays for code that runs for the first time.
        var crashed = host.CopyAsCrashed();
        await host.RestartAsync();
        await FirstReadAsync(report, room, "after a proper stop");
        await host.RestartAsync();
        await FirstReadAsync(report, room, "after a proper stop, again");
        await using var recovered = await BenchmarkEngine.OpenAsync(crashed);
        await FirstReadAsync(report, new BenchmarkRoom(recovered, room.Id), "after a crash");
    }

    private static async Task FirstReadAsync(Report report, BenchmarkRoom room, string when)
    {
        var (wall, cpu) = await Cpu.OfAsync(() => room.ReadAsync(ContextShape.Default));
        report.Limit($"first read {when}", wall, "ms", MaxMs);
        report.Figure($"first read {when}, CPU", cpu, "ms");
    }
}
