using System.Diagnostics;

namespace Sync.Benchmarks.Load;

/// <summary>CPU and time of a piece of work.</summary>
internal static class Cpu
{
    /// <summary>Microseconds of this process's user and system time for each of <paramref name="count"/> runs, one after the other.</summary>
    public static async Task<double> PerRunAsync(int count, Func<int, Task> run)
    {
        // What was left over from before must not be collected on this bill.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Environment.CpuUsage.TotalTime;
        for (var number = 0; number < count; number++)
        {
            await run(number);
        }

        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / count;
    }

    /// <summary>Milliseconds of wall time and of CPU.</summary>
    public static async Task<(double Wall, double Cpu)> OfAsync(Func<Task> run)
    {
        var before = Environment.CpuUsage.TotalTime;
        var began = Stopwatch.GetTimestamp();
        await run();
        return (Stopwatch.GetElapsedTime(began).TotalMilliseconds, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
    }

    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    public static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }
}
