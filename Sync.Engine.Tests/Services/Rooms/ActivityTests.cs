using Sync.Engine.Identity;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Lists of rooms with what goes on in them, and whom a caller may act as.</summary>
public sealed class ActivityTests
{
    private static readonly ActivityRequest s_all = new() { MaxLive = 100, MaxQuiet = 100 };

    [Fact]
    public async Task Activity_OfRoomsAwakeAndAsleep_HasTheLastEventOfEach()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("old");
        await host.SettleAsync("old");
        clock.Advance(TimeSpan.FromHours(1));
        await host.RoomAsync("new");
        await host.JoinAsync("new", "alice");
        await host.SettleAsync("new");
        await host.RestartAsync();
        await host.LoadedAsync("new");

        var rooms = (await host.Engine.Rooms.ActivityAsync(host.Owner, s_all, EngineHost.Cancel)).Value;

        var (live, quiet) = (Assert.Single(rooms.Live), Assert.Single(rooms.Quiet));
        Assert.Equal(("new", "old"), (live.Room.Id, quiet.Room.Id));
        Assert.Equal(clock.GetUtcNow(), live.LastEventAt);
        Assert.Equal(clock.GetUtcNow().AddHours(-1), quiet.LastEventAt);
        Assert.Equal((1, 0), (live.Present, quiet.Present));
    }

    [Fact]
    public async Task Activity_OfStrangers_IsNotShown()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("secret");
        var stranger = await host.UserAsync("sam", "rooms:*");

        var shown = (await host.Engine.Rooms.ActivityAsync(stranger, s_all with { Pinned = ["secret"] }, EngineHost.Cancel)).Value;
        Assert.Empty(shown.Pinned.Concat(shown.Live).Concat(shown.Quiet));
        Assert.Equal("authentication_required", (await host.Engine.Rooms.ActivityAsync(Caller.Anonymous, s_all, EngineHost.Cancel)).Error?.Code.Name);
    }

    [Fact]
    public async Task Watch_OfAReader_IsNotifiedOfTheirRoomsAndOfTheList()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.SettleAsync("r");
        using var watch = host.Engine.Rooms.WatchActivity(host.Owner).Value;

        var told = watch.ChangedAsync(EngineHost.Cancel);
        Assert.False(told.IsCompleted);
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"hello"}""");
        await told;

        told = watch.ChangedAsync(EngineHost.Cancel);
        await host.RoomAsync("another");
        await told;

        told = watch.ChangedAsync(EngineHost.Cancel);
        Assert.True((await host.Engine.Rooms.DeleteAsync(host.Owner, "another", EngineHost.Cancel)).Try(out _, out _));
        await told;
    }

    [Fact]
    public async Task Watch_OfAStranger_IsNotNotified()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("secret");
        var alice = await host.JoinAsync("secret", "alice");
        var stranger = await host.UserAsync("sam", "rooms:*");
        using var watch = host.Engine.Rooms.WatchActivity(stranger).Value;
        using var owners = host.Engine.Rooms.WatchActivity(host.Owner).Value;
        var told = watch.ChangedAsync(EngineHost.Cancel);

        await host.InvokeAsync(alice, "secret", "_send_message", """{"body":"hello"}""");
        await owners.ChangedAsync(EngineHost.Cancel);

        Assert.False(told.IsCompleted);
        Assert.Equal("authentication_required", host.Engine.Rooms.WatchActivity(Caller.Anonymous).Error?.Code.Name);
    }

    [Fact]
    public async Task Actable_IsEverybodyWithFullAccessAndOneselfWithout()
    {
        await using var host = await EngineHost.StartAsync();
        var created = await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.JoinAsync("r", "bob");
        var reader = await host.CallerAsync(created.ViewToken);
        var stranger = await host.UserAsync("sam", "rooms:*");

        Assert.Equal(["alice", "bob"], (await host.Engine.Agents.ActableAsync(host.Owner, "r", EngineHost.Cancel)).Value);
        Assert.Equal(["alice"], (await host.Engine.Agents.ActableAsync(alice, "r", EngineHost.Cancel)).Value);
        Assert.Empty((await host.Engine.Agents.ActableAsync(reader, "r", EngineHost.Cancel)).Value);
        Assert.Equal("scope_denied", (await host.Engine.Agents.ActableAsync(stranger, "r", EngineHost.Cancel)).Error?.Code.Name);
    }
}
