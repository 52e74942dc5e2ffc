namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>The states that agents are shown and counted by, in the order of who needs a person most.</summary>
public enum AgentState
{
    /// <summary>Its last tries were refused.</summary>
    Refused,

    /// <summary>Somebody is to decide on what it asked for.</summary>
    Deciding,

    /// <summary>An owner has paused it.</summary>
    Paused,

    /// <summary>Heard of within the last minute.</summary>
    Active,

    /// <summary>A wait of its own is parked.</summary>
    Waiting,

    /// <summary>Silent for more than a minute.</summary>
    Quiet,

    /// <summary>Silent for so long that nobody counts on it.</summary>
    Idle,

    /// <summary>It says that it has finished.</summary>
    Done,
}

/// <summary>The words of <see cref="AgentState"/>.</summary>
internal static class AgentStateWords
{
    /// <summary>The word in an address and a class.</summary>
    public static string Word(this AgentState state) => state switch
    {
        AgentState.Refused => "refused",
        AgentState.Deciding => "deciding",
        AgentState.Paused => "paused",
        AgentState.Active => "active",
        AgentState.Waiting => "waiting",
        AgentState.Quiet => "quiet",
        AgentState.Idle => "idle",
        AgentState.Done => "done",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>The words on the page.</summary>
    public static string Label(this AgentState state) => state == AgentState.Deciding ? "waits for a decision" : state.Word();
}
