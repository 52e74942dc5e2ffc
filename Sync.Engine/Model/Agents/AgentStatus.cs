namespace Sync.Engine.Model.Agents;

/// <summary>What an agent is doing, as far as the room knows.</summary>
public enum AgentStatus
{
    /// <summary>It has read, waited or acted lately.</summary>
    Active,

    /// <summary>It has a parked wait.</summary>
    Waiting,

    /// <summary>It was silent for a while, or was let go of.</summary>
    Idle,

    /// <summary>It says that it has finished.</summary>
    Done,
}

/// <summary>The words of <see cref="AgentStatus"/>.</summary>
public static class AgentStatusWords
{
    /// <summary>The status as contexts and expressions have it.</summary>
    public static string Word(this AgentStatus status) => status switch
    {
        AgentStatus.Active => "active",
        AgentStatus.Waiting => "waiting",
        AgentStatus.Idle => "idle",
        AgentStatus.Done => "done",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    /// <summary>The status of a word, or null.</summary>
    public static AgentStatus? Parse(string? word) => word switch
    {
        "active" => AgentStatus.Active,
        "waiting" => AgentStatus.Waiting,
        "idle" => AgentStatus.Idle,
        "done" => AgentStatus.Done,
        _ => null,
    };
}
