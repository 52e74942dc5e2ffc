using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>Approvals over HTTP and MCP: how one is asked for and waited for, and that no token of any kind decides in a person's place over any of the two.</summary>
public sealed class ApprovalTests(SyncHost host)
{
    [Fact]
    public async Task PersonsApproval_EveryKindOfToken_IsRefusedOverEveryDoor()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "deploy", writes = new[] { new { key = "live", value = 1 } }, approve = new { by = "person" } });
        var bob = (await host.Client().PostAsync(room.Path + "/agents", new { id = "bob" })).AssertOk(201)["token"].GetString()!; // A join answers one.
        var lead = (await host.Client().PostAsync(room.Path + "/agents", new { id = "lead" })).AssertOk(201)["token"].GetString()!; // The same.
        var id = (await room.InvokeAsync("deploy", by: host.Client(bob))).AssertOk(202)["approval"].GetString()!; // It asks.
        var owner = room.OwnerName;
        var tokens = new Dictionary<string, string>
        {
            ["an owner's, everything"] = await host.MintAsync(owner, "rooms:* create_rooms"),
            ["an owner's, of the room"] = await host.MintAsync(owner, $"rooms:{room.Id}"),
            ["an owner's, admin"] = await host.MintAsync(owner, $"rooms:{room.Id}:admin"),
            ["an owner's, write"] = await host.MintAsync(owner, $"rooms:{room.Id}:write"),
            ["an owner's, read"] = await host.MintAsync(owner, $"rooms:{room.Id}:read"),
            ["an owner's, of one agent"] = await host.MintAsync(owner, $"rooms:{room.Id}:agent:lead"),
            ["the room's"] = room.RoomToken,
            ["the room's that reads"] = room.ViewToken,
            ["the asker's own"] = bob,
            ["another agent's"] = lead,
        };

        foreach (var (name, secret) in tokens)
        {
            var client = host.Client(secret);
            foreach (var decision in (string[])["accept", "edit", "reject"])
            {
                var parameters = decision == "edit" ? (object)new { approval = id, decision, @params = new { } } : new { approval = id, decision };
                foreach (var agent in (string?[])[null, "bob", "lead"])
                {
                    var reply = await client.PostAsync($"{room.Path}/actions/_decide/invoke", agent is null ? new { @params = parameters } : new { @params = parameters, agent });
                    Assert.True(reply.Status == 403, $"{name}, {decision} as {agent ?? "itself"}: {reply.Status} {reply.Error}");
                }

                Assert.NotEqual(200, (await client.PostAsync($"{room.Path}/actions/_batch/invoke", new { @params = new { steps = new[] { new { action = "_decide", @params = parameters } } } })).Status);
                await using var mcp = await McpConnection.OpenAsync(host, secret);
                Assert.True((await mcp.CallAsync("sync_invoke_action", new { room = room.Id, action = "_decide", @params = parameters, agent = "lead" })).IsError, $"{name}, {decision} over MCP");
                Assert.True((await mcp.CallAsync("sync_invoke_action", new { room = room.Id, action = "_decide", @params = parameters })).IsError, $"{name}, {decision} over MCP");
            }
        }

        Assert.Equal("pending", (await room.Owner.GetAsync($"{room.Path}/approvals/{id}")).AssertOk()["status"].GetString());
        Assert.False((await room.Owner.GetAsync($"{room.Path}/context?only=state._shared")).AssertOk()["state"].GetProperty("_shared").TryGetProperty("live", out _));
    }

    [Fact]
    public async Task Mcp_GatedAction_SaysWhatToWaitForAndTheWaitIsTriggered()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "deploy", writes = new[] { new { key = "live", value = 1 } }, approve = new { by = "owner" } });
        var bob = (await host.Client().PostAsync(room.Path + "/agents", new { id = "bob" })).AssertOk(201)["token"].GetString()!; // A join answers one.
        await using var mcp = await McpConnection.OpenAsync(host, bob);

        var asked = await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "deploy" });
        Assert.True(asked.GetProperty("pending").GetBoolean());
        Assert.Contains("sync_wait", asked.GetProperty("hint").GetString(), StringComparison.Ordinal);
        (await room.InvokeAsync("_decide", new { approval = asked.GetProperty("approval").GetString(), decision = "accept" })).AssertOk();

        var waited = await mcp.OkAsync("sync_wait", new { room = room.Id, condition = asked.GetProperty("wait").GetString() });
        Assert.True(waited.GetProperty("triggered").GetBoolean());
        Assert.Equal("accepted", (await mcp.OkAsync("sync_read_context", new { room = room.Id, only = "approvals" })).GetProperty("approvals").EnumerateObject().Single().Value.GetProperty("status").GetString());
    }
}
