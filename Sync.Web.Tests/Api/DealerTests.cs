using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>An action that writes to other agents' scopes: each refusal on the way names what to do, and that works.</summary>
public sealed class DealerTests(SyncHost host)
{
    private static readonly object s_deal = new
    {
        id = "deal",
        @params = new { to = new { type = "string", required = true }, card = new { type = "string", required = true } },
        @if = "true",
        writes = new[] { new { scope = "${params.to}", key = "card", value = "${params.card}" } },
    };

    private static readonly object s_dealToAll = new
    {
        id = "deal",
        @params = new { to = new { type = "string", required = true }, card = new { type = "string", required = true } },
        @if = "true",
        reach = "all",
        writes = new[] { new { scope = "${params.to}", key = "card", value = "${params.card}" } },
    };

    [Fact]
    public async Task Deal_ToAnotherAgent_NamesTheGrantAndReach_AndBothWork()
    {
        var room = await host.RoomAsync();
        var dealer = await room.JoinAsync("dealer");
        var ann = await room.JoinAsync("ann");
        await room.RegisterAsync(s_deal, dealer);

        var refused = await room.InvokeAsync("deal", new { to = "ann", card = "Q" }, dealer);

        Assert.Equal((403, "scope_denied"), (refused.Status, refused["error"].GetString()));
        var hint = refused["hint"].GetString()!; // A refusal has it.
        Assert.Contains("\"reach\": \"all\" and is registered by an owner", hint, StringComparison.Ordinal);
        Assert.Contains($"PATCH {room.Path}/agents/ann {{\"grants\":[\"dealer\"]}}", hint, StringComparison.Ordinal);

        Assert.Equal(200, (await ann.PatchAsync($"{room.Path}/agents/ann", new { grants = (string[])["dealer"] })).Status);
        Assert.Equal(200, (await room.InvokeAsync("deal", new { to = "ann", card = "Q" }, dealer)).Status);
        await room.JoinAsync("bob");
        Assert.Equal(403, (await room.InvokeAsync("deal", new { to = "bob", card = "Q" }, dealer)).Status);
        await room.RegisterAsync(s_dealToAll);
        Assert.Equal(200, (await room.InvokeAsync("deal", new { to = "bob", card = "Q" }, dealer)).Status);
    }

