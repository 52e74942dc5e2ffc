using System.Collections.Immutable;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Reverts;

/// <summary>
/// What the log says of what is to be reverted: read before the command stands in line, since the room's writer reads no log. Data. It holds for a room in which none of its keys was written since.
/// </summary>
internal sealed record RevertPlan
{
    /// <summary>The answer where a key was written after the log was read: it is read again.</summary>
    public static SyncError Outdated { get; } = new(ErrorCode.Unavailable, "What is to be reverted is being written at this very moment.") { Hint = "Nothing was changed. Repeat the call.", RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The invocations that are reverted, oldest first.</summary>
    public ImmutableArray<RevertedPart> Parts { get; init; } = [];

    /// <summary>The entries that they wrote.</summary>
    public ImmutableArray<RevertedKey> Keys { get; init; } = [];
}

/// <summary>One invocation that is reverted: an event, or a step of one.</summary>
/// <param name="Seq">The event.</param>
/// <param name="Agent">Who invoked it.</param>
/// <param name="Action">What it invoked.</param>
/// <param name="Params">With what, as the log has it; null where the log does not say.</param>
internal sealed record RevertedPart(long Seq, string? Agent, string Action, JsonText? Params)
{
    /// <summary>The action as it was then; null for one that is built in.</summary>
    public PastAction? Definition { get; init; }

    /// <summary>The key of its first write; null where it wrote nothing.</summary>
    public string? Key { get; init; }
}

/// <summary>An action as it was registered.</summary>
/// <param name="Value">The value of its entry: definition and registrant.</param>
/// <param name="Seq">The event that registered it.</param>
/// <param name="At">When that was.</param>
internal sealed record PastAction(JsonText Value, long Seq, DateTimeOffset At)
{
    public static PastAction? Of(ActionState? action) => action is null ? null : new(action.Entry.Value, action.Entry.Seq, action.Entry.UpdatedAt);

    /// <summary>The action, compiled for a room. One that has the same text now is compiled already.</summary>
    public ActionState In(RoomState state, string id) =>
        ActionState.Read(new Entry { Key = id, Value = Value, Revision = 1, UpdatedAt = At, Seq = Seq }, state.Actions.GetValueOrDefault(id), state.Language);
}

/// <summary>What has become of one entry since the first write of it that is reverted.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Key">The key.</param>
/// <param name="LastSeq">The event that wrote it last; 0 where it is not there.</param>
/// <param name="Before">What it was before all of <paramref name="Writes"/>.</param>
/// <param name="Writes">Its writes from there on, oldest first, the reverted ones among them.</param>
internal sealed record RevertedKey(string Scope, string Key, long LastSeq, PastEntry? Before, ImmutableArray<PastWrite> Writes);

/// <summary>An entry as it was.</summary>
/// <param name="Value">Its value.</param>
/// <param name="Timer">Its timer.</param>
/// <param name="Enabled">Its condition.</param>
internal sealed record PastEntry(JsonText Value, EntryTimer? Timer, string? Enabled);

/// <summary>One write of an entry.</summary>
/// <param name="Seq">The event.</param>
/// <param name="Agent">Who wrote it; null for the engine, and for nobody.</param>
/// <param name="IsReverted">Whether it is to be undone.</param>
/// <param name="After">The entry after it; null where it was removed.</param>
/// <param name="Edits">How the value before became this one; empty where it was replaced as a whole.</param>
internal sealed record PastWrite(long Seq, string? Agent, bool IsReverted, PastEntry? After, ImmutableArray<ValueEdit> Edits);
