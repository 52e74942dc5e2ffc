namespace Sync.Engine.Model.Agents;

/// <summary>The presence of agents, read-only. Any thread.</summary>
internal interface IPresence
{
    /// <summary>One agent's presence; <see cref="AgentPresence.Never"/> for one that was not heard of.</summary>
    AgentPresence Of(string agent);
}
