using System.Collections.Immutable;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Reads.Agents;

/// <summary>The acts of a room's agents among its newest events. Any thread.</summary>
/// <param name="max">Events that it reaches back to.</param>
internal sealed class RoomActs(int max)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AgentActs> _agents = new(StringComparer.Ordinal);
    private readonly Queue<EventHead> _all = new();

    /// <summary>The newest event that it knows.</summary>
    public long Seq { get; private set; }

    /// <summary>When the oldest event was; null without any.</summary>
    public DateTimeOffset? Begin
    {
        get
        {
            lock (_lock)
            {
                return _all.TryPeek(out var oldest) ? oldest.At : null;
            }
        }
    }

    /// <summary>Whether the room has older ones.</summary>
    public bool IsCut
    {
        get
        {
            lock (_lock)
            {
                return _all.TryPeek(out var oldest) && oldest.Seq > 1;
            }
        }
    }

    public void Add(IReadOnlyList<EventHead> heads, long upTo)
    {
        lock (_lock)
        {
            foreach (var head in heads)
            {
                if (head.Seq <= Seq)
                {
                    continue;
                }

                Seq = head.Seq;
                _all.Enqueue(head);
                if (head.Agent is { } agent && IsAct(head))
                {
                    if (!_agents.TryGetValue(agent, out var acts))
                    {
                        _agents[agent] = acts = new AgentActs();
                    }

                    acts.Add(head);
                }

                if (_all.Count > max && _all.Dequeue() is { Agent: { } oldest } gone && _agents.TryGetValue(oldest, out var oldestActs) && oldestActs.DropTo(gone.Seq))
                {
                    _agents.Remove(oldest);
                }
            }

            Seq = Math.Max(Seq, upTo);
        }
    }

    public AgentLane LaneOf(AgentRecord agent, ImmutableArray<WaitSpan> waits, ImmutableArray<AskedDecision> decisions, DateTimeOffset? until)
    {
        lock (_lock)
        {
            if (!_agents.TryGetValue(agent.Id, out var acts))
            {
                _agents[agent.Id] = acts = new AgentActs();
            }

            return acts.LaneOf(agent, waits, decisions, until);
        }
    }

    // What an agent did itself: that others changed or removed it is no sign of its own.
    private static bool IsAct(EventHead head) => head.Kind is "invoked" or "refused" or "approval_asked" or "agent_joined";
}
