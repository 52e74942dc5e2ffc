using System.Collections.Immutable;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Events;

/// <summary>The kinds of events.</summary>
internal enum EventKind
{
    RoomCreated,
    RoomUpdated,
    AgentJoined,
    AgentUpdated,
    AgentRemoved,
    Invoked,
    Refused,
    TimerFired,

    /// <summary>An invocation that stopped until somebody decides on it.</summary>
    ApprovalAsked,
}

/// <summary>
/// One event of a room's log. It carries the effect, not the intent: applying it needs no evaluation, so a replay gives the same room
/// whatever the expressions of the day would say.
/// </summary>
internal sealed record RoomEvent
{
    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    public required EventKind Kind { get; init; }

    public string? Agent { get; init; }

    /// <summary>The name of the user who acted as <see cref="Agent"/>, where it is not that user's; null otherwise.</summary>
    public string? By { get; init; }

    public string? Action { get; init; }

    /// <summary>The parameters as given, secret ones redacted.</summary>
    public JsonText? Params { get; init; }

    public ImmutableArray<EntryChange> Changes { get; init; } = [];

    /// <summary>Whether a person did it in a signed-in browser, and no token.</summary>
    public bool ByPerson { get; init; }

    /// <summary>What it followed from; null where nobody said and nothing is known.</summary>
    public Cause? Because { get; init; }

    /// <summary>What else it followed from: a batch may answer several messages.</summary>
    public ImmutableArray<Cause> AlsoBecause { get; init; } = [];

    /// <summary>The events that it followed from, each once; only of what is known.</summary>
    public ImmutableArray<long> CauseSeqs =>
        Because is null && AlsoBecause.IsEmpty ? [] : [.. AlsoBecause.Prepend(Because ?? default).Select(static cause => cause.Seq).Where(static seq => seq > 0).Distinct()];

    /// <summary>An event of several steps, each with a run of <see cref="Changes"/>: a batch, or what the engine did along with it; otherwise empty.</summary>
    public ImmutableArray<EventStep> Steps { get; init; } = [];

    /// <summary>Holds of leases that ended with it before their work was done, and what was invoked for them.</summary>
    public ImmutableArray<LeaseEnd> LeaseEnds { get; init; } = [];

    /// <summary>Refusals: the error's code and sentence.</summary>
    public string? Error { get; init; }

    public string? Message { get; init; }

    /// <summary>How many equal refusals this event stands for.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Idempotency: where a retry finds this event, what the request was, and what was answered.</summary>
    public string? RequestKey { get; init; }

    public string? RequestHash { get; init; }

    public JsonText? Answer { get; init; }

    /// <summary>Joins: whether a client session made the agent to act as, which leaves nothing behind if it never does.</summary>
    public bool IsEmbodiment { get; init; }

    /// <summary>What distinguishes it from an event of the same number in another history; see <see cref="EventCursor"/>. Null until it is on its way to disk, and set once: it is made of the event as it is stored.</summary>
    public string? Tag { get; set; }

    /// <summary>Its position, as streams and contexts give it.</summary>
    public EventCursor Cursor => new(Seq, Tag);

    public bool Ok => Kind != EventKind.Refused;

    /// <summary>The event step by step, each with the action, the agent and the changes of its own; the event itself where it has no steps.</summary>
    public IEnumerable<RoomEvent> Parts()
    {
        if (Steps.IsEmpty)
        {
            yield return this;
            yield break;
        }

        var begin = 0;
        foreach (var step in Steps)
        {
            var part = this with { Params = null, Steps = [], Changes = Changes.Slice(begin, step.Changes) };
            yield return step.Action is null ? part : part with { Kind = EventKind.Invoked, Action = step.Action, Agent = step.Agent ?? Agent };
            begin += step.Changes;
        }
    }

    /// <summary>The custom actions that it invoked: their use counts have moved, and perhaps their cooldowns.</summary>
    public IEnumerable<string> InvokedActions() =>
        Kind == EventKind.Invoked || !Steps.IsEmpty
            ? Parts().Where(static part => part.Kind == EventKind.Invoked).Select(static part => part.Action).OfType<string>().Where(static action => !action.StartsWith('_'))
            : [];

