namespace Sync.Engine.Reads.Agents;

/// <summary>A stretch of time in which an agent did one thing.</summary>
/// <param name="Activity">What.</param>
/// <param name="From">When it began.</param>
/// <param name="Until">When it ended, or will end if nothing else happens; null while no end is known.</param>
public readonly record struct AgentSpan(AgentActivity Activity, DateTimeOffset From, DateTimeOffset? Until);
