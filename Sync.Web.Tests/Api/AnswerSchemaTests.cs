using System.Text.Json;
using Sync.Engine.Identity;
using Sync.Engine.Services.Rooms;
using Sync.Web.Api;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Real answers fit the shapes the document gives them.</summary>
public sealed class AnswerSchemaTests(SyncHost host)
{
    [Fact]
    public async Task Answers_OfEveryOperation_FitTheirSchemas()
    {
        var document = (await host.Client().GetAsync("/openapi/v1.json")).AssertOk().Json;
        var answers = await AnswersAsync();

        var violations = answers.SelectMany(answer =>
        {
            var operation = ApiTable.All.Single(candidate => candidate.Name == answer.Key);
            var schema = document.GetProperty("components").GetProperty("schemas").GetProperty(operation.Answer!); // Only those with one are asked.
            Assert.Equal(operation.Success, answer.Value.Status);
            return JsonSchema.Violations(document, schema, answer.Value.Json, answer.Key);
        });

        Assert.Empty(violations);
        Assert.Equal(ApiTable.All.Where(operation => operation.Answer is not null).Select(operation => operation.Name).Order(), answers.Keys.Order());
    }

    [Fact]
    public async Task Errors_FitTheirSchema()
    {
        var document = (await host.Client().GetAsync("/openapi/v1.json")).AssertOk().Json;
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty("Error");

        Assert.Empty(JsonSchema.Violations(document, schema, (await host.Client().GetAsync("/rooms")).Json));
    }

    [Fact]
    public void Check_OfWrongJson_FindsIt()
    {
        var schema = JsonElement.Parse("""{"type":"object","required":["a","b"],"properties":{"a":{"type":"integer"},"c":{"enum":["x"]}},"additionalProperties":false}""");

        var violations = JsonSchema.Violations(default, schema, JsonElement.Parse("""{"a":"1","c":"y","d":1}"""));

        Assert.Equal(["$: lacks b", "$.a: String is not integer", "$.c: y is none of [\"x\"]", "$.d: not allowed"], violations);
    }

