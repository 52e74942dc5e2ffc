using System.Collections.Immutable;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Expressions;

/// <summary>The room at one moment, as expressions and contexts read it.</summary>
/// <param name="State">The projection.</param>
/// <param name="Presence">Who is here; not part of the log.</param>
/// <param name="Now">The time.</param>
/// <param name="Record">The room's entry in the catalogue, for who has which role now; null where no role counts.</param>
internal sealed record Moment(RoomState State, IPresence Presence, DateTimeOffset Now, RoomRecord? Record)
{
    /// <summary>How far <see cref="Now"/>, the room's clock, is ahead of the time as people see it: zero unless that was set back.</summary>
    public TimeSpan Ahead { get; init; }

    /// <summary>What expressions and templates are told the time is: <see cref="Now"/>, unless what was said at an earlier time is compared.</summary>
    public DateTimeOffset Said { get => field == default ? Now : field; init; }

    /// <summary>The time that stands still while the room is paused.</summary>
    public DateTimeOffset Running => State.Running.At(Now);

    /// <summary>Whether a cooldown is over. It stands still while the room is paused.</summary>
    public bool HasCooled(Model.Timers.EntryTimer cooldown) => cooldown.HasFired(State.Running.StoppedAt ?? Now, Ahead);

    /// <summary>Whether a timer has fired.</summary>
    public bool HasFired(Model.Timers.EntryTimer timer) => timer.HasFired(Now, Ahead);

    /// <summary>The room as it is now, where <see cref="State"/> is how it was; null at the present.</summary>
    public RoomState? Present
    {
        get;
        init
        {
            field = value;
            HasRemoved = value is not null && State.Agents.Keys.Any(IsRemoved);
        }
    }

    /// <summary>
    /// Whether agents of the past state have been removed since: what they kept is nobody's any more, and no view of then tells it. Found once for the moment, since every
    /// view of it asks.
    /// </summary>
    public bool HasRemoved { get; private init; }

    /// <summary>Whether the agent of the past state was removed since, whoever has the id now.</summary>
    public bool IsRemoved(string agent) =>
        Present is not null && State.Agents.TryGetValue(agent, out var then) && Present.Agents.GetValueOrDefault(agent)?.Since != then.Since;

    /// <summary>What a user's role lets them do in the room now.</summary>
    public AccessLevel LevelOf(string user) => Record is not null && Record.Members.TryGetValue(user, out var member) ? RoomPolicy.LevelOf(member.Role) : AccessLevel.None;
}

/// <summary>
/// The roots of one evaluation: a moment, seen in a frame. Used on one thread and thrown away. Views and availability read through
/// it recursively; its depth bounds that, since guards and views may name each other. Private scopes are let through here and nowhere else, and it notes which were read.
/// </summary>
internal sealed class RoomActivation : ICelActivation
{
    private const int MaxDepth = 16;

    private static readonly CelValue s_noParams = CelValue.Error("Parameters are known only while the action is invoked.");

    // A reader's whole budget serves so many dear definitions; a cheap one is never left without.
    private const int MaxParts = 16;
    private const int LeastPart = 2_000;

    private CelValue _state;
    private CelValue _views;
    private CelValue _agents;
    private CelValue _actions;
    private CelValue _messages;
    private CelValue _leases;
    private CelValue _approvals;
    private HashSet<string>? _touched;
    private readonly int _depth;

    /// <summary>The outermost activation of a request. Whatever is evaluated through it, however deeply, spends from the request's budget.</summary>
    public RoomActivation(Moment moment, VisibleScopes visible, string? self, CelBudget budget)
        : this(moment, Frame.OfReader(visible, self), budget, new CelClock(moment.Said), depth: 0, inVisibility: false, new EvaluationPass())
    {
    }

    private RoomActivation(Moment moment, in Frame frame, CelBudget budget, CelClock clock, int depth, bool inVisibility, EvaluationPass pass)
    {
        Moment = moment;
        Frame = frame;
        Budget = budget;
        Clock = clock;
        _depth = depth;
        InVisibility = inVisibility;
        Pass = pass;
    }

