namespace Sync.Engine.Model.Leases;

/// <summary>
/// How far a pattern may have got after some literal segments: a set of places within it, one bit each, the end included (<see cref="PathPattern.MaxSegments"/> fit). Runs are left as soon as they are reached, since they match
/// no segment too.
/// </summary>
internal static class PathPlaces
{
    public static ulong First(PathPattern pattern) => Reach(pattern, 0);

    /// <summary>Whether the pattern may be at its end.</summary>
    public static bool HasEnd(PathPattern pattern, ulong places) => (places >> pattern.Segments.Length & 1) != 0;

    /// <summary>Whether it may match a further segment.</summary>
    public static bool GoOn(PathPattern pattern, ulong places) => (places & (1UL << pattern.Segments.Length) - 1) != 0;

    /// <summary>The literal segment that must come next; null where the pattern may be at its end, or where others may come.</summary>
    public static PathSegment? OnlyLiteral(PathPattern pattern, ulong places)
    {
        var place = System.Numerics.BitOperations.TrailingZeroCount(places);
        return places == 1UL << place && place < pattern.Segments.Length && pattern.Segments[place] is { IsLiteral: true } segment ? segment : null;
    }

    /// <summary>The places after one more literal segment; 0 where the pattern does not match it.</summary>
    public static ulong After(PathPattern pattern, ulong places, PathSegment literal)
    {
        ulong after = 0;
        for (var rest = places & (1UL << pattern.Segments.Length) - 1; rest != 0; rest &= rest - 1)
        {
            var place = System.Numerics.BitOperations.TrailingZeroCount(rest);
            var segment = pattern.Segments[place];
            if (segment.IsRun)
            {
                after |= Reach(pattern, place);
            }
            else if (segment.Meets(literal))
            {
                after |= Reach(pattern, place + 1);
            }
        }

        return after;
    }

    private static ulong Reach(PathPattern pattern, int place)
    {
        var reached = 1UL << place;
        while (place < pattern.Segments.Length && pattern.Segments[place].IsRun)
        {
            place++;
            reached |= 1UL << place;
        }

        return reached;
    }
}
