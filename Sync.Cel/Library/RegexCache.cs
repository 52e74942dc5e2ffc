using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Sync.Cel;

/// <summary>
/// Compiled patterns of <c>matches</c> whose pattern is not known when planning. Bounded: when full, the older half of what was used is dropped.
/// </summary>
internal static class RegexCache
{
    private const int Capacity = 256;

    private static ConcurrentDictionary<string, Regex> s_recent = new();
    private static ConcurrentDictionary<string, Regex> s_older = new();

    /// <summary>The compiled pattern, or null and why not.</summary>
    public static Regex? Get(string pattern, out string? problem)
    {
        problem = null;
        if (s_recent.TryGetValue(pattern, out var regex))
        {
            return regex;
        }

        if (!s_older.TryGetValue(pattern, out regex))
        {
            regex = CelRegex.Compile(pattern, out problem);
            if (regex is null)
            {
                return null;
            }
        }

        // Two threads may rotate at once; the worst of it is a pattern compiled again.
        if (s_recent.Count >= Capacity)
        {
            s_older = s_recent;
            s_recent = new ConcurrentDictionary<string, Regex>();
        }

        s_recent.TryAdd(pattern, regex);
        return regex;
    }
}