    public Moment Moment { get; }

    /// <summary>What is readable, and as whom.</summary>
    public Frame Frame { get; }

    public VisibleScopes VisibleScopes => Frame.VisibleScopes;

    public string? Self => Frame.Self;

    /// <summary>Whether the text that is evaluated names <c>state.self</c>; set by <see cref="Expression.Evaluate"/>.</summary>
    public bool NamesSelf { get; set; }

    /// <summary>What this evaluation and everything inside it spends from.</summary>
    public CelBudget Budget { get; }

    /// <summary>Whether it reads everything there is for somebody, as contexts and pages do: then each definition that depends on the reader gets a part of the budget only.</summary>
    public bool ReadsAll { get; init; }

    /// <summary>Learns when the clock alone may change what is evaluated.</summary>
    public CelClock Clock { get; }

    /// <summary>What has been worked out so far for this reader at this moment.</summary>
    public EvaluationPass Pass { get; }

    /// <summary>Whether an entry's condition asks, directly or through views and guards.</summary>
    public bool InVisibility { get; }

    public bool TooDeep => _depth >= MaxDepth;

    /// <summary>The invocation's parameters; an error stands for "not given yet".</summary>
    public CelValue Params { get; init; } = s_noParams;

    /// <summary>Who registered the action or view that is evaluated.</summary>
    public string? Owner { get; init; }

    public CelValue Get(int slot) => slot switch
    {
        RoomLanguage.State => Once(ref _state, static a => CelValue.Of(new LazyMap(() => a.Charged(a.ListVisibleScopes()), a.FindScope) { AbsentIsEmpty = true })),
        RoomLanguage.Views => Once(ref _views, static a => CelValue.Of(new LazyMap(() => a.Charged(ViewValues.Names(a.Moment.State)), a.FindView))),
        RoomLanguage.Agents => Once(ref _agents, static a => CelValue.Of(new LazyMap(() => a.Charged(a.Moment.State.Agents.Keys), a.FindAgent))),
        RoomLanguage.Actions => Once(ref _actions, static a => CelValue.Of(new LazyMap(() => a.Charged(a.Moment.State.Actions.Keys), a.FindAction))),
        RoomLanguage.Messages => Once(ref _messages, static a => CelValue.Of(new LazyMap(static () => MessageFigures.Names, a.FindMessageFigure))),
        RoomLanguage.Leases => Once(ref _leases, static a => CelValue.Of(new LazyMap(a.ListLeases, a.FindLease))),
        RoomLanguage.Approvals => Once(ref _approvals, static a => CelValue.Of(new LazyMap(
            () => a.Charged(a.Moment.State.Approvals.All.Select(static record => record.Id)),
            name => a.Budget.Charge(1 + (ApprovalId.Parse(name) is null ? a.Moment.State.Approvals.PendingCount : 0)) ? ApprovalFigures.Find(a.Moment, a.Self, name) : CelBudget.Exceeded))),
        RoomLanguage.Self => Self is null ? CelValue.Null : CelValue.Of(Self),
        RoomLanguage.Params => Params,
        RoomLanguage.Now => Clock.Now,
        RoomLanguage.Owner => Owner is null ? CelValue.Null : CelValue.Of(Owner),
        _ => CelValue.Error("Unknown variable."),
    };

    /// <summary>The activation of something this one reads through: another frame, the same moment and pass.</summary>
    public RoomActivation Inside(in Frame frame, string? owner) => new(Moment, frame, Budget, Clock, _depth + 1, InVisibility, Pass) { Owner = owner };

    /// <summary>The same, with the parameters of an invocation.</summary>
    public RoomActivation Inside(in Frame frame, string? owner, CelValue parameters) => new(Moment, frame, Budget, Clock, _depth + 1, InVisibility, Pass) { Owner = owner, Params = parameters };

