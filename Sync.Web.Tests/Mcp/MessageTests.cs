using System.Text;
using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Whatever is sent to <c>/mcp</c>, the client is told what was wrong with it: no error of the server's own (-32603), no 500.</summary>
public sealed class MessageTests(SyncHost host)
{
    /// <summary>The method and parameters of a request, and the code of its answer (JSON-RPC 2.0 §5.1); 0 is a result.</summary>
    public static TheoryData<string, string?, int> Requests => new()
    {
        { "tools/call", null, -32602 },
        { "tools/call", "null", -32602 },
        { "tools/call", "{}", -32602 },
        { "tools/call", """{"arguments":{}}""", -32602 },
        { "tools/call", """{"name":null}""", -32602 },
        { "tools/call", """{"name":5}""", -32602 },
        { "tools/call", """{"name":{"a":1}}""", -32602 },
        { "tools/call", """{"name":""}""", -32602 },
        { "tools/call", """{"name":"sync_nothing"}""", -32602 },
        { "tools/call", """{"name":"sync_lobby","arguments":[]}""", -32602 },
        { "tools/call", """{"name":"sync_lobby","arguments":"{}"}""", -32602 },
        { "tools/call", """{"name":"sync_lobby","arguments":7}""", -32602 },
        { "tools/call", """{"name":"sync_lobby","arguments":null}""", 0 },
        { "tools/call", """{"name":"sync_lobby","_meta":[]}""", -32602 },
        { "tools/call", """{"name":"sync_lobby","_meta":{"progressToken":{}}}""", -32602 },
        { "tools/call", """{"name":"sync_lobby","_meta":{"progressToken":1.5}}""", -32602 },
        { "tools/list", """{"cursor":7}""", -32602 },
        { "prompts/get", "{}", -32602 },
        { "prompts/get", """{"name":[]}""", -32602 },
        { "prompts/get", """{"name":"nothing"}""", -32602 },
        { "prompts/get", """{"name":"join_room","arguments":[1]}""", -32602 },
        { "prompts/get", """{"name":"join_room","arguments":{"room":{}}}""", -32602 },
        { "prompts/list", """{"cursor":[]}""", -32602 },
        { "resources/list", """{"cursor":{}}""", -32602 },
        { "resources/templates/list", """{"cursor":{}}""", -32602 },
        { "resources/read", "{}", -32602 },
        { "resources/read", """{"uri":5}""", -32602 },
        { "resources/subscribe", """{"uri":null}""", -32602 },
        { "resources/unsubscribe", """{"uri":{}}""", -32602 },
        { "completion/complete", "{}", -32602 },
        { "completion/complete", """{"ref":{"type":"ref/other"},"argument":{"name":"a","value":"b"}}""", -32602 },
        { "completion/complete", """{"ref":{"type":"ref/prompt"},"argument":{"name":"a","value":"b"}}""", -32602 },
        { "completion/complete", """{"ref":{"type":"ref/resource"},"argument":{"name":"a","value":"b"}}""", -32602 },
        { "completion/complete", """{"ref":{"type":"ref/prompt","name":"join_room"},"argument":{"name":"room","value":5}}""", -32602 },
        { "completion/complete", """{"ref":{"type":"ref/prompt","name":"join_room"},"argument":{"name":"room","value":"x"},"context":{"arguments":{"a":1}}}""", -32602 },
        { "logging/setLevel", """{"level":"loud"}""", -32602 },
        { "initialize", "{}", -32602 },
        { "initialize", """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":"me"}""", -32602 },
        { "initialize", """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"me"}}""", -32602 },
        { "initialize", """{"protocolVersion":"2025-11-25","capabilities":[],"clientInfo":{"name":"me","version":"1"}}""", -32602 },
        { "initialize", """{"protocolVersion":"2025-11-25","capabilities":{"roots":[]},"clientInfo":{"name":"me","version":"1"}}""", -32602 },
        { "initialize", """{"protocolVersion":20251125,"clientInfo":{"name":"me","version":"1"}}""", -32602 },
        { "tools/call", """{"name":"al\u202eice"}""", -32602 },
        { "resources/read", """{"uri":"sync://al\u202eice"}""", -32002 },
        { "completion/complete", """{"ref":{"type":"al\u202eice","name":"a"},"argument":{"name":"a","value":"b"}}""", -32602 },
        { "prompts/get", """{"name":"al\u202eice"}""", -32602 },
        { "nothing/there", "{}", -32601 },
        { "", "{}", -32601 },
    };

