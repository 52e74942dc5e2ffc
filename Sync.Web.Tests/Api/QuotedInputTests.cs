using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>Refusals quote what was sent, and show the characters in it that cannot be seen or turn the text around them.</summary>
public sealed class QuotedInputTests(SyncHost host)
{
    private const string Sent = "al\u202eice\u200bx";

    private static readonly string s_path = Uri.EscapeDataString(Sent);

    private static readonly Dictionary<string, Func<SyncHost, TestRoom, Task<ApiReply>>> s_requests = new()
    {
        ["role of an invitation"] = (_, room) => room.Owner.PostAsync(room.Path + "/invite", new { username = "bob", role = Sent }),
        ["role of an invitation link"] = (_, room) => room.Owner.PostAsync(room.Path + "/invitations", new { role = Sent }),
        ["name of an invitation"] = (_, room) => room.Owner.PostAsync(room.Path + "/invite", new { username = Sent, role = "observer" }),
        ["scope"] = async (host, _) => await (await host.UserAsync()).PostAsync("/tokens", new { scope = Sent }),
        ["scope of a room"] = async (host, _) => await (await host.UserAsync()).PostAsync("/tokens", new { scope = "rooms:" + Sent + ":raed" }),
        ["scope of a device"] = (host, _) => host.Client().PostAsync("/auth/device", new { scope = Sent }),
        ["room id"] = async (host, _) => await (await host.UserAsync()).PostAsync("/rooms", new { id = Sent }),
        ["room in the path"] = (_, room) => room.Owner.GetAsync($"/rooms/{s_path}/context"),
        ["room of a token"] = async (host, _) => await (await host.UserAsync()).PostAsync("/tokens", new { scope = "rooms:*", room_id = Sent }),
        ["join policy"] = (_, room) => room.Owner.PatchAsync(room.Path, new { join = Sent }),
        ["query parameter"] = (_, room) => room.Owner.GetAsync($"{room.Path}/audit?{s_path}=1"),
        ["shape"] = (_, room) => room.Owner.GetAsync($"{room.Path}/context?{s_path}=1"),
        ["value of a shape"] = (_, room) => room.Owner.GetAsync($"{room.Path}/context?only={s_path}"),
        ["cursor"] = (_, room) => room.Owner.GetAsync($"{room.Path}/audit?after={s_path}"),
        ["field"] = (_, room) => room.Owner.PatchAsync(room.Path, new Dictionary<string, string> { [Sent] = "x" }),
        ["action"] = (_, room) => room.Owner.PostAsync($"{room.Path}/actions/{s_path}/invoke", new { }),
        ["view"] = (_, room) => room.Owner.GetAsync($"{room.Path}/samples/{s_path}"),
        ["agent"] = (_, room) => room.Owner.PostAsync(room.Path + "/agents", new { id = Sent }),
        ["scope of a history"] = (_, room) => room.Owner.GetAsync($"{room.Path}/history/{s_path}/k"),
        ["help key"] = (_, room) => room.InvokeAsync("help", new { key = Sent }),
        ["parameter"] = (_, room) => room.InvokeAsync("_send_message", new Dictionary<string, string> { ["body"] = "x", [Sent] = "x" }),
        ["expression"] = (_, room) => room.Owner.PostAsync(room.Path + "/eval", new { expr = $"state._shared.k + nothing('{Sent}')" }),
        ["path"] = (host, _) => host.Client().GetAsync($"/rooms/a/b/{s_path}"),
        ["redirect address"] = (host, _) => host.Client().PostAsync("/oauth/register", new { redirect_uris = new[] { "javascript:" + Sent } }),
        ["code of a device"] = (host, _) => host.Client().PostAsync("/auth/device/token", new { device_code = Sent }),
    };

    public static TheoryData<string> Requests => [.. s_requests.Keys];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Refusal_OfWhatHidesCharacters_ShowsThem(string what)
    {
        var room = await host.RoomAsync();

        var reply = await s_requests[what](host, room);

        Assert.InRange(reply.Status, 400, 499);
        AssertVisible(reply.Text);
    }

    [Fact]
    public async Task Mcp_RefusalOfWhatHidesCharacters_ShowsThem()
    {
        var token = (await host.UserAsync()).Token!; // A user's client has one.
        await using var mcp = await McpConnection.OpenAsync(host, token);
        (string Tool, object Arguments)[] calls =
        [
            ("sync_restrict_scope", new { room = "none", level = Sent }),
            ("sync_create_room", new { name = Sent }),
            ("sync_create_room", new { id = Sent }),
            ("sync_join_room", new { room = Sent }),
            ("sync_help", new { key = Sent }),
            ("sync_lobby", new Dictionary<string, object?> { [Sent] = 1 }),
        ];
        foreach (var (tool, arguments) in calls)
        {
            var result = await mcp.CallAsync(tool, arguments);
            Assert.True(result.IsError is true, tool);
            AssertVisible(result.StructuredContent!.Value.GetRawText()); // A refusal has it.
        }
    }

    // As it stands on the wire, and after a client has read it.
    private static void AssertVisible(string json)
    {
        Assert.DoesNotContain(json.EnumerateRunes(), VisibleText.IsHidden);
        var error = JsonElement.Parse(json);
        foreach (var name in (string[])["message", "hint", "error_description"])
        {
            if (error.TryGetProperty(name, out var text))
            {
                Assert.DoesNotContain((text.GetString() ?? "").EnumerateRunes(), VisibleText.IsHidden);
            }
        }
    }
}