    /// <summary>The same for what is worked out once for everybody: on another budget, and with a pass of its own.</summary>
    public RoomActivation OnBudget(CelBudget budget) => new(Moment, Frame, budget, new CelClock(Moment.Said), _depth, InVisibility, new EvaluationPass()) { NamesSelf = NamesSelf };

    /// <summary>Pays again for one definition what it took before; false when that is more than it gets.</summary>
    public bool TryPay(long price)
    {
        if (!ReadsAll)
        {
            return Budget.Charge(price);
        }

        var isPaid = price <= Math.Max(LeastPart, Math.Min(Budget.Units / MaxParts, Budget.Left));
        Budget.Take(price);
        return isPaid;
    }

    /// <summary>The same for one definition, with a clock of its own to learn what it makes of the time.</summary>
    public RoomActivation ForPart() =>
        new(Moment, Frame, ReadsAll ? Budget.Part(Budget.Units / MaxParts, LeastPart) : Budget, new CelClock(Moment.Said), _depth, InVisibility, Pass) { NamesSelf = NamesSelf };

    /// <summary>The private scopes that were read since it was last asked; empty when the value rests on shared scopes and published views alone.</summary>
    public ImmutableArray<string> TakeTouched()
    {
        var touched = _touched is null ? ImmutableArray<string>.Empty : [.. _touched];
        _touched = null;
        return touched;
    }

    /// <summary>Whether an entry of a scope shows now: its timer allows it and its condition holds. The same for every reader.</summary>
    public bool IsVisible(Entry entry, string scope)
    {
        if (!IsTimely(entry))
        {
            return false;
        }

        // While a condition is evaluated the other entries count as visible; otherwise two conditions could wait for each other for ever.
        if (entry.Enabled is null || InVisibility || TooDeep)
        {
            return true;
        }

        // Nobody is self in a condition, so it is one for everybody, through whatever map it is asked. An agent stands in its own scope, not in the list of agents.
        var stands = scope == ReservedScopes.Agents ? entry.Key : scope;
        return entry.Visibility.Get(
            this,
            self: null,
            entry.Enabled.ReadsIn(Moment.State, self: null),
            isShared: true,
            new Payer(User: null, entry.Writer),
            (entry, stands),
            static (t, outer) => Condition.Of(t.entry.Enabled!.Evaluate(outer.ForCondition(Frame.OfCondition(t.stands))))).ReadBy(Clock).Holds;
    }

    /// <summary>The same of an agent. One that has no entry of its own is always visible.</summary>
    public bool IsVisible(AgentRecord agent) => agent.Entry is null || IsVisible(agent.Entry, ReservedScopes.Agents);

    /// <summary>Whether an entry's timer lets it show now.</summary>
    public bool IsTimely(Entry entry)
    {
        if (entry.Timer is not { } timer)
        {
            return true;
        }

        Note(timer);
        return Moment.HasFired(timer) != (timer.Effect == Model.Timers.TimerEffect.Delete);
    }

    /// <summary>What is evaluated rests on a timer, and may change when it fires.</summary>
    public void Note(Model.Timers.EntryTimer timer)
    {
        // While the time as people see it was set back, it may be put right at any moment.
        Clock.Absorb(timer.At, isFleeting: timer.IsOnWall && Moment.Ahead != TimeSpan.Zero);
    }

    /// <summary>The activation of a condition, asked for by this one.</summary>
    public RoomActivation ForCondition(in Frame frame) => new(Moment, frame, Budget, Clock, _depth + 1, inVisibility: true, Pass);

    private CelValue Once(ref CelValue slot, Func<RoomActivation, CelValue> make)
    {
        if (slot.Kind == CelKind.Null)
        {
            slot = make(this);
        }

        return slot;
    }

    // Listing and counting names takes a unit for each.
    private IEnumerable<T> Charged<T>(IEnumerable<T> names) => names.TakeWhile(_ => Budget.Charge(1));

    private IEnumerable<string> ListVisibleScopes()
    {
        foreach (var name in Moment.State.ScopeNames)
        {
            if (VisibleScopes.Sees(name))
            {
                Touch(name);
                yield return name;
            }
        }

        if (Self is not null && ReadsSelf)
        {
            Touch(Self);
            yield return ReservedScopes.Self;
        }
    }

