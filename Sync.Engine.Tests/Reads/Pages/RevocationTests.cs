using Sync.Engine.Identity;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Tests.Reads.Pages;

/// <summary>What hangs on a room ends when its caller may no longer read it.</summary>
public sealed class RevocationTests
{
    [Fact]
    public async Task Watch_TokenRevoked_EndsAndKeepsTheLastPicture()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var carl = await MemberAsync(host);
        using var watch = (await host.Engine.Live.WatchAsync(carl, "r", EngineHost.Cancel)).Value;
        var seen = watch.Current;
        var changed = watch.ChangedAsync(seen, EngineHost.Cancel).AsTask();

        await host.Engine.IdentityCache.Tokens.RevokeAsync(carl.TokenId!, EngineHost.Cancel);

        Assert.False(await changed.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel));
        Assert.True(watch.Ended);
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"later"}""");
        Assert.Same(seen, watch.Current);
    }

    [Fact]
    public async Task Events_TokenRevoked_End()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var carl = await MemberAsync(host);
        var events = (await host.Engine.Live.EventsAsync(carl, "r", null, parameter: "since", EngineHost.Cancel)).Value;
        var count = 0;
        var reading = ReadAsync();
        var room = await host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => room.Feed.Subscribers == 1);

        await host.Engine.IdentityCache.Tokens.RevokeAsync(carl.TokenId!, EngineHost.Cancel);
        await reading.WaitAsync(TimeSpan.FromSeconds(10), EngineHost.Cancel);

        Assert.Equal(0, room.Feed.Subscribers);
        Assert.Equal(0, count);

        async Task ReadAsync()
        {
            await foreach (var _ in events)
            {
                count++;
            }
        }
    }

    [Fact]
    public async Task Watch_PresenceOnly_ChangesNothingElse()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", """{"id":"set","writes":[{"key":"k","value":1}]}""");
        await host.ViewAsync(alice, "r", """{"id":"v","expr":"state._shared.k"}""");
        await host.InvokeAsync(alice, "r", "set");
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"x"}""");
        using var watch = (await host.Engine.Live.WatchAsync(host.Owner, "r", EngineHost.Cancel)).Value;
        var before = watch.Current;
        Assert.Same(before, watch.Current);

        await host.AdvanceAsync("r", TimeSpan.FromMinutes(6));

        Assert.True(await watch.ChangedAsync(before, EngineHost.Cancel));
        var after = watch.Current;
        Assert.Equal(AgentStatus.Idle, Assert.Single(after.Agents).Status);
        Assert.True(before.Entries == after.Entries && before.Messages == after.Messages && before.Actions == after.Actions && before.Views == after.Views && before.Activity == after.Activity);
    }

    [Fact]
    public async Task Events_RoleTakenDown_HidePrivateWritesFromThenOn()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", """{"id":"note","params":{"v":{}},"writes":[{"scope":"self","key":"diary","value":"${params.v}"}]}""");
        var carl = await MemberAsync(host);
        await host.GiveRoleAsync("r", "carl", Role.Owner);
        await using var events = (await host.Engine.Live.EventsAsync(carl, "r", null, parameter: "since", EngineHost.Cancel)).Value.GetAsyncEnumerator(EngineHost.Cancel);
        await host.InvokeAsync(alice, "r", "note", """{"v":"first"}""");
        Assert.Contains("first", await NextAsync(), StringComparison.Ordinal);

        await host.GiveRoleAsync("r", "carl", Role.Participant);
        await host.InvokeAsync(alice, "r", "note", """{"v":"second"}""");

        Assert.DoesNotContain("second", await NextAsync(), StringComparison.Ordinal);

        async Task<string> NextAsync()
        {
            Assert.True(await events.MoveNextAsync());
            return System.Text.Encoding.UTF8.GetString(events.Current.Json.Span);
        }
    }

    private static async Task<Caller> MemberAsync(EngineHost host)
    {
        var carl = await host.UserAsync("carl", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "carl", Role.Participant, EngineHost.Cancel)).Error);
        return carl;
    }
}
