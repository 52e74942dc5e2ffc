using Sync.Web.Components.Dashboard.Digest;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>What the strip above a room's overview says.</summary>
public sealed class AttentionTests
{
    [Fact]
    public void Room_WithABrokenView_SaysSoAndLeadsToIt()
    {
        var concern = Assert.Single(RoomDigest.Of(RoomPageModels.Of([RoomPageModels.View("v", "null", "{}", "no such key")])).Concerns);

        Assert.Equal(("Broken view", "views", "v", ConcernWeight.Bad), (concern.Kind, concern.Panel, concern.View, concern.Weight));
        Assert.Contains("no such key", concern.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Room_WithNothingWrong_SaysNothing() => Assert.Empty(RoomDigest.Of(RoomPageModels.Of()).Concerns);

    [Fact]
    public void Room_WhoseReaderIsAwaited_SaysThatFirst()
    {
        var model = RoomPageModels.Of([RoomPageModels.View("v", "null", "{}", "broken")]) with
        {
            PendingApprovals = 2,
        };

        var concerns = RoomDigest.Of(model).Concerns;

        Assert.Equal(["Decide", "Broken view"], concerns.Select(concern => concern.Kind));
    }
}
