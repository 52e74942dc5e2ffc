using System.Collections.Immutable;
using Sync.Engine.Model.Events;

namespace Sync.Engine.Reads.History;

/// <summary>An event with what it followed from and what followed, as far as was looked. Immutable.</summary>
/// <param name="Event">The event.</param>
/// <param name="Causes">What it followed from, each with what that followed from.</param>
/// <param name="Effects">What followed from it, each with what followed from that.</param>
/// <param name="IsCut">Whether there is more than is in it.</param>
public sealed record CausalTree(EventHead Event, ImmutableArray<CausalNode> Causes, ImmutableArray<CausalNode> Effects, bool IsCut)
{
    internal static CausalTree? Of(long seq, CausalLinks links)
    {
        if (!links.Heads.TryGetValue(seq, out var head))
        {
            return null;
        }

        var back = links.Links.ToLookup(static link => link.Effect, static link => link.Cause);
        var on = links.Links.ToLookup(static link => link.Cause, static link => link.Effect);
        return new CausalTree(head, Nodes(seq, back, links.Heads, [seq]), Nodes(seq, on, links.Heads, [seq]), links.IsCut);
    }

    // An event stands where it is reached first; met again it is named without what hangs on it, which is shown there.
    private static ImmutableArray<CausalNode> Nodes(long seq, ILookup<long, long> next, IReadOnlyDictionary<long, EventHead> heads, HashSet<long> shown)
    {
        List<(long Seq, bool IsFirst)> here = [.. next[seq].Distinct().Order().Select(other => (other, shown.Add(other)))];
        return [.. here.Select(other => new CausalNode(heads[other.Seq], other.IsFirst ? Nodes(other.Seq, next, heads, shown) : [], !other.IsFirst))];
    }
}

/// <summary>An event in a tree.</summary>
/// <param name="Event">The event.</param>
/// <param name="Next">What hangs on it in the direction of the tree.</param>
/// <param name="IsElsewhere">Whether it stands in the tree already, with what hangs on it.</param>
public sealed record CausalNode(EventHead Event, ImmutableArray<CausalNode> Next, bool IsElsewhere);
