using DiffPlex;
using DiffPlex.Chunkers;

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

/// <summary>
/// Compares two texts line by line, for reading: DiffPlex finds what differs, long equal stretches are folded, very different long texts are shown one after the other, since the time to compare
/// them grows with their length times their differences.
/// </summary>
internal static class LineDiff
{
    private const int Context = 3;
    private const int MaxCells = 1_000_000;
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

        if (old.IsEmpty || now.IsEmpty)
        {
            AddAll(DiffKind.Removed, old, lines);
            AddAll(DiffKind.Added, now, lines);
            return;
        }

        var diff = Differ.Instance.CreateDiffs(string.Join('\n', old), string.Join('\n', now), ignoreWhiteSpace: false, ignoreCase: false, LineChunker.Instance);
        string[] was = [.. diff.PiecesOld];
        string[] came = [.. diff.PiecesNew];
        var at = 0;
        foreach (var block in diff.DiffBlocks)
        {
            AddAll(DiffKind.Same, was.AsSpan(at, block.DeleteStartA - at), lines);
            AddAll(DiffKind.Removed, was.AsSpan(block.DeleteStartA, block.DeleteCountA), lines);
            AddAll(DiffKind.Added, came.AsSpan(block.InsertStartB, block.InsertCountB), lines);
            at = block.DeleteStartA + block.DeleteCountA;
        }

        AddAll(DiffKind.Same, was.AsSpan(at), lines);
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
