namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>What the panel of agents keeps in the address.</summary>
internal static class AgentFilters
{
    /// <summary>Words of names that are looked for.</summary>
    public const string Text = "agents.text";

    /// <summary>The only state that is shown.</summary>
    public const string State = "agents.state";

    /// <summary>How much time timelines show.</summary>
    public const string Window = "agents.window";
}
