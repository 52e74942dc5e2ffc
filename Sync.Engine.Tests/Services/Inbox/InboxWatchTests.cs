using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services.Inbox;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Inbox;

/// <summary>What keeps inboxes current, and what it costs: a change is looked at once, however many look.</summary>
public sealed class InboxWatchTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Watch_IsToldOfWhatComesAndGoes()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        var olga = await host.SessionAsync("olga");
        using var watch = host.Engine.Inbox.Watch(olga).Value;
        await host.InboxAsync(olga);

        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"?","kind":"question","to":["olga"]}""");
        await UntilAsync(watch, static inbox => inbox.Waiting == 1);
        await host.InvokeAsync(olga, "r", "_send_message", """{"body":"!","reply_to":1}""");
        await UntilAsync(watch, static inbox => inbox.Waiting == 0);
    }

    [Fact]
    public async Task Watch_OfSomethingThatDoesNotChangeWhatWaits_IsNotTold()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"k","increment":1}]}""");
        var olga = await host.SessionAsync("olga");
        using var watch = host.Engine.Inbox.Watch(olga).Value;
        await host.InboxAsync(olga);
        var told = watch.ChangedAsync(Cancel);
        if (told.IsCompleted)
        {
            told = watch.ChangedAsync(Cancel);
        }

        for (var i = 0; i < 5; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "act");
            await host.InboxAsync(olga);
        }

        Assert.False(told.IsCompleted);
    }

    [Fact]
    public async Task FiftyWatches_AtACommit_ReadTheRoomOnce()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        var olga = await host.SessionAsync("olga");
        var watches = new List<InboxWatch>();
        for (var page = 0; page < 50; page++)
        {
            watches.Add(host.Engine.Inbox.Watch(page % 2 == 0 ? olga : await host.SessionAsync("olga")).Value);
        }

        await host.InboxAsync(olga);
        var before = host.Engine.Inbox.ReadsFor(olga.UserId!);
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"?","kind":"question","to":["olga"]}""");
        await EngineHost.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return watches.TrueForAll(static watch => watch.Current(InboxRequest.All).Value.Waiting == 1);
        });

        // Once for the commit, and once more where bob's sign of life was told apart from it.
        Assert.InRange(host.Engine.Inbox.ReadsFor(olga.UserId!) - before, 1, 2);
        foreach (var watch in watches)
        {
            await watch.ChangedAsync(Cancel);
            watch.Dispose();
        }
    }

    [Fact]
    public async Task BusyRoom_WhileItIsWatched_IsReadOncePerSecond()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"k","increment":1}]}""");
        var olga = await host.SessionAsync("olga");
        using var watch = host.Engine.Inbox.Watch(olga).Value;
        await host.InboxAsync(olga);
        clock.Advance(TimeSpan.FromSeconds(5));
        var before = host.Engine.Inbox.ReadsFor(olga.UserId!);

        for (var i = 0; i < 40; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "act");
        }

        Assert.InRange(host.Engine.Inbox.ReadsFor(olga.UserId!) - before, 0, 1);
    }

    [Fact]
    public async Task Inbox_NobodyLooksAt_IsLetGoOf_AndMadeAnewWhenAsked()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        var olga = await host.SessionAsync("olga");
        await host.InboxAsync(olga);
        Assert.True(host.Engine.Inbox.ReadsFor(olga.UserId!) > 0);

        await EngineHost.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return host.Engine.Inbox.ReadsFor(olga.UserId!) == 0;
        });

        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"?","kind":"question","to":["olga"]}""");
        Assert.Equal("r/question/1", await host.KeysAsync(olga));
    }

    [Fact]
    public async Task ManyRooms_OutOfMemory_AreReadOnceAndRemembered()
    {
        await using var host = await EngineHost.StartAsync();
        for (var room = 0; room < 12; room++)
        {
            await host.RoomAsync($"r{room}");
            await host.InvokeAsync(await host.JoinAsync($"r{room}", "bob"), $"r{room}", "_send_message", """{"body":"?","kind":"question","to":["olga"]}""");
        }

        await host.RestartAsync();
        var inbox = await host.InboxAsync(host.Owner);
        var reads = host.Engine.Inbox.ReadsFor(host.Owner.UserId!);

        Assert.Equal((12, 12), (inbox.Waiting, inbox.Rooms.Length));
        await host.InboxAsync(host.Owner);
        Assert.Equal(reads, host.Engine.Inbox.ReadsFor(host.Owner.UserId!));
    }

    private static async Task UntilAsync(InboxWatch watch, Func<InboxModel, bool> holds)
    {
        while (!holds(watch.Current(InboxRequest.All).Value))
        {
            await watch.ChangedAsync(Cancel);
        }
    }
}
