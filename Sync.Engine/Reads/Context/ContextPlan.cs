using System.Collections.Immutable;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>A part of a room that may be in a context: a scope, a view, an agent, an action.</summary>
/// <param name="Section">Its section.</param>
/// <param name="Name">Its name there; the reader's own scope is <c>self</c>.</param>
/// <param name="Bytes">About how long it is.</param>
/// <param name="Salience">Why it matters.</param>
/// <param name="Seq">The event that changed it last.</param>
internal readonly record struct PlannedPart(ContextSection Section, string Name, long Bytes, Salience Salience, long Seq)
{
    /// <summary>Whether it comes before the shares.</summary>
    public PlanRank Rank { get; init; }
}

/// <summary>Which parts come before what their reasons say.</summary>
internal enum PlanRank
{
    /// <summary>In the order of its reasons, in the share of its section.</summary>
    Other,

    /// <summary>Before every share, where it has room.</summary>
    First,

    /// <summary>There whatever room there is.</summary>
    Needed,
}

/// <summary>
/// Which parts of a room that does not fit are in a context. Each section has a share, which its parts take in the order of their salience; what the shares leave over goes to the rest in the
/// order of theirs, whatever the section. A part is there whole or not at all. Pure: the same parts and bytes give the same plan.
/// </summary>
internal sealed class ContextPlan
{
    private readonly HashSet<(ContextSection, string)> _kept = [];

    /// <param name="parts">What there is.</param>
    /// <param name="bytes">How much room.</param>
    /// <param name="pieces">Of it, what is kept for pieces of parts that have no room as a whole.</param>
    public ContextPlan(IEnumerable<PlannedPart> parts, long bytes, long pieces)
    {
        Parts = [.. parts
            .OrderByDescending(static part => part.Salience)
            .ThenByDescending(static part => part.Seq)
            .ThenBy(static part => part.Bytes)
            .ThenBy(static part => part.Section)
            .ThenBy(static part => part.Name, StringComparer.Ordinal)];
        bytes -= pieces;
        foreach (var part in Parts.Where(static part => part.Rank != PlanRank.Other).OrderByDescending(static part => part.Rank))
        {
            if (part.Rank == PlanRank.Needed || part.Bytes <= bytes)
            {
                bytes -= part.Bytes;
                Keep(part);
            }
        }

        bytes = Math.Max(0, bytes);
        Left = bytes;
        var all = Parts.Select(static part => part.Section).Distinct().ToList();
        foreach (var section in all)
        {
            var share = bytes * WeightOf(section) / all.Sum(WeightOf);
            foreach (var part in Parts.Where(part => part.Section == section && !Keeps(part.Section, part.Name)))
            {
                if (part.Bytes <= share)
                {
                    share -= part.Bytes;
                    Keep(part);
                }
            }
        }

        foreach (var part in Parts.Where(part => !Keeps(part.Section, part.Name)))
        {
            if (part.Bytes <= Left)
            {
                Keep(part);
            }
        }

        Release(pieces);
    }

    /// <summary>Every part, the one that matters most first.</summary>
    public ImmutableArray<PlannedPart> Parts { get; }

    /// <summary>Bytes that no part has taken.</summary>
    public long Left { get; private set; }

    /// <summary>In hundredths, what a section may have of a context.</summary>
    public static int WeightOf(ContextSection section) => section switch
    {
        ContextSection.Messages => 25,
        ContextSection.Views => 20,
        ContextSection.Actions => 15,
        ContextSection.Agents => 10,
        ContextSection.Leases => 10,
        _ => 30,
    };

    /// <summary>Of so many bytes, what these extras may have, which have no parts to be chosen among.</summary>
    public static long ShareOf(ContextExtras extras, long bytes) =>
        (extras.HasFlag(ContextExtras.Audit) ? bytes / 5 : 0) + (extras.HasFlag(ContextExtras.Activity) ? bytes / 10 : 0) + (extras.HasFlag(ContextExtras.History) ? bytes / 2 : 0);

    /// <summary>Whether a part is in the context.</summary>
    public bool Keeps(ContextSection section, string name) => _kept.Contains((section, name));

    /// <summary>Takes some of what is left, for a piece of a part that is not there whole; false when it does not fit.</summary>
    public bool TryTake(long bytes)
    {
        if (bytes > Left)
        {
            return false;
        }

        Left -= bytes;
        return true;
    }

    /// <summary>Gives back what was kept for something.</summary>
    public void Release(long bytes) => Left += bytes;

    private void Keep(PlannedPart part)
    {
        _kept.Add((part.Section, part.Name));
        Left -= part.Bytes;
    }
}
