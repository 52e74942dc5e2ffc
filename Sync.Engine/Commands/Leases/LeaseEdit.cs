using System.Collections.Immutable;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Leases;

/// <summary>
/// The leases of a room while one command changes them: what it finds is not over, and stands as the command's own writes have left it. Each change goes to the command's working copy. One command, one
/// thread.
/// </summary>
internal sealed class LeaseEdit(Moment moment, WorkingCopy copy, LeasesInLine? line)
{
    // Of what is in the way, so much is looked for.
    private const int MaxNamed = 10;

    // What comparing two patterns takes grows with both their lengths.
    private const int CharactersPerUnit = 16;

    private readonly List<EndedLease> _ended = [];
    private Dictionary<string, LeaseRecord?>? _changed;

    /// <summary>The holds that it has ended before their work was done.</summary>
    public IReadOnlyCollection<EndedLease> Ended => _ended;

    /// <summary>The room before the command.</summary>
    public Moment Moment => moment;

    /// <summary>The lease of a key, or null where nobody holds it.</summary>
    public LeaseRecord? Find(string key) =>
        _changed is not null && _changed.TryGetValue(key, out var changed) ? changed : LiveLeases.Find(moment, key);

    /// <summary>An agent's hold of a key, or null.</summary>
    public LeaseHold? HoldOf(string? agent, string key) => agent is null ? null : Find(key)?.Of(agent);

