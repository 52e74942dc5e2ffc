using System.Collections.Immutable;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Model.Rules;
using Sync.Engine.Model.Timers;
using Sync.Engine.Model.Views;

namespace Sync.Engine.Model.State;

/// <summary>An action's use: what the log says of it beyond its definition.</summary>
/// <param name="Count">Times invoked.</param>
/// <param name="LastAt">When last.</param>
/// <param name="Cooldown">The cooldown that runs, or null.</param>
internal sealed record ActionUse(long Count, DateTimeOffset? LastAt, EntryTimer? Cooldown)
{
    public static ActionUse None { get; } = new(0, LastAt: null, Cooldown: null);
}

/// <summary>
/// The projection of a room's log: everything is an entry in a scope, and beside the entries stand what is derived from them (compiled actions
/// and views, agents, the message window, timers). Immutable: readers take the current one and never lock. The one way to another state is
/// <see cref="Apply"/>, for live commands and for replay alike.
/// </summary>
internal sealed partial class RoomState
{
    // Nothing of it goes on to the next state.
    private RegistrantAccounts? _accounts;

    private RoomState()
    {
    }

    /// <summary>The state before the first event, with the standard limits on expressions.</summary>
    public static RoomState Empty { get; } = new();

    /// <summary>The language its expressions are compiled in.</summary>
    public RoomLanguage Language { get; private init; } = RoomLanguage.Standard;

    /// <summary>The state before the first event.</summary>
    public static RoomState In(RoomLanguage language) => new() { Language = language };

    /// <summary>The newest event.</summary>
    public long Seq { get; private init; }

    /// <summary>The newest event's tag. Set once, before anybody else sees the state: it is made of the event as stored, and that is made after the state.</summary>
    public string? Tag { get; private set; }

    /// <summary>The position after the newest event.</summary>
    public EventCursor Cursor => new(Seq, Tag);

    public DateTimeOffset UpdatedAt { get; private init; }

    public ImmutableSortedDictionary<string, ScopeState> Scopes { get; private init; } = ImmutableSortedDictionary.Create<string, ScopeState>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, ActionState> Actions { get; private init; } = ImmutableSortedDictionary.Create<string, ActionState>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, ViewDefinition> Views { get; private init; } = ImmutableSortedDictionary.Create<string, ViewDefinition>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, AgentRecord> Agents { get; private init; } = ImmutableSortedDictionary.Create<string, AgentRecord>(StringComparer.Ordinal);

