using Sync.Engine.Commands.BuiltIns;
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
/// What of a room a context is about: the parts that are asked for, that its reader may see, and that have changed where only these are given; of each, about how long it is. The context may be
/// written several times over, so what views and conditions come to for the reader is kept in <see cref="Reader"/>. One context, one thread.
/// </summary>
internal sealed class ShownParts(ContextSource source)
{
    // Of others, where nobody asked for leases: to see what is going on.
    private const int MaxOtherLeases = 10;

    // What stands around an entry, and around one with its metadata.
    private const long AroundEntry = 4;
    private const long AroundMeta = 304;

    /// <summary>The room as the reader sees it.</summary>
    public RoomActivation Reader { get; } = new(source.Moment, source.VisibleScopes, source.Self, source.Budget) { ReadsAll = true };

    /// <summary>Whether the synthetic view of what is contested is among the views.</summary>
    public bool HasContested => State.Targets.HasContested && source.Selection.Has(ContextSection.Views, ReservedScopes.ContestedView);

    private RoomState State => source.Moment.State;

    /// <summary>Whether something that the log says has changed is given.</summary>
    public bool Shows(string scope, string? key) => source.Changed is not { } changed || changed.Contains(new StateKey(scope, key));

    /// <summary>The scopes that are asked for and may be seen, as the state names them. The engine's own are there where they are named.</summary>
    public IEnumerable<(string Name, ScopeState Scope)> Scopes()
    {
        var asked = source.Selection.Of(ContextSection.State);
        var after = source.Shape.IsPageOfScopes ? source.Shape.After : null;
        foreach (var name in State.ScopeNames)
        {
            var isNamed = asked?.Has(name) is true;
            if (source.VisibleScopes.Sees(name) && (isNamed || (asked is null && !ReservedScopes.IsSection(name)))
                && (name != source.Self || source.VisibleScopes.All)
                && (after is null || string.CompareOrdinal(name, after) > 0))
            {
                yield return (name, State.Scope(name)!); // One of its names.
            }
        }

        if (source.Self is { } self && source.Selection.Has(ContextSection.State, ReservedScopes.Self))
        {
            yield return (ReservedScopes.Self, State.Scope(self) ?? ScopeState.Empty(self));
        }

        if (source.Shape.Include.HasFlag(ContextExtras.Messages) && asked?.Has(ReservedScopes.Messages) is not true && State.Scope(ReservedScopes.Messages) is { } messages)
        {
            yield return (ReservedScopes.Messages, messages);
        }
    }

    /// <summary>What is asked for of a scope; null when it is all of it.</summary>
    public SelectionNode? AskedOf(string scope) => source.Selection.Of(ContextSection.State)?.Of(scope);

    /// <summary>The entries of a scope that are asked for and visible, and have changed where only these are given.</summary>
    public List<Entry> EntriesOf(string name, ScopeState scope)
    {
        var asked = AskedOf(name);
        var entries = asked is null ? scope.Entries.Values : asked.Members.Select(member => scope.Find(member.Key)).OfType<Entry>();
        return [.. entries.Where(entry => Shows(scope.Name, entry.Key) && Reader.IsVisible(entry, scope.Name))];
    }

    /// <summary>What is given of an entry's value.</summary>
    public static JsonText ValueOf(Entry entry, SelectionNode? asked) => asked?.Of(entry.Key) is not { } members ? entry.Value : JsonText.Write((entry, members), static (writer, t) =>
    {
        using var document = t.entry.Value.Parse();
        t.members.Write(writer, document.RootElement);
    });

    public IEnumerable<ViewDefinition> Views() =>
        State.Views.Values.Where(view => source.Selection.Has(ContextSection.Views, view.Id) && ViewValues.IsEnabled(Reader, view) && HasChanged(view));

    // Presence moves without events, so an agent that is here counts as changed.
    public IEnumerable<AgentRecord> Agents() => State.Agents.Values.Where(agent =>
        source.Selection.Has(ContextSection.Agents, agent.Id)
        && Reader.IsVisible(agent)
        && (Shows(ReservedScopes.Agents, agent.Id) || AgentPresence.StatusOf(source.Moment.Presence.Of(agent.Id), source.Moment.Now) is AgentStatus.Active or AgentStatus.Waiting));

    public IEnumerable<ActionState> Actions() =>
        State.Actions.Values.Where(action => !action.IsShadowed && source.Selection.Has(ContextSection.Actions, action.Id) && HasChanged(action));

    // Where a surface has a call of its own for one, it is there only for who names it.
    public IEnumerable<BuiltIn> BuiltIns() => source.Changed is not null ? [] : BuiltIn.All.Where(builtIn =>
        source.Selection.Of(ContextSection.Actions) is { } asked ? asked.Has(builtIn.Id) : !source.Steps.HasOwnCall(builtIn.Id) && builtIn.IsOfUseIn(State));

