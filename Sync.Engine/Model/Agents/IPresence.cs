namespace Sync.Engine.Model.Agents;

/// <summary>Who is here, as one who only reads it sees it. Any thread.</summary>
internal interface IPresence
{
    /// <summary>One agent's presence; <see cref="AgentPresence.Never"/> for one that was not heard of.</summary>
    AgentPresence Of(string agent);
}
