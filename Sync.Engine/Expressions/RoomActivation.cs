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
/// it recursively; <see cref="Depth"/> bounds that, since guards and views may name each other.
/// </summary>
internal sealed class RoomActivation(Moment moment, Sight sight, string? self, int depth = 0) : ICelActivation
{
    private const int MaxDepth = 16;

    private CelValue _state;
    private CelValue _views;
    private CelValue _agents;
    private CelValue _actions;
    private CelValue _messages;
    private bool _inVisibility;

    public Moment Moment => moment;

    public Sight Sight => sight;

    public string? Self => self;

    public int Depth => depth;

    public bool TooDeep => depth >= MaxDepth;

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
        RoomLanguage.Self => self is null ? CelValue.Null : CelValue.Of(self),
        RoomLanguage.Params => Params,
        RoomLanguage.Now => CelValue.Of(moment.Now),
        RoomLanguage.Owner => Owner is null ? CelValue.Null : CelValue.Of(Owner),
        _ => CelValue.Error("Unknown variable."),
    };

    /// <summary>Whether an entry shows now: its timer allows it and its condition holds.</summary>
    public bool IsVisible(Entry entry)
    {
        if (entry.Timer is { } timer && timer.HasFired(moment.Now) == (timer.Effect == Timers.TimerEffect.Delete))
        {
            return false;
        }

        // While a condition is evaluated the other entries count as visible; otherwise two conditions could wait for each other for ever.
        if (entry.Enabled is null || _inVisibility || TooDeep)
        {
            return true;
        }

        return entry.Enabled.Evaluate(new RoomActivation(moment, sight, self, depth + 1) { _inVisibility = true }).IsTrue;
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
        foreach (var name in moment.State.ScopeNames)
        {
            if (sight.Sees(name))
            {
                yield return name;
            }
        }

        if (self is not null)
        {
            yield return Names.Self;
        }
    }

    private CelValue? FindScope(string name)
    {
        var scope = name == Names.Self ? self : name;
        if (scope is null || (name != Names.Self && scope != self && !sight.Sees(scope)))
        {
            return null;
        }

        var cells = moment.State.Scope(scope);
        if (cells is null)
        {
            // The reader's own scope and the shared one always exist, if only as empty maps.
            return name is Names.Self or Names.Shared ? CelValue.Of(ScopeState.Empty(scope).Map) : null;
        }

        return CelValue.Of(cells.Conditional == 0 ? cells.Map : new VisibleScopeMap(cells, this));
    }

    private CelValue? FindView(string id) => ViewValues.Find(this, id)?.Cel;

    private CelValue? FindAgent(string id) =>
        moment.State.Agents.GetValueOrDefault(id) is { } agent ? CelValue.Of(AgentFigures.Map(agent, moment)) : null;

    private CelValue? FindAction(string id) =>
        moment.State.Actions.GetValueOrDefault(id) is { } action ? CelValue.Of(Availability.Map(this, action)) : null;

    private CelValue? FindMessageFigure(string field)
    {
        var messages = moment.State.Messages;
        return field switch
        {
            "count" => CelValue.Of(messages.Count),
            "unread" => CelValue.Of(self is null ? 0 : messages.Unread(self, moment.Presence.Of(self).Cursor)),
            "directed_unread" => CelValue.Of(self is null ? 0 : messages.DirectedUnread(self, moment.Presence.Of(self).Cursor)),
            _ => null,
        };
    }
}
