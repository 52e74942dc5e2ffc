using System.Collections.Concurrent;
using Sync.Engine.Model.State;

namespace Sync.Engine.Runtime.Waits;

/// <summary>
/// The event that ended each agent's last wait, until the agent acts: its next invocation follows from it, though nobody says so. In memory, where the wait was answered; nothing of it is worth
/// a write, and what is lost with a process is a link. One for each agent of the room at most. Any thread.
/// </summary>
internal sealed class WakeMemory
{
    private readonly ConcurrentDictionary<string, Wake> _wakes = new(StringComparer.Ordinal);

    /// <summary>Notes how an agent's wait has ended.</summary>
    /// <param name="agent">The agent; nobody's waits are not remembered.</param>
    /// <param name="account">Who waited as it: a wake is not somebody else's who acts as the same agent.</param>
    /// <param name="state">The room.</param>
    /// <param name="seq">The event that ended it; null where time did: what comes then does not follow from an earlier wake.</param>
    public void Note(string? agent, string account, RoomState state, long? seq)
    {
        if (agent is null || !state.Agents.TryGetValue(agent, out var known))
        {
            return;
        }

        if (seq is { } ending)
        {
            _wakes[agent] = new Wake(ending, known.Since, account);
        }
        else if (_wakes.TryGetValue(agent, out var wake) && wake.Account == account)
        {
            _wakes.TryRemove(KeyValuePair.Create(agent, wake));
        }
    }

    /// <summary>Takes the wake that an agent's call follows from, or null.</summary>
    public Wake? Take(string? agent, string account, RoomState state) =>
        agent is not null && _wakes.TryGetValue(agent, out var wake) && wake.Account == account && _wakes.TryRemove(KeyValuePair.Create(agent, wake)) && state.Agents.GetValueOrDefault(agent)?.Since == wake.Since
            ? wake
            : null;

    /// <summary>Puts back what a call took that came to nothing; a newer one stays.</summary>
    public void PutBack(string agent, Wake wake) => _wakes.TryAdd(agent, wake);

    /// <summary>Forgets an agent that has ended.</summary>
    public void Forget(string agent) => _wakes.TryRemove(agent, out _);
}

/// <summary>How a wait ended.</summary>
/// <param name="Seq">The event.</param>
/// <param name="Since">Which of the agents that bore the id it was.</param>
/// <param name="Account">Who waited.</param>
internal sealed record Wake(long Seq, long Since, string Account);
