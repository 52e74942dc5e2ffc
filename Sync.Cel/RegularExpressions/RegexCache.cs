using System.Collections.Concurrent;

namespace Sync.Cel.RegularExpressions;

/// <summary>
/// Compiled patterns by their text, for the whole process. Bounded in bytes: when the recent generation is full it becomes the older one, and what was
/// not used since is forgotten. The work of compiling is charged whether the pattern was here or not, so that a call never passes warm and fails cold.
/// </summary>
internal static class RegexCache
{
    /// <summary>What a pattern may have in characters.</summary>
    public const int MaxPattern = 2048;

    /// <summary>What both generations may hold.</summary>
    public const long MaxBytes = 8 * 1024 * 1024;

    private const int EntryBytes = 256;

    private static ConcurrentDictionary<string, Entry> s_recent = new();
    private static ConcurrentDictionary<string, Entry> s_older = new();
    private static long s_recentBytes;

    /// <summary>About how many bytes are held.</summary>
    public static long Bytes => s_recent.Values.Concat(s_older.Values).Sum(entry => (long)entry.Bytes);

    /// <summary>The compiled pattern; null with a problem, or where it costs more than <paramref name="units"/>.</summary>
    /// <param name="pattern">A pattern of RE2's syntax.</param>
    /// <param name="units">What there is to spend.</param>
    /// <param name="cost">What it costs: more than there is where it is not compiled for that.</param>
    /// <param name="problem">What is wrong with the pattern, if it is that.</param>
    public static RegexProgram? Get(string pattern, long units, out long cost, out string? problem)
    {
        (cost, problem) = (1, null);
        if (pattern.Length > MaxPattern)
        {
            problem = $"The pattern has {pattern.Length} characters; {MaxPattern} are allowed.";
            return null;
        }

        if (!s_recent.TryGetValue(pattern, out var entry))
        {
            if (!s_older.TryGetValue(pattern, out entry))
            {
                var meter = new RegexMeter(units);
                var program = Compile(pattern, ref meter, out problem);
                cost = meter.IsOver ? Math.Max(units + 1, meter.Units) : meter.Units;
                if (program is null)
                {
                    return null;
                }

                entry = new Entry(program, cost, EntryBytes + pattern.Length * 2 + program.Bytes);
            }

            if (Interlocked.Add(ref s_recentBytes, entry.Bytes) > MaxBytes / 2)
            {
                // Racing threads may both do this; the worst of it is patterns compiled again.
                s_older = s_recent;
                s_recent = new ConcurrentDictionary<string, Entry>();
                Interlocked.Exchange(ref s_recentBytes, entry.Bytes);
            }

            s_recent.TryAdd(pattern, entry);
        }

        cost = entry.Cost;
        return cost <= units ? entry.Program : null;
    }

    /// <summary>Compiles without the cache.</summary>
    public static RegexProgram? Compile(string pattern, ref RegexMeter meter, out string? problem)
    {
        problem = null;
        var parser = new RegexParser(pattern, ref meter);
        var tree = parser.Parse();
        if (tree is null)
        {
            problem = meter.IsOver ? null : parser.Problem;
            return null;
        }

        var compiler = new RegexCompiler(ref meter);
        var program = compiler.Compile(tree, parser.Groups);
        if (program is null && !meter.IsOver)
        {
            problem = "The pattern is too large: its repetitions and classes expand to more than a pattern may. Use smaller counts.";
        }

        return program;
    }

    private sealed record Entry(RegexProgram Program, long Cost, int Bytes);
}