    /// <summary>
    /// Agents that were removed and whose ids nobody has taken again, by id without case. Bounded: of too many the ones removed longest ago are forgotten, of those first
    /// that the open policy had let in, and their ids are free.
    /// </summary>
    public ImmutableSortedDictionary<string, RemovedAgent> Removed { get; private init; } = ImmutableSortedDictionary.Create<string, RemovedAgent>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Agents that an embodiment made and that have not acted since: they go when they are let go.</summary>
    public ImmutableHashSet<string> Fresh { get; private init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    public ImmutableDictionary<string, ActionUse> Uses { get; private init; } = ImmutableDictionary.Create<string, ActionUse>(StringComparer.Ordinal);

    /// <summary>Ids of actions that a timer has taken away and nobody has registered again: they answer <c>action_expired</c>.</summary>
    public ImmutableHashSet<string> Expired { get; private init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The gates of definitions that ended otherwise than by being deleted, by action id, until it is registered anew. Bounded: of too many the oldest are forgotten, those of guests first, then those that no person has set.</summary>
    public ImmutableDictionary<string, KeptGate> KeptGates { get; private init; } = ImmutableDictionary.Create<string, KeptGate>(StringComparer.Ordinal);

    public MessageWindow Messages { get; private init; } = MessageWindow.Empty;

    public TimerIndex Timers { get; private init; } = TimerIndex.Empty;

    public WriteTargets Targets { get; private init; } = WriteTargets.Empty;

    /// <summary>Surfaces that name what is not there.</summary>
    public BrokenSurfaces Surfaces { get; private init; } = new(ImmutableSortedDictionary<string, ViewDefinition>.Empty, ImmutableSortedDictionary<string, ActionState>.Empty);

    /// <summary>Entries of all scopes together.</summary>
    public int EntryCount { get; private init; }

    /// <summary>Bytes of all entries together: keys, values and conditions.</summary>
    public long Bytes { get; private init; }

    /// <summary>What the entries of each writer take, by agent id; those of nobody under the empty one.</summary>
    public ImmutableDictionary<string, RoomUse> UseByWriter { get; private init; } = ImmutableDictionary.Create<string, RoomUse>(StringComparer.Ordinal);

    /// <summary>Entries whose visibility depends on time or an expression.</summary>
    public int ConditionalCount { get; private init; }

    /// <summary>Entries that rules and limits of today do not take as they stand, and why; the engine keeps them and does with them what it can.</summary>
    public ImmutableDictionary<StateKey, string> Degraded { get; private init; } = ImmutableDictionary<StateKey, string>.Empty;

    /// <summary>Agents that grant their scope to anybody. Nearly always zero, which spares the look.</summary>
    public int GrantingCount { get; private init; }

    /// <summary>Another object whenever a definition's standing may have changed: agents removed, grants given or taken back. What is memoised holds for one of them only.</summary>
    public object StandingStamp { get; private init; } = new();

    /// <summary>What those who registered something have spent on this state.</summary>
    public RegistrantAccounts Accounts => _accounts ?? Interlocked.CompareExchange(ref _accounts, new RegistrantAccounts(), comparand: null) ?? _accounts;

    /// <summary>The clock that stands still while the room is paused: that of leases, approvals and cooldowns.</summary>
    public RunningClock Running { get; private init; }

    /// <summary>Approvals that are asked for, and those decided last.</summary>
    public ApprovalTable Approvals { get; private init; } = ApprovalTable.Empty;

    /// <summary>The leases that are held, as they were logged.</summary>
    public LeaseTable Leases { get; private init; } = LeaseTable.Empty;

    /// <summary>Whether anybody holds a lease.</summary>
    public bool UsesLeases => Leases.Count > 0;

    /// <summary>What agents have lost of leases without giving it up.</summary>
    public LeaseLosses LeaseLosses { get; private init; } = LeaseLosses.None;
    /// <summary>Who writes where, as the room rules it.</summary>
    public TargetRules TargetRules { get; private init; } = TargetRules.Empty;

    /// <summary>What is paused.</summary>
    public PauseTable Pauses { get; private init; } = PauseTable.Empty;

    public bool HasConditionalEntries => ConditionalCount > 0;

    /// <summary>Names of scopes that hold anything, in order.</summary>
    public IEnumerable<string> ScopeNames => Scopes.Keys;

    /// <summary>The private scopes of others that an agent may read and write: of those who granted it theirs.</summary>
    public IEnumerable<string> GrantedTo(string agent) =>
        GrantingCount == 0 ? [] : Agents.Values.Where(a => a.Grants.Contains(agent)).Select(a => a.Id);

    /// <summary>Whether an agent may use a private scope: its own, or one whose agent granted it.</summary>
    public bool MayUse(string agent, string scope) =>
        agent == scope || (Agents.GetValueOrDefault(scope)?.Grants.Contains(agent) ?? false);

    /// <summary>Whether the agent of this id is the one that had it at an event, and not another that took it since.</summary>
    public bool IsStill(string agent, long seq) => Agents.TryGetValue(agent, out var now) && !(now.JoinedSeq > seq);

    /// <summary>Who may still change a definition as its registrant: nobody, when the one who registered it was removed.</summary>
    public string? RegistrantOf(ActionState action) => action.Registrant is { } registrant && IsStill(registrant, action.Entry.Seq) ? registrant : null;

    /// <summary>The same for a view.</summary>
    public string? RegistrantOf(ViewDefinition view) => view.Registrant is { } registrant && IsStill(registrant, view.Entry?.Seq ?? Seq) ? registrant : null;

    public ScopeState? Scope(string name) => Scopes.GetValueOrDefault(name);

    public Entry? Find(string scope, string key) => Scope(scope)?.Find(key);

    public ActionUse Use(string action) => Uses.GetValueOrDefault(action, ActionUse.None);

    /// <summary>The object whose identity changes whenever what <paramref name="key"/> names changes.</summary>
    public object? Stamp(StateKey key) =>
        key.Scope is null ? this : key.Scope == StateKey.StandingScope ? StandingStamp : key.Key is null ? Scope(key.Scope) : Find(key.Scope, key.Key);

    /// <summary>Gives a new state its tag.</summary>
    public RoomState Seal(string? tag)
    {
        Tag = tag;
        return this;
    }

    /// <summary>The state after one more event. Pure: depends on nothing but its arguments.</summary>
    public RoomState Apply(RoomEvent e)
    {
        var state = this;
        foreach (var part in e.Parts())
        {
            state = new RoomStateBuilder(state).Apply(part);
        }

        return state.Seal(e.Tag);
    }

    /// <summary>Puts a state together from a snapshot.</summary>
    public static RoomState Restore(
        RoomLanguage language,
        long seq,
        DateTimeOffset at,
        IEnumerable<ScopeState> scopes,
        IEnumerable<KeyValuePair<string, ActionUse>> uses,
        IEnumerable<string> expired,
        MessageWindow messages,
        IEnumerable<RemovedAgent> removed,
        IEnumerable<string> fresh,
        RunningClock running,
        IEnumerable<LeaseLoss> lostLeases,
        IEnumerable<KeptGate> keptGates) =>
        RoomStateBuilder.Restore(language, seq, at, scopes, uses, expired, messages, removed, fresh, running, lostLeases, keptGates);
}