    /// <summary>What the event as a whole did to one entry, however many of its steps wrote it; null where it left it alone.</summary>
    public EntryChange? ChangeOf(string scope, string key)
    {
        EntryChange? whole = null;
        foreach (var change in Changes)
        {
            if (change.Key == key && change.Scope == scope && change.Kind is not (ChangeKind.Cooldown or ChangeKind.Freed))
            {
                whole = whole is null ? change : whole.Then(change);
            }
        }

        return whole;
    }
}

/// <summary>One step of an event.</summary>
/// <param name="Action">The action that it invoked; null for what the engine did of itself.</param>
/// <param name="Changes">How many of the event's changes are its own.</param>
internal sealed record EventStep(string? Action, int Changes)
{
    /// <summary>The agent in whose name it was done, where it is not the event's.</summary>
    public string? Agent { get; init; }
}

/// <summary>The kinds of changes to an entry.</summary>
internal enum ChangeKind
{
    /// <summary>The value is written, as a whole or by edits: a new revision.</summary>
    Put,

    /// <summary>The entry is gone.</summary>
    Delete,

    /// <summary>Only the timer changes; value and revision stay.</summary>
    Timer,

    /// <summary>An action's cooldown is over.</summary>
    Cooldown,

    /// <summary>The id of an agent that was removed is free for everybody.</summary>
    Freed,
}

/// <summary>The effect of an event on one entry.</summary>
internal sealed record EntryChange
{
    public required ChangeKind Kind { get; init; }

    public required string Scope { get; init; }

    public required string Key { get; init; }

    /// <summary>A put: the value after it. Null where the log holds only <see cref="Edits"/> and nobody has applied them yet.</summary>
    public JsonText? Value { get; init; }

    /// <summary>A put: how the value before became this one; empty where it was replaced as a whole.</summary>
    public ImmutableArray<ValueEdit> Edits { get; init; } = [];

    /// <summary>A put: whether the log holds the whole value. Depends on nothing but the chain of the key, so that a replay decides alike.</summary>
    public bool HoldsValue { get; init; } = true;

    /// <summary>A put read back: whether the log holds a deeper value than is shown.</summary>
    public bool IsCut { get; init; }

    /// <summary>The value's version where it is known; never stored.</summary>
    public string? KnownVersion { get; init; }

    public long Revision { get; init; }

    public EntryTimer? Timer { get; init; }

    public string? Enabled { get; init; }

    /// <summary>The event that wrote the key before: the link of the history chain. Null for a key that was not there.</summary>
    public long? PreviousSeq { get; init; }

    /// <summary>Whether a timer did it and not a writer. Such a change ticks no other timer.</summary>
    public bool Fired { get; init; }

    /// <summary>The version of what was there before, where it was known when this was written.</summary>
    public string? PreviousVersion { get; init; }

    /// <summary>This change and a later one of the same event, as one.</summary>
    public EntryChange Then(EntryChange later)
    {
        if (later.Kind == ChangeKind.Timer)
        {
            return this with { Timer = later.Timer };
        }

        var whole = later with { PreviousSeq = PreviousSeq, PreviousVersion = PreviousVersion };
        if (Kind != ChangeKind.Put || later.Kind != ChangeKind.Put || later.Edits.IsEmpty)
        {
            return whole;
        }

        return whole with
        {
            Edits = Edits.IsEmpty ? [] : [.. Edits, .. later.Edits],
            Value = later.Value ?? (HoldsValue ? later.ValueOver(Value) : null),
            HoldsValue = HoldsValue || later.HoldsValue,
        };
    }

    /// <summary>The value after a put, over what the key held before it.</summary>
    public JsonText ValueOver(JsonText? before)
    {
        if (Value is { } whole)
        {
            return whole;
        }

        var value = before;
        foreach (var edit in Edits)
        {
            value = edit.Apply(value);
        }

        return value ?? throw new InvalidDataException($"An event puts '{Key}' of '{Scope}' without a value.");
    }
}
