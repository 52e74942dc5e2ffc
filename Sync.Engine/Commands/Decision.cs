using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands;

/// <summary>The outcome of one command: a refusal, an answer without a write, or an event to commit.</summary>
internal sealed record Decision
{
    public SyncError? Refusal { get; private init; }

    /// <summary>How the refusal is logged, or null when it is not.</summary>
    public RefusalEntry? Logged { get; private init; }

    public RoomEvent? Event { get; private init; }

    public RoomState? After { get; private init; }

    public JsonText Answer { get; private init; }

    /// <summary>The agent that acts, for whom this is a sign of life: also where it is refused.</summary>
    public string? Self { get; init; }

    /// <summary>The agent that it is about: the one that joined, is embodied or was removed.</summary>
    public AgentBinding? Agent { get; init; }

    /// <summary>Whether that agent came to be with it.</summary>
    public bool IsNew { get; init; }

    /// <summary>The approval that it asked for, where it is not done yet.</summary>
    public string? Approval { get; init; }

    /// <summary>The event of the first call, where this is a retry of it; 0 otherwise.</summary>
    public long FirstSeq { get; init; }

    /// <summary>Where it is refused and its caller waits until it need not be; null where the refusal is the answer.</summary>
    public Parking? Parks { get; private init; }

    /// <summary>The request key of a call that waits, where this is a retry of it; null otherwise.</summary>
    public string? Joins { get; init; }

    /// <summary>What its expressions took, for one that is decided again and again.</summary>
    public long Spent { get; init; }

    /// <summary>Whether it takes a place in the log.</summary>
    public bool Writes => Event is not null || Logged is not null;

    /// <summary>The same, as what a user does with an agent that is not theirs: the log says so.</summary>
    public Decision ActedBy(string user) => this with { Event = Event is null ? null : Event with { By = user }, Logged = Logged is null ? null : Logged with { By = user } };

    public static Decision Refuse(SyncError error, RefusalEntry? logged = null, string? self = null) => new() { Refusal = error, Logged = logged, Self = self };

    /// <summary>A refusal that the caller does not want yet.</summary>
    public static Decision Park(SyncError error, Parking parking, string? self) => new() { Refusal = error, Parks = parking, Self = self };

    public static Decision Reply(JsonText answer, string? self = null) => new() { Answer = answer, Self = self };

    public static Decision Commit(RoomEvent e, RoomState after, JsonText answer, string? self = null) => new() { Event = e, After = after, Answer = answer, Self = self };
}

/// <summary>A refused invocation as the log keeps it.</summary>
internal sealed record RefusalEntry(string? Agent, string Action, string Code, string Message, JsonText? Params)
{
    /// <inheritdoc cref="RoomEvent.By"/>
    public string? By { get; init; }

    /// <inheritdoc cref="RoomEvent.Because"/>
    public Cause? Because { get; init; }
}
