using System.Collections.Immutable;
using Sync.Engine.Model.Events;

namespace Sync.Engine.Commands.Invocations;

/// <summary>Several events that were decided one after another, each on the state after those before it, as the steps of one.</summary>
internal static class CombinedEvent
{
    /// <param name="head">The event without its changes. All parts have its number.</param>
    /// <param name="parts">The steps. One that has steps of its own is taken apart.</param>
    public static RoomEvent Of(RoomEvent head, IReadOnlyList<RoomEvent> parts)
    {
        var steps = parts.SelectMany(static part => part.Parts()).ToList();
        return head with
        {
            Steps = [.. steps.Select(step => new EventStep(step.Kind == EventKind.Invoked ? step.Action : null, step.Changes.Length) { Agent = step.Agent == head.Agent ? null : step.Agent })],
            Changes = Linked(head.Seq, steps),
            LeaseEnds = [.. parts.SelectMany(static part => part.LeaseEnds)],
        };
    }

    // A key's history goes from event to event: a later step's write of a key leads to the same event before as the first one's.
    private static ImmutableArray<EntryChange> Linked(long seq, List<RoomEvent> steps)
    {
        var changes = ImmutableArray.CreateBuilder<EntryChange>();
        var before = new Dictionary<(string Scope, string Key), long?>();
        foreach (var change in steps.SelectMany(static step => step.Changes))
        {
            var first = before.TryAdd((change.Scope, change.Key), change.PreviousSeq) ? change.PreviousSeq : before[(change.Scope, change.Key)];
            changes.Add(change.PreviousSeq == seq ? change with { PreviousSeq = first } : change);
        }

        return changes.ToImmutable();
    }
}