    private bool ReadsSelf => Frame.ReadsSelf && (!Frame.MustName || NamesSelf || (Self is not null && VisibleScopes.Sees(Self)));

    private CelValue? FindScope(string name)
    {
        if (name == ReservedScopes.Self)
        {
            return !ReadsSelf ? NotReadable.Self
                : Self is null ? CelValue.Of(ScopeState.Empty(name).Map)
                : Read(Self);
        }

        if (VisibleScopes.Sees(name) || (name == Self && ReadsSelf && NamesSelf))
        {
            return Moment.State.Scope(name) is not null || name is ReservedScopes.Shared ? Read(name) : null;
        }

        return Moment.State.Agents.ContainsKey(name) || Moment.State.Scope(name) is not null ? NotReadable.Scope(name) : null;
    }

    private CelValue Read(string scope)
    {
        Touch(scope);
        var cells = Moment.State.Scope(scope) ?? ScopeState.Empty(scope);
        return CelValue.Of(cells.Conditional == 0 ? cells.Map : new VisibleScopeMap(cells, this));
    }

    private void Touch(string scope)
    {
        if (!ReservedScopes.IsPublic(scope))
        {
            (_touched ??= new(StringComparer.Ordinal)).Add(scope);
        }
    }

    private CelValue? FindView(string id)
    {
        if (ViewValues.Find(this, id) is not { } value)
        {
            return null;
        }

        // Reading a value takes its size, whether it was worked out before or not: what passes once passes always.
        if (!Budget.ChargeOnce(value, CelBudget.PriceOfJson(value.Json.Length)))
        {
            return CelBudget.Exceeded;
        }

        if (value.Touched.IsEmpty)
        {
            return value.Cel;
        }

        if (Moment.State.Views.TryGetValue(id, out var view) && ReservedScopes.IsPublic(view.Scope))
        {
            // It was worked out for this reader. What a view of an agent's scope gives is published by that agent.
            foreach (var scope in value.Touched)
            {
                Touch(scope);
            }
        }

        return value.Error is { } error ? CelValue.Error(ErrorRedaction.Unspecific(error)) : value.Cel;
    }

    private CelValue? FindAgent(string id) =>
        Moment.State.Agents.GetValueOrDefault(id) is { } agent ? CelValue.Of(AgentFigures.Map(agent, Moment, Budget)) : null;

    private CelValue? FindAction(string id) =>
        Moment.State.Actions.GetValueOrDefault(id) is { } action ? CelValue.Of(Availability.Map(this, action)) : null;

    private IEnumerable<string> ListLeases()
    {
        Clock.Absorb(LiveLeases.NextEnd(Moment), isFleeting: false);
        return Charged(LiveLeases.All(Moment)).Select(static lease => lease.Key);
    }

    private CelValue? FindLease(string key)
    {
        if (LiveLeases.Find(Moment, key) is not { } lease)
        {
            return null;
        }

        Clock.Absorb(LiveLeases.NextEndOf(Moment, lease), isFleeting: false);
        return CelValue.Of(LeaseFigures.Map(lease, this));
    }

    private CelValue? FindMessageFigure(string field)
    {
        var messages = Moment.State.Messages;
        return field switch
        {
            MessageFigures.Count => CelValue.Of(messages.Count),
            MessageFigures.Unread => CelValue.Of(Self is null ? 0 : messages.Unread(Self, Moment.Presence.Of(Self).Cursor)),
            MessageFigures.DirectedUnread => CelValue.Of(Self is null ? 0 : messages.DirectedUnread(Self, Moment.Presence.Of(Self).Cursor)),
            MessageFigures.ToAnswer => CelValue.Of(new MessageList(Self is null ? [] : [.. Charged(messages.ToAnswer(Self)).Select(number => messages.Recent[number])])),
            _ => null,
        };
    }
}
