using System.Text.Json;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>What an agent keeps private is asked for before an action shows it, over HTTP and MCP alike.</summary>
public sealed class ConsentTests(SyncHost host)
{
    private const string Secret = "kept-private-sentinel";

    private static object Show => new { id = "show", writes = new object[] { new { key = "shown", value = "state.self.diary", expr = true } } };

    private static object Keep => new { id = "keep", @params = new { v = "string" }, writes = new object[] { new { scope = "${self}", key = "diary", value = "${params.v}" } } };

    [Fact]
    public async Task Http_TheHintTakenLiterally_Works()
    {
        var room = await host.RoomAsync();
        var mallory = await room.JoinAsync("mallory");
        var alice = await room.JoinAsync("alice");
        await room.RegisterAsync(Keep);
        await room.RegisterAsync(Show, mallory);
        (await room.InvokeAsync("keep", new { v = Secret }, alice)).AssertOk();

        var asked = await room.InvokeAsync("show", new { }, alice);
        asked.AssertRefusal("consent_required", 403);
        Assert.Equal(Secret, asked["writes"][0].GetProperty("value").GetString());
        Assert.Contains("\"consent\": [\"state.self\"]", asked["hint"].GetString(), StringComparison.Ordinal);
        var agreed = await alice.PostAsync(room.Path + "/actions/show/invoke", new { consent = asked["consent"], if_action_version = asked["if_action_version"].GetString() });

        agreed.AssertOk();
        Assert.Equal(Secret, agreed["writes"][0].GetProperty("value").GetString());
    }

    [Fact]
    public async Task Http_ConsentToSomethingElse_IsInvalid()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(Show);

        (await room.Owner.PostAsync(room.Path + "/actions/show/invoke", new { consent = new[] { "everything" } })).AssertRefusal("invalid_parameter", 400);
        (await room.Owner.PostAsync(room.Path + "/actions/show/invoke", new { consent = "state.self" })).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Http_Trust_SaysYesInAdvance()
    {
        var room = await host.RoomAsync();
        var mallory = await room.JoinAsync("mallory");
        var alice = await room.JoinAsync("alice");
        await room.RegisterAsync(Show, mallory);

        var patched = await alice.PatchAsync(room.Path + "/agents/alice", new { trusts = new[] { "mallory" } });

        patched.AssertOk();
        Assert.Equal("mallory", patched["trusts"][0].GetString());
        (await room.InvokeAsync("show", new { }, alice)).AssertOk();
        (await alice.PatchAsync(room.Path + "/agents/mallory", new { trusts = new[] { "alice" } })).AssertRefusal("identity_mismatch", 403);
    }

    [Fact]
    public async Task Mcp_TheSameCallWithConsent_Works()
    {
        var room = await host.RoomAsync();
        var mallory = await room.JoinAsync("mallory");
        await room.RegisterAsync(Keep);
        await room.RegisterAsync(Show, mallory);
        var member = await room.MemberAsync("participant");
        await using var mcp = await McpConnection.OpenAsync(host, member.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "keep", @params = new { v = Secret } });

        var asked = await mcp.RefusedAsync("consent_required", "sync_invoke_action", new { room = room.Id, action = "show" });
        var agreed = await mcp.OkAsync(
            "sync_invoke_action",
            new { room = room.Id, action = "show", consent = new[] { "state.self" }, if_action_version = asked.GetProperty("if_action_version").GetString() });

        Assert.Equal(Secret, agreed.GetProperty("writes")[0].GetProperty("value").GetString());
    }

    /// <summary>An action of old called help was run by links that only read, by sync_help, resources and completion.</summary>
    [Fact]
    public async Task Help_OverEveryDoor_IsTheBuiltInOne()
    {
        var room = await host.RoomAsync();
        (await room.InvokeAsync("_register_action", new { id = "help", writes = new object[] { new { key = "pwned", value = 1 } } })).AssertRefusal("reserved_id", 400);

        var read = await room.InvokeAsync("help", new { }, host.Client(room.ViewToken));

        read.AssertOk();
        Assert.NotEmpty(read["keys"].EnumerateArray());
        Assert.Equal(JsonValueKind.Object, (await room.Owner.GetAsync(room.Path + "/context?only=state"))["state"].GetProperty("_shared").ValueKind);
    }

    [Fact]
    public async Task Http_AgentNamedByALinkThatReads_IsRefused()
    {
        var room = await host.RoomAsync();
        await room.JoinAsync("alice");
        await room.RegisterAsync(Show);
        var link = host.Client(await host.MintAsync(room.OwnerName, $"rooms:{room.Id}:read"));

        (await link.PostAsync(room.Path + "/actions/show/explain", new { agent = "alice" })).AssertRefusal("read_only_token", 403);
        (await link.PostAsync(room.Path + "/actions/help/invoke", new { agent = "alice" })).AssertRefusal("read_only_token", 403);
    }
}
