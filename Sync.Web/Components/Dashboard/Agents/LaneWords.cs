using Sync.Engine.Reads.Agents;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>What a lane shows, for who does not see it.</summary>
internal static class LaneWords
{
    public static string Of(string agent, AgentLane? lane, LaneView view)
    {
        if (lane is null)
        {
            return $"What {Shared.Clip.OfName(agent)} did";
        }

        var acts = lane.Acts.Where(act => act.At >= view.Begin && act.At <= view.End).ToList();
        var refused = acts.Count(static act => !act.Ok);
        return $"{Shared.Clip.OfName(agent)} {lane.SpanAt(view.End)?.Activity.Word() ?? "idle"}; in the time shown {Shared.Counted.Of(acts.Count, "act")}{(refused == 0 ? "" : $", {refused:N0} refused")}";
    }

}
