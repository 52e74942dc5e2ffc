using Sync.Engine.Model.Messages;

namespace Sync.Engine.Model.Agents;

/// <summary>One agent's presence. Immutable.</summary>
internal sealed record AgentPresence
{
    /// <summary>Silent for so long, an agent counts as idle.</summary>
    public static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(5);

    public static AgentPresence Never { get; } = new();

    public DateTimeOffset? LastHeartbeat { get; init; }

    /// <summary>A status set by hand (<c>done</c>, <c>idle</c>), or null.</summary>
    public string? SetStatus { get; init; }

    /// <summary>The conditions of its parked waits, newest last.</summary>
    public string? WaitingOn { get; init; }

    /// <summary>How many of its waits are parked.</summary>
    public int Waits { get; init; }

    public MessageCursor Cursor { get; init; } = MessageCursor.Start;

    /// <summary>The status in one word: <c>waiting</c>, one set by hand, <c>active</c> or <c>idle</c>.</summary>
    public static string StatusOf(AgentPresence presence, DateTimeOffset now) =>
        presence.Waits > 0 ? "waiting"
        : presence.SetStatus is { } set ? set
        : presence.LastHeartbeat is { } last && now - last < IdleAfter ? "active"
        : "idle";
}
