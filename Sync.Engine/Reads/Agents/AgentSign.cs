namespace Sync.Engine.Reads.Agents;

/// <summary>The kinds of things by which one sees what an agent does.</summary>
internal enum AgentSignKind
{
    /// <summary>An act that was accepted.</summary>
    Acted,

    /// <summary>An act that was refused.</summary>
    Refused,

    /// <summary>An act that waits for a decision.</summary>
    Asked,

    /// <summary>What it asked for was decided, has expired or was withdrawn.</summary>
    Decided,

    /// <summary>It began to wait.</summary>
    WaitBegan,

    /// <summary>Its wait ended.</summary>
    WaitEnded,
}

/// <summary>One of them.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What.</param>
internal readonly record struct AgentSign(DateTimeOffset At, AgentSignKind Kind);