    private async Task<Dictionary<string, ApiReply>> AnswersAsync()
    {
        var ownerName = SyncHost.NewName("owner");
        var owner = host.Client(await host.MintAsync(ownerName));
        var guest = SyncHost.NewName("guest");
        var claimant = host.Client(await host.MintAsync(guest));
        var id = SyncHost.NewName("shapes");
        var path = "/rooms/" + id;
        var replies = new Dictionary<string, ApiReply>
        {
            ["createRoom"] = await owner.PostAsync("/rooms", new { id, name = "Shapes" }),
            ["joinRoom"] = await owner.PostAsync(path + "/agents", new { id = "alice", state = new { mood = "calm" }, public_keys = new[] { "mood" } }),
            ["updateAgent"] = await owner.PatchAsync(path + "/agents/alice", new { meta = new { x = 1 }, grants = new[] { "bob" } }),
            ["inviteMember"] = await owner.PostAsync(path + "/invite", new { username = guest, role = "observer" }),
        };
        replies["listOwnInvitations"] = await claimant.GetAsync("/invitations");
        Assert.Equal(id, Assert.Single(replies["listOwnInvitations"]["invitations"].EnumerateArray()).GetProperty("room").GetString());
        replies["getRoom"] = await owner.GetAsync(path);
        Assert.Single(replies["getRoom"]["invited"].EnumerateArray());
        replies["answerInvitation"] = await claimant.PostAsync("/invitations/" + id, new { accept = true });
        var register = new Dictionary<string, object>
        {
            ["id"] = "act",
            ["if"] = "params.n > 0 && state._shared.gone == null",
            ["params"] = new { n = new { type = "integer" } },
            ["writes"] = new object[] { new { key = "k", value = "${params.n}" }, new { key = "list", append = true, value = "${self}" }, new { scope = "${self}", key = "own", value = 1 } },
            ["result"] = "state._shared.k",
        };
        (await owner.PostAsync(path + "/actions/_register_action/invoke", new { @params = register })).AssertOk();
        (await owner.PostAsync(path + "/actions/_register_view/invoke", new { @params = new { id = "seen", expr = "state._shared.k", render = new { type = "metric" } } })).AssertOk();
        (await owner.PostAsync(path + "/actions/_send_message/invoke", new { @params = new { body = "hi", to = "alice" } })).AssertOk();
        Assert.Equal("precondition_failed", (await owner.PostAsync(path + "/actions/act/invoke", new { @params = new { n = 0 } })).Error);
        replies["invokeAction"] = await owner.PostAsync(path + "/actions/act/invoke", new { @params = new { n = 1 } });
        replies["explainAction"] = await owner.PostAsync(path + "/actions/act/explain", new { @params = new { n = 0 } });
        replies["getRoom"] = await owner.GetAsync(path);
        replies["listMembers"] = await owner.GetAsync(path + "/members");
        replies["listRooms"] = await owner.GetAsync("/rooms");
        replies["updateRoom"] = await owner.PatchAsync(path, new { name = "Other" });
        replies["readContext"] = await owner.GetAsync(path + "/context?depth=usage&include=activity");
        replies["wait"] = await owner.GetAsync(path + "/wait?condition=state._shared.k%20%3D%3D%202&timeout=1");
        replies["waitFor"] = await owner.PostAsync(path + "/wait", new { condition = "state._shared.k == 1" });
        replies["poll"] = await owner.GetAsync(path + "/poll");
        replies["evaluate"] = await owner.PostAsync(path + "/eval", new { expr = "state._shared" });
        replies["keyHistory"] = await owner.GetAsync(path + "/history/_shared/k?limit=1");
        replies["replay"] = await owner.GetAsync($"{path}/replay/{replies["invokeAction"]["seq"]}");
        replies["viewSamples"] = await owner.GetAsync(path + "/samples/seen");
        replies["timeline"] = await owner.GetAsync(path + "/timeline");
        replies["readEvent"] = await owner.GetAsync($"{path}/events/{replies["invokeAction"]["seq"]}");
        (await owner.PostAsync(path + "/actions/_register_action/invoke", new { @params = new { id = "gated", writes = new[] { new { key = "k", value = 2 } }, approve = new { by = "owner" } } })).AssertOk();
        var asked = (await owner.PostAsync(path + "/actions/gated/invoke", new { })).AssertOk(202)["approval"].GetString();
        replies["approval"] = await owner.GetAsync($"{path}/approvals/{asked}");
        replies["approvals"] = await owner.GetAsync(path + "/approvals");
        replies["inbox"] = await owner.GetAsync("/inbox");
        Assert.NotEqual(0, replies["inbox"]["items"].GetArrayLength());
        replies["audit"] = await owner.GetAsync(path + "/audit");
        replies["search"] = await owner.GetAsync(path + "/search?q=hi");
        Assert.NotEqual(0, replies["search"]["results"].GetArrayLength());
        replies["exportPack"] = await owner.GetAsync(path + "/pack");
        replies["forkRoom"] = await owner.PostAsync(path + "/fork", new { name = "Again", at = replies["invokeAction"]["seq"].GetInt64() });
        replies["mintRoomToken"] = await owner.PostAsync(path + "/tokens", new { kind = "view", @private = true, label = "screen" });
        replies["listRoomTokens"] = await owner.GetAsync(path + "/tokens");
        replies["revokeRoomToken"] = await owner.DeleteAsync(path + "/tokens/" + replies["mintRoomToken"]["id"].GetString());
        foreach (var (of, prefix) in new[] { ("Room", path), ("", "") })
        {
            replies[$"create{of}Webhook"] = await owner.PostAsync(prefix + "/webhooks", new { url = "https://receiver.example/hook", label = "team" });
            var webhook = prefix + "/webhooks/" + replies[$"create{of}Webhook"]["id"].GetString();
            replies[$"list{of}Webhooks"] = await owner.GetAsync(prefix + "/webhooks");
            replies[$"change{of}Webhook"] = await owner.PatchAsync(webhook, new { on = false });
            replies[$"test{of}Webhook"] = await owner.PostAsync(webhook + "/test", new { });
            replies[$"list{of}WebhookDeliveries"] = await owner.GetAsync(webhook + "/deliveries");
            replies[$"remove{of}Webhook"] = await owner.DeleteAsync(webhook);
        }

        replies["mintToken"] = await owner.PostAsync("/tokens", new { scope = "rooms:*:read", label = "reader", with_refresh = true });
        var minted = replies["mintToken"]["id"].GetString();
        replies["listTokens"] = await owner.GetAsync("/tokens");
        replies["changeToken"] = await owner.PatchAsync("/tokens/" + minted, new { label = "renamed" });
        replies["refreshToken"] = await owner.PostAsync("/tokens/refresh", new { refresh_token = replies["mintToken"]["refresh_token"].GetString() });
        replies["revokeToken"] = await owner.DeleteAsync("/tokens/" + minted);
        replies["startDevice"] = await host.Client().PostAsync("/auth/device", new { });
        replies["deviceToken"] = await ApprovedAsync(replies["startDevice"], guest);
        replies["createInvitation"] = await owner.PostAsync(path + "/invitations", new { role = "observer" });
        replies["listInvitations"] = await owner.GetAsync(path + "/invitations");
        replies["revokeInvitation"] = await owner.DeleteAsync(path + "/invitations/" + replies["createInvitation"]["id"].GetString());
        replies["transferRoom"] = await owner.PostAsync(path + "/transfer", new { username = guest });
        replies["transferRoom"] = await claimant.PostAsync(path + "/transfer", new { username = ownerName });
        var orphan = (await host.Engine.Rooms.CreateAsync(Caller.System("test"), new CreateRoom(SyncHost.NewName("orphan"), Name: null, Join: null), TestContext.Current.CancellationToken)).Value;
        replies["claimRoom"] = await claimant.PostAsync($"/rooms/{orphan.Info.Id}/claim", new { room_token = orphan.RoomToken });
        replies["removeMember"] = await owner.DeleteAsync(path + "/members/" + guest);
        replies["removeAgent"] = await owner.DeleteAsync(path + "/agents/alice");
        replies["deleteRoom"] = await owner.DeleteAsync(path);
        replies["health"] = await host.Client().GetAsync("/health");
        replies["healthLive"] = await host.Client().GetAsync("/health/live");
        replies["healthReady"] = await host.Client().GetAsync("/health/ready");
        replies["openApi"] = await host.Client().GetAsync("/openapi/v1.json");
        return replies;
    }

    private async Task<ApiReply> ApprovedAsync(ApiReply started, string userName)
    {
        var session = await Person.SessionAsync(host, userName);
        var approved = await host.Engine.Grants.ApproveDeviceAsync(session, started["user_code"].GetString()!, "rooms:*", TestContext.Current.CancellationToken); // A started flow has one.
        Assert.Null(approved.Error);
        return await host.Client().PostAsync("/auth/device/token", new { device_code = started["device_code"].GetString() });
    }
}
