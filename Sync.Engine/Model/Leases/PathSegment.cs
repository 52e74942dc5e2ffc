using Sync.Cel.RegularExpressions;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// One segment of a <see cref="PathPattern"/>, in the form in which segments are compared: without case (Unicode's simple folding). <c>*</c> is any number of characters, <c>?</c> is one (a code point);
/// <c>**</c> alone is any number of segments. What it matches is a segment of a path: not empty, and neither <c>.</c> nor <c>..</c>. Immutable.
/// </summary>
internal sealed class PathSegment
{
    private const int AnyText = -1;
    private const int AnyCharacter = -2;

    // The texts of one and two characters that a segment made of dots and wildcards may match besides "." and "..": x is any other character.
    private static readonly int[][] s_shortTexts = [['x'], ['x', 'x'], ['x', '.'], ['.', 'x']];

    private readonly int[] _characters;

    private PathSegment(string text)
    {
        Text = text;
        IsRun = text == "**";
        IsLiteral = !text.AsSpan().ContainsAny('*', '?');
        _characters = [.. text.EnumerateRunes().Select(static rune => rune.Value switch { '*' => AnyText, '?' => AnyCharacter, var other => other })];
    }

    /// <summary>Any number of segments.</summary>
    public static PathSegment Run { get; } = new("**");

    /// <summary>The segment as it is compared.</summary>
    public string Text { get; }

    /// <summary>Whether it has no wildcard: it matches <see cref="Text"/> alone.</summary>
    public bool IsLiteral { get; }

    /// <summary>Whether it stands for any number of segments.</summary>
    public bool IsRun { get; }

    public static PathSegment Of(string text) => text == "**" ? Run : new PathSegment(CaseFolding.Fold(text));

    /// <summary>Whether both match one segment; neither is a run.</summary>
    public bool Meets(PathSegment other)
    {
        if (IsLiteral && other.IsLiteral)
        {
            return Text == other.Text;
        }

        return WildcardSequence<int, Characters>.Overlap(_characters, other._characters)
            && (!(HasOnlyDots && other.HasOnlyDots) || MeetsBesidesDots(other));
    }

    // A literal other than a dot keeps a segment from matching "." and "..".
    private bool HasOnlyDots => Array.TrueForAll(_characters, static character => character is '.' or AnyText or AnyCharacter);

    // Two segments with runs of characters match texts of any length, and one of three or more characters without them matches no shorter text. What remains is tried.
    private bool MeetsBesidesDots(PathSegment other)
    {
        var fixedLength = !_characters.Contains(AnyText) ? _characters.Length : !other._characters.Contains(AnyText) ? other._characters.Length : int.MaxValue;
        return fixedLength > 2 || Array.Exists(s_shortTexts, text => WildcardSequence<int, Characters>.Overlap(_characters, text) && WildcardSequence<int, Characters>.Overlap(other._characters, text));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Structures, so that each has code of its own: comparing characters is what the decision consists of.
    private readonly struct Characters : IWildcardElements<int>
    {
        public static bool IsRun(int element) => element == AnyText;

        public static bool Meet(int one, int other) => one == other || one == AnyCharacter || other == AnyCharacter;
    }

    /// <summary>Segments as elements of a path.</summary>
    internal readonly struct OfPath : IWildcardElements<PathSegment>
    {
        public static bool IsRun(PathSegment element) => element.IsRun;

        public static bool Meet(PathSegment one, PathSegment other) => one.Meets(other);
    }
}
