using System.Collections.Immutable;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>What a bounded context is written from.</summary>
/// <param name="Source">The source, with the messages that fit.</param>
internal sealed record PlannedContext(ContextSource Source)
{
    /// <summary>Which parts are there; null where one section is asked for, which is a page.</summary>
    public ContextPlan? Plan { get; init; }

    /// <summary>How much the parts matter; there with a plan.</summary>
    public ContextSalience? Salience { get; init; }

    /// <summary>Within a budget, what the shared scope says that the room is for: it stays where the scope does not.</summary>
    public Entry? Objective { get; init; }

    /// <summary>What is kept for <see cref="Objective"/>.</summary>
    public long ObjectiveBytes { get; init; }
}

/// <summary>
/// Chooses what of a room that does not fit is in a context of so many bytes. What there is, how long it is and how much it matters is worked out once, for as many plans as it takes.
/// One context, one thread.
/// </summary>
internal sealed class ContextPlanner
{
    // By convention of the help texts, the entry of the shared scope that says what the room is for.
    private const string ObjectiveKey = "objective";

    private readonly ContextSource _source;
    private readonly ShownParts _shown;
    private readonly ContextSalience? _salience;
    private readonly ImmutableArray<PlannedPart> _parts = [];

    public ContextPlanner(ContextSource source, ShownParts shown)
    {
        _source = source;
        _shown = shown;
        if (source.Shape.Single is null)
        {
            _salience = new ContextSalience(source);
            _parts = [.. PlannedParts(_salience)];
        }
    }

    private RoomState State => _source.Moment.State;

    private bool HasBudget => _source.Shape.Budget is not null;

    /// <summary>Plans a context of so many bytes.</summary>
    /// <param name="bytes">How much room there is.</param>
    /// <param name="hasAllDirected">Whether the unread messages to the reader have the room that the first of them has.</param>
    public PlannedContext Plan(long bytes, bool hasAllDirected)
    {
        // What has no parts that could be chosen among has a share of its own, and what is left in the end.
        var others = ContextPlan.ShareOf(_source.Shape.Include, bytes) + (_source.Changed is null ? 0 : bytes / 10);

        // Messages have their share, and what the rest of the room does not need.
        var share = bytes * ContextPlan.WeightOf(ContextSection.Messages) / Math.Max(1, _source.Sections.Sum(ContextPlan.WeightOf));
        share = Math.Max(share, bytes - others - _parts.Sum(static part => part.Bytes));
        var fitting = HasBudget && !_source.IsForward ? FittingMessages.WithinBudget(_source, share, bytes / 2, hasAllDirected) : FittingMessages.Within(_source, share);
        if (_salience is null)
        {
            return new PlannedContext(fitting);
        }

        var left = bytes - others - fitting.Messages.Sum(FittingMessages.LengthOf);
        var (objective, objectiveBytes) = HasBudget ? Objective(left) : default;
        var plan = new ContextPlan(_parts, left - objectiveBytes, HasBudget ? PiecesOf(left, _salience) : 0);
        if (objective is not null && plan.Keeps(ContextSection.State, ReservedScopes.Shared))
        {
            plan.Release(objectiveBytes);
        }

        return new PlannedContext(fitting) { Plan = plan, Salience = _salience, Objective = objective, ObjectiveBytes = objectiveBytes };
    }

    // The entry that says what the room is for, where it is asked for and is a small part of what there is room for.
    private (Entry? Entry, long Bytes) Objective(long left)
    {
        if (!_source.Shape.Has(ContextSection.State) || !_source.Selection.Has(ContextSection.State, ReservedScopes.Shared) || _shown.AskedOf(ReservedScopes.Shared) is not null
            || State.Find(ReservedScopes.Shared, ObjectiveKey) is not { } entry || !_shown.Shows(ReservedScopes.Shared, ObjectiveKey) || !_shown.Reader.IsVisible(entry, ReservedScopes.Shared))
        {
            return default;
        }

        var bytes = _shown.LengthOf(ObjectiveKey, entry.Value);
        return bytes <= left / 4 ? (entry, bytes) : default;
    }

    // Room for the entries that matter of scopes which are too long to be there whole: without it, what matters to nobody fills the answer first.
    private long PiecesOf(long left, ContextSalience salience)
    {
        long bytes = 0;
        foreach (var part in _parts.Where(part => part.Section == ContextSection.State && part.Rank == PlanRank.Other && part.Salience > Salience.Active && part.Bytes > left / 3))
        {
            var entries = State.Scope(part.Name)?.Entries.Values ?? [];
            bytes += entries.Where(entry => _shown.Reader.IsVisible(entry, part.Name) && salience.Of(part.Name, entry).Salience >= Salience.Read).Sum(static entry => (long)entry.Value.Length + entry.Key.Length + 4);
        }

        return Math.Clamp(bytes, 0, Math.Max(0, left / 5));
    }

    // All that the plan chooses among, with its length and how much it matters. Within a budget the reader's own agent is always there, and its own scope before the others.
    private IEnumerable<PlannedPart> PlannedParts(ContextSalience salience)
    {
        foreach (var section in _source.Sections)
        {
            foreach (var (name, length, (reasons, seq)) in PartsOf(section, salience))
            {
                yield return new PlannedPart(section, name, length + name.Length + 8, reasons, seq) { Rank = RankOf(section, name) };
            }
        }
    }

    private IEnumerable<(string Name, long Length, (Salience Salience, long Seq) Matters)> PartsOf(ContextSection section, ContextSalience salience) => section switch
    {
        ContextSection.State => _shown.Scopes().Select(part => (part.Name, Entries: _shown.EntriesOf(part.Name, part.Scope), part.Scope))
            .Where(part => part.Entries.Count > 0 || (_source.Changed is null && _shown.AskedOf(part.Name) is null))
            .Select(part => (part.Name, _shown.LengthOf(part.Name, part.Scope, part.Entries), salience.Of(part.Scope.Name, part.Entries))),
        ContextSection.Views => _shown.Views().Select(view => (view.Id, _shown.LengthOf(view), salience.Of(view)))
            .Concat(_shown.HasContested ? [(ReservedScopes.ContestedView, State.Targets.ContestedValue.Json.Length + 100L, (Salience.Quiet, State.Seq))] : []),
        ContextSection.Agents => _shown.Agents().Select(agent => (agent.Id, _shown.LengthOf(agent), salience.Of(agent))),
        ContextSection.Actions => _shown.Actions().Select(action => (action.Id, _shown.LengthOf(action), salience.Of(action)))
            .Concat(_shown.BuiltIns().Select(builtIn => (builtIn.Id, _shown.LengthOf(builtIn), (Salience.Quiet, 0L)))),
        ContextSection.Leases => _shown.Leases().Select(lease => (lease.Key, LeaseFigures.LengthOf(lease, _source.Self), salience.Of(lease))),
        _ => [],
    };

    private PlanRank RankOf(ContextSection section, string name) => section switch
    {
        _ when !HasBudget => PlanRank.Other,
        ContextSection.Agents when name == _source.Self => PlanRank.Needed,
        ContextSection.State when name == ReservedScopes.Self || name == _source.Self => PlanRank.First,
        ContextSection.Leases when _shown.IsOwnLease(name) => PlanRank.First,
        _ => PlanRank.Other,
    };
}
