using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Reads.Agents;

namespace Sync.Engine.Tests.Reads.Agents;

/// <summary>What is kept of a room's newest events for timelines.</summary>
public sealed class RoomActsTests
{
    private static readonly DateTimeOffset s_zero = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Acts_BeyondTheBound_GoTheOldestFirst()
    {
        var acts = new RoomActs(max: 100);
        acts.Add([.. Enumerable.Range(1, 100).Select(Head)], 100);
        Assert.False(acts.IsCut);

        acts.Add([.. Enumerable.Range(101, 150).Select(Head)], 250);

        Assert.True(acts.IsCut);
        Assert.Equal(s_zero.AddSeconds(151), acts.Begin);
        Assert.Equal(Enumerable.Range(151, 100).Where(static seq => seq % 3 == 0), Lane(acts, "a0").Acts.Select(static act => (int)act.Seq));
        Assert.Equal(s_zero.AddSeconds(153), Lane(acts, "a0").Spans[0].From);
    }

    [Fact]
    public void Acts_SeenTwice_CountOnce()
    {
        var acts = new RoomActs(max: 100);
        acts.Add([Head(1), Head(2), Head(3)], 3);
        acts.Add([Head(2), Head(3), Head(4)], 4);
        acts.Add([], 9);

        Assert.Equal(9, acts.Seq);
        Assert.Equal([1L, 4L], Lane(acts, "a1").Acts.Select(static act => act.Seq));
    }

    [Theory]
    [InlineData("timer_fired")]
    [InlineData("agent_removed")]
    [InlineData("agent_updated")]
    [InlineData("room_updated")]
    public void Event_ThatIsNoActOfItsAgent_IsNoSignOfIt(string kind)
    {
        var acts = new RoomActs(max: 100);
        acts.Add([Head(1), Head(4) with { Kind = kind }], 4);

        Assert.Single(Lane(acts, "a1").Acts);
    }

    [Fact]
    public void Lane_OfAnAgentThatDidNothingElse_IsTheSameObject()
    {
        var acts = new RoomActs(max: 100);
        acts.Add([Head(1), Head(2)], 2);
        var (one, two) = (Lane(acts, "a1"), Lane(acts, "a2"));
        acts.Add([Head(4)], 4);

        Assert.NotSame(one, Lane(acts, "a1"));
        Assert.Same(two, Lane(acts, "a2"));
    }

    private static AgentLane Lane(RoomActs acts, string agent) =>
        acts.LaneOf(new AgentRecord { Id = agent, Name = agent, Role = "agent", JoinedAt = s_zero }, [], [], until: null);

    private static EventHead Head(int seq) => new(seq, s_zero.AddSeconds(seq), "invoked", $"a{seq % 3}", "set", Ok: true);
}
