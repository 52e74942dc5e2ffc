using System.Collections.Immutable;

namespace Sync.Web.Http.Requests;

/// <summary>A parameter of a route pattern.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Which segment it is, from 0.</param>
/// <param name="Rest">Whether it takes all segments from there on.</param>
internal readonly record struct PathParameter(string Name, int Index, bool Rest)
{
    /// <summary>The parameters of a pattern, in order.</summary>
    public static ImmutableArray<PathParameter> Of(string pattern) =>
    [
        .. pattern.Split('/').Skip(1)
            .Select((segment, index) => (Segment: segment, Index: index))
            .Where(part => part.Segment.StartsWith('{'))
            .Select(part => new PathParameter(part.Segment.Trim('{', '}', '*'), part.Index, part.Segment.StartsWith("{**", StringComparison.Ordinal))),
    ];
}
