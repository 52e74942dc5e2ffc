using Sync.Cel;
using Sync.Engine.Rooms;

namespace Sync.Engine.Agents;

/// <summary>The refusals that name an agent.</summary>
internal static class AgentErrors
{
    public static SyncError Unknown(RoomState state, string agent)
    {
        var near = DidYouMean.Nearest(agent, state.Agents.Keys);
        return new SyncError(ErrorCode.AgentNotFound, $"There is no agent '{Names.Shown(agent)}' in this room.")
        {
            Hint = near is null ? null : $"Did you mean '{near}'?",
            Next = near is null && Names.CheckAgentId(agent) is null ? [NextStep.JoinRoom(id: agent)] : [],
        }.With("agent", Names.Shown(agent));
    }
}
