using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Primitives.Errors;

public sealed class NextStepTests
{
    public static TheoryData<StepKind> Kinds => [.. Enum.GetValues<StepKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_WrittenAndRead_IsTheSame(StepKind kind)
    {
        var step = NextStep.Parse(kind + """ {"room":"r","n":3,"on":true,"params":{"a":["b]"]}}""");

        Assert.Equal((kind, step.ToString()), (NextStep.Parse(step.ToString()).Kind, NextStep.Parse(step.ToString()).ToString()));
    }

    [Fact]
    public void Step_InARoom_NamesItOnce()
    {
        Assert.Equal("""join_room {"room":"r","id":"bob"}""", NextStep.JoinRoom(id: "bob").InRoom("r").ToString());
        Assert.Equal("""join_room {"room":"q"}""", NextStep.JoinRoom("q").InRoom("r").ToString());
        Assert.Equal("list_rooms", NextStep.ListRooms.InRoom("r").ToString());
    }

    [Theory]
    [InlineData("dance")]
    [InlineData("3")]
    [InlineData("wait {")]
    [InlineData("")]
    public void Step_ThatIsNone_IsRefused(string text) => Assert.ThrowsAny<FormatException>(() => NextStep.Parse(text));

    [Fact]
    public void Hint_OfARefusal_IsFollowedByASentenceForEachStep()
    {
        var error = new SyncError(ErrorCode.RoomNotFound, "There is no room.") { Hint = "Look again.", Next = [NextStep.ListRooms, NextStep.ReadRoom("r")] };

        Assert.Equal("""Look again. Next: list_rooms. Next: read_room {"room":"r"}.""", error.HintFor(PlainSteps.Instance));
        Assert.Equal("Next: list_rooms.", new SyncError(ErrorCode.RoomNotFound, "There is no room.") { Next = [NextStep.ListRooms] }.HintFor(PlainSteps.Instance));
        Assert.Null(new SyncError(ErrorCode.RoomNotFound, "There is no room.").HintFor(PlainSteps.Instance));
    }
}
