using System.Globalization;

namespace Sync.Benchmarks.Load;

/// <summary>
/// Whether cost depends on what it should: CPU per operation early and late in a room's life, what a parked wait costs and how fast it wakes, how long a
/// restart takes. CPU is this process's own user and system time, so other load on the machine disturbs it less than a clock would. Bounded; about two minutes.
/// </summary>
internal static class LoadProbe
{
    public static async Task RunAsync(TextWriter output)
    {
        var report = new Report(output);
        await AgeingProbe.RunAsync(report);
        await WaitProbe.RunAsync(report);
        await RestartProbe.RunAsync(report);
        await ServerProbe.RunAsync(report);
        await McpProbe.RunAsync(report);
    }
}

/// <summary>Prints figures as they come, one a line.</summary>
internal sealed class Report(TextWriter output)
{
    public void Title(string text) => output.WriteLine($"\n{text}");

    public void Figure(string name, double value, string unit) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-66} {value,10:0.###} {unit}"));

    public void Ratio(string name, double value, double max) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-66} {value,10:0.00} × (at most {max}){(value > max ? "  MISSED" : "")}"));

    public void Limit(string name, double value, string unit, double max) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-66} {value,10:0.###} {unit} (at most {max}){(value > max ? "  MISSED" : "")}"));

    public void Note(string text) => output.WriteLine($"  {text}");
}
