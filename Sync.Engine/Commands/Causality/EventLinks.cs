using System.Collections.Immutable;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Causality;

/// <summary>
/// What an event follows from by what it holds, whoever made it: a message from the one that it answers, whatever moves an approval from the event that asked for it. Read off its changes, so
/// that batches, time-outs and removals are linked as invocations are.
/// </summary>
internal static class EventLinks
{
    /// <summary>
    /// The event with these links, each event once. What the caller said comes first, then what the event holds; a wake, which nobody said, comes last.
    /// </summary>
    /// <param name="e">The event.</param>
    /// <param name="after">The room after it.</param>
    /// <param name="old">Messages that it answers and that are not in memory any more.</param>
    public static RoomEvent Complete(RoomEvent e, RoomState after, ImmutableArray<OldMessage> old)
    {
        var held = Held(e, after, old);
        if (held.Count == 0)
        {
            return e;
        }

        var said = e.Because is { Kind: not CauseKind.Wake } first ? [first] : ImmutableArray<Cause>.Empty;
        var woken = e.Because is { Kind: CauseKind.Wake } wake ? [wake] : ImmutableArray<Cause>.Empty;
        Cause[] all = [.. said, .. e.AlsoBecause, .. held, .. woken];
        all = [.. all.DistinctBy(static cause => cause.Seq)];
        return e with { Because = all[0], AlsoBecause = [.. all.Skip(1)] };
    }

    private static List<Cause> Held(RoomEvent e, RoomState after, ImmutableArray<OldMessage> old)
    {
        List<Cause> held = [];
        foreach (var change in e.Changes)
        {
            var cause = change.Scope switch
            {
                ReservedScopes.Messages when change.Kind == ChangeKind.Put => Answered(change.Key, after, old),
                ReservedScopes.Approvals => Approval(change.Key),
                _ => null,
            };
            if (cause is { } found && found.Seq > 0 && found.Seq < e.Seq)
            {
                held.Add(found);
            }
        }

        return held;
    }

    private static Cause? Answered(string key, RoomState after, ImmutableArray<OldMessage> old) =>
        KeyOrder.IsRow(key, out var number) && after.Messages.Recent.GetValueOrDefault(number)?.ReplyTo is { } answered
            ? new Cause(CauseKind.Message, answered) { Seq = after.Messages.Recent.GetValueOrDefault(answered)?.Entry.Seq ?? old.FirstOrDefault(message => message.Number == answered).Seq }
            : null;

    // In rooms of before the scope may hold anything.
    private static Cause? Approval(string key) =>
        ApprovalId.Parse(key) is { } asked ? new Cause(CauseKind.Approval, asked) { Seq = asked } : null;
}
