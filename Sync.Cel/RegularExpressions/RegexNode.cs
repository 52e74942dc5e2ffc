namespace Sync.Cel.RegularExpressions;

/// <summary>A regular expression as a tree: what RE2 calls simplified, but for counted repetitions, which the compiler expands.</summary>
internal abstract record RegexNode;

/// <summary>Matches the empty text.</summary>
internal sealed record RegexEmpty : RegexNode
{
    public static RegexEmpty Instance { get; } = new();
}

/// <summary>One given code point.</summary>
internal sealed record RegexRune(int Rune) : RegexNode;

/// <summary>One code point of a set, which may be empty.</summary>
internal sealed record RegexSet(RuneSet Set) : RegexNode;

/// <summary>A place in the text, such as its end.</summary>
internal sealed record RegexPlace(RegexAssertion Kind) : RegexNode;

/// <summary>A group that remembers where it matched; the first has index 1.</summary>
internal sealed record RegexCapture(int Index, RegexNode Body) : RegexNode;

/// <summary>Repetition; <paramref name="Max"/> is -1 without a bound.</summary>
internal sealed record RegexRepeat(RegexNode Body, int Min, int Max, bool IsGreedy) : RegexNode;

internal sealed record RegexConcat(RegexNode[] Parts) : RegexNode;

internal sealed record RegexAlternate(RegexNode[] Choices) : RegexNode;

internal enum RegexAssertion
{
    TextBegin,
    TextEnd,
    LineBegin,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
}
