using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Expressions;

/// <summary>Follows an expression's reads through views and availability down to state keys. Used once, on one thread.</summary>
internal sealed class ReadResolver(RoomState state, string? reader)
{
    private readonly HashSet<StateKey> _keys = [];
    private readonly HashSet<(Expression Expression, string? Self, bool IsFixed)> _seen = [];
    private string? _self = reader;
    private bool _isFixed;
    private bool _perAgent;
    private bool _time;
    private bool _shifts;
    private bool _heartbeat;

    /// <summary>Whether another registration could change the outcome.</summary>
    public bool DependsOnDefinitions { get; private set; }

    /// <summary>Whether entries with conditions are among what is read; then the outcome holds for this state only.</summary>
    public bool MeetsConditions { get; private set; }

    public void Add(Expression expression)
    {
        if (!_seen.Add((expression, _self, _isFixed)))
        {
            return;
        }

        // Also where a longer read covers it.
        _perAgent |= expression.NamesSelf;
        foreach (var read in expression.Reads)
        {
            Add(read);
        }
    }

    // In a condition nobody is self, and in a view of an agent's scope that agent is: neither makes the outcome depend on the reader.
    private void AddAs(string? self, Expression expression)
    {
        var (outer, isFixed, perAgent) = (_self, _isFixed, _perAgent);
        _self = self;
        _isFixed = true;
        Add(expression);
        _self = outer;
        _isFixed = isFixed;
        _perAgent = perAgent;
    }

    public ReadSet ToSet() => new([.. _keys], _perAgent, _time, _shifts, _heartbeat);

    private void Add(ReadPath read)
    {
        switch (read.Kind)
        {
            case ReadKind.Self:
                _perAgent = true;
                break;
            case ReadKind.Entry or ReadKind.Scope:
                AddCell(Known(read.Scope), read.Kind == ReadKind.Entry ? Known(read.Key) : null);
                break;
            case ReadKind.Heartbeat:
                _heartbeat = true;
                AddCell(ReservedScopes.Agents, Known(read.Key));
                break;
            case ReadKind.Everything:
                _shifts |= state.HasConditionalEntries;
                MeetsConditions |= state.HasConditionalEntries;
                _keys.Add(StateKey.Everything);
                _keys.Add(StateKey.Standing);
                break;
            case ReadKind.View:
                AddView(read.Key!);
                break;
            case ReadKind.AllViews:
                AddDefinitions(ReservedScopes.Views);
                foreach (var view in state.Views.Keys)
                {
                    AddView(view);
                }

                _keys.Add(new(ReservedScopes.Actions, Key: null));
                break;
            case ReadKind.Action:
                AddAction(read.Key!);
                break;
            case ReadKind.AllActions:
                AddDefinitions(ReservedScopes.Actions);
                foreach (var action in state.Actions.Keys)
                {
                    AddAction(action);
                }

                break;
            case ReadKind.MessageCount or ReadKind.ToAnswer or ReadKind.Unread:
                AddMessages(read.Kind);
                break;
            case ReadKind.Lease or ReadKind.OwnLease:
                AddLease(read);
                break;
            case ReadKind.Approvals or ReadKind.ToDecide:
                AddApprovals(read);
                break;
            case ReadKind.Time:
                _time = true;
                break;
        }
    }

    private void AddCell(string? scope, string? key)
    {
        if (scope is null)
        {
            return;
        }

        if (!ReservedScopes.IsPublic(scope))
        {
            _keys.Add(StateKey.Standing);
        }

        _keys.Add(new(scope, key));
        if (state.Scope(scope) is not { Conditional: > 0 } cells)
        {
            return;
        }

        // An entry's own visibility is read along with it.
        MeetsConditions = true;
        foreach (var entry in key is null ? cells.Entries.Values : cells.Find(key) is { } one ? [one] : [])
        {
            _shifts |= entry.IsConditional;
            if (entry.Enabled is { } enabled)
            {
                AddAs(self: null, enabled);
            }
        }
    }

    private void AddView(string id)
    {
        DependsOnDefinitions = true;
        if (id == ReservedScopes.ContestedView)
        {
            _keys.Add(new(ReservedScopes.Actions, Key: null));
            return;
        }

        AddCell(ReservedScopes.Views, id);
        if (state.Views.GetValueOrDefault(id) is { } view)
        {
            if (ReservedScopes.IsPublic(view.Scope))
            {
                Add(view.Expression);
            }
            else
            {
                _keys.Add(StateKey.Standing);
                AddAs(view.Scope, view.Expression);
            }

            if (view.Enabled is { } enabled)
            {
                AddAs(self: null, enabled);
            }
        }
    }

    private void AddAction(string id)
    {
        DependsOnDefinitions = true;
        AddCell(ReservedScopes.Actions, id);
        _keys.Add(new(ReservedScopes.Pauses, Key: null));
        _keys.Add(StateKey.Standing);
        if (state.Actions.GetValueOrDefault(id) is not { } action)
        {
            return;
        }

        if (action.Definition.Lease is { } lease)
        {
            foreach (var (key, _) in lease.OpenKeys(_self))
            {
                // Whether who asks holds it.
                _perAgent = true;
                _keys.Add(new(ReservedScopes.Leases, key));
            }
        }

        // A cooldown ends by the clock without an event.
        _shifts |= action.Definition.OnInvoke is not null;
        if (action.Definition.Enabled is { } enabled)
        {
            Add(enabled);
        }

        if (action.Definition.If is { } guard)
        {
            Add(guard);
        }
    }

    private void AddMessages(ReadKind kind)
    {
        _keys.Add(new(ReservedScopes.Messages, Key: null));
        _perAgent |= kind != ReadKind.MessageCount;
        if (kind == ReadKind.Unread && _self is not null)
        {
            _keys.Add(StateKey.Cursor(_self));
        }
    }

    private void AddLease(ReadPath read)
    {
        _perAgent |= read.Kind == ReadKind.OwnLease;
        AddCell(read.Scope, Known(read.Key));

        // A pause moves every end, and with it when it has to be looked at again.
        _keys.Add(new(ReservedScopes.Pauses, Key: null));
    }

    private void AddApprovals(ReadPath read)
    {
        _keys.Add(new(ReservedScopes.Approvals, read.Key));

        // When one expires is told by the room's clock, which a pause stops.
        _keys.Add(new(ReservedScopes.Pauses, Key: null));
        if (read.Kind == ReadKind.ToDecide)
        {
            _perAgent = true;
            _keys.Add(new(ReservedScopes.Agents, _self));
            _keys.Add(new(ReservedScopes.Leases, Key: null));
            _keys.Add(StateKey.Standing);
        }
    }

    private void AddDefinitions(string scope)
    {
        DependsOnDefinitions = true;
        _keys.Add(new(scope, Key: null));
    }

    private string? Known(string? part)
    {
        if (part != ReadPath.SelfMark)
        {
            return part;
        }

        _perAgent = true;
        return _self;
    }
}
