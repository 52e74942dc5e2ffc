using Sync.Engine.Model.Agents;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>What an agent does at a moment, in a word.</summary>
/// <param name="State">Which of the states that agents are counted by.</param>
/// <param name="For">What for, why, or with what, to be read after the word; null where the word says all.</param>
/// <param name="Since">Since when; null where that says nothing.</param>
public sealed record AgentNow(AgentState State, string? For, DateTimeOffset? Since)
{
    // "Active" is said of the last minute alone; an agent that has been silent for longer is quiet until it counts as idle.
    private static readonly TimeSpan s_active = TimeSpan.FromMinutes(1);

    /// <summary>What an agent does at a moment.</summary>
    public static AgentNow Of(AgentModel agent, AgentLane? lane, PauseModel? pause, DateTimeOffset now)
    {
        if (pause is not null)
        {
            return new AgentNow(AgentState.Paused, pause.Reason, pause.At);
        }

        var span = lane?.SpanAt(now);
        if (span is { Activity: AgentActivity.Deciding } asked)
        {
            return new AgentNow(AgentState.Deciding, null, asked.From);
        }

        if (agent.Status == AgentStatus.Waiting)
        {
            return new AgentNow(AgentState.Waiting, agent.Wait is { } wait ? $"for {wait.Words}" : null, span is { Activity: AgentActivity.Waiting } waits ? waits.From : null);
        }

        if (agent.Status == AgentStatus.Done)
        {
            return new AgentNow(AgentState.Done, null, agent.LastHeartbeat);
        }

        if (span is { Activity: AgentActivity.Refused } refused)
        {
            return new AgentNow(AgentState.Refused, null, refused.From);
        }

        if (span is { Activity: AgentActivity.Working })
        {
            return new AgentNow(AgentState.Active, null, null);
        }

        // Of a moment gone by nothing is known but what it did.
        return (agent.LastHeartbeat ?? lane?.Last?.At) is not { } heard ? new AgentNow(AgentState.Idle, null, null)
            : now - heard < s_active ? new AgentNow(AgentState.Active, null, null)
            : new AgentNow(agent.Status == AgentStatus.Active ? AgentState.Quiet : AgentState.Idle, null, heard);
    }
}
