using CsCheck;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Tests.Model.Leases;

/// <summary>
/// The decision whether two patterns overlap, held against every path that is long enough to tell, matched by a matcher that is written for this test alone. Two patterns that have a path in common have one with no more
/// segments than both have besides <c>**</c>, and with no more characters in a segment than both have besides <c>*</c>. A failure prints the patterns and the seed; CsCheck_Seed repeats it.
/// </summary>
public sealed class PathOverlapTests
{
    // Characters that differ by case alone stand in patterns, not in the paths: what a path matches is asked without case.
    private static readonly Dictionary<char, char> s_plain = new() { ['A'] = 'a', ['Σ'] = 'σ', ['ς'] = 'σ' };

    // Up to three elements: at most four segments of two characters tell.
    private static readonly Gen<string> s_short = PatternOf(3, "a", "A", "σ", "ς", "Σ", "?", "*", "a*", "*Σ", "?*", "*?", "Aς", "**", "**");

    private static readonly string[][] s_shortPaths = [.. Paths([.. Texts("aσ", 2).Where(static text => text.Length > 0)], 4)];

    // Up to five elements: at most eight segments of one character tell.
    private static readonly Gen<string> s_long = PatternOf(5, "a", "b", "*", "**", "**");

    private static readonly string[][] s_longPaths = [.. Paths(["a", "b"], 8)];

    [Fact]
    public void Overlaps_AnyTwo_AsSomePathIsMatchedByBoth() => Gen.Select(s_short, s_short).Sample((one, other) => AssertDecided(one, other, s_shortPaths), iter: 5_000);

    [Fact]
    public void Overlaps_AnyTwoWithManyRuns_AsSomePathIsMatchedByBoth() => Gen.Select(s_long, s_long).Sample((one, other) => AssertDecided(one, other, s_longPaths), iter: 5_000);

    [Fact]
    public void Overlaps_SegmentsOfOneLevel_AsSomeTextIsMatchedByBoth()
    {
        // Five characters hold whatever two segments of up to three, of which two can be '*', have in common.
        var texts = Texts("a.", 5).Where(static text => text is not ("" or "." or "..")).ToArray();
        var patterns = Texts("a.*?", 3).Where(static text => text is not ("" or "." or "..") && !text.Contains("**", StringComparison.Ordinal)).ToArray();
        var matched = patterns.ToDictionary(static text => text, text => texts.Where(one => MatchesText(text, one)).ToHashSet(StringComparer.Ordinal));
        foreach (var one in patterns)
        {
            foreach (var other in patterns)
            {
                Assert.True(matched[one].Overlaps(matched[other]) == PathPattern.Parse(one).Value.Overlaps(PathPattern.Parse(other).Value), $"{one} and {other}");
            }
        }
    }

    [Theory]
    [InlineData("src/**", "src/engine/a.cs", true)]
    [InlineData("src/**", "src", true)]
    [InlineData("src/", "src/engine/a.cs", true)]
    [InlineData("src", "src/engine/a.cs", false)]
    [InlineData("src/*", "src/engine/a.cs", false)]
    [InlineData("src/*.cs", "src/a?.c?", true)]
    [InlineData("src/*.cs", "src/*.md", false)]
    [InlineData("**/*.cs", "src/engine/**", true)]
    [InlineData("**/*.cs", "src/engine/*.md", false)]
    [InlineData("**/tests/**", "src/**", true)]
    [InlineData("a/**/b/**/c", "a/b/c", true)]
    [InlineData("a/**/b/**/c", "a/c/b", false)]
    [InlineData("a/**/b/*/c", "a/b/c", false)]
    [InlineData(@"SRC\Engine\**", "src/engine/x", true)]
    [InlineData("/src/a", "src/./a", true)]
    [InlineData("src/../lib/a", "lib/a", true)]
    [InlineData("straße", "STRAẞE", true)]
    [InlineData("ärger", "ÄRGER", true)]
    [InlineData("ärger", "A\u0308RGER", false)]
    [InlineData("K", "\u212A", true)]
    [InlineData("?", "😀", true)]
    [InlineData("??", "😀", false)]
    [InlineData("*", "😀", true)]
    [InlineData("**", "anything/at/all", true)]
    [InlineData(".?", "?.", false)]
    [InlineData(".*", "?", false)]
    [InlineData(".*", "??", true)]
    [InlineData("[id].tsx", "i.tsx", false)]
    [InlineData("[id].tsx", "[ID].tsx", true)]
    public void Overlaps_OfATable_IsDecided(string one, string other, bool expected)
    {
        Assert.Equal(expected, PathPattern.Parse(one).Value.Overlaps(PathPattern.Parse(other).Value));
        Assert.Equal(expected, PathPattern.Parse(other).Value.Overlaps(PathPattern.Parse(one).Value));
    }

    private static IEnumerable<string> Texts(string alphabet, int length) =>
        length == 0 ? [""] : Texts(alphabet, length - 1).SelectMany(text => alphabet.Select(character => text + character)).Prepend("");

    private static string[] Plain(PathPattern pattern) => [.. pattern.Text.Split('/').Select(static segment => string.Concat(segment.Select(static c => s_plain.GetValueOrDefault(c, c))))];

    private static Gen<string> PatternOf(int length, params string[] segments) => Gen.Int[0, segments.Length - 1].Array[1, length].Select(chosen => string.Join('/', chosen.Select(i => segments[i])));

    private static IEnumerable<string[]> Paths(string[] segments, int length)
    {
        var paths = segments.Select(static segment => (string[])[segment]);
        return length == 1 ? paths : paths.Concat(Paths(segments, length - 1).SelectMany(path => segments.Select(segment => (string[])[.. path, segment])));
    }


    private static void AssertDecided(string one, string other, string[][] paths)
    {
        var (first, second) = (PathPattern.Parse(one).Value, PathPattern.Parse(other).Value);
        var (left, right) = (Plain(first), Plain(second));
        var witness = paths.FirstOrDefault(path => Matches(left, path) && Matches(right, path));

        Assert.True(first.Overlaps(second) == witness is not null, $"{one} and {other} both match {(witness is null ? "nothing" : string.Join('/', witness))}");
        Assert.Equal(first.Overlaps(second), second.Overlaps(first));
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.IsEmpty)
        {
            return path.IsEmpty;
        }

        return pattern[0] == "**"
            ? Matches(pattern[1..], path) || (!path.IsEmpty && Matches(pattern, path[1..]))
            : !path.IsEmpty && MatchesText(pattern[0], path[0]) && Matches(pattern[1..], path[1..]);
    }

    private static bool MatchesText(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        if (pattern.IsEmpty)
        {
            return text.IsEmpty;
        }

        return pattern[0] == '*'
            ? MatchesText(pattern[1..], text) || (!text.IsEmpty && MatchesText(pattern, text[1..]))
            : !text.IsEmpty && (pattern[0] == '?' || pattern[0] == text[0]) && MatchesText(pattern[1..], text[1..]);
    }
}
