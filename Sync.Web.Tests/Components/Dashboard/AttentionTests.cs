using Sync.Engine.Reads.Pages;
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

    [Fact]
    public void Room_WithSeveralContestedKeys_SaysSoOnceAndAfterWhatIsBroken()
    {
        var model = RoomPageModels.Of() with
        {
            Vocabulary = new RoomVocabulary { Reads = [], Writes = [Write("a", "x"), Write("b", "x"), Write("a", "y"), Write("b", "y")] },
            Activity = [new EventModel(9, DateTimeOffset.UnixEpoch, "refused", "bo", "vote", Ok: false, "invalid_param", 1, null)],
        };

        var concerns = RoomDigest.Of(model).Concerns;

        Assert.Equal(["Refused", "Contested"], concerns.Select(concern => concern.Kind));
        Assert.StartsWith("2 keys", concerns[1].What, StringComparison.Ordinal);

        static VocabularyWrite Write(string action, string key) => new(action, "_shared", key, Contested: true);
    }

    [Fact]
    public void Room_ThatIsPaused_IsNotCalledStuckAsWell()
    {
        var stuck = RoomPageModels.Of() with { Actions = [RoomPageModels.Action("vote", "{}", reason: "paused")] };

        Assert.Equal("Stuck", Assert.Single(RoomDigest.Of(stuck).Concerns).Kind);
        Assert.Empty(RoomDigest.Of(stuck with { Pauses = [new PauseModel("room", null, "bo", DateTimeOffset.UnixEpoch, IsPersons: false)] }).Concerns);
    }
}
