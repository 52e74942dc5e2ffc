using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>Definitions over both doors, HTTP and MCP: what one refuses with a hint the other refuses with the same, and what the hint says is taken.</summary>
public sealed class DefinitionTests(SyncHost host)
{
    // A write, the refusal, and what the hint says in place of it.
    public static TheoryData<string, string, string> Mended => new()
    {
        { """{"key":"k","increment":"-${params.n}"}""", "invalid_template", """{"increment": "0 - params.n", "expr": true}""" },
        { """{"key":"k","value":"state._shared.n + 1"}""", "invalid_template", """{"value": "state._shared.n + 1", "expr": true}""" },
        { """{"key":"${views.open[0].id}","value":1}""", "invalid_template", """{"key_expr": "views.open[0].id"}""" },
        { """{"key":"params.id","value":1}""", "invalid_template", """{"key": "${params.id}"}""" },
        { """{"key":"k","merge":{"n":"state._shared.n + 1"}}""", "invalid_template", """{"path": "n", "value": "state._shared.n + 1", "expr": true}""" },
    };

    [Theory]
    [MemberData(nameof(Mended))]
    public async Task Hint_TakenLiterally_RegistersOverBothDoors(string write, string code, string fix)
    {
        var room = await host.RoomAsync();
        await using var mcp = await ActingAsync(room);
        var refused = await RegisterAsync(room, write);
        refused.AssertRefusal(code, 400);
        Assert.Contains(fix, refused["hint"].GetString(), StringComparison.Ordinal);
        var overMcp = await mcp.RefusedAsync(code, "sync_register_action", Arguments(room, write));
        Assert.Equal(refused["hint"].GetString(), overMcp.GetProperty("hint").GetString());

        var mended = Apply(write, fix);

        (await RegisterAsync(room, mended)).AssertOk();
        await mcp.OkAsync("sync_register_action", Arguments(room, mended));
    }

