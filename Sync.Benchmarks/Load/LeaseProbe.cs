using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Benchmarks.Leases;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.Context;

namespace Sync.Benchmarks.Load;

/// <summary>
/// What leases cost, in CPU: to take and release one beside two increments by the same agent, durable both, from one caller and from sixteen; and a context in a room with ten thousand leases beside one without
/// any. In turn, so that all meet the same machine; medians.
/// </summary>
internal static class LeaseProbe
{
    private const int Rounds = 9;
    private const int Block = 320;
    private const int Many = 10_000;
    private const double Max = 1.2;

    private static readonly ContextShape s_withoutLeases = ContextShape.Default with { Sections = ContextShape.Default.Sections.Remove(ContextSection.Leases) };

    private static readonly ImmutableArray<JsonElement> s_add = Each("""{"key":"key-#"}""");
    private static readonly ImmutableArray<JsonElement> s_key = Each("""{"key":"work:#"}""");
    private static readonly ImmutableArray<JsonElement> s_paths = Each("""{"key":"work:#","paths":["src/new/module#/**","docs/new/#.md"]}""");

    public static async Task RunAsync(Report report)
    {
        await using var host = await BenchmarkEngine.StartAsync();
        (string Name, LeaseRoom Room)[] rooms = [("no other lease", await LeaseRoom.OpenAsync(host, 0)), ("10,000 leases", await LeaseRoom.OpenAsync(host, Many))];
        var measured = new Dictionary<(string Room, string What), List<double>>();
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var (name, room) in rooms)
            {
                foreach (var callers in (int[])[1, 16])
                {
                    Add(name, $"two increments, {callers} at once", await PairsAsync(room, callers, "add", s_add, "add", s_add));
                    Add(name, $"claim and release, {callers} at once", await PairsAsync(room, callers, "_claim", s_key, "_release", s_key));
                    Add(name, $"claim with two paths and release, {callers} at once", await PairsAsync(room, callers, "_claim", s_paths, "_release", s_key));
                }

                Add(name, "context, nothing changed", await Cpu.PerRunAsync(Block, _ => room.ReadAsync(ContextShape.Default)));
                Add(name, "context, nothing changed, without leases", await Cpu.PerRunAsync(Block, _ => room.ReadAsync(s_withoutLeases)));
            }

            // The first round is for code that is not compiled yet.
            measured = round < 0 ? [] : measured;
        }

        report.Title($"Leases: CPU per pair of calls (medians of {Rounds}, µs)");
        foreach (var ((name, what), values) in measured)
        {
            report.Figure($"{name}: {what}", Cpu.Median(values), "µs");
            if (what.StartsWith("claim and", StringComparison.Ordinal))
            {
                report.Ratio($"{name}: {what} / increments", Cpu.Median(values) / Cpu.Median(measured[(name, $"two increments,{what[what.IndexOf(", ", StringComparison.Ordinal)..][1..]}")]), Max);
            }
        }

        const string Rest = "context, nothing changed, without leases";
        report.Ratio($"{Rest}: among 10,000 / without any", Cpu.Median(measured[(rooms[1].Name, Rest)]) / Cpu.Median(measured[(rooms[0].Name, Rest)]), Max);

        void Add(string name, string what, double value)
        {
            if (!measured.TryGetValue((name, what), out var values))
            {
                measured[(name, what)] = values = [];
            }

            values.Add(value);
        }
    }

    private static async Task<double> PairsAsync(LeaseRoom room, int callers, string first, ImmutableArray<JsonElement> given, string second, ImmutableArray<JsonElement> taken) =>
        await Cpu.PerRunAsync(1, _ => Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            for (var number = caller; number < Block; number += callers)
            {
                await room.InvokeAsync(first, given[number]);
                await room.InvokeAsync(second, taken[number]);
            }
        }))) / Block;

    private static ImmutableArray<JsonElement> Each(string template) =>
        [.. Enumerable.Range(0, Block).Select(number => BenchmarkEngine.Json(template.Replace("#", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)))];
}
