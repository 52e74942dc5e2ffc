using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Embodiments;

namespace Sync.Engine.Tests.Identity.Notices;

/// <summary>A change of access looks at what hangs on it. Looks are counted, not timed: what matters is that they do not grow with the server.</summary>
public sealed class AccessNoticesTests
{
    private const int Rooms = 12;
    private const int Users = 6;

    private static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>What is done, and how many of the parked waits, streams, pages, lists and sessions it looks at.</summary>
    public static TheoryData<string, int> Changes => new()
    {
        // Of a user's: a wait, a stream and a page in each room, a list, and a session that acts in each.
        { "revoke", (3 * Rooms) + 2 },
        { "narrow", (3 * Rooms) + 2 },
        { "role", 3 + 1 },
        { "mint", 0 },
        { "unrelated", 0 },
        { "delete", (3 * Users) + Users },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_OfOneTokenMemberOrRoom_NotifiesItsDependentsAndNothingElse(string change, int looks)
    {
        await using var host = await EngineHost.StartAsync();
        for (var room = 0; room < Rooms; room++)
        {
            await host.RoomAsync($"r{room}");
        }

        var tokens = new List<string>();
        var open = new List<IAsyncDisposable>();
        for (var user = 0; user < Users; user++)
        {
            var minted = (await host.Engine.Access.MintAsync($"user{user}", "rooms:*", label: null, expiresIn: null, Cancel)).Value;
            tokens.Add(minted.Id);
            var caller = await host.CallerAsync(minted.Secret);
            var session = host.Engine.Embodiments.Open(caller, "client");
            for (var room = 0; room < Rooms; room++)
            {
                Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, $"r{room}", $"user{user}", Role.Participant, Cancel)).Error);
                Assert.Null((await host.Engine.Embodiments.EmbodyAsync(caller.In(session), $"r{room}", new EmbodyRequest(), Cancel)).Error);
                open.Add(await HangOnAsync(host, caller, $"r{room}"));
            }

            open.Add(new Closing(host.Engine.Rooms.WatchActivity(caller).Value));
        }

        var notices = host.Engine.IdentityCache.Notices;
        var unrelated = (await host.Engine.Access.MintAsync("user0", "rooms:*", label: null, expiresIn: null, Cancel)).Value;
        await EngineHost.UntilAsync(() => notices.Count == Users * ((3 * Rooms) + 2));
        var before = notices.Evaluations;

        switch (change)
        {
            case "revoke":
                Assert.Null((await host.Engine.IdentityCache.Tokens.RevokeAsync(tokens[2], Cancel)).Error);
                break;
            case "narrow":
                Assert.Null((await host.Engine.IdentityCache.Tokens.ChangeAsync(tokens[2], Scope.Of("r1", AccessLevel.Read), label: null, _ => null, Cancel)).Error);
                break;
            case "role":
                Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r3", "user1", Role.Observer, Cancel)).Error);
                break;
            case "mint":
                await host.Engine.Access.MintAsync("user2", "rooms:*", label: null, expiresIn: null, Cancel);
                break;
            case "delete":
                Assert.Null((await host.Engine.Rooms.DeleteAsync(host.Owner, "r4", Cancel)).Error);
                break;
            default:
                Assert.Null((await host.Engine.IdentityCache.Tokens.RevokeAsync(unrelated.Id, Cancel)).Error);
                break;
        }

        Assert.Equal(looks, notices.Evaluations - before);
        foreach (var closing in open)
        {
            await closing.DisposeAsync();
        }
    }

    [Fact]
    public async Task WhateverEnds_IsForgotten()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var notices = host.Engine.IdentityCache.Notices;
        var before = notices.Count;
        var session = host.Engine.Embodiments.Open(host.Owner, "client");
        Assert.Null((await host.Engine.Embodiments.EmbodyAsync(host.Owner.In(session), "r", new EmbodyRequest(), Cancel)).Error);
        await using (await HangOnAsync(host, host.Owner, "r"))
        {
            await EngineHost.UntilAsync(() => notices.Count == before + 4);
        }

        using (host.Engine.Rooms.WatchActivity(host.Owner).Value)
        {
            await EngineHost.UntilAsync(() => notices.Count == before + 2);
        }

        host.Engine.Embodiments.Close(session);

        await EngineHost.UntilAsync(() => notices.Count == before);
    }

    [Fact]
    public async Task Session_HandedToAnotherToken_HangsOnThatOne()
    {
        await using var host = await EngineHost.StartAsync();
        var first = (await host.Engine.Access.MintAsync("ann", "rooms:*", label: null, expiresIn: null, Cancel)).Value;
        var second = (await host.Engine.Access.MintAsync("ann", "rooms:*", label: null, expiresIn: null, Cancel)).Value;
        var session = host.Engine.Embodiments.Open(await host.CallerAsync(first.Secret), "client");
        host.Engine.Embodiments.Hand(session, await host.CallerAsync(second.Secret));

        await host.Engine.IdentityCache.Tokens.RevokeAsync(first.Id, Cancel);
        Assert.False(session.Ended.IsCancellationRequested);
        await host.Engine.IdentityCache.Tokens.RevokeAsync(second.Id, Cancel);

        Assert.True(session.Ended.IsCancellationRequested);
    }

    /// <summary>An agent's own token has no user, but ends with the role of the member it was made for.</summary>
    [Fact]
    public async Task AgentToken_OfAMemberWhoLosesTheRole_IsCheckedToo()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var carl = await host.UserAsync("carl", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "carl", Role.Participant, Cancel)).Error);
        var joined = (await host.Engine.Agents.JoinAsync(carl, "r", EngineHost.Json("""{"id":"carl"}"""), Cancel)).Value;
        var agent = await host.CallerAsync(EngineHost.Node(joined.Json)["token"].Text());
        var waiting = host.Engine.Waits.WaitAsync(agent, "r", "false", timeout: null, EngineHost.Shape(""), Cancel);
        var room = await host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);

        Assert.Null((await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "carl", Cancel)).Error);

        Assert.Equal(ErrorCode.ScopeDenied, (await waiting).Error?.Code);
    }

    [Fact]
    public void Notify_DependentThatThrows_DoesNotStopTheOthers()
    {
        var notices = new AccessNotices();
        var told = 0;
        using var broken = notices.Add(Caller.System("a"), room: 1, _ => throw new InvalidOperationException());
        using var other = notices.Add(Caller.System("b"), room: 1, _ => told++);
        using var elsewhere = notices.Add(Caller.System("b"), room: 2, _ => told++);

        Assert.Throws<AggregateException>(() => notices.Notify(AccessChange.OfRoom(1)));

        Assert.Equal((1, 2L), (told, notices.Evaluations));
    }

    // A wait, a stream and a page.
    private static async Task<IAsyncDisposable> HangOnAsync(EngineHost host, Caller caller, string room)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var waiting = host.Engine.Waits.WaitAsync(caller, room, "false", timeout: null, EngineHost.Shape(""), cancel.Token);
        var events = (await host.Engine.Live.EventsAsync(caller, room, null, parameter: "since", cancel.Token)).Value.GetAsyncEnumerator(cancel.Token);
        var next = events.MoveNextAsync().AsTask();
        var watch = (await host.Engine.Live.WatchAsync(caller, room, Cancel)).Value;
        return new Closing(watch, async () =>
        {
            await cancel.CancelAsync();
            await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await events.DisposeAsync();
            cancel.Dispose();
        });
    }

    private sealed class Closing(IDisposable first, Func<Task>? then = null) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            first.Dispose();
            if (then is not null)
            {
                await then();
            }
        }
    }
}
