using System.Collections.Immutable;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// Alternatives in braces, as shells write them (<c>src/{a,b}.cs</c>). Patterns have none: read as plain characters they would reserve nothing that exists, so they are told apart and refused with what was meant.
/// Braces without a comma are part of a name.
/// </summary>
internal static class PathAlternatives
{
    private const int MaxShown = 16;

    /// <summary>The patterns that are meant, the first of them where there are many; empty where the text has no alternatives.</summary>
    public static ImmutableArray<string> In(string given)
    {
        if (Group(given) is null)
        {
            return [];
        }

        var open = new Queue<string>([given]);
        var meant = new List<string>();
        while (open.TryDequeue(out var text) && meant.Count < MaxShown)
        {
            if (Group(text) is not { } group)
            {
                meant.Add(text);
                continue;
            }

            foreach (var alternative in text[(group.Open + 1)..group.Close].Split(',').Take(MaxShown))
            {
                open.Enqueue(string.Concat(text.AsSpan(0, group.Open), alternative, text.AsSpan(group.Close + 1)));
            }
        }

        return [.. meant.Distinct(StringComparer.Ordinal)];
    }

    // The first innermost pair of braces with a comma between them.
    private static (int Open, int Close)? Group(string text)
    {
        for (var close = text.IndexOf('}', StringComparison.Ordinal); close > 0; close = text.IndexOf('}', close + 1))
        {
            var open = text.LastIndexOf('{', close);
            if (open >= 0 && text.AsSpan(open, close - open).Contains(',') && !text.AsSpan(open + 1, close - open - 1).Contains('}'))
            {
                return (open, close);
            }
        }

        return null;
    }
}
