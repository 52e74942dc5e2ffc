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
