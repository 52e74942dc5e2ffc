using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Context;

/// <summary>
/// How much the parts of a room matter to one reader. It follows from the room and the reader alone: two reads of the same event by the same agent give the same. Looks at every entry once,
/// without parsing it. One context, one thread.
/// </summary>
internal sealed class ContextSalience
{
    // Writes of a key, and invocations of an action, from which on it counts as changing often.
    private const int Often = 5;

    private readonly ContextSource _source;
    private readonly HashSet<StateKey> _reads = [];
    private readonly HashSet<string> _views = new(StringComparer.Ordinal);
    private readonly HashSet<string> _actions = new(StringComparer.Ordinal);
    private readonly byte[]? _name;
    private readonly long _seen;

    public ContextSalience(ContextSource source)
    {
        _source = source;
        _name = source.Self is { } self ? JsonText.Of(self).Memory.ToArray() : null;
        _seen = source.Shape.Since ?? SeenBy(source.Self);
        AddReads();
    }

    private RoomState State => _source.Moment.State;

    /// <summary>How much an entry matters, and the event that wrote it.</summary>
    public (Salience Salience, long Seq) Of(string scope, Entry entry) => (
        Of(isHeld: scope == _source.Self || Names(entry.Value.Span), _reads.Contains(new StateKey(scope, entry.Key)) || _reads.Contains(new StateKey(scope, Key: null)), entry, entry.Revision),
        entry.Seq);

    /// <summary>The same of a scope: the reasons of all its entries together.</summary>
    public (Salience Salience, long Seq) Of(string scope, IEnumerable<Entry> entries)
    {
        var all = scope == _source.Self ? Salience.Held : Salience.Quiet;
        long seq = 0;
        foreach (var entry in entries)
        {
            var (salience, written) = Of(scope, entry);
            all |= salience;
            seq = Math.Max(seq, written);
        }

        return (all, seq);
    }

    /// <summary>The same of a view: one that its reader registered is held, and one is new when something that it reads is.</summary>
    public (Salience Salience, long Seq) Of(ViewDefinition view)
    {
        long seq = view.Entry?.Seq ?? 0;
        foreach (var key in view.ReadsIn(State, _source.Self).Keys)
        {
            if (key is { Scope: { } scope, Key: { } name } && _source.VisibleScopes.Sees(scope) && State.Find(scope, name) is { } entry && entry.Writer != _source.Self)
            {
                seq = Math.Max(seq, entry.Seq);
            }
        }

        return (Reasons(isHeld: IsSelf(view.Registrant), _views.Contains(view.Id), isNew: seq > _seen, isActive: false), seq);
    }

    /// <summary>The same of an action: one that its reader registered is held, one that is invoked often is active.</summary>
    public (Salience Salience, long Seq) Of(ActionState action) => (
        Of(isHeld: IsSelf(action.Registrant), _actions.Contains(action.Id), action.Entry, State.Use(action.Id).Count),
        action.Entry.Seq);

    /// <summary>The same of an agent: the reader's own is held.</summary>
    public (Salience Salience, long Seq) Of(AgentRecord agent) =>
        (Of(isHeld: IsSelf(agent.Id), isRead: _reads.Contains(new StateKey(ReservedScopes.Agents, agent.Id)), agent.Entry, changes: 0), agent.Entry?.Seq ?? 0);

    /// <summary>The same of a lease: one of the reader's own is held.</summary>
    public (Salience Salience, long Seq) Of(LeaseRecord lease)
    {
        var entry = State.Find(ReservedScopes.Leases, lease.Key);
        return (Of(isHeld: lease.Of(_source.Self) is not null, isRead: _reads.Contains(new StateKey(ReservedScopes.Leases, lease.Key)), entry, entry?.Revision ?? 0), entry?.Seq ?? 0);
    }

    private Salience Of(bool isHeld, bool isRead, Entry? entry, long changes) =>
        Reasons(isHeld, isRead, isNew: entry is not null && entry.Seq > _seen && !IsSelf(entry.Writer), isActive: changes >= Often);

    private static Salience Reasons(bool isHeld, bool isRead, bool isNew, bool isActive) =>
        (isHeld ? Salience.Held : 0) | (isRead ? Salience.Read : 0) | (isNew ? Salience.New : 0) | (isActive ? Salience.Active : 0);

    private bool IsSelf(string? agent) => agent is not null && agent == _source.Self;

    // The value has the reader's id as a text somewhere: claimed_by, owner, a list of assignees.
    private bool Names(ReadOnlySpan<byte> value) => _name is not null && value.IndexOf(_name) >= 0;

    // Without a cursor of its own, a reader has seen what it wrote, and what there was when the newest message that it has read was sent.
    private long SeenBy(string? self)
    {
        if (self is null)
        {
            return State.Seq;
        }

        var read = _source.Cursor.Seq;
        var seen = State.Messages.Recent.TryGetValue(read, out var message) ? message.Entry.Seq : 0;
        foreach (var scope in State.Scopes.Values)
        {
            foreach (var entry in scope.Entries.Values)
            {
                seen = entry.Writer == self ? Math.Max(seen, entry.Seq) : seen;
            }
        }

        return seen;
    }

    private void AddReads()
    {
        if (_source.Self is not { } self)
        {
            return;
        }

        foreach (var condition in _source.Waits?.ConditionsOf(self) ?? [])
        {
            Add(condition);
            _reads.UnionWith(condition.ReadsIn(State, self).Keys);
        }

        foreach (var view in State.Views.Values.Where(view => IsSelf(view.Registrant)))
        {
            Add(view.Expression);
            _reads.UnionWith(view.ReadsIn(State, self).Keys);
        }

        foreach (var action in State.Actions.Values.Where(action => IsSelf(action.Registrant)))
        {
            foreach (var guard in new[] { action.Definition.If, action.Definition.Enabled }.OfType<Expression>())
            {
                Add(guard);
            }

            _reads.UnionWith(action.Reads.In(State, self).Keys);
        }
    }

    private void Add(Expression expression)
    {
        foreach (var read in expression.Reads)
        {
            if (read is { Kind: ReadKind.View, Key: { } view })
            {
                _views.Add(view);
            }
            else if (read is { Kind: ReadKind.Action, Key: { } action })
            {
                _actions.Add(action);
            }
        }
    }
}
