using System.Collections.Concurrent;
using Sync.Engine.Model.Agents;

namespace Sync.Engine.Runtime;

/// <summary>
/// Who is here and what they have read. Kept in memory and written behind in batches, so that a read never costs a durable write;
/// losing the last seconds of it in a crash only shows a message as unread once more. Any thread.
/// </summary>
internal sealed class Presence : IPresence
{
    private readonly ConcurrentDictionary<string, AgentPresence> _agents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _dirty = new(StringComparer.Ordinal);

    public AgentPresence Of(string agent) => _agents.GetValueOrDefault(agent, AgentPresence.Never);

    public void Load(string agent, AgentPresence presence) => _agents[agent] = presence;

    /// <summary>Changes one agent's presence; true when its status or what it waits on is another than before.</summary>
    public bool Update<TState>(string agent, TState state, Func<AgentPresence, TState, AgentPresence> change, DateTimeOffset now)
    {
        while (true)
        {
            var before = Of(agent);
            var after = change(before, state);
            if (ReferenceEquals(before, after))
            {
                return false;
            }

            if (before == AgentPresence.Never ? _agents.TryAdd(agent, after) : _agents.TryUpdate(agent, after, before))
            {
                _dirty[agent] = true;
                return AgentPresence.StatusOf(before, now) != AgentPresence.StatusOf(after, now) || before.WaitingOn != after.WaitingOn;
            }
        }
    }

    /// <summary>Marks an agent as heard of now, which ends a status set by hand. True when that changed its status.</summary>
    public bool Touch(string agent, DateTimeOffset now) =>
        Update(agent, now, static (p, at) => p.LastHeartbeat is { } last && at - last < TimeSpan.FromMilliseconds(100) && p.SetStatus is null
            ? p
            : p with { LastHeartbeat = at, SetStatus = null }, now);

    public void Forget(string agent) => _agents.TryRemove(agent, out _);

    /// <summary>The moment the next agent falls idle, or null.</summary>
    public DateTimeOffset? NextIdle(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var presence in _agents.Values)
        {
            if (AgentPresence.StatusOf(presence, now) == AgentStatus.Active && presence.LastHeartbeat is { } last && (next is null || last + AgentPresence.IdleAfter < next))
            {
                next = last + AgentPresence.IdleAfter;
            }
        }

        return next;
    }

    /// <summary>Agents that fell idle between two moments.</summary>
    public List<string> FellIdle(DateTimeOffset before, DateTimeOffset now) =>
        [.. _agents.Where(a => AgentPresence.StatusOf(a.Value, before) == AgentStatus.Active && AgentPresence.StatusOf(a.Value, now) == AgentStatus.Idle).Select(a => a.Key)];

    /// <summary>What has changed since the last call.</summary>
    public List<(string Agent, AgentPresence Presence)> TakeDirty()
    {
        var taken = new List<(string, AgentPresence)>();
        foreach (var agent in _dirty.Keys)
        {
            if (_dirty.TryRemove(agent, out _) && _agents.TryGetValue(agent, out var presence))
            {
                taken.Add((agent, presence));
            }
        }

        return taken;
    }

    /// <summary>Puts back what <see cref="TakeDirty"/> took and nobody stored.</summary>
    public void MarkDirty(IEnumerable<string> agents)
    {
        foreach (var agent in agents)
        {
            _dirty[agent] = true;
        }
    }
}
