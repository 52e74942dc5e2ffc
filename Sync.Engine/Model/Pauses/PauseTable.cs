using System.Collections.Immutable;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.State;

namespace Sync.Engine.Model.Pauses;

/// <summary>What is paused in a room, made of the entries of <c>_pauses</c>. Immutable; nearly always empty.</summary>
internal sealed class PauseTable
{
    private readonly ImmutableSortedDictionary<string, Pause> _pauses;

    private PauseTable(ImmutableSortedDictionary<string, Pause> pauses) => _pauses = pauses;

    public static PauseTable Empty { get; } = new(ImmutableSortedDictionary.Create<string, Pause>(StringComparer.Ordinal));

    public bool IsEmpty => _pauses.IsEmpty;

    /// <summary>All of them, by what is paused.</summary>
    public IEnumerable<Pause> All => _pauses.Values;

    /// <summary>The pause of the whole room, or null.</summary>
    public Pause? Room => Find(Pause.Room);

    /// <summary>The same without the pause of the whole room.</summary>
    public PauseTable WithoutRoom => new(_pauses.Remove(Pause.Room));

    public Pause? Find(string what) => _pauses.GetValueOrDefault(what);

    /// <summary>What stops an agent; null where it may go on.</summary>
    public Pause? OfAgent(string? agent) => IsEmpty ? null : Room ?? (agent is null ? null : Find(Pause.OfAgent + agent));

    /// <summary>What stops an action that an agent invokes; null where it may go on.</summary>
    public Pause? Of(string? agent, string action) => IsEmpty ? null : OfAgent(agent) ?? Find(Pause.OfAction + action);

    /// <summary>What keeps a user from bringing another agent into the room: one of theirs is paused, and would act under another name.</summary>
    public Pause? OfNewAgents(RoomState state, string? user)
    {
        if (IsEmpty || user is null)
        {
            return Room;
        }

        return Room ?? _pauses.Values.FirstOrDefault(pause => IsOfUsersAgent(state, pause, user));
    }

    /// <summary>What keeps a user from acting as an agent that is not theirs: it came into the room after one of theirs was paused. Those that were there before belong to somebody who may go on.</summary>
    public Pause? OfStandIn(RoomState state, AgentRecord agent, string? user) => IsEmpty || user is null || agent.User == user ? null
        : _pauses.Values.FirstOrDefault(pause => pause.Since < agent.Since && IsOfUsersAgent(state, pause, user));

    /// <summary>The table after a change of an entry of its scope.</summary>
    public PauseTable With(string what, Entry? entry) => new(Pause.Read(entry) is { } pause ? _pauses.SetItem(what, pause) : _pauses.Remove(what));

    // Also of an agent that was removed while it was paused.
    private static bool IsOfUsersAgent(RoomState state, Pause pause, string user)
    {
        if (!pause.What.StartsWith(Pause.OfAgent, StringComparison.Ordinal))
        {
            return false;
        }

        var agent = pause.What[Pause.OfAgent.Length..];
        return (state.Agents.GetValueOrDefault(agent) is AgentRecord here ? here.User : state.Removed.GetValueOrDefault(agent)?.User) == user;
    }
}
