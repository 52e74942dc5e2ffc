using System.Text.Json;
using System.Text.RegularExpressions;
using ModelContextProtocol;
using Sync.Web.Mcp;
using Sync.Web.Mcp.Tools;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>What a model reads before its first call: it is short, says what there is, and its examples work as they stand.</summary>
public sealed partial class ToolTextTests(SyncHost host)
{
    [Fact]
    public void ToolsAndInstructions_Tokens_AreUnderFiveThousand()
    {
        var tools = ToolTable.All.Select(tool => new SyncTool(tool).ProtocolTool).ToList();
        var options = new JsonSerializerOptions(McpJsonUtilities.DefaultOptions) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        var text = McpFeature.Instructions + JsonSerializer.Serialize(tools, options);

        // Four characters to a token is what such text has, with some to spare.
        var tokens = text.Length / 4;
        Assert.True(tokens < 5_000, $"They take about {tokens} tokens.");
    }

    [Theory]
    [InlineData("path")]
    [InlineData("expr")]
    [InlineData("dry_run")]
    [InlineData("key_expr")]
    [InlineData("on_invoke")]
    [InlineData("cooldown")]
    [InlineData("{k: null}")]
    [InlineData("secret")]
    [InlineData("agent")]
    [InlineData("reply_to")]
    [InlineData("to_answer")]
    [InlineData("recipes")]
    [InlineData("45 s")]
    public void ToolsAndInstructions_WhatThereIs_IsMentioned(string word)
    {
        var text = McpFeature.Instructions + string.Concat(ToolTable.All.Select(tool => tool.Description + tool.Properties.GetRawText()));

        Assert.Contains(word, Regex.Unescape(text.Replace("\\\"", "\"", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Examples_OfAllTools_WorkInAFreshRoomAsTheyStand()
    {
        // Nothing but the room's name differs, since other tests share the server; each example stands in the tool's description.
        var room = SyncHost.NewName("launch");
        await host.MintAsync("bob-" + room);
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("reader")), "examples");
        string[] order =
        [
            "sync_lobby", "sync_create_room", "sync_list_rooms", "sync_join_room", "sync_embody", "sync_register_action", "sync_register_view", "sync_invoke_action", "sync_send_message",
            "sync_read_context", "sync_eval_cel", "sync_wait", "sync_help", "sync_delete_view", "sync_delete_action", "sync_disembody", "sync_restrict_scope", "sync_revoke_access",
        ];
        Assert.Equal(ToolTable.All.Select(tool => tool.Name).Order(StringComparer.Ordinal), order.Order(StringComparer.Ordinal));

        string? self = null;
        foreach (var name in order)
        {
            if (name == "sync_wait")
            {
                // Whoever waits for questions is asked one.
                await mcp.OkAsync("sync_send_message", new { room, agent = "bob", body = "Ready?", kind = "question", to = self });
            }

            var examples = Examples().Matches(ToolTable.Find(name)!.Description); // It is one of the table's own names.
            Assert.NotEmpty(examples);
            foreach (var example in examples.Select(match => match.Groups[1].Value))
            {
                var arguments = JsonElement.Parse(example.Replace("\"launch\"", $"\"{room}\"", StringComparison.Ordinal));
                var answer = await mcp.OkAsync(name, arguments.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value));
                self = name == "sync_embody" ? answer.GetProperty("agent").GetString() : self;
            }
        }
    }

    [Fact]
    public async Task Examples_OfTheInstructions_WorkInAFreshRoomAsTheyStand()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // Its owner has one.
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        foreach (Match call in Calls().Matches(McpFeature.Instructions))
        {
            var arguments = JsonElement.Parse(call.Groups[2].Value.Replace("\"R\"", $"\"{room.Id}\"", StringComparison.Ordinal));
            await mcp.OkAsync(call.Groups[1].Value, arguments.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value));
        }
    }

    [Theory]
    [InlineData("sync_leave_room", "sync_disembody")]
    [InlineData("sync_leave", "sync_disembody")]
    [InlineData("sync_release_agent", "sync_disembody")]
    [InlineData("sync_get_state", "sync_read_context")]
    [InlineData("sync_get_context", "sync_read_context")]
    [InlineData("sync_read_room", "sync_read_context")]
    [InlineData("sync_read_state", "sync_read_context")]
    [InlineData("sync_list_actions", "sync_read_context")]
    [InlineData("sync_list_agents", "sync_read_context")]
    [InlineData("sync_list_views", "sync_read_context")]
    [InlineData("sync_get_messages", "sync_read_context")]
    [InlineData("sync_read_messages", "sync_read_context")]
    [InlineData("sync_set_state", "sync_invoke_action")]
    [InlineData("sync_write_state", "sync_invoke_action")]
    [InlineData("sync_update_state", "sync_invoke_action")]
    [InlineData("sync_call_action", "sync_invoke_action")]
    [InlineData("sync_run_action", "sync_invoke_action")]
    [InlineData("sync_invoke", "sync_invoke_action")]
    [InlineData("sync_batch", "sync_invoke_action")]
    [InlineData("sync_explain", "sync_invoke_action")]
    [InlineData("sync_subscribe", "sync_wait")]
    [InlineData("sync_poll", "sync_wait")]
    [InlineData("sync_watch", "sync_wait")]
    [InlineData("sync_wait_for", "sync_wait")]
    [InlineData("sync_post_message", "sync_send_message")]
    [InlineData("sync_say", "sync_send_message")]
    [InlineData("sync_broadcast", "sync_send_message")]
    [InlineData("sync_reply", "sync_send_message")]
    [InlineData("sync_define_action", "sync_register_action")]
    [InlineData("sync_create_action", "sync_register_action")]
    [InlineData("sync_unregister_action", "sync_delete_action")]
    [InlineData("sync_remove_view", "sync_delete_view")]
    [InlineData("sync_create_view", "sync_register_view")]
    [InlineData("sync_evaluate", "sync_eval_cel")]
    [InlineData("sync_eval", "sync_eval_cel")]
    [InlineData("sync_query", "sync_eval_cel")]
    [InlineData("sync_enter_room", "sync_join_room")]
    [InlineData("sync_become", "sync_embody")]
    [InlineData("sync_invite", "sync_create_room")]
    [InlineData("sync_invite_user", "sync_create_room")]
    [InlineData("sync_new_room", "sync_create_room")]
    [InlineData("sync_get_rooms", "sync_list_rooms")]
    [InlineData("sync_docs", "sync_help")]
    [InlineData("sync_status", "sync_lobby")]
    [InlineData("sync_whoami", "sync_lobby")]
    [InlineData("read_context", "sync_read_context")]
    [InlineData("syncWait", "sync_wait")]
    public async Task UnknownTool_LeadsToTheToolThatIsMeant(string name, string meant)
    {
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("user")));

        var error = await Assert.ThrowsAsync<McpProtocolException>(() => mcp.CallAsync(name));

        Assert.Contains($"'{meant}'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex("Example: ({.*?})(?=$|\\.? [A-Z])")]
    private static partial Regex Examples();

    [GeneratedRegex("(sync_[a-z_]+) ({[^}]*})")]
    private static partial Regex Calls();
}
