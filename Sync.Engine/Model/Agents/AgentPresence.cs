using System.Collections.Immutable;
using Sync.Engine.Model.Messages;

namespace Sync.Engine.Model.Agents;

/// <summary>One agent's presence. Immutable.</summary>
internal sealed record AgentPresence
{
    /// <summary>Silent for so long, an agent counts as idle.</summary>
    public static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(5);

    public static AgentPresence Never { get; } = new();

    public DateTimeOffset? LastHeartbeat { get; init; }

    /// <summary>A status set by hand (done, idle), or null.</summary>
    public AgentStatus? SetStatus { get; init; }

    /// <summary>The conditions of its parked waits, newest last.</summary>
    public string? WaitingOn { get; init; }

    /// <summary>How many of its waits are parked.</summary>
    public int Waits { get; init; }

    public MessageCursor Cursor { get; init; } = MessageCursor.Start;

    /// <summary>Targets of contests that it has been told of. Kept in memory only: after a restart it is told once more.</summary>
    public ImmutableSortedSet<string> KnownContests { get; init; } = [];

    /// <summary>The status: waiting, one set by hand, active or idle.</summary>
    public static AgentStatus StatusOf(AgentPresence presence, DateTimeOffset now) =>
        presence.Waits > 0 ? AgentStatus.Waiting
        : presence.SetStatus is { } set ? set
        : presence.LastHeartbeat is { } last && now - last < IdleAfter ? AgentStatus.Active
        : AgentStatus.Idle;
}
