using System.Collections.Immutable;
using Sync.Engine.Reads.Inbox;
using Sync.Web.Components.Inbox;

namespace Sync.Web.Tests.Components.Inbox;

/// <summary>The list of the inbox as its reader works through it.</summary>
public sealed class InboxListTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Items_ThatWait_StandBeforeWhatNeedsAttention_NewestFirst()
    {
        var list = Shown(new InboxLocation(), Item(InboxKind.Attention, "a", 9), Item(InboxKind.Approval, "b", 1), Item(InboxKind.Question, "c", 5));

        Assert.Equal(["c", "b", "a"], list.Items.Select(static item => item.Key));
        Assert.Equal(("c", false), (list.Open?.Key, list.IsChosen));
    }

    [Fact]
    public void Open_ThatTheAddressNames_IsChosen_AndStaysOpenWhenOthersCome()
    {
        var list = Shown(new InboxLocation { Item = "b" }, Item(InboxKind.Approval, "b", 1));

        list.Show(Model(Item(InboxKind.Approval, "b", 1), Item(InboxKind.Approval, "new", 5)), new InboxLocation { Item = "b" });

        Assert.Equal(("b", true), (list.Open?.Key, list.IsChosen));
    }

    [Fact]
    public void Open_ThatNobodyChose_StaysOpenWhenOthersCome()
    {
        var list = Shown(new InboxLocation(), Item(InboxKind.Approval, "b", 1));

        list.Show(Model(Item(InboxKind.Approval, "new", 5), Item(InboxKind.Approval, "b", 1)), new InboxLocation());

        Assert.Equal("b", list.Open?.Key);
    }

    [Fact]
    public void Open_ThatIsDone_GivesWayToWhatStandsInItsPlace()
    {
        var location = new InboxLocation { Item = "b" };
        var list = Shown(location, Item(InboxKind.Approval, "a", 3), Item(InboxKind.Approval, "b", 2), Item(InboxKind.Approval, "c", 1));
        Assert.Equal("b", list.Open?.Key);

        list.Show(Model(Item(InboxKind.Approval, "a", 3), Item(InboxKind.Approval, "c", 1)), location);
        Assert.Equal("c", list.Open?.Key);

        list.Show(Model(Item(InboxKind.Approval, "a", 3)), location with { Item = "c" });
        Assert.Equal("a", list.Open?.Key);

        list.Show(Model(), location);
        Assert.Null(list.Open);
    }

    [Fact]
    public void Message_ThatWasOpened_StaysUntilTheReaderLeaves_AndAnApprovalDoesNot()
    {
        var (message, approval) = (Item(InboxKind.Message, "m", 2) with { Message = 1 }, Item(InboxKind.Approval, "a", 1));
        var list = Shown(new InboxLocation { Item = "m" }, message, approval);
        list.NoteOpened(message);
        list.NoteOpened(approval);

        list.Show(Model(), new InboxLocation { Item = "m" });

        Assert.Equal("m", Assert.Single(list.Items).Key);
        Assert.True(list.IsDone(message));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(0, -1, 0)]
    [InlineData(2, 1, 2)]
    [InlineData(1, -1, 0)]
    public void Beside_StaysWithinTheList(int from, int steps, int to)
    {
        InboxItem[] items = [Item(InboxKind.Approval, "0", 3), Item(InboxKind.Approval, "1", 2), Item(InboxKind.Approval, "2", 1)];
        var list = Shown(new InboxLocation { Item = items[from].Key }, items);

        Assert.Equal(items[to].Key, list.Beside(steps)?.Key);
        Assert.Null(Shown(new InboxLocation()).Beside(1));
    }

    [Fact]
    public void ReadUpTo_StopsBeforeAMessageThatWasNotOpened_InThatRoomAlone()
    {
        InboxItem[] items =
        [
            Item(InboxKind.Message, "five", 5) with { Message = 5 }, Item(InboxKind.Message, "nine", 9) with { Message = 9 }, Item(InboxKind.Question, "three", 3) with { Message = 3 },
            Item(InboxKind.Message, "other", 1) with { Message = 1, Room = "other" }, Item(InboxKind.Approval, "a", 1),
        ];
        var list = Shown(new InboxLocation(), items);

        list.NoteOpened(items[1]);
        Assert.Equal(4, list.ReadUpTo(items[1]));
        list.NoteOpened(items[0]);
        Assert.Equal(9, list.ReadUpTo(items[0]));
        Assert.Null(list.ReadUpTo(items[4]));
    }

    [Theory]
    [InlineData("https://sync/inbox", "inbox")]
    [InlineData("https://sync/inbox?kind=approval&room=r&item=r%2Fapproval%2Fa1", "inbox?kind=approval&room=r&item=r%2Fapproval%2Fa1")]
    [InlineData("https://sync/inbox?kind=mail&x=1#here", "inbox")]
    public void Location_ReadAndWritten_IsTheSame(string address, string href) => Assert.Equal(href, InboxLocation.Read(address).Href());

    [Fact]
    public void News_AreToldOnce_AndWhatWasThereBeforeIsNone()
    {
        var news = new InboxNews();
        news.Begin(s_now.AddMinutes(5));
        var (old, fresh) = (Item(InboxKind.Approval, "old", 1), Item(InboxKind.Approval, "fresh", 6));

        Assert.Equal(["fresh"], news.Of(Model(fresh, old)).Select(static item => item.Key));
        Assert.Empty(news.Of(Model(fresh, old)));
        Assert.Empty(news.Of(Model(Item(InboxKind.Attention, "broken", 7))));
        Assert.Equal(InboxNews.MaxAtOnce, news.Of(Model([.. Enumerable.Range(0, 9).Select(number => Item(InboxKind.Question, $"q{number}", 8))])).Length);
    }

    private static InboxList Shown(InboxLocation location, params InboxItem[] items)
    {
        var list = new InboxList();
        list.Show(Model(items), location);
        return list;
    }

    private static InboxModel Model(params InboxItem[] items) => new() { Items = [.. items] };

    private static InboxItem Item(InboxKind kind, string key, int minute) => new() { Key = key, Kind = kind, Room = "r", At = s_now.AddMinutes(minute), Title = key };
}
