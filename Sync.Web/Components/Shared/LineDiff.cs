namespace Sync.Web.Components.Shared;

/// <summary>What a line of a comparison is.</summary>
internal enum DiffKind
{
    Same,
    Added,
    Removed,

    /// <summary>Stands for equal lines left out.</summary>
    Skipped,
}

/// <summary>A line of a comparison.</summary>
internal readonly record struct DiffLine(DiffKind Kind, string Text);

/// <summary>Compares two texts line by line, for reading: long equal stretches are folded, very different long texts are shown one after the other.</summary>
internal static class LineDiff
{
    private const int Context = 3;
    private const int MaxCells = 250_000;
    private const int MaxLines = 600;
    private const int MaxCharacters = 32_000;

    /// <summary>The lines of the comparison.</summary>
    public static IReadOnlyList<DiffLine> Of(string before, string after)
    {
        var old = before.Length == 0 ? [] : before.Split('\n');
        var now = after.Length == 0 ? [] : after.Split('\n');
        var head = 0;
        while (head < old.Length && head < now.Length && old[head] == now[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)])
        {
            tail++;
        }

        var lines = new List<DiffLine>(old.Length + now.Length);
        lines.AddRange(old[..head].Select(line => new DiffLine(DiffKind.Same, line)));
        Middle(old.AsSpan()[head..^tail], now.AsSpan()[head..^tail], lines);
        lines.AddRange(old[^tail..].Select(line => new DiffLine(DiffKind.Same, line)));
        return Fold(lines);
    }

    private static void Middle(ReadOnlySpan<string> old, ReadOnlySpan<string> now, List<DiffLine> lines)
    {
        if ((long)old.Length * now.Length > MaxCells)
        {
            AddAll(DiffKind.Removed, old, lines);
            AddAll(DiffKind.Added, now, lines);
            return;
        }

        // common[i, j] is the length of the longest common subsequence of what follows line i and line j.
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var (a, b) = (0, 0);
        while (a < old.Length && b < now.Length)
        {
            if (old[a] == now[b])
            {
                lines.Add(new DiffLine(DiffKind.Same, old[a]));
                a++;
                b++;
            }
            else if (common[a + 1, b] >= common[a, b + 1])
            {
                lines.Add(new DiffLine(DiffKind.Removed, old[a++]));
            }
            else
            {
                lines.Add(new DiffLine(DiffKind.Added, now[b++]));
            }
        }

        AddAll(DiffKind.Removed, old[a..], lines);
        AddAll(DiffKind.Added, now[b..], lines);
    }

    private static void AddAll(DiffKind kind, ReadOnlySpan<string> texts, List<DiffLine> lines)
    {
        foreach (var text in texts)
        {
            lines.Add(new DiffLine(kind, text));
        }
    }

    private static List<DiffLine> Fold(List<DiffLine> lines)
    {
        var folded = new List<DiffLine>();
        for (var i = 0; i < lines.Count;)
        {
            var end = i;
            while (end < lines.Count && lines[end].Kind == DiffKind.Same)
            {
                end++;
            }

            var before = i == 0 ? 0 : Context;
            var after = end == lines.Count ? 0 : Context;
            var left = end - i - before - after;
            if (left > 1)
            {
                folded.AddRange(lines[i..(i + before)]);
                folded.Add(new DiffLine(DiffKind.Skipped, $"{left} lines the same"));
                folded.AddRange(lines[(end - after)..end]);
            }
            else
            {
                folded.AddRange(lines[i..end]);
            }

            i = end;
            while (i < lines.Count && lines[i].Kind != DiffKind.Same)
            {
                folded.Add(lines[i++]);
            }
        }

        var max = 0;
        for (var characters = 0; max < Math.Min(folded.Count, MaxLines) && characters <= MaxCharacters; max++)
        {
            characters += Math.Min(folded[max].Text.Length, Clip.Block);
        }

        if (folded.Count > max)
        {
            var rest = folded.Count - max;
            folded.RemoveRange(max, rest);
            folded.Add(new DiffLine(DiffKind.Skipped, $"{rest} more lines"));
        }

        return folded;
    }
}
