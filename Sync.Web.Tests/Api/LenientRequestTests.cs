using System.Net.Http.Headers;
using System.Text;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>What forms, scripts and models fill in where they have no value is absence; a number as text is a number; a token in a query is told where it goes.</summary>
public sealed class LenientRequestTests(SyncHost host)
{
    // {ROOM} is a room of its owner, who asks; {NEW} a name that is free. The text must be in the answer.
    public static TheoryData<string, string, string?, int, string> Calls => new()
    {
        { "POST", "/rooms", """{"id":"{NEW}","name":"","join":"","invite":null}""", 201, "\"name\":null" },
        { "POST", "/rooms/{ROOM}/agents", """{"id":"{NEW}","name":"","role":"","meta":null,"enabled":"","state":null,"views":null,"wait_ms":""}""", 201, "\"role\":\"agent\"" },
        { "POST", "/rooms/{ROOM}/agents", """{"id":"{NEW}","wait_ms":"10"}""", 201, "\"token\"" },
        { "POST", "/rooms/{ROOM}/agents", """{"id":"{NEW}","meta":""}""", 201, "\"meta\":\"\"" },
        { "POST", "/rooms/{ROOM}/agents", """{"id":"{NEW}","wait_ms":"soon"}""", 400, "whole number" },
        { "POST", "/tokens", """{"scope":"rooms:*","label":"","expires_in":"3600","agent_id":null,"room_id":null,"with_refresh":"true"}""", 201, "ref_" },
        { "POST", "/tokens", """{"scope":"rooms:*","label":null,"expires_in":null,"with_refresh":""}""", 201, "\"expires_at\":null" },
        { "POST", "/tokens", """{"scope":"rooms:*","expires_in":""}""", 400, "Leave 'expires_in' out" },
        { "POST", "/tokens", """{"scope":"rooms:*","agent_id":""}""", 400, "Leave 'agent_id' out" },
        { "POST", "/tokens", """{"scope":"rooms:*","room_id":""}""", 400, "Leave 'room_id' out" },
        { "POST", "/rooms/{ROOM}/tokens", """{"kind":"agent","agent":""}""", 400, "Leave 'agent' out" },
        { "POST", "/rooms/{ROOM}/invitations", """{"role":""}""", 400, "Leave 'role' out" },
        { "POST", "/tokens", """{"scope":"rooms:*","expires_in":"1h"}""", 400, "whole number of seconds" },
        { "POST", "/tokens", """{"scope":"rooms:*","expires_in":"-5"}""", 400, "whole number of seconds" },
        { "POST", "/tokens", """{"scope":""}""", 400, "A token needs" },
        { "POST", "/rooms/{ROOM}/tokens", """{"kind":"view","private":"","label":"","expires_in":"60","replaces":""}""", 201, "\"private\":false" },
        { "POST", "/rooms/{ROOM}/tokens", """{"kind":"view","private":"true"}""", 201, "\"private\":true" },
        { "POST", "/rooms/{ROOM}/tokens", """{"kind":""}""", 400, "missing_param" },
        { "POST", "/rooms/{ROOM}/invitations", """{"role":"participant","expires_in":"3600"}""", 201, "invitation" },
        { "PATCH", "/rooms/{ROOM}", """{"name":"Named","join":""}""", 200, "Named" },
        { "POST", "/rooms/{ROOM}/actions/_send_message/invoke", """{"params":{"body":"hi"},"agent":"","dry_run":"","request_id":"","consent":"","if_action_version":""}""", 200, "\"invoked\":true" },
        { "POST", "/rooms/{ROOM}/actions/_send_message/invoke", """{"params":{"body":"hi"},"agent":null,"dry_run":null,"request_id":null,"consent":null,"if_action_version":null}""", 200, "\"invoked\":true" },
        { "POST", "/rooms/{ROOM}/actions/_send_message/invoke", """{"params":{"body":"hi"},"dry_run":"true"}""", 200, "\"dry_run\":true" },
        { "POST", "/rooms/{ROOM}/actions/_send_message/invoke", """{"params":{"body":"hi"},"dry_run":"maybe"}""", 400, "invalid_parameter" },
        { "POST", "/rooms/{ROOM}/wait", """{"condition":"true","timeout":"10","include":"","only":"","limit":null,"since":"","messages_limit":"5"}""", 200, "\"triggered\":true" },
        { "POST", "/rooms/{ROOM}/eval", """{"expr":""}""", 400, "missing_param" },
        { "GET", "/rooms/{ROOM}/context?only=&depth=&since=&at=&limit=&after=&budget=&include=&messages=&messages_limit=&messages_after=&messages_kinds=&compact=&peek=&meta=&actions=", null, 200, "\"state\"" },
        { "GET", "/rooms/{ROOM}/wait?condition=true&timeout=&include=", null, 200, "\"triggered\":true" },
        { "GET", "/rooms/{ROOM}/audit?after=&limit=&agent=&action=&ok=&before=", null, 200, "\"events\"" },
        { "GET", "/rooms/{ROOM}/poll?messages=&messages_limit=&audit_limit=", null, 200, "\"agents\"" },
        { "GET", "/rooms?limit=&after=", null, 200, "\"rooms\"" },
        { "GET", "/tokens?limit=&after=", null, 200, "\"tokens\"" },
        { "GET", "/rooms/{ROOM}/history/_shared/k?limit=&before=", null, 200, "\"history\"" },
        { "GET", "/rooms/{ROOM}/search?q=", null, 400, "q" },
        { "GET", "/rooms/{ROOM}/context?limit=x&only=state._shared", null, 400, "invalid_parameter" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Request_ThatFillsInNothing_IsReadAsItIsMeant(string method, string path, string? body, int status, string expected)
    {
        var room = await host.RoomAsync();
        var name = SyncHost.NewName("new");
        string Fill(string text) => text.Replace("{ROOM}", room.Id, StringComparison.Ordinal).Replace("{NEW}", name, StringComparison.Ordinal);

        using var content = body is null ? null : new StringContent(Fill(body), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        var reply = await room.Owner.SendAsync(new HttpMethod(method), Fill(path), content);

        Assert.True(reply.Status == status, $"{reply.Status} {reply.Text}");
        Assert.Contains(Fill(expected), reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/context")]
    [InlineData("/poll")]
    public async Task Token_InTheQuery_IsToldWhereItGoes_AndIsNotRepeated(string place)
    {
        var room = await host.RoomAsync();
        foreach (var name in (string[])["token", "access_token", "view_token"])
        {
            var reply = await host.Client().GetAsync($"{room.Path}{place}?{name}={room.ViewToken}");

            Assert.InRange(reply.Status, 400, 401);
            Assert.DoesNotContain(room.ViewToken, reply.Text, StringComparison.Ordinal);
            Assert.Contains($"{room.Path}/dashboard", reply["hint"].GetString(), StringComparison.Ordinal);
            Assert.Contains("Authorization: Bearer", reply["hint"].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Room_OpenedByABrowser_NamesItsPage()
    {
        var room = await host.RoomAsync();

        var reply = await host.Client().SendAsync(HttpMethod.Get, room.Path, content: null, ("Accept", "text/html,application/xhtml+xml"));

        Assert.Equal(401, reply.Status);
        Assert.Contains($"{room.Path}/dashboard", reply["hint"].GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("/dashboard", (await host.Client().GetAsync(room.Path))["hint"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ViewToken_IsMadeWithTheLinkThatShowsTheRoom()
    {
        var room = await host.RoomAsync();

        var view = await room.Owner.PostAsync($"{room.Path}/tokens", new { kind = "view" });
        var agent = await room.Owner.PostAsync($"{room.Path}/tokens", new { kind = "room" });

        Assert.EndsWith($"{room.Path}/dashboard#token={view["token"].GetString()}", view["url"].GetString(), StringComparison.Ordinal);
        Assert.True(Uri.IsWellFormedUriString(view["url"].GetString(), UriKind.Absolute));
        Assert.False(agent.Json.TryGetProperty("url", out _));
        Assert.DoesNotContain("\"url\"", (await room.Owner.GetAsync($"{room.Path}/tokens")).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await host.Client(view["token"].GetString()).GetAsync($"{room.Path}/context")).Status);
    }

    [Fact]
    public async Task View_RegisteredInPart_IsToldTheWhole()
    {
        var room = await host.RoomAsync();
        await room.InvokeAsync("_register_view", new { id = "n", expr = "size(\"abc\")" });

        var refused = await room.InvokeAsync("_register_view", new { id = "n", render = new { type = "metric" } });

        Assert.Equal((400, "missing_param"), (refused.Status, refused["error"].GetString()));
        Assert.Equal("Send the whole definition; it replaces the old one. The expression of 'n' is now: {\"expr\": \"size(\\\"abc\\\")\"}.", refused["hint"].GetString());
        await room.InvokeAsync("_register_view", new { id = "n", expr = "size(\"" + new string('a', 2_000) + "\")" });
        Assert.Contains("only=views", (await room.InvokeAsync("_register_view", new { id = "n" }))["hint"].GetString(), StringComparison.Ordinal);
    }
}
