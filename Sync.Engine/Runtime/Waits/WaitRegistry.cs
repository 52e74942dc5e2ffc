using System.Runtime.InteropServices;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Runtime.Waits;

/// <summary>
/// The parked waits of a room, by what they read. A published step wakes only those that read what it changed; everything else sleeps at no cost.
/// <list type="bullet">
/// <item>Steps are looked at in order, each against its own state: a condition that held for one event only is not missed.</item>
/// <item>Evaluation happens on the pool, never on the log's thread and never under the room's lock; at most one pump runs at a time, and it takes cheap looks only. What is dearer, or on an
/// account that is spent, goes to <see cref="CostlyEvaluations"/>, and delays nobody else.</item>
/// <item>A wait is put here first and evaluated afterwards, so no step falls between; steps not newer than its first look are skipped.</item>
/// <item>Behind by more than <see cref="MaxBacklog"/> steps, the newest ones are merged: then only the latest state of those is looked at.</item>
/// </list>
/// </summary>
internal sealed class WaitRegistry(RoomReplica room)
{
    private const int MaxBacklog = 4_096;

    // Beyond so many, those that have nothing parked and nothing to make good are forgotten.
    private const int MaxAccounts = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<StateKey, HashSet<ParkedWait>> _byKey = [];
    private readonly HashSet<ParkedWait> _all = [];
    private readonly Queue<RoomStep> _steps = new();
    private readonly Dictionary<string, EvaluationAccount> _accounts = new(StringComparer.Ordinal);
    private readonly CostlyEvaluations _costly = new(room.Time, room.Scheduler);
    private RoomStep? _merged;
    private HashSet<StateKey>? _mergedKeys;
    private bool _pumping;
    private bool _closed;
    private int _count;
    private long _looks;

    /// <summary>How many waits are parked.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Looks taken at waits for steps, for tests: what does not concern a wait must not cost one.</summary>
    internal long Evaluations => Interlocked.Read(ref _looks);

    /// <summary>Parks a wait. False when the room is closing or has as many as it may.</summary>
    public bool TryPark(ParkedWait wait, int limit)
    {
        lock (_lock)
        {
            if (_closed || _all.Count >= limit)
            {
                return false;
            }

            // Worked out here: whatever is registered after the state it is read from comes as a step.
            _all.Add(wait);
            wait.Account = AccountNeedsLock(wait);
            Volatile.Write(ref _count, _all.Count);
            wait.Reads = wait.Expression.ReadsIn(room.Published, wait.Self);
            IndexNeedsLock(wait, wait.Reads);
            return true;
        }
    }

    public void Unpark(ParkedWait wait)
    {
        lock (_lock)
        {
            if (_all.Remove(wait))
            {
                wait.Account.Parked--;
                _count = _all.Count;
                UnindexNeedsLock(wait, wait.Reads);
            }
        }
    }

    /// <summary>Tells the waits of a step. Called in order by the log's thread, or by whoever changed presence.</summary>
    public void Publish(RoomStep step)
    {
        if (Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (_steps.Count < MaxBacklog && _merged is null)
            {
                _steps.Enqueue(step);
            }
            else
            {
                _mergedKeys ??= [];
                _mergedKeys.UnionWith(step.Changed);
                _merged = step;
            }

            if (_pumping)
            {
                return;
            }

            _pumping = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static registry => registry.Pump(), this, preferLocal: false);
    }

    /// <summary>Ends the waits of an agent that was removed.</summary>
    public void EndOf(string agent)
    {
        foreach (var wait in Snapshot().Where(wait => wait.Self == agent))
        {
            wait.Refuse(AgentRemoval.Gone(agent));
        }
    }

    /// <summary>Ends all waits as if their time were up.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        foreach (var wait in Snapshot())
        {
            wait.TimeOut();
        }

        _costly.Dispose();
    }

    // A caller that has spent much does not begin anew by parking again.
    private EvaluationAccount AccountNeedsLock(ParkedWait wait)
    {
        if (_accounts.Count >= MaxAccounts)
        {
            foreach (var (payer, account) in _accounts)
            {
                if (account is { Parked: 0, IsFull: true })
                {
                    _accounts.Remove(payer);
                }
            }
        }

        if (!_accounts.TryGetValue(wait.Source.Account, out var own))
        {
            _accounts[wait.Source.Account] = own = wait.Account;
        }

        own.Parked++;
        return own;
    }

    /// <summary>The conditions that an agent waits for.</summary>
    public IReadOnlyList<Expression> ConditionsOf(string agent) => Count == 0 ? [] : [.. Snapshot().Where(wait => wait.Self == agent).Select(static wait => wait.Expression)];

    private ParkedWait[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _all];
        }
    }

    private void Pump()
    {
        var concerned = new List<ParkedWait>();
        while (true)
        {
            RoomStep? step;
            lock (_lock)
            {
                if (!_steps.TryDequeue(out step) && _merged is not null)
                {
                    step = _merged with { Changed = [.. _mergedKeys!] };
                    _merged = null;
                    _mergedKeys = null;
                }

                if (step is null)
                {
                    _pumping = false;
                    return;
                }

                concerned.Clear();
                CollectNeedsLock(step, concerned);
            }

            foreach (var wait in concerned)
            {
                if (wait.Offer(step))
                {
                    Process(wait);
                }
            }
        }
    }

    /// <summary>Has a wait look at what it was offered: at once where that is cheap, otherwise with the costly ones.</summary>
    public void Process(ParkedWait wait)
    {
        if (!wait.EvaluateCheaply())
        {
            _costly.Add(wait);
        }
    }

    /// <summary>A wait has looked at a step.</summary>
    public void Evaluated(ParkedWait wait, RoomStep step)
    {
        Interlocked.Increment(ref _looks);

        // Another registration may have changed what a view or an action reads.
        var reads = wait.Expression.ReadsIn(step.State, wait.Self);
        if (ReferenceEquals(reads, wait.Reads) || reads.Keys.SequenceEqual(wait.Reads.Keys))
        {
            return;
        }

        lock (_lock)
        {
            if (_all.Contains(wait))
            {
                UnindexNeedsLock(wait, wait.Reads);
                wait.Reads = reads;
                IndexNeedsLock(wait, reads);
            }
        }
    }

    private void CollectNeedsLock(RoomStep step, List<ParkedWait> concerned)
    {
        if (_all.Count == 0)
        {
            return;
        }

        AddNeedsLock(StateKey.Everything, concerned);
        foreach (var key in step.Changed)
        {
            AddNeedsLock(key, concerned);
            AddNeedsLock(key with { Key = null }, concerned);
        }
    }

    private void AddNeedsLock(StateKey key, List<ParkedWait> concerned)
    {
        if (!_byKey.TryGetValue(key, out var waits))
        {
            return;
        }

        // A wait that reads two keys of one step may stand here twice; the second look is then skipped as seen.
        concerned.AddRange(waits);
    }

    private void IndexNeedsLock(ParkedWait wait, ReadSet reads)
    {
        foreach (var key in reads.Keys)
        {
            ref var waits = ref CollectionsMarshal.GetValueRefOrAddDefault(_byKey, key, out _);
            (waits ??= []).Add(wait);
        }
    }

    private void UnindexNeedsLock(ParkedWait wait, ReadSet reads)
    {
        foreach (var key in reads.Keys)
        {
            if (_byKey.TryGetValue(key, out var waits) && waits.Remove(wait) && waits.Count == 0)
            {
                _byKey.Remove(key);
            }
        }
    }
}
