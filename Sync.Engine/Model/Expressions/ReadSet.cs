using System.Collections.Immutable;

namespace Sync.Engine.Model.Expressions;

/// <summary>
/// A place in a room that can change: an entry, a scope (<see cref="Key"/> null), or anything (<see cref="Scope"/> null).
/// </summary>
internal readonly record struct StateKey(string? Scope, string? Key)
{
    /// <summary>Pseudo-scope of message cursors: they move without an event.</summary>
    public const string Cursors = "\0cursors";

    /// <summary>Pseudo-scope of what definitions may: it moves with grants, removed agents and roles.</summary>
    public const string StandingScope = "\0standing";

    public static StateKey Everything => default;

    public static StateKey Standing => new(StandingScope, Key: null);

    public static StateKey Cursor(string agent) => new(Cursors, agent);
}

/// <summary>
/// What an expression reads in one room for one reader, down to the state.
/// </summary>
/// <param name="Keys">Places whose change may change the value.</param>
/// <param name="PerAgent">Whether the value depends on who reads.</param>
/// <param name="Time">Whether the value depends on the clock by itself.</param>
/// <param name="Shifts">Whether it reads what comes and goes by timers or conditions: entries that have them, cooldowns.</param>
/// <param name="Heartbeat">Whether it reads when agents were last here, which changes without an event and without a stamp.</param>
internal sealed record ReadSet(ImmutableArray<StateKey> Keys, bool PerAgent, bool Time, bool Shifts, bool Heartbeat)
{
    public static ReadSet Nothing { get; } = new([], PerAgent: false, Time: false, Shifts: false, Heartbeat: false);

    /// <summary>Whether the value is fixed by <see cref="Keys"/> alone, whatever the time.</summary>
    public bool IsFixed => !Time && !Shifts && !Heartbeat;
}
