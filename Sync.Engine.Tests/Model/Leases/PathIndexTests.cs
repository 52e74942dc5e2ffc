using System.Collections.Immutable;
using CsCheck;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Tests.Model.Leases;

/// <summary>The index beside a look at every reservation. A failure prints the patterns and the seed; CsCheck_Seed repeats it.</summary>
public sealed class PathIndexTests
{
    // So many that both ways of looking are taken: enough ends that differ, enough patterns below one place.
    private static readonly string[] s_segments = ["a", "A", "b", "ab", "?", "*", "a*", "*b", "**", "**", "c", "d", "e", "f", "g", "aab", "bab", "cab", "*cab", "dab", "*ac", "bc", "cc", "*cd", "a?e", "abf"];

    private static readonly Gen<PathPattern> s_pattern =
        Gen.Int[0, s_segments.Length - 1].Array[1, 4].Select(static chosen => PathPattern.Parse(string.Join('/', chosen.Select(static i => s_segments[i]))).Value);

    // Who, with which pattern, and whether it is taken or given back.
    private static readonly Gen<(int Owner, PathPattern Pattern, bool Taken)[]> s_steps = Gen.Select(Gen.Int[0, 5], s_pattern, Gen.Int[0, 5].Select(static n => n > 0)).Array[0, 120];

    [Fact]
    public void Overlapping_AfterAnySteps_IsWhoeverOverlaps() => Gen.Select(s_steps, s_pattern).Sample((steps, sought) =>
    {
        var index = PathIndex<int>.Empty;
        var held = new HashSet<(int Owner, PathPattern Pattern)>();
        foreach (var (owner, pattern, taken) in steps)
        {
            var before = (Index: index, Found: Found(index, sought));
            (index, _) = taken ? (index.Add(owner, [pattern]), held.Add((owner, pattern))) : (index.Remove(owner, [pattern]), held.Remove((owner, pattern)));

            Assert.Equal(before.Found, Found(before.Index, sought));
            Assert.Equal(held.Where(one => one.Pattern.Overlaps(sought)).Select(static one => one.Owner).Order(), Found(index, sought));
            Assert.Equal(held.Count == 0, index.IsEmpty);
        }
    });

    [Fact]
    public void Overlapping_SeveralPatterns_FindsWhoOverlapsAnyOfThem()
    {
        var index = PathIndex<string>.Empty.Add("cat", Of("src/a/**", "docs/*.md")).Add("bob", Of("src/b.cs")).Add("ann", Of("**/*.lock"));

        Assert.Equal(["ann", "bob"], index.Overlapping(Of("src/b.cs", "web/yarn.lock")).Order());
        Assert.Equal(["ann", "ann", "cat", "cat"], index.Overlapping(Of("src/a/", "docs/**")).Order());
        Assert.Empty(index.Overlapping(Of("src/c.cs", "DOCS/x.txt")));
        Assert.Equal(["cat"], index.Remove("ann", Of("**/*.LOCK")).Overlapping(Of("src/a/yarn.lock")));
    }

    private static int[] Found(PathIndex<int> index, PathPattern sought) => [.. index.Overlapping(sought).Order()];

    private static ImmutableArray<PathPattern> Of(params string[] patterns) => PathPatterns.Parse(patterns).Value;
}
