using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>Who is in the room, what they do, what they wait for.</summary>
public sealed partial class AgentsPanel
{
    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Agents == now.Agents && drawn.Self == now.Self;

    private static string Initial(AgentPicture agent) => agent.Name.Length == 0 ? "?" : char.ToUpperInvariant(agent.Name[0]).ToString();
}
