using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Inbox;

/// <summary>The read cursor that pages move: of the person's own agent alone, forward alone, and never by who only reads.</summary>
public sealed class ReadCursorTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task MarkRead_MovesTheOwnAgentsCursorForward_AndNobodyElses()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        await host.JoinAsync("r", "carl");

        Assert.Equal(2, (await MarkAsync(host, await host.SessionAsync("olga"), 2)).Value);
        Assert.Equal(2, (await MarkAsync(host, host.Owner, 1)).Value);

        Assert.Equal(1, (await host.EvalAsync(host.Owner, "r", "messages.unread"))!.GetValue<int>());
        Assert.Equal(3, (await host.EvalAsync(host.Owner, "r", "messages.count"))!.GetValue<int>());
        var presence = (await host.LoadedAsync("r")).Presence;
        Assert.Equal((2, 0, 0), (presence.Of("olga").Cursor.Seq, presence.Of("bob").Cursor.Seq, presence.Of("carl").Cursor.Seq));
        Assert.NotNull(bob);
    }

    [Fact]
    public async Task MarkRead_IsNoEventAndNoSignOfLife_AndWakesWhoWaitsForTheCursor()
    {
        await using var host = await EngineHost.StartAsync();
        await RoomAsync(host);
        var room = await host.LoadedAsync("r");
        await host.SettleAsync("r");
        var seq = room.Published.Seq;
        var waiting = host.WaitAsync(host.Owner, "r", "messages.unread == 0", query: "peek=true");
        await host.ParkedAsync("r");
        var beat = room.Presence.Of("olga").LastHeartbeat;

        await MarkAsync(host, host.Owner, 3);

        await waiting;
        await host.SettleAsync("r");
        Assert.Equal(seq, room.Published.Seq);
        Assert.NotNull(beat);
    }

    [Fact]
    public async Task MarkRead_SurvivesARestart()
    {
        await using var host = await EngineHost.StartAsync();
        await RoomAsync(host);
        await MarkAsync(host, host.Owner, 3);

        await host.RestartAsync();

        Assert.Equal(0, (await host.InboxAsync(host.Owner)).Of("r").Unread);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(long.MaxValue)]
    public async Task MarkRead_OfAMessageThatWasNotSent_IsRefused(long upTo)
    {
        await using var host = await EngineHost.StartAsync();
        await RoomAsync(host);

        Assert.Equal("invalid_parameter", (await MarkAsync(host, host.Owner, upTo)).Error!.Code.Name);
        Assert.Equal(0, (await host.LoadedAsync("r")).Presence.Of("olga").Cursor.Seq);
    }

    [Fact]
    public async Task MarkRead_ByWhoHasNoAgentOfTheirOwn_IsRefusedOrMovesNobody()
    {
        await using var host = await EngineHost.StartAsync();
        var bob = await RoomAsync(host);
        await host.UserAsync("otto", "rooms:*");
        await host.GiveRoleAsync("r", "otto", Role.Observer);
        var presence = (await host.LoadedAsync("r")).Presence;
        foreach (var (caller, code) in ((Caller, string)[])
        [
            (Caller.Anonymous, "authentication_required"),
            (await host.UserAsync("stan", "rooms:*"), "scope_denied"),
            (await host.SessionAsync("otto"), "read_only_token"),
            (await host.UserAsync("olga", "rooms:*:read"), "read_only_token"),
            (await host.UserAsync("olga", "rooms:r:view:v"), "scope_denied"),
        ])
        {
            Assert.Equal(code, (await MarkAsync(host, caller, 3)).Error!.Code.Name);
        }

        Assert.Equal((0, 0), (presence.Of("olga").Cursor.Seq, presence.Of("otto").Cursor.Seq));

        // An agent's own token moves its own, as reading its context does.
        Assert.Equal(3, (await MarkAsync(host, bob, 3)).Value);
        Assert.Equal((0, 3), (presence.Of("olga").Cursor.Seq, presence.Of("bob").Cursor.Seq));
    }

    private static Task<Outcome<long>> MarkAsync(EngineHost host, Caller caller, long upTo) => host.Engine.Inbox.MarkReadAsync(caller, "r", upTo, Cancel);

    private static async Task<Caller> RoomAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"k","value":1}]}""");
        for (var message = 1; message <= 3; message++)
        {
            await host.InvokeAsync(bob, "r", "_send_message", $$"""{"body":"{{message}}","to":["olga"]}""");
        }

        return bob;
    }
}
