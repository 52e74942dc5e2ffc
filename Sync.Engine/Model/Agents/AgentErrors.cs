using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Agents;

/// <summary>The refusals that name an agent.</summary>
internal static class AgentErrors
{
    public static SyncError Unknown(RoomState state, string agent)
    {
        var near = NearestName.Of(agent, state.Agents.Keys);
        return new SyncError(ErrorCode.AgentNotFound, $"There is no agent '{Identifiers.Shown(agent)}' in this room.")
        {
            Hint = near is null ? null : $"Did you mean '{near}'?",
            Next = near is null && Identifiers.CheckAgentId(agent) is null ? [NextStep.JoinRoom(id: agent)] : [],
        }.With("agent", Identifiers.Shown(agent));
    }
}
