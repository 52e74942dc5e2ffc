using Sync.Engine.Expressions;
using Sync.Engine.Json;

namespace Sync.Engine.Rooms;

/// <summary>What the writer decides about one command: refuse, answer without writing, or commit an event.</summary>
internal sealed record Decision
{
    public SyncError? Refusal { get; private init; }

    /// <summary>How the refusal is logged, or null when it is not.</summary>
    public RefusalEntry? Logged { get; private init; }

    public RoomEvent? Event { get; private init; }

    public RoomState? After { get; private init; }

    public JsonText Answer { get; private init; }

    /// <summary>Whether the answer is the first one, given again.</summary>
    public bool Replayed { get; private init; }

    /// <summary>Whether it takes a place in the log.</summary>
    public bool Writes => Event is not null || Logged is not null;

    public static Decision Refuse(SyncError error, RefusalEntry? logged = null) => new() { Refusal = error, Logged = logged };

    public static Decision Reply(JsonText answer, bool replayed = false) => new() { Answer = answer, Replayed = replayed };

    public static Decision Commit(RoomEvent e, RoomState after, JsonText answer) => new() { Event = e, After = after, Answer = answer };
}

/// <summary>A refused invocation as the log keeps it.</summary>
internal sealed record RefusalEntry(string? Agent, string Action, string Code, string Message, JsonText? Params);

/// <summary>An event on its way to disk, with what hangs on it.</summary>
/// <param name="Event">The event.</param>
/// <param name="After">The room after it.</param>
/// <param name="Body">The event as the log keeps it.</param>
internal sealed record PendingEvent(RoomEvent Event, RoomState After, ReadOnlyMemory<byte> Body)
{
    /// <summary>Makes an event ready to be stored. Nobody else knows <paramref name="after"/> yet.</summary>
    public static PendingEvent Of(RoomEvent e, RoomState after)
    {
        var body = RoomEventJson.Write(e).Memory;
        var tag = EventCursor.TagOf(e.Seq, e.At, RoomEventJson.Name(e.Kind), e.Agent, e.Action, body.Span);

        // What is kept of an event is what the log keeps: events stay in memory for streams and retries, and each would hold a long value whole.
        var changes = e.Changes.Any(static change => !change.HoldsValue)
            ? [.. e.Changes.Select(static change => change.HoldsValue ? change : change with { Value = null })]
            : e.Changes;
        return new(e with { Tag = tag, Changes = changes }, after.Seal(tag), body);
    }

    /// <summary>Completed when it is on disk: with null, or with why it is not.</summary>
    public TaskCompletionSource<SyncError?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One published step of a room, as waits and feeds are told of it.</summary>
/// <param name="State">The room after the step.</param>
/// <param name="Event">The event, or null for a change without one (presence, a cursor, a cooldown's end).</param>
/// <param name="Changed">What moved.</param>
internal sealed record RoomStep(RoomState State, RoomEvent? Event, IReadOnlyList<StateKey> Changed);
