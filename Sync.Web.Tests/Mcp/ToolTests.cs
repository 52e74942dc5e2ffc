using System.Text.Json;
using Sync.Engine.Primitives.Access;
using Sync.Web.Mcp;
using Sync.Web.Mcp.Tools;
using Sync.Web.Tests.Api;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Every tool: what it does, who may not, and how it says no.</summary>
public sealed class ToolTests(SyncHost host)
{
    private static readonly Dictionary<string, Func<string, object>> s_calls = new()
    {
        ["sync_lobby"] = _ => new { },
        ["sync_create_room"] = _ => new { name = "Made over MCP" },
        ["sync_list_rooms"] = _ => new { },
        ["sync_join_room"] = room => new { room, id = "helper", state = new { secret = 1 } },
        ["sync_embody"] = room => new { room },
        ["sync_disembody"] = room => new { room },
        ["sync_restrict_scope"] = room => new { room, level = "observe" },
        ["sync_revoke_access"] = room => new { room },
        ["sync_read_context"] = room => new { room, depth = "full", only = "state,actions", meta = true },
        ["sync_wait"] = room => new { room, condition = "true", timeout = 1000 },
        ["sync_help"] = room => new { room, key = "guide" },
        ["sync_eval_cel"] = room => new { room, expr = "1 + 1" },
        ["sync_invoke_action"] = room => new { room, action = "note", @params = new { text = "hi" } },
        ["sync_register_action"] = room => new { room, id = "extra", @params = new { n = new { type = "integer" } }, writes = new[] { new { scope = "_shared", key = "n", value = "${params.n}" } } },
        ["sync_register_view"] = room => new { room, id = "two", expr = "1 + 1" },
        ["sync_delete_action"] = room => new { room, id = "note" },
        ["sync_delete_view"] = room => new { room, id = "one" },
        ["sync_send_message"] = room => new { room, body = "hello" },
    };

    private static readonly Dictionary<string, (object Arguments, string Code)> s_mistakes = new()
    {
        ["sync_lobby"] = (new { verbose = true }, "unknown_field"),
        ["sync_create_room"] = (new { id = "not an id" }, "invalid_id"),
        ["sync_list_rooms"] = (new { limit = 3 }, "unknown_field"),
        ["sync_join_room"] = (new { room = "ROOM", id = "_nobody" }, "invalid_id"),
        ["sync_embody"] = (new { room = "ROOM", agnet = "bob" }, "unknown_field"),
        ["sync_disembody"] = (new { }, "missing_param"),
        ["sync_restrict_scope"] = (new { room = "ROOM", level = "none" }, "invalid_parameter"),
        ["sync_revoke_access"] = (new { room = 7 }, "invalid_parameter"),
        ["sync_read_context"] = (new { room = "ROOM", depth = "leen" }, "invalid_parameter"),
        ["sync_wait"] = (new { room = "ROOM", condition = "state." }, "invalid_cel"),
        ["sync_help"] = (new { key = "gide" }, "help_key_not_found"),
        ["sync_eval_cel"] = (new { room = "ROOM", expr = "1 +" }, "invalid_cel"),
        ["sync_invoke_action"] = (new { room = "ROOM", action = "noet" }, "action_not_found"),
        ["sync_register_action"] = (new { room = "ROOM", id = "x", writes = "none" }, "invalid_param_type"),
        ["sync_register_view"] = (new { room = "ROOM", id = "x", expr = ")" }, "invalid_cel"),
        ["sync_delete_action"] = (new { room = "ROOM", id = "nothing" }, "action_not_found"),
        ["sync_delete_view"] = (new { room = "ROOM", id = "nothing" }, "view_not_found"),
        ["sync_send_message"] = (new { room = "ROOM", body = "x", to = "nobody", kin = "chat" }, "unknown_field"),
    };

