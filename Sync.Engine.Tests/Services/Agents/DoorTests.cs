using System.Text.Json;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Agents;

/// <summary>A person comes into an open room, and an id is looked at before a token is made for it.</summary>
public sealed class DoorTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData(JoinPolicy.Open, null, Role.Participant)]
    [InlineData(JoinPolicy.Members, null, null)]
    [InlineData(JoinPolicy.Open, Role.Observer, null)]
    [InlineData(JoinPolicy.Members, Role.Participant, Role.Participant)]
    [InlineData(JoinPolicy.Open, Role.Owner, Role.Owner)]
    public async Task Enter_OfEveryRoleUnderEveryPolicy_GivesARoleWhereNoneWasAndTheRoomIsOpen(JoinPolicy policy, Role? before, Role? after)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", policy);
        var person = await host.SessionAsync("pat");
        if (before is { } role)
        {
            await host.GiveRoleAsync("r", "pat", role);
        }

        Assert.Equal(after is null, host.Engine.Agents.EntryRefusal(person, "r") is not null);
        var entered = await host.Engine.Agents.EnterAsync(person, "r", Cancel);

        Assert.Equal(after is null, entered.Error is not null);
        Assert.Equal(after ?? before, RoleOf(await host.LoadedAsync("r"), person));
        if (after is not null)
        {
            Assert.Equal("pat", (await host.InvokeAsync(person, "r", "_send_message", """{"body":"hi"}"""))["agent"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Enter_ByWhoMayNot_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var removed = await host.SessionAsync("rex");
        await host.Engine.Agents.EnterAsync(removed, "r", Cancel);
        Assert.Null((await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "rex", Cancel)).Error);

        foreach (var caller in new[] { Caller.Anonymous, removed, Caller.SystemReader("r"), await host.UserAsync("reader", "rooms:r:read") })
        {
            Assert.NotNull((await host.Engine.Agents.EnterAsync(caller, "r", Cancel)).Error);
        }

        Assert.Equal("room_not_found", (await host.Engine.Agents.EnterAsync(await host.SessionAsync("pat"), "none", Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Id_LookedAt_IsRefusedWhereItsAgentWouldBe()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.SessionAsync("hugo");
        var person = await host.SessionAsync("pat");
        await host.GiveRoleAsync("r", "pat", Role.Participant);
        await host.JoinAsync("r", "theirs");
        await host.InvokeAsync(person, "r", "_send_message", """{"body":"hi"}""");

        foreach (var (id, code) in new (string, string?)[] { ("claude", null), ("pat", null), ("pat:claude", null), ("hugo", "agent_exists"), ("hugo:claude", "agent_exists"), ("HUGO", "agent_exists"), ("theirs", "agent_exists"), ("Theirs", "agent_exists"), ("_x", "invalid_id"), ("", "invalid_id"), ("system", "invalid_id") })
        {
            Assert.True(code == (await host.Engine.Agents.IdRefusalAsync(person, "r", id, Cancel))?.Code.Name, id);
        }

        var observer = await host.MemberAsync("r", "obi", Role.Observer, "rooms:*");
        foreach (var caller in new[] { observer, Caller.Anonymous, await host.UserAsync("stan", "rooms:*") })
        {
            Assert.NotNull(await host.Engine.Agents.IdRefusalAsync(caller, "r", "claude", Cancel));
            Assert.NotNull((await host.Engine.Agents.IntroduceAsync(caller, "r", "claude", Cancel)).Error);
        }
    }

    [Fact]
    public async Task Agent_PutIntoARoom_ActsWithItsTokenAndIsItsUsers()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var person = await host.SessionAsync("pat");
        await host.GiveRoleAsync("r", "pat", Role.Participant);

        Assert.True((await host.Engine.Agents.IntroduceAsync(person, "r", "claude", Cancel)).Value);
        Assert.False((await host.Engine.Agents.IntroduceAsync(person, "r", "claude", Cancel)).Value);
        Assert.Equal("agent_exists", (await host.Engine.Agents.IntroduceAsync(person, "r", "Claude", Cancel)).Error!.Code.Name);

        var agent = await host.CallerAsync((await host.MintAsync(person, scope: null, "r", "claude")).Value.Secret);
        Assert.Equal("claude", (await host.InvokeAsync(agent, "r", "_send_message", """{"body":"hi"}"""))["agent"]!.GetValue<string>());
        Assert.Equal(person.UserId, (await host.LoadedAsync("r")).Published.Agents["claude"].User);
        Assert.DoesNotContain((await host.Engine.RoomTokens.ListAsync(host.Owner, "r", Cancel)).Value, token => token.Agent == "claude");
    }

    [Fact]
    public async Task Fork_OfWhatTheServerShows_NeedsTheRightToMakeRooms_AndIsTheirs()
    {
        await using var host = await EngineHost.StartAsync();
        var server = Caller.System("demo");
        Assert.Null((await host.Engine.Rooms.CreateAsync(server, new CreateRoom("demo", "Demo", JoinPolicy.Members), Cancel)).Error);
        await host.RegisterAsync(server, "demo", """{"id":"set","writes":[{"key":"k","value":1}]}""", agent: null);
        var reader = Caller.SystemReader("demo");
        var person = await host.SessionAsync("pat");
        var request = new ForkRoom(Id: null, "Sandbox", JoinPolicy.Members, At: null) { IdFromName = true };

        var made = (await host.Engine.Rooms.ForkAsync(person, reader, "demo", request, Cancel)).Value;

        Assert.Equal(("sandbox", Role.Owner), (made.Info.Id, made.Info.Role));
        Assert.True((await host.InvokeAsync(person, "sandbox", "set"))["invoked"]!.GetValue<bool>());
        Assert.NotNull((await host.Engine.Rooms.GetAsync(person, "demo", Cancel)).Error);
        Assert.NotNull((await host.Engine.Rooms.ForkAsync(person, "demo", request, Cancel)).Error);
        foreach (var caller in new[] { Caller.Anonymous, await host.UserAsync("stan", "rooms:*") })
        {
            Assert.NotNull((await host.Engine.Rooms.ForkAsync(caller, reader, "demo", request, Cancel)).Error);
        }
    }

    [Fact]
    public async Task Fork_OfWhatTheServerShows_HasNothingThatAgentsKeepPrivate()
    {
        await using var host = await EngineHost.StartAsync();
        var server = Caller.System("demo");
        Assert.Null((await host.Engine.Rooms.CreateAsync(server, new CreateRoom("demo", "Demo", JoinPolicy.Members), Cancel)).Error);
        Assert.Null((await host.Engine.Agents.JoinAsync(server, "demo", JsonDocument.Parse("""{"id":"worker","state":{"plan":"mine alone"}}""").RootElement, Cancel)).Error);
        var reader = Caller.SystemReader("demo");
        var person = await host.SessionAsync("pat");

        Assert.Null((await host.Engine.Rooms.ForkAsync(person, reader, "demo", new ForkRoom(Id: "copy", "Sandbox", JoinPolicy.Members, At: null), Cancel)).Error);

        Assert.Null((await host.LoadedAsync("copy")).Published.Find("worker", "plan"));
        using var watch = (await host.Engine.Live.WatchAsync(reader, "demo", Cancel)).Value;
        Assert.DoesNotContain(watch.Current.Entries, static entry => entry.Scope == "worker");
        Assert.False((await host.Engine.History.FindAsync(reader, "demo", "alone", 10, Cancel)).Value.Any());
    }

    private static Role? RoleOf(RoomReplica room, Caller person) => room.Record.Members.TryGetValue(person.UserId!, out var member) ? member.Role : null; // A session's user.
}
