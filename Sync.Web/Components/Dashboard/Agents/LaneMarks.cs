using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Model.Events;
using Sync.Engine.Reads.Agents;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>Acts that lie so close on a lane that they are one mark.</summary>
/// <param name="Last">The newest of them.</param>
/// <param name="Count">How many.</param>
/// <param name="Refused">How many were refused.</param>
/// <param name="Left">Where it stands, as a length.</param>
internal sealed record LaneMark(EventHead Last, int Count, int Refused, string Left)
{
    /// <summary>It in words.</summary>
    public string Title => Count > 1
        ? $"{Count:N0} acts{(Refused > 0 ? $", {Refused:N0} refused" : "")}, the last #{Last.Seq} {Shared.Clip.OfName(Last.Action ?? Last.Kind)}"
        : $"#{Last.Seq} {Shared.Clip.OfName(Last.Action ?? Last.Kind)}{(Last.Ok ? "" : ", refused")}";
}

/// <summary>The marks of the acts that are in view, bounded by how many can be told apart.</summary>
internal static class LaneMarks
{
    private const int Columns = 120;

    public static ImmutableArray<LaneMark> Of(AgentLane? lane, LaneView view) =>
    [
        .. (lane?.Acts ?? []).Reverse().TakeWhile(act => act.At >= view.Begin).Where(act => act.At <= view.End)
            .GroupBy(act => Math.Min(Columns - 1, (int)(view.Fraction(act.At) * Columns)))
            .Select(static acts => new LaneMark(acts.First(), acts.Count(), acts.Count(static act => !act.Ok), string.Create(CultureInfo.InvariantCulture, $"{(acts.Key + 0.5) * 100 / Columns:0.##}%"))),
    ];
}
