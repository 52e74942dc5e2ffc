using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Who gets through to <c>/mcp</c>: tokens, challenges, origins, sessions of others, bodies.</summary>
public sealed class AccessTests(SyncHost host)
{
    private const string Metadata = "resource_metadata=\"http://localhost:5080/.well-known/oauth-protected-resource/mcp\"";

    private const string Initialize = """
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}
        """;

    [Fact]
    public async Task Request_WithoutToken_IsChallenged()
    {
        var reply = await PostAsync(token: null, Initialize);

        reply.AssertRefusal("authentication_required", 401);
        Assert.Equal("Bearer " + Metadata, reply.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task Request_WithAnInventedToken_IsChallengedWithTheError()
    {
        var reply = await PostAsync("tok_invented", Initialize);

        reply.AssertRefusal("invalid_token", 401);
        Assert.Equal($"Bearer {Metadata}, error=\"invalid_token\"", reply.Header("WWW-Authenticate"));
    }

    [Theory]
    [InlineData("https://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost.evil.example", 403)]
    [InlineData("http://localhost:5080", 200)]
    [InlineData("http://127.0.0.1:6274", 200)]
    public async Task Origin_OfAnotherSite_IsRefused(string origin, int status)
    {
        var token = await host.MintAsync(SyncHost.NewName("user"));

        var reply = await PostAsync(token, Initialize, ("Origin", origin));

        Assert.Equal(status, reply.Status);
    }

    [Fact]
    public async Task Host_OfAnotherNameOnALocalServer_IsRefused()
    {
        var token = await host.MintAsync(SyncHost.NewName("user"));

        var reply = await PostAsync(token, Initialize, ("Host", "evil.example"));

        reply.AssertRefusal("scope_denied", 403);
    }

    [Fact]
    public async Task Session_OfAnotherToken_IsRefused()
    {
        var user = SyncHost.NewName("user");
        var opened = await PostAsync(await host.MintAsync(user), Initialize);
        var session = opened.Header("Mcp-Session-Id")!; // The first answer of a session has it.

        var reply = await PostAsync(await host.MintAsync(user), Call("sync_lobby", "{}"), ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25"));

        Assert.Equal(403, reply.Status);
    }

    [Theory]
    [InlineData("{", "invalid_json", 400)]
    [InlineData("[]", "invalid_json", 400)]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", "invalid_parameter", 400)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"ping"}""", "invalid_parameter", 400)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":2}}""", "invalid_json", 400)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\ud800"}}""", "invalid_json", 400)]
    public async Task Body_ThatIsNoMessage_IsRefusedInOurWords(string body, string code, int status)
    {
        var reply = await PostAsync(await host.MintAsync(SyncHost.NewName("user")), body);

        Assert.Equal(status, reply.Status);
        Assert.Equal(code, reply["error"].GetProperty("data").GetProperty("error").GetString());
        Assert.DoesNotContain("Exception", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_TooLarge_IsRefused()
    {
        var body = $$$"""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"{{{new string('x', 5 * 1024 * 1024)}}}"}}""";

        var reply = await PostAsync(await host.MintAsync(SyncHost.NewName("user")), body);

        Assert.Equal(413, reply.Status);
    }

    [Fact]
    public async Task Limit_OfOneToken_CountsMcpToo()
    {
        await using var strict = new SyncHost(new() { ["Sync:Limits:RequestsPerSecond"] = "2" });
        await strict.InitializeAsync();
        var token = await strict.MintAsync("busy");

        var statuses = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            statuses.Add((await PostAsync(strict, token, Initialize)).Status);
        }

        Assert.Contains(200, statuses);
        Assert.Contains(429, statuses);
    }

    [Theory]
    [InlineData("sync_read_context", """{"room":"ROOM"}""", "read")]
    [InlineData("sync_send_message", """{"room":"ROOM","body":"hi"}""", "write")]
    public async Task OAuthToken_WithoutTheRoom_IsChallengedForTheScope(string tool, string arguments, string level)
    {
        var room = await host.RoomAsync();
        var token = await OAuthTokenAsync(room.OwnerName, "create_rooms");
        var session = (await PostAsync(token, Initialize)).Header("Mcp-Session-Id")!; // The first answer of a session has it.

        var reply = await PostAsync(token, Call(tool, arguments.Replace("ROOM", room.Id, StringComparison.Ordinal)), ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25"));

        reply.AssertRefusal("scope_denied", 403);
        var challenge = reply.Header("WWW-Authenticate");
        Assert.StartsWith($"Bearer error=\"insufficient_scope\", scope=\"create_rooms rooms:{room.Id}:{level}\", {Metadata}", challenge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OAuthToken_ThatOnlyReads_IsChallengedForWriting()
    {
        var room = await host.RoomAsync();
        var token = await OAuthTokenAsync(room.OwnerName, $"rooms:{room.Id}:read");
        await using var mcp = await McpConnection.OpenAsync(host, token, version: McpConnection.Stateless);
        await mcp.ContextAsync(room.Id);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => mcp.CallAsync("sync_embody", new { room = room.Id }));
    }

    [Fact]
    public async Task OAuthToken_WithoutTheScopeToCreate_IsChallengedForIt()
    {
        var token = await OAuthTokenAsync((await host.RoomAsync()).OwnerName, "rooms:*");
        var session = (await PostAsync(token, Initialize)).Header("Mcp-Session-Id")!; // The first answer of a session has it.

        var reply = await PostAsync(token, Call("sync_create_room", "{}"), ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25"));

        Assert.Contains("scope=\"create_rooms rooms:*\"", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_OfTheSameOAuthClientWithANewToken_GoesOn()
    {
        var room = await host.RoomAsync();
        var first = await OAuthTokenAsync(room.OwnerName, $"rooms:{room.Id}");
        var session = (await PostAsync(first, Initialize)).Header("Mcp-Session-Id")!; // The first answer of a session has it.
        await PostAsync(first, Call("sync_embody", $$"""{"room":"{{room.Id}}","agent":"keeper"}"""), ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25"));
        var second = await OAuthTokenAsync(room.OwnerName, $"create_rooms rooms:{room.Id}");

        var reply = await PostAsync(second, Call("sync_read_context", $$"""{"room":"{{room.Id}}","only":"agents"}"""), ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25"));
        var foreign = await PostAsync(await OAuthTokenAsync((await host.RoomAsync()).OwnerName, "rooms:*"), Call("sync_lobby", "{}"), ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25"));

        Assert.Contains("keeper", reply.Text.Split("_session")[1], StringComparison.Ordinal);
        Assert.Equal(403, foreign.Status);
    }

    [Fact]
    public async Task Session_EndedByItsClient_IsAnswered()
    {
        var token = await host.MintAsync(SyncHost.NewName("user"));
        var session = (await PostAsync(token, Initialize)).Header("Mcp-Session-Id")!; // The first answer of a session has it.
        await PostAsync(token, Call("sync_lobby", "{}"), ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25"));

        var reply = await host.Client(token).SendAsync(HttpMethod.Delete, "/mcp", content: null, [("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")]);

        Assert.InRange(reply.Status, 200, 204);
    }

    [Fact]
    public async Task Get_WithoutToken_IsChallenged()
    {
        var reply = await host.Client().GetAsync("/mcp");

        reply.AssertRefusal("authentication_required", 401);
    }

    private static string Call(string tool, string arguments) => $$$"""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";

    private Task<ApiReply> PostAsync(string? token, string body, params (string Name, string Value)[] headers) => PostAsync(host, token, body, headers);

    private static async Task<ApiReply> PostAsync(SyncHost host, string? token, string body, params (string Name, string Value)[] headers)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return await host.Client(token).SendAsync(HttpMethod.Post, "/mcp", content, [("Accept", "application/json, text/event-stream"), .. headers]);
    }

    private Task<string> OAuthTokenAsync(string user, string scope) => OAuthTokens.IssueAsync(host, user, scope);
}