    public static TheoryData<string, string> Tools
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var tool in ToolTable.All)
            {
                data.Add(tool.Name, McpConnection.Stateful);
                data.Add(tool.Name, McpConnection.Stateless);
            }

            return data;
        }
    }

    public static TheoryData<string> Names => [.. ToolTable.All.Select(tool => tool.Name)];

    public static TheoryData<string> InRooms => [.. ToolTable.All.Where(tool => tool.Needs > AccessLevel.None && tool.Name != "sync_help").Select(tool => tool.Name)];

    public static TheoryData<string> Writing => [.. ToolTable.All.Where(tool => tool.Needs == AccessLevel.Write || tool.Name == "sync_invoke_action").Select(tool => tool.Name)];

    public static TheoryData<string> Acting =>
        ["sync_invoke_action", "sync_register_action", "sync_register_view", "sync_delete_action", "sync_delete_view", "sync_send_message"];

    [Fact]
    public void Tools_All_AreTheEighteen() => Assert.Equal(s_calls.Keys.Order(StringComparer.Ordinal), ToolTable.All.Select(tool => tool.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Tool_CalledAsDescribed_Succeeds(string tool, string version)
    {
        var (room, token) = await RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, token, SyncHost.NewName("client"), version);
        await mcp.OkAsync("sync_embody", new { room });

        var answer = await mcp.OkAsync(tool, s_calls[tool](room));

        // What it answers is what its schema declares.
        var schema = new SyncTool(ToolTable.Find(tool)!).ProtocolTool.OutputSchema!.Value; // It is one of the table's own names, and has one.
        Assert.Empty(JsonSchema.Violations(schema, schema, answer));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Tool_CalledWrongly_SaysWhatToDo(string tool)
    {
        var (room, token) = await RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, token);
        await mcp.OkAsync("sync_embody", new { room });
        var (arguments, code) = s_mistakes[tool];
        var filled = arguments.GetType().GetProperties().ToDictionary(property => property.Name, property => property.GetValue(arguments) is "ROOM" ? room : property.GetValue(arguments));

        var error = await mcp.RefusedAsync(code, tool, filled);

        // Clients check the answer of a tool that has a schema, also where it is a refusal.
        var schema = new SyncTool(ToolTable.Find(tool)!).ProtocolTool.OutputSchema!.Value; // It is one of the table's own names, and has one.
        Assert.Empty(JsonSchema.Violations(schema, schema, error));
        Assert.True(error.TryGetProperty("hint", out var hint) || error.TryGetProperty("available", out hint) || tool == "sync_revoke_access" || error.TryGetProperty("parameter", out hint), error.GetRawText());
    }

    [Theory]
    [MemberData(nameof(InRooms))]
    public async Task Tool_InARoomThatIsNotThere_NamesTheToolsThatHelp(string tool)
    {
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("lost")));

        var error = await mcp.RefusedAsync("room_not_found", tool, s_calls[tool]("nowhere-at-all"));

        var hint = error.GetProperty("hint").GetString();
        Assert.Contains("sync_list_rooms", hint, StringComparison.Ordinal);
        Assert.DoesNotContain(" /", hint, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(InRooms))]
    public async Task Tool_InARoomOfMembers_IsRefusedWithWhatAnOwnerCalls(string tool)
    {
        var (room, owner) = await RoomAsync();
        (await host.Client(owner).PatchAsync("/rooms/" + room, new { join = "members" })).AssertOk();
        var stranger = SyncHost.NewName("stranger");
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(stranger));

        var error = await mcp.RefusedAsync("scope_denied", tool, s_calls[tool](room));

        Assert.False(error.TryGetProperty("elevate", out _));
        Assert.Contains($$"""sync_create_room {"id":"{{room}}","invite":["{{stranger}}"]}""", error.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(InRooms))]
    public async Task Tool_WithATokenForAnotherRoom_IsRefusedWithALinkToShow(string tool)
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(room.OwnerName, "rooms:elsewhere"));

        var error = await mcp.RefusedAsync("scope_denied", tool, s_calls[tool](room.Id));

        Assert.Contains("/auth/elevate?token_id=", error.GetProperty("elevate").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Writing))]
    public async Task Tool_ThatWrites_WithAReadOnlyToken_IsRefused(string tool)
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.ViewToken);

        await mcp.RefusedAsync("read_only_token", tool, s_calls[tool](room.Id));
    }

    [Theory]
    [MemberData(nameof(Acting))]
    public async Task Tool_ThatActs_WithoutEmbodiment_IsRefused(string tool)
    {
        var (room, token) = await RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, token);

        var error = await mcp.RefusedAsync("embodiment_required", tool, s_calls[tool](room));

        Assert.Contains("sync_embody", error.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Argument_Misspelt_IsAnsweredWithTheNearest()
    {
        var (room, token) = await RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, token);

        var error = await mcp.RefusedAsync("unknown_field", "sync_read_context", new { room, dept = "full" });

        Assert.Equal("depth", error.GetProperty("did_you_mean").GetString());
    }

    [Fact]
    public async Task Tool_Unknown_IsAProtocolErrorWithTheNearest()
    {
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("user")));

        var error = await Assert.ThrowsAsync<ModelContextProtocol.McpProtocolException>(() => mcp.CallAsync("sync_read_contxt"));

        Assert.Contains("Did you mean 'sync_read_context'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lobby_ShowsRoomsAgentsAndRoles()
    {
        var (room, token) = await RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, token);
        await mcp.OkAsync("sync_embody", new { room, role = "reviewer" });

        var lobby = await mcp.OkAsync("sync_lobby");

        var shown = lobby.GetProperty("rooms").EnumerateArray().Single(item => item.GetProperty("id").GetString() == room);
        Assert.Equal("reviewer", shown.GetProperty("agents").GetProperty("reviewer").GetProperty("role").GetString());
        Assert.Equal("reviewer", shown.GetProperty("_session").GetProperty("agent").GetString());
    }

    [Fact]
    public async Task CreatedRoom_IsReachedByItsCreatorAndShowsNoSecret()
    {
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("user"), "create_rooms"));
        var id = SyncHost.NewName("made");

        var created = await mcp.OkAsync("sync_create_room", new { id });

        Assert.Equal("owner", created.GetProperty("role").GetString());
        Assert.DoesNotContain("room_", created.GetRawText(), StringComparison.Ordinal);
        await mcp.OkAsync("sync_embody", new { room = id });
    }

    [Fact]
    public async Task Rooms_CreatedWithoutTheScope_AreRefused()
    {
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("user"), "rooms:*"));

        await mcp.RefusedAsync("scope_denied", "sync_create_room", new { });
    }

    [Fact]
    public async Task Invocation_DryRunAndRetry_ActAsOverHttp()
    {
        var (room, token) = await RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, token);
        await mcp.OkAsync("sync_embody", new { room });

        var dry = await mcp.OkAsync("sync_invoke_action", new { room, action = "note", @params = new { text = "dry" }, dry_run = true });
        var first = await mcp.OkAsync("sync_invoke_action", new { room, action = "note", @params = new { text = "wet" }, request_id = "r1" });
        var again = await mcp.OkAsync("sync_invoke_action", new { room, action = "note", @params = new { text = "wet" }, request_id = "r1" });

        Assert.True(dry.GetProperty("dry_run").GetBoolean());
        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Equal("wet", (await mcp.ContextAsync(room)).GetProperty("state").GetProperty("_shared").GetProperty("note").GetString());
    }

    [Fact]
    public async Task ToolListAndInstructions_SayWhatTheyAre()
    {
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("user")));

        var tools = await mcp.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(McpFeature.Instructions, mcp.Client.ServerInstructions);
        Assert.All(tools, tool =>
        {
            Assert.False(string.IsNullOrEmpty(tool.Title));
            Assert.NotNull(tool.ProtocolTool.OutputSchema);
            Assert.NotNull(tool.ProtocolTool.Annotations?.ReadOnlyHint);
            Assert.Contains("Example: {", tool.Description, StringComparison.Ordinal);
        });
    }

    /// <summary>A room with an action and a view, and a token of its owner.</summary>
    private async Task<(string Room, string Token)> RoomAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "note", @params = new { text = new { type = "string" } }, writes = new[] { new { scope = "_shared", key = "note", value = "${params.text}" } } });
        (await room.InvokeAsync("_register_view", new { id = "one", expr = "1" })).AssertOk();
        return (room.Id, room.Owner.Token!); // Its owner has one.
    }
}