    /// <summary>What is no message, and its code.</summary>
    public static TheoryData<string, int> Unreadable => new()
    {
        { """{"jsonrpc":"1.0","id":7,"method":"tools/list"}""", -32600 },
        { """{"jsonrpc":2.0,"id":7,"method":"tools/list"}""", -32600 },
        { """{"id":7,"method":"tools/list"}""", -32600 },
        { """{"jsonrpc":"2.0","id":7,"method":5}""", -32600 },
        { """{"jsonrpc":"2.0","id":7.5,"method":"tools/list"}""", -32600 },
        { """{"jsonrpc":"2.0","id":{},"method":"tools/list"}""", -32600 },
        { """{"jsonrpc":"2.0","id":7,"method":"tools/list","params":[]}""", -32600 },
        { """[{"jsonrpc":"2.0","id":7,"method":"tools/list"}]""", -32600 },
        { "[]", -32600 },
        { "7", -32600 },
        { "", -32600 },
        { "{", -32700 },
        { """{"jsonrpc":"2.0","id":7,"method":"tools/list","method":"x"}""", -32700 },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_OfAnyShape_IsAnsweredWithItsOwnCode(string method, string? parameters, int code)
    {
        var token = (await host.UserAsync()).Token!; // A user's client has one.
        var message = $$"""{"jsonrpc":"2.0","id":"seven","method":"{{method}}"{{(parameters is null ? "" : $",\"params\":{parameters}")}}}""";

        var (status, answer) = await SendAsync(token, message, ("Mcp-Session-Id", await SessionAsync(token)));

        Assert.InRange(status, 200, 499);
        Assert.True(code == CodeOf(answer), $"{answer}");
        Assert.Equal("seven", answer.GetProperty("id").GetString());
        if (code != 0)
        {
            var sentence = answer.GetProperty("error").GetProperty("message").GetString() ?? "";
            Assert.NotEmpty(sentence);
            Assert.DoesNotContain(sentence.EnumerateRunes(), Sync.Engine.Primitives.Errors.VisibleText.IsHidden);
            Assert.DoesNotContain("Exception", answer.GetRawText(), StringComparison.Ordinal);
        }
    }

    /// <summary>The protocol without sessions asks more of a message before it looks at the method. What it says then is its own, and never a failure of the server.</summary>
    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_InTheStatelessProtocol_IsNoFailureOfTheServer(string method, string? parameters, int code)
    {
        var token = (await host.UserAsync()).Token!; // A user's client has one.
        var meta = """ "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"me","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}} """;
        var own = parameters is null or "null" or "{}" ? $"{{{meta}}}" : parameters.Contains("_meta", StringComparison.Ordinal) ? parameters : $"{{{meta},{parameters[1..]}";

        var (status, answer) = await SendAsync(token, $$"""{"jsonrpc":"2.0","id":7,"method":"{{method}}","params":{{own}}}""", ("MCP-Protocol-Version", McpConnection.Stateless), ("Mcp-Method", method.Length == 0 ? "x" : method));

        Assert.InRange(status, 200, 499);
        Assert.NotEqual(-32603, CodeOf(answer));
        Assert.True(code == 0 || CodeOf(answer) != 0, $"{answer}");
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task Body_ThatIsNoMessage_IsAnsweredAsSuch(string body, int code)
    {
        var token = (await host.UserAsync()).Token!; // A user's client has one.

        var (status, answer) = await SendAsync(token, body);

        Assert.InRange(status, 400, 499);
        Assert.Equal(code, CodeOf(answer));
    }

    [Fact]
    public async Task Message_ThatIsTooLong_IsRefusedBeforeItIsRead()
    {
        var token = (await host.UserAsync()).Token!; // A user's client has one.

        var (status, answer) = await SendAsync(token, """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"sync_lobby","arguments":{"x":""" + $"\"{new string('x', 9 * 1024 * 1024)}\"" + "}}}");

        Assert.Equal(413, status);
        Assert.Equal(-32600, CodeOf(answer));
    }

    private static int CodeOf(JsonElement answer) => answer.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : 0;

    private async Task<string> SessionAsync(string token)
    {
        using var request = Request(token, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"me","version":"1"}}}""");
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, Cancel);
        return response.Headers.GetValues("Mcp-Session-Id").Single();
    }

    private async Task<(int Status, JsonElement Answer)> SendAsync(string token, string body, params (string Name, string Value)[] headers)
    {
        using var request = Request(token, body, headers);
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);

        // A stream has the answer as its one event.
        var data = text.Split('\n').FirstOrDefault(static line => line.StartsWith("data: {", StringComparison.Ordinal));
        return ((int)response.StatusCode, JsonElement.Parse(data is null ? text : data["data: ".Length..]));
    }

    private HttpRequestMessage Request(string token, string body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "/mcp")) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }
}
