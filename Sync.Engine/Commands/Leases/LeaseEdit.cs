using Sync.Engine.Commands.Invocations;
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
    private readonly List<EndedLease> _ended = [];
    private Dictionary<string, LeaseRecord?>? _changed;

    /// <summary>The holds that it has ended before their work was done.</summary>
    public IReadOnlyCollection<EndedLease> Ended => _ended;

    /// <summary>The room before the command.</summary>
    public Moment Moment => moment;

    /// <summary>The lease of a key, or null where nobody holds it.</summary>
    public LeaseRecord? Find(string key) =>
        _changed is not null && _changed.TryGetValue(key, out var changed) ? changed : Live(moment.State.Leases.Find(key));

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

    /// <summary>Takes a key, or renews it where the agent holds it: then the fence stays.</summary>
    /// <remarks>Errors: <c>lease_held payload_too_large</c>.</remarks>
    public Outcome<LeaseHold> Take(LeaseClaim claim, Actor actor, long seq, RoomLimits limits)
    {
        var agent = actor.Agent!; // Whoever takes a lease is an agent.
        var lease = Find(claim.Key);
        var own = lease?.Of(agent);
        var mode = claim.Mode ?? (own is null ? LeaseMode.Exclusive : lease!.Mode); // It is of the lease.
        var waiter = line?.Want(WantedLease.Of(claim, mode));
        if (lease is not null && (mode == LeaseMode.Exclusive || lease.Mode == LeaseMode.Exclusive) && lease.Holds.Any(hold => hold.Agent != agent))
        {
            line?.Note([lease]);
            return LeaseErrors.Held(moment, [lease], claim.Key);
        }

        // Who holds it goes on holding it.
        if (own is null && waiter is not null)
        {
            return LeaseErrors.InLine(moment, claim.Key, lease, waiter);
        }

        if (own is null && RoomQuota.CheckLease(moment, actor, KeysOf(agent).Count, limits) is { } full)
        {
            return full;
        }

        var hold = (own ?? New(actor, seq)) with { Via = claim.Via };
        hold = hold.Renewed(moment.Running) with
        {
            Ttl = claim.Ttl ?? hold.Ttl,
            Paths = claim.Paths ?? hold.Paths,
            Note = claim.Note ?? hold.Note,
            OnLapse = claim.OnLapse ?? hold.OnLapse,
        };
        Set(claim.Key, (lease ?? new LeaseRecord(claim.Key, mode, [])).With(mode, hold));
        return hold;
    }

    /// <summary>Gives a hold its whole span again.</summary>
    public LeaseHold Renew(string key, LeaseHold hold)
    {
        var renewed = hold.Renewed(moment.Running);
        var lease = Find(key)!; // It is held.
        Set(key, lease.With(lease.Mode, renewed));
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

    private LeaseHold New(Actor actor, long seq) => new()
    {
        Agent = actor.Agent!, // As above.
        Since = actor.Creates?.Since ?? moment.State.Agents[actor.Agent!].Since,
        Fence = seq,
        TakenAt = moment.Now,
        Began = moment.Running,
    };

    private LeaseRecord? Live(LeaseRecord? lease) => lease?.Live(moment.Presence, moment.State.Running, moment.Running);

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
