namespace Sync.Web.Components.Shared;

/// <summary>The parts of a sentence that are code: between two backticks, as CommonMark has code spans. A backtick without its fellow is text.</summary>
internal static class CodeSpans
{
    private const char Mark = '`';

    /// <summary>The sentence's parts in order; none is empty.</summary>
    public static IReadOnlyList<(string Text, bool IsCode)> Of(string sentence)
    {
        var parts = new List<(string, bool)>();
        var rest = sentence;
        while (rest.IndexOf(Mark, StringComparison.Ordinal) is var open and >= 0 && rest.IndexOf(Mark, open + 1) is var close && close > open + 1)
        {
            if (open > 0)
            {
                parts.Add((rest[..open], false));
            }

            parts.Add((rest[(open + 1)..close], true));
            rest = rest[(close + 1)..];
        }

        if (rest.Length > 0)
        {
            parts.Add((rest, false));
        }

        return parts;
    }
}
