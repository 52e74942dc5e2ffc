using System.Globalization;
using Sync.Engine.Reads.Context;

namespace Sync.Benchmarks.Load;

/// <summary>
/// Does an old room cost more than a young one? The first 500 invocations of new rooms against 500 more in a room that has had 20,000, in turn, so that both meet the same
/// machine; medians. Everything is warmed up beforehand: a comparison with code that is not compiled yet would flatter the old room.
/// </summary>
internal static class AgeingProbe
{
    private const int Rounds = 9;
    private const int Block = 500;
    private const int Age = 20_000;
    private const double Max = 1.2;

    public static async Task RunAsync(Report report)
    {
        await using var host = await BenchmarkEngine.StartAsync();
        var warm = await host.RoomAsync("warm");
        await warm.MixedAsync(Age, callers: 16);
        await ReadAsync(warm, 2_000);
        var old = await host.RoomAsync("old");
        await old.MixedAsync(Age, callers: 16);

        var measured = new Dictionary<string, (List<double> Young, List<double> Old)>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            var young = await host.RoomAsync(string.Create(CultureInfo.InvariantCulture, $"young-{round}"));
            foreach (var (room, isOld) in new[] { (young, false), (old, true) })
            {
                Add("invoke", isOld, await Cpu.PerRunAsync(Block, number => room.MixedAsync(number)));
                Add("context read, nothing changed", isOld, await Cpu.PerRunAsync(Block, _ => room.ReadAsync(s_few)));
                Add("context read after each invoke (both together)", isOld, await Cpu.PerRunAsync(Block, async number =>
                {
                    await room.AddAsync(number);
                    await room.ReadAsync(s_few);
                }));
                await MessagesAsync(room);
                Add("context read with 100 messages", isOld, await Cpu.PerRunAsync(Block, _ => room.ReadAsync(ContextShape.Default)));
            }
        }

        report.Title($"CPU per operation, first {Block} in a new room and {Block} after {Age} (medians of {Rounds}, µs)");
        foreach (var (name, (young, aged)) in measured)
        {
            report.Figure($"{name}: young", Cpu.Median(young), "µs");
            report.Figure($"{name}: old", Cpu.Median(aged), "µs");
            report.Ratio($"{name}: old / young", Cpu.Median(aged) / Cpu.Median(young), Max);
        }

        var kernel = Environment.CpuUsage.PrivilegedTime;
        await Cpu.PerRunAsync(Block, number => old.MixedAsync(number));
        report.Figure("invoke: of it in the kernel (disk, waking threads)", (Environment.CpuUsage.PrivilegedTime - kernel).TotalMicroseconds / Block, "µs");
        report.Figure("20,000 invocations, 16 callers, durable", Age / (await Cpu.OfAsync(() => warm.MixedAsync(Age, callers: 16))).Wall * 1000, "a second");

        void Add(string name, bool isOld, double value)
        {
            if (!measured.TryGetValue(name, out var lists))
            {
                measured[name] = lists = ([], []);
            }

            (isOld ? lists.Old : lists.Young).Add(value);
        }
    }

    private static async Task MessagesAsync(BenchmarkRoom room)
    {
        for (var number = 0; number < 100; number++)
        {
            await room.MessageAsync();
        }
    }

    // As many messages as the youngest room has, so that both answers say the same amount.
    private static readonly ContextShape s_few = ContextShape.Default with { MessagesLimit = 20 };

    private static async Task ReadAsync(BenchmarkRoom room, int count)
    {
        for (var number = 0; number < count; number++)
        {
            await room.AddAsync(number);
            await room.ReadAsync(s_few);
            await room.ReadAsync(ContextShape.Default);
        }
    }
}
