using System.Collections.Immutable;
using Sync.Engine.Model.Agents;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Agents;

namespace Sync.Web.Tests.Components.Dashboard.Agents;

/// <summary>What is said of an agent: by its pause, its lane, its status and its last sign of life, in this order of weight.</summary>
public sealed class AgentNowTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(AgentStatus.Active, 0, null, false, "active")]
    [InlineData(AgentStatus.Active, 59, null, false, "active")]
    [InlineData(AgentStatus.Active, 60, null, false, "quiet")]
    [InlineData(AgentStatus.Active, 299, null, false, "quiet")]
    [InlineData(AgentStatus.Idle, 300, null, false, "idle")]
    [InlineData(AgentStatus.Idle, 20, null, false, "active")]
    [InlineData(AgentStatus.Idle, null, null, false, "idle")]
    [InlineData(AgentStatus.Done, 10, null, false, "done")]
    [InlineData(AgentStatus.Waiting, 10, null, false, "waiting")]
    [InlineData(AgentStatus.Waiting, 10, AgentActivity.Waiting, false, "waiting")]
    [InlineData(AgentStatus.Waiting, 10, AgentActivity.Deciding, false, "deciding")]
    [InlineData(AgentStatus.Active, 10, AgentActivity.Deciding, false, "deciding")]
    [InlineData(AgentStatus.Active, 10, AgentActivity.Refused, false, "refused")]
    [InlineData(AgentStatus.Waiting, 10, AgentActivity.Refused, false, "waiting")]
    [InlineData(AgentStatus.Idle, null, AgentActivity.Working, false, "active")]
    [InlineData(AgentStatus.Active, 10, AgentActivity.Refused, true, "paused")]
    [InlineData(AgentStatus.Waiting, 10, AgentActivity.Deciding, true, "paused")]
    public void State_OfAnAgent_IsWhatTheTableSays(AgentStatus status, int? heardBefore, AgentActivity? activity, bool isPaused, string state)
    {
        var agent = new AgentModel("a", "A", "agent", status, null, heardBefore is { } seconds ? s_now.AddSeconds(-seconds) : null);
        var lane = activity is { } spans ? Lane(new AgentSpan(spans, s_now.AddSeconds(-30), null)) : null;

        Assert.Equal(state, AgentNow.Of(agent, lane, isPaused ? new PauseModel("agent:a", "why", "olga", s_now, IsPersons: true) : null, s_now).State.Word());
    }

    [Fact]
    public void Wait_IsSaidInWordsWithItsAge()
    {
        var agent = new AgentModel("a", "A", "agent", AgentStatus.Waiting, "x", s_now) { Wait = new WaitModel("a message to it", "x", null) };

        var now = AgentNow.Of(agent, Lane(new AgentSpan(AgentActivity.Waiting, s_now.AddMinutes(-4), null)), pause: null, s_now);

        Assert.Equal(new AgentNow(AgentState.Waiting, "for a message to it", s_now.AddMinutes(-4)), now);
    }

    [Fact]
    public void Lane_IsDrawnWithOnePathForEachActivity_HoweverManySpans()
    {
        var spans = Enumerable.Range(0, 9_000).Select(static second => new AgentSpan(second % 2 == 0 ? AgentActivity.Working : AgentActivity.Refused, s_now.AddSeconds(second * 0.1), s_now.AddSeconds((second + 1) * 0.1))).ToImmutableArray();
        var view = LaneView.Of(LaneWindow.All[0], LaneScale.Of(LaneWindow.All[0], s_now, s_now.AddMinutes(15)), s_now, s_now.AddMinutes(15));

        var drawn = LaneDrawing.Of(new AgentLane { Agent = "a", Spans = spans, Acts = [] }, view.Scale);

        Assert.Equal([AgentActivity.Working, AgentActivity.Refused], drawn.Select(static drawing => drawing.Activity));
        Assert.All(drawn, static drawing => Assert.InRange(drawing.Path.Length, 1, 1_600 * 40));
        Assert.Equal("0 0 900 20", view.Box);
    }

    [Fact]
    public void Lane_OfWhatGoesOn_NeedNotBeDrawnAgainAsTimeGoesBy()
    {
        var window = LaneWindow.All[0];
        var scale = LaneScale.Of(window, s_now, s_now.AddMinutes(15));
        var lane = Lane(new AgentSpan(AgentActivity.Waiting, s_now.AddMinutes(10), null));

        var path = Assert.Single(LaneDrawing.Of(lane, scale)).Path;

        Assert.StartsWith("M600 8H", path, StringComparison.Ordinal);
        Assert.True(double.Parse(path.Split('H')[1].Split('v')[0], System.Globalization.CultureInfo.InvariantCulture) > 86_400);
        Assert.Equal("60 0 900 20", LaneView.Of(window, scale, s_now, s_now.AddMinutes(16)).Box);
    }

    private static AgentLane Lane(params ImmutableArray<AgentSpan> spans) => new() { Agent = "a", Spans = spans, Acts = [] };
}
