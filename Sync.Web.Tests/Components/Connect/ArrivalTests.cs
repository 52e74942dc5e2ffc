using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Connect;
using Sync.Web.Components.Pages;

namespace Sync.Web.Tests.Components.Connect;

/// <summary>What has come with a token, out of what the room and the token say.</summary>
public sealed class ArrivalTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_Used_IsWaiting() => Assert.Equal(ArrivalStage.Waiting, Arrival.Of(Room(), "claude", since: 10, lastUsed: null).Stage);

    [Fact]
    public void Token_Used_IsConnected() => Assert.Equal(ArrivalStage.Connected, Arrival.Of(Room(), "claude", since: 10, s_now).Stage);

    [Fact]
    public void Agent_ThatActed_Works() => Assert.Equal(12, Arrival.Of(Room(Event(12, "claude")), "claude", since: 10, s_now).Event!.Seq);

    [Fact]
    public void Agent_ThatActedBefore_HasNotCome() => Assert.Equal(ArrivalStage.Waiting, Arrival.Of(Room(Event(10, "claude")), "claude", since: 10, lastUsed: null).Stage);

    [Fact]
    public void Agent_ThatWasPutIntoTheRoom_HasNotCome() =>
        Assert.Equal(ArrivalStage.Waiting, Arrival.Of(Room(Event(12, "claude") with { Action = null, Kind = "agent_joined" }), "claude", since: 10, lastUsed: null).Stage);

    [Fact]
    public void Another_ThatActed_IsNotIt() => Assert.Equal(ArrivalStage.Connected, Arrival.Of(Room(Event(12, "claude-2")), "claude", since: 10, s_now).Stage);

    [Fact]
    public void Agent_ThatWasRefused_IsThereAndDoesNotWork() => Assert.Equal(ArrivalStage.Connected, Arrival.Of(Room(Event(12, "claude") with { Ok = false }), "claude", since: 10, s_now).Stage);

    [Fact]
    public void Reader_ThatAsked_IsConnected() => Assert.Equal(ArrivalStage.Connected, Arrival.Of(Room(Event(12, "claude")), agent: null, since: 10, s_now).Stage);

    private static RoomPageModel Room(params EventModel[] events) => DesignRoom.Model with { Activity = [.. events] };

    private static EventModel Event(long seq, string agent) => new(seq, s_now, "invoked", agent, "set", Ok: true, Error: null, Count: 1, Params: null);
}
