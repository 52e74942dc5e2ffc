namespace Sync.Cel.RegularExpressions;

/// <summary>The kind of character beside a position, as far as assertions depend on it.</summary>
internal enum RegexNeighbour : byte
{
    Other,
    Word,
    Newline,

    /// <summary>The begin of the text before the position, its end after it.</summary>
    Edge,
}

internal static class RegexAssertions
{
    /// <summary>Whether an assertion holds between two neighbours.</summary>
    public static bool Holds(RegexAssertion assertion, RegexNeighbour before, RegexNeighbour after) => assertion switch
    {
        RegexAssertion.TextBegin => before == RegexNeighbour.Edge,
        RegexAssertion.TextEnd => after == RegexNeighbour.Edge,
        RegexAssertion.LineBegin => before is RegexNeighbour.Edge or RegexNeighbour.Newline,
        RegexAssertion.LineEnd => after is RegexNeighbour.Edge or RegexNeighbour.Newline,
        RegexAssertion.WordBoundary => (before == RegexNeighbour.Word) != (after == RegexNeighbour.Word),
        _ => (before == RegexNeighbour.Word) == (after == RegexNeighbour.Word),
    };
}