    /// <summary>The keys that an agent holds, in order.</summary>
    public List<string> KeysOf(string agent)
    {
        var keys = moment.State.Leases.KeysOf(agent).Where(key => HoldOf(agent, key) is not null).ToList();
        foreach (var (key, lease) in _changed ?? [])
        {
            if (lease?.Of(agent) is not null && !keys.Contains(key, StringComparer.Ordinal))
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    /// <summary>How many keys an agent holds, without a look at each.</summary>
    public int CountOf(string agent)
    {
        var count = moment.State.Leases.KeysOf(agent).Count;
        foreach (var (key, lease) in _changed ?? [])
        {
            count += (lease?.Of(agent) is null ? 0 : 1) - (moment.State.Leases.Find(key)?.Of(agent) is null ? 0 : 1);
        }

        return count;
    }

    /// <summary>The key under which an agent reserves just these paths, of those that were made for paths alone; null where there is none.</summary>
    public string? KeyOf(string agent, ImmutableArray<PathPattern> paths)
    {
        var keys = moment.State.Leases.KeysOf(agent).Concat(_changed?.Keys ?? Enumerable.Empty<string>());
        return keys.FirstOrDefault(key => key.StartsWith(LeaseKeys.PathsPrefix, StringComparison.Ordinal) && HoldOf(agent, key) is { } hold && hold.Patterns.Length == paths.Length && hold.Patterns.All(paths.Contains));
    }

    /// <summary>The refusal of a lease that somebody else's holds keep an agent from, or null.</summary>
    public SyncError? Conflict(WantedLease wanted, string? agent, CelBudget budget) => InTheWay(wanted, agent, budget) switch
    {
        _ when budget.IsExhausted => LeaseErrors.TooCostly(wanted.Key),
        { } inTheWay => Held(inTheWay, wanted, agent),
        null => null,
    };

    private SyncError Held(List<LeaseRecord> inTheWay, WantedLease wanted, string? agent) =>
        LeaseErrors.Held(moment, inTheWay, wanted.Key, agent, key => HoldOf(agent, key) is not null);

    private List<LeaseRecord>? InTheWay(WantedLease wanted, string? agent, CelBudget budget)
    {
        List<LeaseRecord>? inTheWay = null;
        if (Find(wanted.Key) is { } same && same.Conflicts(wanted.IsShared ? LeaseMode.Shared : LeaseMode.Exclusive, agent))
        {
            (inTheWay ??= []).Add(Others(same, agent));
        }

        if (!wanted.Paths.IsEmpty)
        {
            foreach (var lease in Overlapping(wanted, agent, budget).DistinctBy(static lease => lease.Key).Take(MaxNamed))
            {
                (inTheWay ??= []).Add(lease);
            }
        }

        return inTheWay;
    }

    /// <summary>Takes a key, or renews it where the agent holds it: then the fence stays.</summary>
    /// <remarks>Errors: <c>lease_held payload_too_large cel_limit_exceeded</c>.</remarks>
    public Outcome<LeaseHold> Take(LeaseClaim claim, Actor actor, long seq, RoomLimits limits, CelBudget budget)
    {
        var agent = actor.Agent!; // Whoever takes a lease is an agent.
        var lease = Find(claim.Key);
        var own = lease?.Of(agent);
        var wanted = WantedBy(claim, agent);
        var mode = wanted.IsShared ? LeaseMode.Shared : LeaseMode.Exclusive;
        var waiter = line?.Want(wanted);
        var inTheWay = InTheWay(wanted, agent, budget);
        if (budget.IsExhausted)
        {
            return LeaseErrors.TooCostly(claim.Key);
        }

        if (inTheWay is not null)
        {
            line?.Note(inTheWay);
            return Held(inTheWay, wanted, agent);
        }

        // Who holds it goes on holding it.
        if (own is null && waiter is not null)
        {
            return LeaseErrors.InLine(moment, claim.Key, lease, waiter);
        }

        if (own is null && RoomQuota.CheckLease(moment, actor, CountOf(agent), limits) is { } full)
        {
            return full;
        }

        var hold = own ?? New(claim.Key, agent, actor.Creates?.Since, seq);
        hold = hold.Renewed(moment.Running) with
        {
            Via = claim.Via,
            Ttl = claim.Ttl ?? hold.Ttl,
            Patterns = wanted.Paths,
            Note = claim.Note ?? hold.Note,
            OnLapse = claim.OnLapse ?? hold.OnLapse,
        };
        Set(claim.Key, (lease ?? new LeaseRecord(claim.Key, mode, [])).With(mode, hold));
        return hold;
    }

    /// <summary>Notes what a call that is refused would take besides: it stands in line for all of it.</summary>
    public void Want(LeaseClaim claim, string agent) => line?.Want(WantedBy(claim, agent));

    /// <summary>Gives a key that nobody holds to an agent, which may come to be with the same event.</summary>
    public void Give(string key, string agent, long since, string via) => Set(key, new LeaseRecord(key, LeaseMode.Exclusive, [New(key, agent, since, moment.State.Seq + 1) with { Via = via }]));

    /// <summary>Passes a hold to another agent of the room, which gets a fence of its own; where that holds the key too, shared, its own stays.</summary>
    public LeaseHold Pass(string key, LeaseHold hold, AgentRecord to, string via, long seq)
    {
        var lease = Find(key)!; // It is held.
        if (lease.Of(to.Id) is { } own)
        {
            Set(key, lease.Without(hold.Agent));
            return own;
        }

        var lapse = Agreed(hold, to);
        if (lapse is null && hold.OnLapse is not null)
        {
            _ended.Add(new EndedLease(key, hold, LeaseEndReason.HandedOver));
        }

        var passed = New(key, to.Id, to.Since, seq) with { Ttl = hold.Ttl, Patterns = hold.Patterns, Note = hold.Note, OnLapse = lapse, Via = via };
        Set(key, (lease.Without(hold.Agent) ?? lease with { Holds = [] }).With(lease.Mode, passed));
        return passed;
    }

    /// <summary>Changes a hold where it stands.</summary>
    public void Change(string key, LeaseHold hold)
    {
        var lease = Find(key)!; // It is held.
        Set(key, lease.With(lease.Mode, hold));
    }

    /// <summary>Gives a hold its whole span again.</summary>
    public LeaseHold Renew(string key, LeaseHold hold)
    {
        var renewed = hold.Renewed(moment.Running);
        Change(key, renewed);
        return renewed;
    }

    /// <summary>Ends a hold whose work is done.</summary>
    public void End(string key, string agent) => Set(key, Find(key)!.Without(agent)); // It is held.

    /// <summary>Ends a hold before its work is done.</summary>
    public void End(string key, LeaseHold hold, LeaseEndReason reason)
    {
        End(key, hold.Agent);
        _ended.Add(new EndedLease(key, hold, reason));
    }

    /// <summary>Notes holds that end with what else the command does.</summary>
    public void NoteEnded(IEnumerable<EndedLease> ended) => _ended.AddRange(ended);

    // What is left out stays as it is.
    private WantedLease WantedBy(LeaseClaim claim, string agent)
    {
        var (lease, own) = (Find(claim.Key), HoldOf(agent, claim.Key));
        var mode = claim.Mode ?? (own is null ? LeaseMode.Exclusive : lease!.Mode); // It is of the lease.
        return new WantedLease(claim.Key, mode == LeaseMode.Shared, claim.Paths ?? own?.Patterns ?? []);
    }

    private LeaseHold New(string key, string agent, long? since, long seq)
    {
        var hold = new LeaseHold
        {
            Agent = agent,
            Since = since ?? moment.State.Agents[agent].Since,
            Fence = seq,
            TakenAt = moment.Now,
            Began = moment.Running,
        };
        return hold with { NeedsFence = moment.State.LeaseLosses.Has(key, hold) };
    }

    // What ends with the hold runs in the name of who has it then: kept only where both who chose it and who wrote it are owners, of the same user, or trusted by the one who takes it.
    private LeaseLapse? Agreed(LeaseHold hold, AgentRecord to)
    {
        bool Goes(ActionState action) => Publishing.GoesWithout(moment, action, action.StandingIn(moment), to);
        return hold.OnLapse is { } lapse && lapse.Definition(moment.State, hold) is { } action && lapse.SourceDefinition(moment.State, hold) is { } source && Goes(action) && Goes(source)
            ? lapse with { Version = action.Entry.Version, Source = source.Id, SourceVersion = source.Entry.Version }
            : null;
    }

    // By the index as it was before the command, and by what the command has changed. Nobody stands in their own way, and each comparison is paid before it is made.
    private IEnumerable<LeaseRecord> Overlapping(WantedLease wanted, string? agent, CelBudget budget)
    {
        bool Pays(PathPattern one, PathPattern other) => budget.Charge(1 + ((long)one.Text.Length * other.Text.Length / CharactersPerUnit));
        foreach (var (key, holder) in moment.State.Leases.Overlapping(wanted.Paths, (owner, theirs, ours) => owner.Agent != agent && Pays(theirs, ours)))
        {
            if (holder != agent && key != wanted.Key && _changed?.ContainsKey(key) != true && Find(key) is { } lease && lease.Of(holder) is not null && !(wanted.IsShared && lease.Mode == LeaseMode.Shared))
            {
                yield return Others(lease, agent);
            }
        }

        foreach (var lease in (_changed?.Values ?? Enumerable.Empty<LeaseRecord?>()).OfType<LeaseRecord>())
        {
            if (lease.Key != wanted.Key && !(wanted.IsShared && lease.Mode == LeaseMode.Shared) && lease.Holds.Any(hold => hold.Agent != agent && hold.Patterns.Any(path => wanted.Paths.Any(other => Pays(path, other) && path.Overlaps(other)))))
            {
                yield return Others(lease, agent);
            }
        }
    }

    // Who is in the way of whoever asks: not they themselves.
    private static LeaseRecord Others(LeaseRecord lease, string? agent) => agent is null ? lease : lease.Without(agent)!; // The callers have found another hold.

    private void Set(string key, LeaseRecord? lease)
    {
        (_changed ??= new(StringComparer.Ordinal))[key] = lease;
        if (lease is null)
        {
            copy.Delete(ReservedScopes.Leases, key);
        }
        else
        {
            copy.Put(ReservedScopes.Leases, key, lease.ToJson());
        }
    }
}
