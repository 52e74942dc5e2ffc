using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>As whom a session acts, and what it gives up.</summary>
public sealed class EmbodimentTests(SyncHost host)
{
    public static TheoryData<string> Versions => [McpConnection.Stateful, McpConnection.Stateless];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Embody_NothingNamed_IsUserAndClient(string version)
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, "Claude Code", version);

        var embodied = await mcp.OkAsync("sync_embody", new { room = room.Id });
        var sent = await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });

        Assert.Equal(room.OwnerName + ":claude-code", embodied.GetProperty("agent").GetString());
        Assert.True(embodied.GetProperty("created").GetBoolean());
        Assert.Equal(room.OwnerName + ":claude-code", sent.GetProperty("agent").GetString());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task TwoClientsOfOnePerson_AreTwoAgents(string version)
    {
        var room = await host.RoomAsync();
        await using var one = await McpConnection.OpenAsync(host, room.Owner.Token!, "one", version);
        await using var two = await McpConnection.OpenAsync(host, room.Owner.Token!, "two", version);
        await one.OkAsync("sync_embody", new { room = room.Id });
        await two.OkAsync("sync_embody", new { room = room.Id });

        var first = await one.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });
        var second = await two.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });

        Assert.Equal(room.OwnerName + ":one", first.GetProperty("agent").GetString());
        Assert.Equal(room.OwnerName + ":two", second.GetProperty("agent").GetString());
        Assert.Equal(1, (await one.ContextAsync(room.Id)).GetProperty("messages").GetProperty("unread").GetInt32());
    }

    [Fact]
    public async Task Embody_ByName_MakesTheAgentOfThatName()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);

        var embodied = await mcp.OkAsync("sync_embody", new { room = room.Id, name = "Alice", state = new { mood = "calm" } });

        Assert.Equal("alice", embodied.GetProperty("agent").GetString());
        Assert.Equal("Alice", embodied.GetProperty("name").GetString());
        Assert.Equal("calm", (await mcp.ContextAsync(room.Id)).GetProperty("state").GetProperty("self").GetProperty("mood").GetString());
    }

    [Fact]
    public async Task Embody_AnotherAgent_LetsTheFirstGo()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "a" });
        await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });

        var embodied = await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "b" });

        Assert.Equal("a", embodied.GetProperty("released").GetString());
        var agents = (await mcp.ContextAsync(room.Id)).GetProperty("agents");
        Assert.Equal("idle", agents.GetProperty("a").GetProperty("status").GetString());
        Assert.True(agents.GetProperty("a").GetProperty("_switchable").GetBoolean());
        Assert.True(agents.GetProperty("b").GetProperty("_current").GetBoolean());
        Assert.Equal("active", agents.GetProperty("b").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Context_OfASession_SaysWhoItIs()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        var before = (await mcp.ContextAsync(room.Id)).GetProperty("_session");
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "a" });
        await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "b" });

        var after = (await mcp.ContextAsync(room.Id)).GetProperty("_session");

        Assert.Equal(JsonValueKind.Null, before.GetProperty("agent").ValueKind);
        Assert.Equal("b", after.GetProperty("agent").GetString());
        Assert.Equal(room.Id, after.GetProperty("room").GetString());
        Assert.Equal(["a"], after.GetProperty("switchable").EnumerateArray().Select(agent => agent.GetString()));
        Assert.Equal("admin", after.GetProperty("scope_level").GetString());
    }

    [Fact]
    public async Task Session_InTwoRooms_IsAnAgentInEach()
    {
        var user = SyncHost.NewName("user");
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(user));
        var rooms = new[] { SyncHost.NewName("r"), SyncHost.NewName("r") };
        foreach (var room in rooms)
        {
            await mcp.OkAsync("sync_create_room", new { id = room });
            await mcp.OkAsync("sync_embody", new { room, agent = "agent-of-" + room });
        }

        foreach (var room in rooms)
        {
            Assert.Equal("agent-of-" + room, (await mcp.OkAsync("sync_send_message", new { room, body = "hi" })).GetProperty("agent").GetString());
        }
    }

    [Fact]
    public async Task Disembody_LeavesAnIdleAgentAndAnObserver()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "a" });
        await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });

        var answer = await mcp.OkAsync("sync_disembody", new { room = room.Id });

        Assert.Equal("a", answer.GetProperty("agent").GetString());
        Assert.Equal("idle", (await mcp.ContextAsync(room.Id)).GetProperty("agents").GetProperty("a").GetProperty("status").GetString());
        await mcp.RefusedAsync("embodiment_required", "sync_send_message", new { room = room.Id, body = "hi" });
    }

    [Fact]
    public async Task Disembody_WithRemove_EndsTheAgent()
    {
        var room = await host.RoomAsync();
        var member = await room.MemberAsync("participant");
        await using var mcp = await McpConnection.OpenAsync(host, member.Token!);
        await using var owner = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "a", state = new { kept = 1 } });
        await owner.OkAsync("sync_embody", new { room = room.Id, agent = "o", state = new { kept = 1 } });

        await mcp.RefusedAsync("identity_mismatch", "sync_disembody", new { room = room.Id, remove = true, agent = "o" });
        await mcp.RefusedAsync("invalid_parameter", "sync_disembody", new { room = room.Id, agent = "o" });
        var answer = await mcp.OkAsync("sync_disembody", new { room = room.Id, remove = true });
        await owner.RefusedAsync("agent_not_found", "sync_disembody", new { room = room.Id, remove = true, agent = "a" });

        Assert.True(answer.GetProperty("removed").GetBoolean());
        Assert.False((await mcp.ContextAsync(room.Id)).GetProperty("agents").TryGetProperty("a", out _));
        await mcp.RefusedAsync("embodiment_required", "sync_send_message", new { room = room.Id, body = "hi" });
    }

    [Fact]
    public async Task SessionEnded_LetsItsAgentGo()
    {
        var room = await host.RoomAsync();
        await using var watcher = await McpConnection.OpenAsync(host, room.Owner.Token!, "watcher");
        var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "a" });
        await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });

        await mcp.DisposeAsync();

        var waited = await watcher.OkAsync("sync_wait", new { room = room.Id, condition = "agents.a.status == 'idle'", timeout = 20_000 });
        Assert.True(waited.GetProperty("triggered").GetBoolean());
    }

    [Fact]
    public async Task RoleTakenDown_LetsTheAgentGo()
    {
        var room = await host.RoomAsync();
        var name = SyncHost.NewName("member");
        var token = await host.MintAsync(name);
        (await room.Owner.PostAsync(room.Path + "/invite", new { username = name, role = "participant" })).AssertOk();
        await using var mcp = await McpConnection.OpenAsync(host, token);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "a" });
        await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });

        (await room.Owner.PostAsync(room.Path + "/invite", new { username = name, role = "observer" })).AssertOk();

        var context = await mcp.ContextAsync(room.Id);
        Assert.Equal("idle", context.GetProperty("agents").GetProperty("a").GetProperty("status").GetString());
        Assert.Equal("observe", context.GetProperty("_session").GetProperty("scope_level").GetString());
        await mcp.RefusedAsync("read_only_token", "sync_send_message", new { room = room.Id, body = "hi" });
    }

    [Fact]
    public async Task Embody_AgentOfSomebodyElse_IsRefused()
    {
        var room = await host.RoomAsync();
        var member = await room.MemberAsync("participant");
        await using var owner = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await using var other = await McpConnection.OpenAsync(host, member.Token!);
        await owner.OkAsync("sync_embody", new { room = room.Id, agent = "mine" });

        await other.RefusedAsync("agent_exists", "sync_embody", new { room = room.Id, agent = "mine" });
    }

    [Fact]
    public async Task Embody_ByATokenOfOneAgent_IsThatAgentOnly()
    {
        var room = await host.RoomAsync();
        var alice = await room.JoinAsync("alice");
        await using var mcp = await McpConnection.OpenAsync(host, alice.Token!);

        await mcp.RefusedAsync("identity_mismatch", "sync_embody", new { room = room.Id, agent = "bob" });
        var embodied = await mcp.OkAsync("sync_embody", new { room = room.Id });

        Assert.Equal("alice", embodied.GetProperty("agent").GetString());
    }

    [Fact]
    public async Task Role_IsFilledByAFreeAgentElseByANewOne()
    {
        var room = await host.RoomAsync();
        var member = await room.MemberAsync("participant");
        await using var one = await McpConnection.OpenAsync(host, room.Owner.Token!, "one");
        await using var two = await McpConnection.OpenAsync(host, member.Token!, "two");

        var first = await one.OkAsync("sync_embody", new { room = room.Id, role = "worker" });
        var second = await two.OkAsync("sync_embody", new { room = room.Id, role = "worker" });

        // Agents that never act go with their release.
        await one.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });
        await two.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });
        await one.OkAsync("sync_disembody", new { room = room.Id });
        await two.OkAsync("sync_disembody", new { room = room.Id });
        await using var three = await McpConnection.OpenAsync(host, member.Token!, "three");
        var third = await three.OkAsync("sync_embody", new { room = room.Id, role = "worker" });
        await using var four = await McpConnection.OpenAsync(host, member.Token!, "four");
        var fourth = await four.OkAsync("sync_embody", new { room = room.Id, role = "worker" });

        Assert.Equal("worker", first.GetProperty("agent").GetString());
        Assert.Equal("worker-2", second.GetProperty("agent").GetString());
        Assert.Equal("worker-2", third.GetProperty("agent").GetString()); // One's own comes first.
        Assert.Equal("worker-3", fourth.GetProperty("agent").GetString()); // Never one of another user's, who could read what it keeps.
        Assert.True(fourth.GetProperty("created").GetBoolean());
        Assert.Equal("worker-3", (await four.OkAsync("sync_send_message", new { room = room.Id, body = "hi" })).GetProperty("agent").GetString());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Restricted_ToObserving_ReadsAndNoMore(string version)
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, SyncHost.NewName("c"), version);
        await mcp.OkAsync("sync_embody", new { room = room.Id, agent = "a" });

        var answer = await mcp.OkAsync("sync_restrict_scope", new { room = room.Id, level = "observe" });

        Assert.Equal("a", answer.GetProperty("released").GetString());
        Assert.Equal("observe", answer.GetProperty("scope_level").GetString());
        Assert.Equal("observe", (await mcp.ContextAsync(room.Id)).GetProperty("_session").GetProperty("scope_level").GetString());
        await mcp.RefusedAsync("read_only_token", "sync_embody", new { room = room.Id });
        await mcp.RefusedAsync("read_only_token", "sync_join_room", new { room = room.Id });
        await mcp.RefusedAsync("read_only_token", "sync_restrict_scope", new { room = room.Id, level = "role", role = "worker" });
    }

    [Fact]
    public async Task Restricted_ToARole_ActsInThatRoleOnly()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id, role = "worker" });

        var answer = await mcp.OkAsync("sync_restrict_scope", new { room = room.Id, level = "role" });

        Assert.Equal("worker", answer.GetProperty("role").GetString());
        Assert.Equal("worker", answer.GetProperty("agent").GetString());
        await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });
        await mcp.RefusedAsync("scope_denied", "sync_embody", new { room = room.Id, role = "boss" });
        await mcp.RefusedAsync("scope_denied", "sync_restrict_scope", new { room = room.Id, level = "role", role = "boss" });
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task RevokedRoom_IsGoneForTheSessionAlone(string version)
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, SyncHost.NewName("c"), version);
        await using var other = await McpConnection.OpenAsync(host, room.Owner.Token!, SyncHost.NewName("c"), version);

        await mcp.OkAsync("sync_revoke_access", new { room = room.Id });

        await mcp.RefusedAsync("scope_denied", "sync_read_context", new { room = room.Id });
        await mcp.RefusedAsync("scope_denied", "sync_join_room", new { room = room.Id });
        await mcp.RefusedAsync("scope_denied", "sync_embody", new { room = room.Id });
        Assert.DoesNotContain(room.Id, (await mcp.OkAsync("sync_list_rooms")).GetRawText(), StringComparison.Ordinal);
        await other.ContextAsync(room.Id);
    }
}
