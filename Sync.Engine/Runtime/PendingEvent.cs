using System.Collections.Immutable;
using Sync.Engine.Commands.Causality;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Storage;

namespace Sync.Engine.Runtime;

/// <summary>An event on its way to disk, with what hangs on it.</summary>
internal sealed class PendingEvent : LogEvent
{
    private PendingEvent(RoomEvent e, RoomState after, ReadOnlyMemory<byte> body, bool isReserved)
    {
        Event = e;
        After = after;
        Body = body;
        IsReserved = isReserved;
    }

    public RoomEvent Event { get; }

    /// <summary>The room after it.</summary>
    public RoomState After { get; }

    /// <summary>Whether it has a place in the log that was waited for. A room's own events (timers, refusals that were counted) take none: nobody could wait for it, and they are few.</summary>
    public bool IsReserved { get; }

    /// <summary>Completed when it is on disk: with null, or with why it is not.</summary>
    public TaskCompletionSource<SyncError?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override DateTimeOffset At => Event.At;

    public override string Kind => RoomEventJson.Name(Event.Kind);

    public override string? Agent => Event.Agent;

    public override string? Action => Event.Action;

    public override bool Ok => Event.Ok;

    public override string? RequestKey => Event.RequestKey;

    public override ReadOnlyMemory<byte> Body { get; }

    public override ImmutableArray<long> CauseSeqs => Event.CauseSeqs;

    // Messages leave memory and deletions leave no entry to start a history from; every other write is found by its chain.
    public override ImmutableArray<(string Scope, string Key)> Indexed =>
        Event.Changes.Any(NeedsIndex) ? [.. Event.Changes.Where(NeedsIndex).Select(static change => (change.Scope, change.Key))] : [];

    /// <summary>Makes an event ready to be stored. Nobody else knows <paramref name="after"/> yet.</summary>
    public static PendingEvent Of(RoomEvent e, RoomState after, bool isReserved)
    {
        e = EventLinks.Complete(e, after, []);
        var body = RoomEventJson.Write(e).Memory;
        var tag = EventCursor.TagOf(e.Seq, e.At, RoomEventJson.Name(e.Kind), e.Agent, e.Action, body.Span);

        // What is kept of an event is what the log keeps: events stay in memory for streams and retries, and each would hold a long value whole.
        if (e.Changes.Any(static change => !change.HoldsValue))
        {
            e = e with { Changes = [.. e.Changes.Select(static change => change.HoldsValue ? change : change with { Value = null })] };
        }

        e.Tag = tag;
        return new(e, after.Seal(tag), body, isReserved);
    }

    private static bool NeedsIndex(EntryChange change) => change.Kind == ChangeKind.Delete || change.Scope == ReservedScopes.Messages;
}
