using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services.Inbox;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Inbox;

/// <summary>What stands in a person's inbox, when it comes and when it goes.</summary>
public sealed class InboxTests
{
    private const string Deploy = """{"id":"deploy","params":{"v":{"type":"string"}},"writes":[{"key":"live","value":"${params.v}"}],"approve":{"by":"person"}}""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Inbox_OfSomebodyForWhomNothingWaits_IsEmpty()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var inbox = await host.InboxAsync(host.Owner);

        Assert.Empty(inbox.Items);
        Assert.Equal((0, 0, 0), (inbox.Waiting, inbox.Missing, inbox.Beyond));
    }

    [Fact]
    public async Task Approval_WaitsUntilItIsDecided()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        var id = (await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}"""))["approval"].Text();

        var item = Assert.Single((await host.InboxAsync(host.Owner)).Items);

        Assert.Equal(($"r/approval/{id}", InboxKind.Approval, "bob", id, "deploy", $"a{item.Seq}"), (item.Key, item.Kind, item.From, item.Approval, item.Action, id));
        Assert.Equal("bob asks to invoke deploy", item.Title);
        Assert.Equal("""{"v":"2"}""", item.Text);
        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"reject"}""");
        Assert.Equal("", await host.KeysAsync(host.Owner));
    }

    [Fact]
    public async Task Approval_ThatNobodyDecides_EndsWithItsTime()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        var bob = await RoomAsync(host);
        await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}""");
        Assert.Equal(1, (await host.InboxAsync(host.Owner)).Waiting);
        await host.AdvanceAsync("r", TimeSpan.FromHours(23));
        Assert.Equal(1, (await host.InboxAsync(host.Owner)).Waiting);

        clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(0, (await host.InboxAsync(host.Owner)).Waiting);
    }

    [Fact]
    public async Task Approval_ThatThePersonInvokedOnThePage_IsForTheOthers()
    {
        await using var host = await EngineHost.StartAsync();
        await RoomAsync(host);
        await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("r", "ben", Role.Collaborator);
        var olga = await host.SessionAsync("olga");

        await host.InvokeAsync(olga, "r", "deploy", """{"v":"2"}""");

        Assert.Equal("", await host.KeysAsync(olga, InboxKind.Approval));
        Assert.NotEqual("", await host.KeysAsync(await host.SessionAsync("ben"), InboxKind.Approval));
    }

    [Fact]
    public async Task Approval_OfTwoRules_IsNoMoreForWhoHasAcceptedTheirs()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("r", "ben", Role.Collaborator);
        await host.RegisterAsync(await host.SessionAsync("olga"), "r", """{"id":"guard","writes":[{"scope":"_config","key":"targets","value":[{"scope":"_shared","key":"live","approve":{"by":["user:ben"]}}]}]}""");
        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "guard");
        var id = (await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}"""))["approval"].Text();
        Assert.Equal($"r/approval/{id}", await host.KeysAsync(host.Owner, InboxKind.Approval));

        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");

        Assert.Equal("", await host.KeysAsync(host.Owner, InboxKind.Approval));
        Assert.Equal($"r/approval/{id}", await host.KeysAsync(await host.SessionAsync("ben"), InboxKind.Approval));
    }

    [Fact]
    public async Task Question_WaitsUntilThePersonsAgentReplies_HoweverOftenItIsRead()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"Which one?","kind":"question","to":["olga"]}""");
        Assert.Equal("r/question/1", await host.KeysAsync(host.Owner));
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"And this?","kind":"question","to":["olga"]}""");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"Yes.","reply_to":2}""");
        await host.Engine.Inbox.MarkReadAsync(host.Owner, "r", 3, Cancel);

        var item = Assert.Single((await host.InboxAsync(host.Owner)).Items);

        Assert.Equal(("r/question/1", InboxKind.Question, "bob", "Which one?", 1), (item.Key, item.Kind, item.From, item.Text, item.Message));
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"This one.","reply_to":1}""");
        Assert.Equal("", await host.KeysAsync(host.Owner));
    }

    [Fact]
    public async Task Message_ThatNamesAPersonWhoHasNotActedYet_ReachesThem()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("r", "ben", Role.Participant);
        var bob = await host.JoinAsync("r", "bob");

        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"Are you there?","kind":"question","to":["ben"]}""");
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"Hello","to":["ben"]}""");

        Assert.Equal("r/message/2 r/question/1", await host.KeysAsync(await host.SessionAsync("ben")));
        Assert.Equal("", await host.KeysAsync(host.Owner));
    }

    [Fact]
    public async Task Message_WaitsUntilItIsRead_AndThoseToAllAreCounted()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"mine"}""");
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"to all"}""");
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"to you","to":["olga"]}""");

        var before = await host.InboxAsync(host.Owner);
        await host.Engine.Inbox.MarkReadAsync(host.Owner, "r", 3, Cancel);
        var after = await host.InboxAsync(host.Owner);

        Assert.Equal("r/message/3", Assert.Single(before.Items).Key);
        Assert.Equal((2, 1, 1), (before.Of("r").Unread, before.Of("r").DirectedUnread, before.Of("r").Waiting));
        Assert.Empty(after.Items);
        Assert.Equal((0, 0, 0), (after.Of("r").Unread, after.Of("r").DirectedUnread, after.Of("r").Waiting));
    }

    [Fact]
    public async Task Invitation_WaitsUntilItIsAnswered()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        await host.UserAsync("ben", "rooms:*");
        var ben = await host.SessionAsync("ben");
        Assert.Empty((await host.InboxAsync(ben)).Items);

        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "ben", Role.Collaborator, Cancel)).Error);

        var item = Assert.Single((await host.InboxAsync(ben)).Items);
        Assert.Equal(("r/invitation", InboxKind.Invitation, "olga", "As collaborator."), (item.Key, item.Kind, item.From, item.Text));
        await host.Engine.Rooms.AnswerInvitationAsync(ben, "r", accept: true, Cancel);
        Assert.Empty((await host.InboxAsync(ben)).Items);
    }

    [Fact]
    public async Task Inbox_AfterARestart_HasTheSame()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        await host.RoomAsync("other");
        var carl = await host.JoinAsync("other", "carl");
        await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}""");
        await host.InvokeAsync(carl, "other", "_send_message", """{"body":"?","kind":"question","to":["olga"]}""");
        var before = await host.KeysAsync(host.Owner);

        await host.RestartAsync();

        Assert.Equal(before, await host.KeysAsync(host.Owner));
        Assert.NotEqual("", before);
    }

    [Fact]
    public async Task Inbox_OfADeletedRoom_IsGone()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}""");
        Assert.Equal(1, (await host.InboxAsync(host.Owner)).Waiting);

        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", Cancel);

        var inbox = await host.InboxAsync(host.Owner);
        Assert.Empty(inbox.Items);
        Assert.Empty(inbox.Rooms);
    }

    [Theory]
    [InlineData("approval", null, 1, 0)]
    [InlineData("question", null, 2, 0)]
    [InlineData(null, "r", 2, 0)]
    [InlineData(null, "nowhere", 0, 0)]
    [InlineData(null, null, 3, 0)]
    public async Task Read_OfAPart_HasThatPartAndAllCounts(string? kind, string? room, int items, int missing)
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        await host.RoomAsync("other");
        var carl = await host.JoinAsync("other", "carl");
        await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}""");
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"?","kind":"question","to":["olga"]}""");
        await host.InvokeAsync(carl, "other", "_send_message", """{"body":"?","kind":"question","to":["olga"]}""");

        var inbox = await host.InboxAsync(host.Owner, new InboxRequest { Kind = InboxKinds.Parse(kind), Room = room });

        Assert.Equal((items, missing), (inbox.Items.Length, inbox.Missing));
        Assert.Equal((3, 1, 2), (inbox.Waiting, inbox.Count(InboxKind.Approval), inbox.Count(InboxKind.Question)));
    }

    [Fact]
    public async Task Read_WithALimit_SaysHowManyAreMissing()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        for (var number = 1; number <= RoomInbox.MaxOfKind + 5; number++)
        {
            await host.InvokeAsync(bob, "r", "_send_message", $$"""{"body":"{{number}}","to":["olga"]}""");
        }

        var inbox = await host.InboxAsync(host.Owner, new InboxRequest { Limit = 10 });

        Assert.Equal((10, RoomInbox.MaxOfKind - 5, RoomInbox.MaxOfKind + 5), (inbox.Items.Length, inbox.Missing, inbox.Waiting));
        Assert.Equal(RoomInbox.MaxOfKind + 5, inbox.Items[0].Message);
        Assert.Equal("invalid_parameter", (await host.Engine.Inbox.ReadAsync(host.Owner, new InboxRequest { Limit = 0 }, Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.Engine.Inbox.ReadAsync(host.Owner, new InboxRequest { Limit = InboxRequest.MaxItems + 1 }, Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Text_ThatIsLong_IsCutAtAWholeCharacter()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        var body = string.Concat(Enumerable.Repeat("😀", InboxItem.MaxText));
        await host.InvokeAsync(bob, "r", "_send_message", $$"""{"body":"a{{body}}","to":["olga"]}""");

        var text = (await host.InboxAsync(host.Owner)).Items[0].Text;

        Assert.InRange(text.Length, InboxItem.MaxText - 2, InboxItem.MaxText);
        Assert.EndsWith("😀…", text, StringComparison.Ordinal);
    }

    private static async Task<Caller> RoomAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Deploy);
        return await host.JoinAsync("r", "bob");
    }
}
