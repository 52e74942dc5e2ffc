using Sync.Cel;
using Sync.Engine.Actions;
using Sync.Engine.Agents;
using Sync.Engine.Rooms;
using Sync.Engine.Views;

namespace Sync.Engine.Expressions;

/// <summary>The room at one moment, as expressions and contexts read it.</summary>
/// <param name="State">The projection.</param>
/// <param name="Presence">Who is here; not part of the log.</param>
/// <param name="Now">The time.</param>
internal sealed record Moment(RoomState State, Presence Presence, DateTimeOffset Now);

/// <summary>
/// The roots of one evaluation: a moment, seen by a reader. Used on one thread and thrown away. Views and availability read through
/// it recursively; its depth bounds that, since guards and views may name each other.
/// </summary>
internal sealed class RoomActivation : ICelActivation
{
    private const int MaxDepth = 16;

    private CelValue _state;
    private CelValue _views;
    private CelValue _agents;
    private CelValue _actions;
    private CelValue _messages;
    private readonly int _depth;

    /// <summary>The outermost activation of a request. Whatever is evaluated through it, however deeply, spends from the request's budget.</summary>
    public RoomActivation(Moment moment, Sight sight, string? self, CelBudget budget)
        : this(moment, sight, self, budget, depth: 0, inVisibility: false, new EvaluationPass())
    {
    }

    private RoomActivation(Moment moment, Sight sight, string? self, CelBudget budget, int depth, bool inVisibility, EvaluationPass pass)
    {
        Moment = moment;
        Sight = sight;
        Self = self;
        Budget = budget;
        _depth = depth;
        InVisibility = inVisibility;
        Pass = pass;
    }

    public Moment Moment { get; }

    public Sight Sight { get; }

    public string? Self { get; }

    /// <summary>What this evaluation and everything inside it spends from.</summary>
    public CelBudget Budget { get; }

    /// <summary>What has been worked out so far for this reader at this moment.</summary>
    public EvaluationPass Pass { get; }

    /// <summary>Whether an entry's condition asks, directly or through views and guards.</summary>
    public bool InVisibility { get; }

    public bool TooDeep => _depth >= MaxDepth;

    /// <summary>The invocation's parameters; an error stands for "not given yet".</summary>
    public CelValue Params { get; init; } = CelValue.Error("Parameters are known only while the action is invoked.");

    /// <summary>Who registered the action or view that is evaluated.</summary>
    public string? Owner { get; init; }

    public CelValue Get(int slot) => slot switch
    {
        RoomLanguage.State => Once(ref _state, static a => CelValue.Of(new LazyMap(a.VisibleScopes, a.FindScope))),
        RoomLanguage.Views => Once(ref _views, static a => CelValue.Of(new LazyMap(() => ViewValues.Names(a.Moment.State), a.FindView))),
        RoomLanguage.Agents => Once(ref _agents, static a => CelValue.Of(new LazyMap(() => a.Moment.State.Agents.Keys, a.FindAgent))),
        RoomLanguage.Actions => Once(ref _actions, static a => CelValue.Of(new LazyMap(() => a.Moment.State.Actions.Keys, a.FindAction))),
        RoomLanguage.Messages => Once(ref _messages, static a => CelValue.Of(new LazyMap(() => s_messageFields, a.FindMessageFigure))),
        RoomLanguage.Self => Self is null ? CelValue.Null : CelValue.Of(Self),
        RoomLanguage.Params => Params,
        RoomLanguage.Now => CelValue.Of(Moment.Now),
        RoomLanguage.Owner => Owner is null ? CelValue.Null : CelValue.Of(Owner),
        _ => CelValue.Error("Unknown variable."),
    };

    /// <summary>The activation of something this one reads through: another sight, the same reader, moment and pass.</summary>
    public RoomActivation Inside(Sight sight, string? owner) => new(Moment, sight, Self, Budget, _depth + 1, InVisibility, Pass) { Owner = owner };

    /// <summary>The same, with the parameters of an invocation.</summary>
    public RoomActivation Inside(Sight sight, string? owner, CelValue parameters) => new(Moment, sight, Self, Budget, _depth + 1, InVisibility, Pass) { Owner = owner, Params = parameters };

    /// <summary>Whether an entry shows now: its timer allows it and its condition holds.</summary>
    public bool IsVisible(Entry entry)
    {
        if (entry.Timer is { } timer && timer.HasFired(Moment.Now) == (timer.Effect == Timers.TimerEffect.Delete))
        {
            return false;
        }

        // While a condition is evaluated the other entries count as visible; otherwise two conditions could wait for each other for ever.
        if (entry.Enabled is null || InVisibility || TooDeep)
        {
            return true;
        }

        return entry.Enabled.Evaluate(new RoomActivation(Moment, Sight, Self, Budget, _depth + 1, inVisibility: true, Pass)).IsTrue;
    }

    private static readonly string[] s_messageFields = ["count", "unread", "directed_unread"];

    private CelValue Once(ref CelValue slot, Func<RoomActivation, CelValue> make)
    {
        if (slot.Kind == CelKind.Null)
        {
            slot = make(this);
        }

        return slot;
    }

    private IEnumerable<string> VisibleScopes()
    {
        foreach (var name in Moment.State.ScopeNames)
        {
            if (Sight.Sees(name))
            {
                yield return name;
            }
        }

        if (Self is not null)
        {
            yield return Names.Self;
        }
    }

    private CelValue? FindScope(string name)
    {
        var scope = name == Names.Self ? Self : name;
        if (scope is null || (name != Names.Self && scope != Self && !Sight.Sees(scope)))
        {
            return null;
        }

        var cells = Moment.State.Scope(scope);
        if (cells is null)
        {
            // The reader's own scope and the shared one always exist, if only as empty maps.
            return name is Names.Self or Names.Shared ? CelValue.Of(ScopeState.Empty(scope).Map) : null;
        }

        return CelValue.Of(cells.Conditional == 0 ? cells.Map : new VisibleScopeMap(cells, this));
    }

    private CelValue? FindView(string id) => ViewValues.Find(this, id)?.Cel;

    private CelValue? FindAgent(string id) =>
        Moment.State.Agents.GetValueOrDefault(id) is { } agent ? CelValue.Of(AgentFigures.Map(agent, Moment)) : null;

    private CelValue? FindAction(string id) =>
        Moment.State.Actions.GetValueOrDefault(id) is { } action ? CelValue.Of(Availability.Map(this, action)) : null;

    private CelValue? FindMessageFigure(string field)
    {
        var messages = Moment.State.Messages;
        return field switch
        {
            "count" => CelValue.Of(messages.Count),
            "unread" => CelValue.Of(Self is null ? 0 : messages.Unread(Self, Moment.Presence.Of(Self).Cursor)),
            "directed_unread" => CelValue.Of(Self is null ? 0 : messages.DirectedUnread(Self, Moment.Presence.Of(Self).Cursor)),
            _ => null,
        };
    }
}
