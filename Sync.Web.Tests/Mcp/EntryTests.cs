using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Getting into rooms over MCP, and being somebody there: newcomers, invitations, several sessions of one client, clients that open a session for each call.</summary>
public sealed class EntryTests(SyncHost host)
{
    public static TheoryData<string> Versions => [McpConnection.Stateful, McpConnection.Stateless];

    [Theory]
    [InlineData("rooms:* create_rooms")]
    [InlineData("rooms:*:write")]
    [InlineData("create_rooms")]
    public async Task Embody_InAnOpenRoomBySomebodyNew_JoinsIt(string scope)
    {
        var room = await host.RoomAsync();
        var name = SyncHost.NewName("bob");
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(name, scope), "probe");

        Assert.Equal($"{name}:probe", (await mcp.OkAsync("sync_embody", new { room = room.Id })).GetProperty("agent").GetString());

        Assert.Equal($"{name}:probe", (await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" })).GetProperty("agent").GetString());
        Assert.Equal("write", (await mcp.ContextAsync(room.Id)).GetProperty("_session").GetProperty("scope_level").GetString());
        Assert.Contains(room.Id, (await mcp.OkAsync("sync_lobby")).GetRawText(), StringComparison.Ordinal);
        var members = (await room.Owner.GetAsync(room.Path + "/members")).AssertOk();
        Assert.Contains(members["members"].EnumerateArray(), member => member.GetProperty("user").GetString() == name && member.GetProperty("role").GetString() == "participant");
    }

    [Fact]
    public async Task Join_InASession_IsWhomItActsAs_UnlessItIsSomebodyAlready()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("bob")));

        var first = await mcp.OkAsync("sync_join_room", new { room = room.Id, id = "one" });
        var second = await mcp.OkAsync("sync_join_room", new { room = room.Id, id = "two" });

        Assert.Equal((true, "one"), (first.GetProperty("embodied").GetBoolean(), first.GetProperty("acting_as").GetString()));
        Assert.Equal((false, "one"), (second.GetProperty("embodied").GetBoolean(), second.GetProperty("acting_as").GetString()));
        Assert.Equal("one", (await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" })).GetProperty("agent").GetString());
    }

    [Fact]
    public async Task Owner_InvitesWithTheToolThatMakesRooms_AlsoIntoOneThatIsThere()
    {
        var (id, bob, eve) = (SyncHost.NewName("r"), SyncHost.NewName("bob"), SyncHost.NewName("eve"));
        await using var owner = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("owner")));
        await using var guest = await McpConnection.OpenAsync(host, await host.MintAsync(bob));
        await using var watcher = await McpConnection.OpenAsync(host, await host.MintAsync(eve));

        var made = await owner.OkAsync("sync_create_room", new { id, join = "members" });
        await guest.RefusedAsync("scope_denied", "sync_embody", new { room = id });
        var found = await owner.OkAsync("sync_create_room", new { id, invite = new object[] { bob, new { user = eve, role = "observer" } } });

        Assert.True(made.GetProperty("created").GetBoolean());
        Assert.False(found.GetProperty("created").GetBoolean());
        await guest.OkAsync("sync_embody", new { room = id });
        await guest.OkAsync("sync_send_message", new { room = id, body = "hi" });
        await guest.RefusedAsync("room_exists", "sync_create_room", new { id, invite = new[] { "mallory" } });
        await owner.RefusedAsync("invalid_parameter", "sync_create_room", new { id = SyncHost.NewName("r"), invite = new[] { "eve:boss" } });
        await watcher.ContextAsync(id);
        var refused = await watcher.RefusedAsync("read_only_token", "sync_embody", new { room = id });
        Assert.Contains("sync_create_room", refused.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateRoom_ThatIsThere_WarnsOfWhatStays()
    {
        var id = SyncHost.NewName("r");
        var token = await host.MintAsync(SyncHost.NewName("owner"));
        await using var owner = await McpConnection.OpenAsync(host, token);
        await owner.OkAsync("sync_create_room", new { id, name = "First", join = "open" });

        foreach (var same in new object[] { new { id }, new { id, name = "First" }, new { id, name = "First", join = "open" } })
        {
            Assert.False((await owner.OkAsync("sync_create_room", same)).TryGetProperty("warnings", out _));
        }

        var other = await owner.OkAsync("sync_create_room", new { id, name = "Second", join = "members" });

        Assert.Equal(("First", "open"), (other.GetProperty("name").GetString(), other.GetProperty("join").GetString()));
        var warning = Assert.Single(other.GetProperty("warnings").EnumerateArray());
        Assert.Equal("room_exists", warning.GetProperty("code").GetString());
        Assert.Contains($"/rooms/{id}/dashboard", warning.GetProperty("hint").GetString(), StringComparison.Ordinal);

        var refused = (await host.Client(token).PostAsync("/rooms", new { id, name = "Second", join = "members" })).AssertRefusal("room_exists", 409);
        Assert.Contains($$"""PATCH /rooms/{{id}} {"name":"Second","join":"members"}""", refused["hint"].GetString(), StringComparison.Ordinal);
        (await host.Client(token).PatchAsync($"/rooms/{id}", new { name = "Second", join = "members" })).AssertOk();
    }

    [Fact]
    public async Task Role_ThatIsDeclared_IsFilledByOneAndWaitedForByTheOther()
    {
        var room = await host.RoomAsync();
        foreach (var action in new[] { "define_role", "vacate_role" })
        {
            await room.RegisterAsync(new { from = "standard_library", id = action });
        }

        (await room.InvokeAsync("define_role", new { role = "lead", description = "Leads." })).AssertOk();
        await using var bob = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("bob")));
        await using var eve = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("eve")));
        var holder = (await bob.OkAsync("sync_embody", new { room = room.Id, role = "lead" })).GetProperty("agent").GetString();

        var near = await eve.RefusedAsync("invalid_parameter", "sync_embody", new { room = room.Id, role = "leed" });
        var held = await eve.RefusedAsync("lease_held", "sync_embody", new { room = room.Id, role = "lead" });

        Assert.Equal("Did you mean 'lead'?", near.GetProperty("hint").GetString());
        Assert.Equal(holder, held.GetProperty("holder").GetString());
        await eve.OkAsync("sync_embody", new { room = room.Id });
        var waiting = eve.OkAsync("sync_wait", new { room = room.Id, condition = held.GetProperty("condition").GetString(), timeout = 40_000 });
        await bob.OkAsync("sync_disembody", new { room = room.Id });
        Assert.True((await waiting).GetProperty("triggered").GetBoolean());
        Assert.Equal("lead", (await eve.OkAsync("sync_embody", new { room = room.Id, role = "lead" })).GetProperty("role").GetString());
    }

    [Fact]
    public async Task SecondSession_OfOneClient_IsAnAgentOfItsOwnAndIsTold()
    {
        var room = await host.RoomAsync();
        await using var one = await McpConnection.OpenAsync(host, room.Owner.Token!, "claude");
        await using var two = await McpConnection.OpenAsync(host, room.Owner.Token!, "claude");
        var own = room.OwnerName + ":claude";
        await one.OkAsync("sync_embody", new { room = room.Id });

        var second = await two.OkAsync("sync_embody", new { room = room.Id });

        Assert.Equal(own + "-2", second.GetProperty("agent").GetString());
        var warning = Assert.Single(second.GetProperty("warnings").EnumerateArray());
        Assert.Equal("agent_held", warning.GetProperty("code").GetString());
        Assert.Contains("\"take_over\":true", warning.GetProperty("hint").GetString(), StringComparison.Ordinal);
        await two.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });
        Assert.Equal(own + "-2", (await two.OkAsync("sync_embody", new { room = room.Id })).GetProperty("agent").GetString());

        var held = await two.RefusedAsync("agent_held", "sync_embody", new { room = room.Id, agent = own });
        Assert.Contains("\"take_over\":true", held.GetProperty("hint").GetString(), StringComparison.Ordinal);
        await two.OkAsync("sync_embody", new { room = room.Id, agent = own, take_over = true });
        Assert.Equal(own, (await two.OkAsync("sync_send_message", new { room = room.Id, body = "hi" })).GetProperty("agent").GetString());

        // The one that had it hears of it, and goes on as another.
        var told = await one.RefusedAsync("embodiment_required", "sync_send_message", new { room = room.Id, body = "hi" });
        Assert.Contains($"taken over the agent '{own}'", told.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(own, (await one.ContextAsync(room.Id)).GetProperty("_session").GetProperty("taken_over").GetString());
        Assert.Equal(own + "-2", (await one.OkAsync("sync_embody", new { room = room.Id })).GetProperty("agent").GetString());
        Assert.False((await one.ContextAsync(room.Id)).GetProperty("_session").TryGetProperty("taken_over", out _));
    }

    [Fact]
    public async Task Agent_HeldByAnotherUsersSession_IsSaidToBe_AndTakenOverNamesWhoActs()
    {
        var room = await host.RoomAsync();
        var bob = SyncHost.NewName("bob");
        await using var bobs = await McpConnection.OpenAsync(host, await host.MintAsync(bob), "claude");
        await using var owners = await McpConnection.OpenAsync(host, room.Owner.Token!, "claude");
        await bobs.OkAsync("sync_embody", new { room = room.Id });
        var agent = bob + ":claude";

        var held = await owners.RefusedAsync("agent_held", "sync_embody", new { room = room.Id, agent });
        Assert.StartsWith("A session of another user acts as", held.GetProperty("message").GetString(), StringComparison.Ordinal);
        await owners.OkAsync("sync_embody", new { room = room.Id, agent, take_over = true });
        await owners.OkAsync("sync_send_message", new { room = room.Id, body = "who am I?" });

        var own = await bobs.RefusedAsync("agent_held", "sync_embody", new { room = room.Id, agent });
        Assert.StartsWith("A session of another user acts as", own.GetProperty("message").GetString(), StringComparison.Ordinal);
        var log = (await room.Owner.GetAsync($"/rooms/{room.Id}/audit?action=_send_message")).AssertOk().Json.GetProperty("events");
        Assert.Equal(room.OwnerName, Assert.Single(log.EnumerateArray()).GetProperty("by").GetString());
    }

    [Fact]
    public async Task RestrictedSession_ThatActs_IsToldThatItRestrictedItself()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        await mcp.OkAsync("sync_restrict_scope", new { room = room.Id, level = "observe" });

        foreach (var (tool, arguments) in new (string, object)[]
        {
            ("sync_send_message", new { room = room.Id, body = "hi" }),
            ("sync_send_message", new { room = room.Id, body = "hi", agent = "other" }),
            ("sync_invoke_action", new { room = room.Id, action = "_renew_timer" }),
            ("sync_register_view", new { room = room.Id, id = "v", expr = "1" }),
            ("sync_register_action", new { room = room.Id, from = "standard_library", id = "set" }),
            ("sync_embody", new { room = room.Id }),
        })
        {
            var refused = await mcp.RefusedAsync("read_only_token", tool, arguments);
            Assert.Contains("This session has restricted itself to observing", refused.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Client_ThatOpensASessionForEachCall_ActsByNamingItsAgent(string version)
    {
        var room = await host.RoomAsync();
        var bob = SyncHost.NewName("bob");
        var token = await host.MintAsync(bob);
        var agent = bob + ":script";
        await CallAsync("sync_embody", new { room = room.Id, agent });
        await CallAsync("sync_register_action", new { room = room.Id, agent, from = "standard_library", id = "set" });
        Assert.Equal(agent, (await CallAsync("sync_invoke_action", new { room = room.Id, agent, action = "set", @params = new { key = "a", value = 1 } })).GetProperty("agent").GetString());
        await CallAsync("sync_register_view", new { room = room.Id, agent, id = "one", expr = "1", scope = "self" });
        await CallAsync("sync_send_message", new { room = room.Id, agent, body = "hi" });
        Assert.Equal(agent, (await CallAsync("sync_read_context", new { room = room.Id, agent })).GetProperty("self").GetString());
        Assert.Equal(agent, (await CallAsync("sync_wait", new { room = room.Id, agent, condition = $"self == '{agent}'" })).GetProperty("value").ValueKind == JsonValueKind.True ? agent : null);
        await CallAsync("sync_delete_view", new { room = room.Id, agent, id = "one" });
        await CallAsync("sync_delete_action", new { room = room.Id, agent, id = "set" });

        // One that is nobody's yet comes to be with an act; somebody else's is not to be had, and reading makes none.
        Assert.Equal(bob + ":new", (await CallAsync("sync_send_message", new { room = room.Id, agent = bob + ":new", body = "hi" })).GetProperty("agent").GetString());
        await using var other = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("eve")), SyncHost.NewName("c"), version);
        await other.OkAsync("sync_embody", new { room = room.Id });
        await other.RefusedAsync("identity_mismatch", "sync_send_message", new { room = room.Id, agent, body = "hi" });
        await other.RefusedAsync("agent_exists", "sync_send_message", new { room = room.Id, agent = bob + ":x", body = "hi" });
        await other.RefusedAsync("agent_not_found", "sync_read_context", new { room = room.Id, agent = "nobody-yet" });
        await other.OkAsync("sync_restrict_scope", new { room = room.Id, level = "observe" });
        await other.RefusedAsync("read_only_token", "sync_send_message", new { room = room.Id, agent = "mine", body = "hi" });

        async Task<JsonElement> CallAsync(string tool, object arguments)
        {
            await using var mcp = await McpConnection.OpenAsync(host, token, SyncHost.NewName("c"), version);
            return await mcp.OkAsync(tool, arguments);
        }
    }

    [Fact]
    public async Task Token_OfOneAgent_ActsWithoutEmbodiment()
    {
        var room = await host.RoomAsync();
        var bob = SyncHost.NewName("bob");
        var bound = await host.MintAsync(bob, $"rooms:{room.Id}:agent:{bob}");
        (await room.Owner.PostAsync(room.Path + "/invite", new { username = bob, role = "participant" })).AssertOk();
        foreach (var token in new[] { (await room.JoinAsync("alice")).Token!, bound })
        {
            await using var mcp = await McpConnection.OpenAsync(host, token);

            var agent = (await mcp.OkAsync("sync_send_message", new { room = room.Id, body = "hi" })).GetProperty("agent").GetString();

            Assert.Contains(agent, new[] { "alice", bob });
            Assert.Equal(agent, (await mcp.ContextAsync(room.Id)).GetProperty("_session").GetProperty("agent").GetString());
            await mcp.RefusedAsync("identity_mismatch", "sync_send_message", new { room = room.Id, agent = "other", body = "hi" });
        }
    }

    [Theory]
    [InlineData("sync_embody")]
    [InlineData("sync_join_room")]
    public async Task Entry_ThatWaits_IsLetInWhenTheRoomIsMade(string tool)
    {
        var id = SyncHost.NewName("later");
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("bob")));

        var entering = mcp.CallAsync(tool, new { room = id, wait_ms = 45_000 });
        (await host.Client(await host.MintAsync(SyncHost.NewName("owner"))).PostAsync("/rooms", new { id })).AssertOk(201);

        Assert.NotEqual(true, (await entering).IsError);
        await mcp.OkAsync("sync_send_message", new { room = id, body = "hi" });
        await mcp.RefusedAsync("invalid_parameter", tool, new { room = id, wait_ms = 45_001 });
        await mcp.RefusedAsync("room_not_found", tool, new { room = SyncHost.NewName("never"), wait_ms = 1 });
    }

    [Fact]
    public async Task Names_InAnyScript_AreDifferentAgents()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        var ids = new HashSet<string>();
        foreach (var name in new[] { "Алиса", "Борис", "小红", "小明", "José", "Jose", "🐢" })
        {
            var embodied = await mcp.OkAsync("sync_embody", new { room = room.Id, name });

            Assert.Equal(name, embodied.GetProperty("name").GetString());
            Assert.True(ids.Add(embodied.GetProperty("agent").GetString()!), name); // An agent has an id.
        }
    }
}