    [Fact]
    public async Task Deal_KeepsTheGrantsThatAreThere_AndToNobodyNamesNone()
    {
        var room = await host.RoomAsync();
        var dealer = await room.JoinAsync("dealer");
        await room.JoinAsync("bob");
        var ann = await room.JoinAsync("ann");
        await ann.PatchAsync($"{room.Path}/agents/ann", new { grants = (string[])["bob"] });
        await room.RegisterAsync(s_deal, dealer);

        Assert.Contains("{\"grants\":[\"bob\",\"dealer\"]}", (await room.InvokeAsync("deal", new { to = "ann", card = "Q" }, dealer))["hint"].GetString()!, StringComparison.Ordinal);
        var nobody = (await room.InvokeAsync("deal", new { to = "annn", card = "Q" }, dealer))["hint"].GetString()!;
        Assert.Contains("Did you mean 'ann'?", nobody, StringComparison.Ordinal);
        Assert.DoesNotContain("grants", nobody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reach_ByTheTokenOfAnOwnersAgent_SaysHowItsUserDoesIt()
    {
        var room = await host.RoomAsync();
        var joined = await room.Owner.PostAsync($"{room.Path}/agents", new { id = "dealer" });
        var dealer = host.Client(joined["token"].GetString());
        await room.JoinAsync("ann");

        var refused = await room.InvokeAsync("_register_action", s_dealToAll, dealer);

        Assert.Equal((403, "scope_denied"), (refused.Status, refused["error"].GetString()));
        Assert.Contains("its user owns the room", refused["hint"].GetString()!, StringComparison.Ordinal);
        Assert.Contains("\"agent\": \"dealer\"", refused["hint"].GetString()!, StringComparison.Ordinal);
        Assert.Equal(200, (await room.Owner.PostAsync($"{room.Path}/actions/_register_action/invoke", new { agent = "dealer", @params = s_dealToAll })).Status);
        Assert.Equal(200, (await room.InvokeAsync("deal", new { to = "ann", card = "Q" }, dealer)).Status);

        var stranger = await room.JoinAsync("stranger");
        Assert.Contains("ask an owner", (await room.InvokeAsync("_register_action", s_dealToAll, stranger))["hint"].GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenScope_Warning_MentionsReach()
    {
        var room = await host.RoomAsync();
        var open = new { id = "deal", @params = new { to = "string" }, writes = new[] { new { scope = "${params.to}", key = "card", value = 1 } } };
        var registered = await room.InvokeAsync("_register_action", open);
        Assert.Contains("\"reach\": \"all\"", registered["warnings"][0].GetProperty("hint").GetString()!, StringComparison.Ordinal);

        var all = new { id = "deal", @params = new { to = "string" }, reach = "all", writes = new[] { new { scope = "${params.to}", key = "card", value = 1 } } };
        var warning = (await room.InvokeAsync("_register_action", all))["warnings"][0];
        Assert.Equal("open_scope", warning.GetProperty("code").GetString());
        Assert.Contains("guard it by who invokes it", warning.GetProperty("hint").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_OfASecondAgent_SaysHowToActAsTheFirst()
    {
        var room = await host.RoomAsync();
        var one = await room.Owner.PostAsync($"{room.Path}/agents", new { id = "one" });
        var two = await room.Owner.PostAsync($"{room.Path}/agents", new { id = "two" });
        Assert.False(one.Json.TryGetProperty("warnings", out _));
        var hint = two["warnings"][0].GetProperty("hint").GetString()!;

        Assert.Contains("\"agent\": \"one\"", hint, StringComparison.Ordinal);
        Assert.Contains($"POST {room.Path}/agents {{\"id\":\"one\"}}", hint, StringComparison.Ordinal);
        Assert.Equal("one", (await room.Owner.PostAsync($"{room.Path}/actions/_send_message/invoke", new { agent = "one", @params = new { body = "hi" } }))["agent"].GetString());
        Assert.Equal("two", (await room.InvokeAsync("_send_message", new { body = "hi" }))["agent"].GetString());
        Assert.Equal("one", (await room.InvokeAsync("_send_message", new { body = "hi" }, host.Client(one["token"].GetString())))["agent"].GetString());
        Assert.Equal(201, (await room.Owner.PostAsync($"{room.Path}/tokens", new { kind = "agent", agent = "one" })).Status);
        await room.Owner.PostAsync($"{room.Path}/agents", new { id = "one" });
        Assert.Equal("one", (await room.InvokeAsync("_send_message", new { body = "hi" }))["agent"].GetString());
    }

    [Fact]
    public async Task Library_Delete_OfAMember_OverBothDoors()
    {
        var room = await host.RoomAsync();
        foreach (var id in (string[])["set", "delete", "append", "increment"])
        {
            var registered = await room.InvokeAsync("_register_action", new { from = "standard_library", id });
            Assert.False(registered.Json.TryGetProperty("warning", out _), registered.Text);
        }

        await room.InvokeAsync("set", new { key = "obj", value = new { a = 1, b = 2 } });
        await room.InvokeAsync("append", new { key = "m", value = 1, scope = "_moves" });
        await room.InvokeAsync("increment", new { key = "n", scope = "_moves" });
        var missed = await room.InvokeAsync("delete", new { key = "obj.a" });
        Assert.Equal("""[{"scope":"_shared","key":"obj.a","unchanged":true}]""", missed["writes"].GetRawText());
        Assert.Contains("'a' is a member of 'obj'. Send {\"params\": {\"key\":\"obj\",\"path\":\"a\"}}.", missed["warnings"][0].GetProperty("hint").GetString()!, StringComparison.Ordinal);
        Assert.True((await room.InvokeAsync("delete", new { key = "obj", path = "a" }))["writes"][0].GetProperty("removed").GetBoolean());
        Assert.True((await room.InvokeAsync("delete", new { key = "m", scope = "_moves" }))["writes"][0].GetProperty("deleted").GetBoolean());

        // The name of before leads to that of now.
        var old = await room.InvokeAsync("delete", new { key = "m", from = "_moves" });
        Assert.Equal((400, "unknown_param", "scope"), (old.Status, old["error"].GetString(), old["did_you_mean"].GetString()));

        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);
        await mcp.OkAsync("sync_embody", new { room = room.Id });
        var answer = await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "delete", @params = new { key = "obj.b" } });
        Assert.Equal("nothing_deleted", answer.GetProperty("warnings")[0].GetProperty("code").GetString());
        Assert.True((await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "delete", @params = new { key = "obj", path = "b" } })).GetProperty("writes")[0].GetProperty("removed").GetBoolean());
    }
}