    /// <summary>
    /// The leases that are asked for: the reader's own first, then those of others in the order of their keys. Where nobody asked for leases, of those of others no more than a few:
    /// a room in which thousands are held must not cost every reader a look at each.
    /// </summary>
    public IEnumerable<LeaseRecord> Leases()
    {
        var asked = source.Selection.Of(ContextSection.Leases);
        if (asked is not null)
        {
            return asked.Members.Select(member => LiveLeases.Find(source.Moment, member.Key)).OfType<LeaseRecord>().Where(lease => Shows(ReservedScopes.Leases, lease.Key));
        }

        if (source.Changed is { } changed)
        {
            return changed.Where(static key => key is { Scope: ReservedScopes.Leases, Key: not null }).Select(key => LiveLeases.Find(source.Moment, key.Key!)).OfType<LeaseRecord>() // Only those with a key.
                .OrderBy(lease => lease.Of(source.Self) is null).ThenBy(static lease => lease.Key, StringComparer.Ordinal);
        }

        if (source.Shape.Single == ContextSection.Leases)
        {
            return LiveLeases.All(source.Moment);
        }

        return source.Shape.NamesSections
            ? LiveLeases.OwnFirst(source.Moment, source.Self)
            : LiveLeases.Of(source.Moment, source.Self).Concat(LiveLeases.OfOthers(source.Moment, source.Self).Take(MaxOtherLeases));
    }

    /// <summary>How many leases of others there are besides those that <see cref="Leases"/> has: about, since some may be over already.</summary>
    public int FurtherLeases => source.Selection.Of(ContextSection.Leases) is null && source.Changed is null && !source.Shape.NamesSections
        ? Math.Max(0, State.Leases.Count - (source.Self is { } self ? State.Leases.KeysOf(self).Count : 0) - MaxOtherLeases)
        : 0;

    /// <summary>Whether the reader holds a key.</summary>
    public bool IsOwnLease(string key) => source.Self is { } self && State.Leases.Find(key)?.Of(self) is not null;

    /// <summary>About how long an entry is.</summary>
    public long LengthOf(string key, JsonText value) => value.Length + key.Length + (source.Shape.Meta ? AroundMeta : AroundEntry);

    /// <summary>About how long a scope is, or those of its entries that are given.</summary>
    public long LengthOf(string name, ScopeState scope, List<Entry>? entries)
    {
        var asked = AskedOf(name);
        return name.Length + 8L + (entries is null ? scope.Bytes : entries.Sum(entry => LengthOf(entry.Key, ValueOf(entry, asked))));
    }

    /// <summary>The same of a view: it is evaluated for that.</summary>
    public long LengthOf(ViewDefinition view) => LengthOf(view, ViewValues.Value(Reader, view).For(source.VisibleScopes));

    public long LengthOf(ViewDefinition view, ViewValue value) => value.Json.Length + DefinitionLength(view.Description, view.Entry);

    public long LengthOf(AgentRecord agent) => source.Shape.Depth == ContextDepth.Lean
        ? 190 + agent.Name.Length + agent.Role.Length + (source.Moment.Presence.Of(agent.Id).WaitingOn?.Length ?? 0)
        : 300 + (agent.Entry?.Value.Length ?? 0);

    public long LengthOf(ActionState action) => 130 + DefinitionLength(action.Definition.Description, action.Entry);

    public long LengthOf(BuiltIn builtIn) => 60 + builtIn.Description.Length + (source.Shape.Depth == ContextDepth.Lean ? 0 : builtIn.ParamsJson.Length);

    private long DefinitionLength(string? description, Entry? entry) => (description?.Length ?? 0) + 40 + (source.Shape.Depth == ContextDepth.Lean ? 0 : entry?.Value.Length ?? 0);

    private bool HasChanged(ViewDefinition view)
    {
        if (source.Changed is not { } changed)
        {
            return true;
        }

        return changed.Contains(new StateKey(ReservedScopes.Views, view.Id))
            || Moved(view.ReadsIn(State, source.Self), changed)
            || (view.Enabled is { } enabled && Moved(enabled.ReadsIn(State, self: null), changed));
    }

    private bool HasChanged(ActionState action)
    {
        if (source.Changed is not { } changed || changed.Contains(new StateKey(ReservedScopes.Actions, action.Id)))
        {
            return true;
        }

        // A cooldown and a timer end by the clock, without an event.
        return action.Definition.OnInvoke is not null || action.Entry.Timer is not null || Moved(action.Reads.In(State, source.Self), changed);
    }

    private static bool Moved(ReadSet reads, IReadOnlySet<StateKey> changed) => !reads.IsFixed || reads.Keys.Any(key =>
        key.Scope is null || (key.Key is null ? changed.Any(c => c.Scope == key.Scope) : changed.Contains(key)));
}