    [Fact]
    public async Task Shares_AndWarnings_AreTheSameOverBothDoors()
    {
        var room = await host.RoomAsync();
        await using var mcp = await ActingAsync(room);
        await RegisterAsync(room, """{"key":"k","value":1}""", "one");

        var contested = await mcp.OkAsync("sync_register_action", Arguments(room, """{"key":"k","value":2}""", "two"));
        var shared = await mcp.OkAsync("sync_register_action", Arguments(room, """{"key":"k","value":3}""", "two", shares: ["one"]));
        var flat = await RegisterAsync(room, """{"key":"stats.count","increment":1}""", "three");
        var surface = await mcp.OkAsync("sync_register_view", new { room = room.Id, id = "form", expr = "true", render = new { type = "action-form", action = "onne" } });

        Assert.Equal("competing_write_targets", contested.GetProperty("warning").GetString());
        Assert.NotEqual("competing_write_targets", shared.TryGetProperty("warning", out var warning) ? warning.ToString() : null);
        Assert.Equal("flat_key", flat["warnings"][0].GetProperty("code").GetString());
        Assert.Equal("Did you mean 'one'?", surface.GetProperty("warnings")[0].GetProperty("hint").GetString());
        var context = await room.Owner.GetAsync(room.Path + "/context");
        Assert.Equal(["broken_surface"], context["_context"].GetProperty("attention").EnumerateArray().Select(note => note.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Precondition_ThatFails_SaysWhoHoldsItOverBothDoors()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "note", @params = new { key = "string" }, writes = new[] { new { scope = "_claims", key = "${params.key}", value = new { by = "${self}" } } } });
        var ann = await room.JoinAsync("ann");
        (await room.InvokeAsync("note", new { key = "roof" }, ann)).AssertOk();
        await room.RegisterAsync(new { id = "take", @params = new { key = "string" }, @if = "!(state._claims[params.key] != null && state._claims[params.key].by != self)", writes = new[] { new { scope = "_claims", key = "${params.key}", value = "${self}" } } });
        await using var mcp = await ActingAsync(room);

        var overHttp = await room.InvokeAsync("take", new { key = "roof" }, await room.JoinAsync("bob"));
        var overMcp = await mcp.RefusedAsync("precondition_failed", "sync_invoke_action", new { room = room.Id, action = "take", @params = new { key = "roof" } });

        overHttp.AssertRefusal("precondition_failed", 409);
        foreach (var parts in (JsonElement[])[overHttp["parts"], overMcp.GetProperty("parts")])
        {
            Assert.StartsWith("!", parts[0].GetProperty("expression").GetString(), StringComparison.Ordinal);
            Assert.Contains("\"ann\"", parts.GetRawText(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("now < state._shared.deadline", "now < timestamp(state._shared.deadline)")]
    [InlineData("state._shared.n > 3", "int(state._shared.n) > 3")]
    public async Task Guard_ThatFailsWhateverIsDone_IsToldWithOneThatHoldsOverBothDoors(string guard, string meant)
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "fill", writes = new[] { new { key = "deadline", value = "2999-01-01T00:00:00Z" }, new { key = "n", value = "5" } } });
        (await room.InvokeAsync("fill", new { })).AssertOk();
        await using var mcp = await ActingAsync(room);

        var registered = await mcp.OkAsync("sync_register_action", new Dictionary<string, object?> { ["room"] = room.Id, ["id"] = "act", ["if"] = guard, ["writes"] = Array.Empty<object>() });
        var overHttp = await room.InvokeAsync("act", new { });
        var overMcp = await mcp.RefusedAsync("precondition_failed", "sync_invoke_action", new { room = room.Id, action = "act" });
        var waited = await room.Owner.PostAsync(room.Path + "/wait", new { condition = guard, timeout = 1 });

        Assert.Contains(meant, registered.GetProperty("warnings")[0].GetProperty("hint").GetString(), StringComparison.Ordinal);
        overHttp.AssertRefusal("precondition_failed", 409);
        Assert.Equal("cel_error", overHttp["cause"].GetString());
        Assert.StartsWith($"Write `{meant}`.", overHttp["hint"].GetString(), StringComparison.Ordinal);
        Assert.StartsWith($"Write `{meant}`.", overMcp.GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.Equal($"Write `{meant}`.", waited["warnings"][0].GetProperty("hint").GetString());
        await mcp.OkAsync("sync_register_action", new Dictionary<string, object?> { ["room"] = room.Id, ["id"] = "act", ["if"] = meant, ["writes"] = Array.Empty<object>() });
        (await room.InvokeAsync("act", new { })).AssertOk();
    }

    private async Task<McpConnection> ActingAsync(TestRoom room)
    {
        var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(room.OwnerName));
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        return mcp;
    }

    private static async Task<ApiReply> RegisterAsync(TestRoom room, string write, string id = "act") => await room.InvokeAsync("_register_action", Definition(write, id));

    private static object Arguments(TestRoom room, string write, string id = "act", string[]? shares = null)
    {
        var definition = Definition(write, id);
        definition["room"] = room.Id;
        if (shares is not null)
        {
            definition["shares"] = new JsonArray([.. shares.Select(static name => (JsonNode)name)]);
        }

        return definition.ToDictionary(static member => member.Key, static member => (object?)JsonSerializer.SerializeToElement(member.Value));
    }

    private static JsonObject Definition(string write, string id) =>
        new() { ["id"] = id, ["params"] = new JsonObject { ["n"] = "number", ["id"] = "string" }, ["writes"] = new JsonArray(JsonNode.Parse(write)) };

    private static string Apply(string write, string fix)
    {
        var (mended, fields) = (JsonNode.Parse(write)!.AsObject(), JsonNode.Parse(fix)!.AsObject());
        foreach (var (name, value) in fields)
        {
            foreach (var replaced in (string[])(name is "value" or "increment" ? ["value", "merge", "increment"] : [name, name.Replace("_expr", "", StringComparison.Ordinal)]))
            {
                mended.Remove(replaced);
            }

            mended[name] = value?.DeepClone();
        }

        return mended.ToJsonString();
    }
}
