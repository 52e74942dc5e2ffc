using System.Collections.Concurrent;
using Sync.Cel;
using Sync.Engine.Agents;

namespace Sync.Engine.Expressions;

/// <summary>
/// Keeps the last value of an expression beside the stamps of everything it read; it is good for as long as all of them are the same. One slot for
/// values that are equal for everyone, one per agent for those that are not. Any thread; a lost race costs one more evaluation.
/// </summary>
internal sealed class Memo<T>
    where T : class
{
    private const int MaxAgents = 256;

    private readonly ConcurrentDictionary<string, Slot> _perAgent = new(StringComparer.Ordinal);
    private Slot? _shared;

    public T Get<TState>(Moment moment, string? self, ReadSet reads, CelBudget budget, TState state, Func<TState, T> evaluate)
    {
        if (!reads.Memoisable)
        {
            return evaluate(state);
        }

        var agent = reads.PerAgent ? self ?? "" : null;
        var slot = agent is null ? Volatile.Read(ref _shared) : _perAgent.GetValueOrDefault(agent);
        if (slot is not null && slot.Holds(moment, reads))
        {
            return slot.Value;
        }

        var value = evaluate(state);
        if (budget.IsExhausted)
        {
            // It failed for this reader's lack of means, and is no value of the expression.
            return value;
        }

        var fresh = Slot.Take(moment, reads, value);
        if (agent is null)
        {
            Volatile.Write(ref _shared, fresh);
        }
        else
        {
            if (_perAgent.Count >= MaxAgents)
            {
                _perAgent.Clear();
            }

            _perAgent[agent] = fresh;
        }

        return fresh.Value;
    }

    private sealed record Slot(ReadSet Reads, object?[] Stamps, object Standing, object? Members, T Value)
    {
        public static Slot Take(Moment moment, ReadSet reads, T value)
        {
            var stamps = new object?[reads.Keys.Length];
            for (var i = 0; i < stamps.Length; i++)
            {
                stamps[i] = StampOf(moment, reads.Keys[i]);
            }

            return new(reads, stamps, moment.State.StandingStamp, moment.Record?.Members, value);
        }

        public bool Holds(Moment moment, ReadSet reads)
        {
            // What a definition may read changes with grants and roles, too.
            if (!ReferenceEquals(Standing, moment.State.StandingStamp) || !ReferenceEquals(Members, moment.Record?.Members))
            {
                return false;
            }

            if (!ReferenceEquals(reads, Reads) && !reads.Keys.SequenceEqual(Reads.Keys))
            {
                return false;
            }

            for (var i = 0; i < Stamps.Length; i++)
            {
                if (!Equals(Stamps[i], StampOf(moment, Reads.Keys[i])))
                {
                    return false;
                }
            }

            return true;
        }

        private static object? StampOf(Moment moment, StateKey key) => key.Scope switch
        {
            StateKey.Cursors => moment.Presence.Of(key.Key!).Cursor,
            Names.Agents => (moment.State.Stamp(key), PresenceStamp(moment, key.Key)),
            _ => moment.State.Stamp(key),
        };

        private static string PresenceStamp(Moment moment, string? agent)
        {
            if (agent is not null)
            {
                var presence = moment.Presence.Of(agent);
                return $"{Presence.Status(presence, moment.Now)} {presence.WaitingOn}";
            }

            return string.Join('\n', moment.State.Agents.Keys.Select(a => PresenceStamp(moment, a)));
        }
    }
}
