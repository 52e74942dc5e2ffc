using System.Collections.Immutable;

namespace Sync.Engine.Reads.Agents;

/// <summary>What the agents of a room did, side by side. Immutable.</summary>
public sealed record AgentTimeline
{
    /// <summary>The newest event in it.</summary>
    public required long Seq { get; init; }

    /// <summary>The moment it ends at, by the room's clock.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Where it begins: the beginning of the room, or of the newest events that it reaches back to.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Whether the room has events before it.</summary>
    public required bool IsCut { get; init; }

    /// <summary>Since when waits are known: they are no events, and are kept in the server's memory.</summary>
    public required DateTimeOffset WaitsSince { get; init; }

    /// <summary>A lane for each agent that was in the room then, by id. The same object while nothing in it has changed.</summary>
    public required ImmutableArray<AgentLane> Lanes { get; init; }

    /// <summary>An agent's lane, or null.</summary>
    public AgentLane? Of(string agent)
    {
        foreach (var lane in Lanes)
        {
            if (lane.Agent == agent)
            {
                return lane;
            }
        }

        return null;
    }
}
