using System.Collections.Concurrent;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Expressions;

/// <summary>
/// Keeps values of an expression beside the stamps of everything they read; each is good for as long as all of them are the same and until the instant at which the clock may change it.
/// <list type="bullet">
/// <item>A value that is equal for everyone is worked out once per change, on its registrant's account (<see cref="RegistrantAccounts"/>). Who reads it meanwhile waits for that. That it is too dear
/// is its value too, or everybody would try again; that others of its registrant have left it too little is not kept, and the next change tries again.</item>
/// <item>A value that depends on who reads is worked out on the reader's budget, and kept with what that took: to read it again costs the same, so that what passes once passes always.
/// What fails for want of means is not kept.</item>
/// </list>
/// Any thread.
/// </summary>
/// <param name="patience">How long a reader waits for another's working out.</param>
internal sealed class Memo<T>(TimeSpan patience)
    where T : class
{
    private const int MaxAgents = 256;

    // A value that the clock changes all the time may be this old: as often as a page is painted.
    private static readonly TimeSpan s_fleeting = TimeSpan.FromMilliseconds(100);

    private readonly Lock _evaluating = new();
    private readonly ConcurrentDictionary<string, Slot> _perAgent = new(StringComparer.Ordinal);

    // The room as it is published, and as the next command sees it: a command ahead must not push out what readers have.
    private Slot? _shared;
    private Slot? _sharedBefore;

    // Two conditions may wait for each other in a circle; whoever has waited this long works it out alone, and finds the circle.
    public Memo()
        : this(TimeSpan.FromMilliseconds(500))
    {
    }

    /// <summary>The value for the activation's reader.</summary>
    /// <param name="reader">Who reads, and when.</param>
    /// <param name="self">For whom values are kept apart.</param>
    /// <param name="reads">What the expression reads.</param>
    /// <param name="isShared">Whether the value is equal for everyone.</param>
    /// <param name="payer">Who registered what is worked out.</param>
    /// <param name="state">Passed on.</param>
    /// <param name="evaluate">Works it out in the activation it is given.</param>
    public Timed<T> Get<TState>(RoomActivation reader, string? self, ReadSet reads, bool isShared, Payer payer, TState state, Func<TState, RoomActivation, T> evaluate)
    {
        // Heartbeats leave no stamp. And a condition sees entries that others do not.
        if (reads.Heartbeat || (reader.InVisibility && reads.Shifts))
        {
            return isShared ? OnItsOwn(reader, payer, state, evaluate, out _) : ForReader(reader, state, evaluate, out _);
        }

        return isShared ? Shared(reader, reads, payer, state, evaluate) : PerAgent(reader, self ?? "", reads, state, evaluate);
    }

    private Timed<T> Shared<TState>(RoomActivation reader, ReadSet reads, Payer payer, TState state, Func<TState, RoomActivation, T> evaluate)
    {
        if (FindShared(reader.Moment, reads) is { } known)
        {
            return known;
        }

        var entered = _evaluating.TryEnter(patience);
        try
        {
            if (FindShared(reader.Moment, reads) is { } meanwhile)
            {
                return meanwhile;
            }

            var fresh = OnItsOwn(reader, payer, state, evaluate, out var hadTooLittle);
            if (hadTooLittle)
            {
                return fresh;
            }

            var slot = Slot.Take(reader.Moment, reads, fresh, spent: 0);
            Volatile.Write(ref _sharedBefore, Volatile.Read(ref _shared));
            Volatile.Write(ref _shared, slot);
            return fresh;
        }
        finally
        {
            if (entered)
            {
                _evaluating.Exit();
            }
        }
    }

    private Timed<T>? FindShared(Moment moment, ReadSet reads) =>
        Volatile.Read(ref _shared) is { } slot && slot.Holds(moment, reads) ? slot.Value
        : Volatile.Read(ref _sharedBefore) is { } before && before.Holds(moment, reads) ? before.Value
        : null;

    private Timed<T> PerAgent<TState>(RoomActivation reader, string agent, ReadSet reads, TState state, Func<TState, RoomActivation, T> evaluate)
    {
        if (_perAgent.TryGetValue(agent, out var slot) && slot.Holds(reader.Moment, reads) && reader.TryPay(slot.Spent))
        {
            return slot.Value;
        }

        var fresh = ForReader(reader, state, evaluate, out var spent);
        if (spent is not { } price)
        {
            return fresh;
        }

        if (_perAgent.Count >= MaxAgents)
        {
            _perAgent.Clear();
        }

        _perAgent[agent] = Slot.Take(reader.Moment, reads, fresh, price);
        return fresh;
    }

    private static Timed<T> OnItsOwn<TState>(RoomActivation reader, Payer payer, TState state, Func<TState, RoomActivation, T> evaluate, out bool hadTooLittle)
    {
        var room = reader.Moment.State;
        var account = room.Accounts.Of(payer.In(room));
        var budget = account.Open(reader.Budget, room.Language, out var isWhole);
        try
        {
            var own = reader.OnBudget(budget);
            return Timed<T>.Of(evaluate(state, own), own.Clock);
        }
        finally
        {
            hadTooLittle = !isWhole && budget.IsExhausted;
            account.Close(budget, reader.Budget);
        }
    }

    // What it took is null where it was more than the reader had.
    private static Timed<T> ForReader<TState>(RoomActivation reader, TState state, Func<TState, RoomActivation, T> evaluate, out long? spent)
    {
        var apart = reader.ForPart();
        var before = apart.Budget.Spent;
        var value = Timed<T>.Of(evaluate(state, apart), apart.Clock);
        spent = apart.Budget.IsExhausted ? null : apart.Budget.Spent - before;
        if (apart.Budget != reader.Budget)
        {
            reader.Budget.Take(apart.Budget.Spent);
        }

        return value;
    }

    private sealed record Slot(ReadSet Reads, object?[] Stamps, object Standing, object? Members, Timed<T> Value, DateTimeOffset From, DateTimeOffset? Until, long Spent)
    {
        public static Slot Take(Moment moment, ReadSet reads, Timed<T> value, long spent)
        {
            var stamps = new object?[reads.Keys.Length];
            for (var i = 0; i < stamps.Length; i++)
            {
                stamps[i] = StampOf(moment, reads.Keys[i]);
            }

            return new(reads, stamps, moment.State.StandingStamp, moment.Record?.Members, value, moment.Now, value.IsFleeting ? moment.Now + s_fleeting : value.Next, spent);
        }

        public bool Holds(Moment moment, ReadSet reads)
        {
            // Only values that the clock has a hand in know of times: the others hold for the past and the future alike.
            if (Until is { } until && (moment.Now < From || moment.Now >= until))
            {
                return false;
            }

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
            ReservedScopes.Agents => (moment.State.Stamp(key), PresenceStamp(moment, key.Key)),

            // Being invoked moves an action's count and cooldown, and not its entry.
            ReservedScopes.Actions => (moment.State.Stamp(key), key.Key is null ? (object)moment.State.Uses : moment.State.Use(key.Key)),
            _ => moment.State.Stamp(key),
        };

        private static string PresenceStamp(Moment moment, string? agent)
        {
            if (agent is not null)
            {
                var presence = moment.Presence.Of(agent);
                return $"{AgentPresence.StatusOf(presence, moment.Now).Word()} {presence.WaitingOn}";
            }

            return string.Join('\n', moment.State.Agents.Keys.Select(a => PresenceStamp(moment, a)));
        }
    }
}
