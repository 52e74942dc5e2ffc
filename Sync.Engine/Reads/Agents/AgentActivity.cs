namespace Sync.Engine.Reads.Agents;

/// <summary>What an agent does at a moment, as its timeline shows it.</summary>
public enum AgentActivity
{
    /// <summary>Nothing that anybody knows of.</summary>
    Idle,

    /// <summary>It has acted, or was woken, within the last minute.</summary>
    Working,

    /// <summary>A wait of its own is parked.</summary>
    Waiting,

    /// <summary>Somebody is to decide on what it asked for.</summary>
    Deciding,

    /// <summary>It has tried within the last minute, and the last try was refused.</summary>
    Refused,
}

/// <summary>The words of <see cref="AgentActivity"/>.</summary>
public static class AgentActivityWords
{
    /// <summary>The word, as answers have it.</summary>
    public static string Word(this AgentActivity activity) => activity switch
    {
        AgentActivity.Idle => "idle",
        AgentActivity.Working => "working",
        AgentActivity.Waiting => "waiting",
        AgentActivity.Deciding => "deciding",
        AgentActivity.Refused => "refused",
        _ => throw new ArgumentOutOfRangeException(nameof(activity)),
    };
}
