using Sync.Engine.Rooms;

namespace Sync.Engine.Expressions;

/// <summary>Follows an expression's reads through views and availability down to state keys. Used once, on one thread.</summary>
internal sealed class ReadResolver(RoomState state, string? self)
{
    private readonly HashSet<StateKey> _keys = [];
    private readonly HashSet<object> _seen = [];
    private bool _perAgent;
    private bool _time;
    private bool _volatile;

    /// <summary>Whether another registration could change the outcome.</summary>
    public bool DependsOnDefinitions { get; private set; }

    /// <summary>Whether entries with conditions are among what is read; then the outcome holds for this state only.</summary>
    public bool MeetsConditions { get; private set; }

    public void Add(Expression expression)
    {
        if (!_seen.Add(expression))
        {
            return;
        }

        foreach (var read in expression.Reads)
        {
            Add(read);
        }
    }

    public ReadSet ToSet() => new([.. _keys], _perAgent, _time, Memoisable: !_time && !_volatile);

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
                _volatile = true;
                AddCell(Names.Agents, Known(read.Key));
                break;
            case ReadKind.Everything:
                // A reader's own scope is among it.
                _perAgent = true;
                _volatile |= state.HasConditionalEntries;
                MeetsConditions |= state.HasConditionalEntries;
                _keys.Add(StateKey.Everything);
                break;
            case ReadKind.View:
                AddView(read.Key!);
                break;
            case ReadKind.AllViews:
                AddDefinitions(Names.Views);
                foreach (var view in state.Views.Keys)
                {
                    AddView(view);
                }

                _keys.Add(new(Names.Actions, Key: null));
                break;
            case ReadKind.Action:
                AddAction(read.Key!);
                break;
            case ReadKind.AllActions:
                AddDefinitions(Names.Actions);
                foreach (var action in state.Actions.Keys)
                {
                    AddAction(action);
                }

                break;
            case ReadKind.MessageCount:
                _keys.Add(new(Names.Messages, Key: null));
                break;
            case ReadKind.Unread:
                _perAgent = true;
                _keys.Add(new(Names.Messages, Key: null));
                if (self is not null)
                {
                    _keys.Add(StateKey.Cursor(self));
                }

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

        // Whoever reads sees their own private scope, also under its name: state[self]. What one sees there must not be kept for the others.
        _perAgent |= !Names.IsPublic(scope);
        _keys.Add(new(scope, key));
        if (state.Scope(scope) is not { Conditional: > 0 } cells)
        {
            return;
        }

        // An entry's own visibility is read along with it.
        MeetsConditions = true;
        foreach (var entry in key is null ? cells.Entries.Values : cells.Find(key) is { } one ? [one] : [])
        {
            _volatile |= entry.IsConditional;
            if (entry.Enabled is { } enabled)
            {
                Add(enabled);
            }
        }
    }

    private void AddView(string id)
    {
        DependsOnDefinitions = true;
        if (id == Names.ContestedView)
        {
            _keys.Add(new(Names.Actions, Key: null));
            return;
        }

        AddCell(Names.Views, id);
        if (state.Views.GetValueOrDefault(id) is { } view)
        {
            Add(view.Expression);
            if (view.Enabled is { } enabled)
            {
                Add(enabled);
            }
        }
    }

    private void AddAction(string id)
    {
        DependsOnDefinitions = true;
        AddCell(Names.Actions, id);
        if (state.Actions.GetValueOrDefault(id) is not { } action)
        {
            return;
        }

        // A cooldown ends by the clock without an event.
        _volatile |= action.Definition.OnInvoke is not null;
        if (action.Definition.Enabled is { } enabled)
        {
            Add(enabled);
        }

        if (action.Definition.If is { } guard)
        {
            Add(guard);
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
        return self;
    }
}
