using System.Text;
using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>
/// What is wrong with a request to <c>/mcp</c> is told with a fitting status, a JSON-RPC error and a sentence that says what to send; it is no failure of the server, leaves nothing in its log, and
/// speaks of no class of a library. Every fault at every door: in a session, before one, in the protocol without sessions.
/// </summary>
public sealed class MalformedRequestTests(MalformedRequestTests.Host own) : IClassFixture<MalformedRequestTests.Host>
{
    private const string List = """{"jsonrpc":"2.0","id":7,"method":"tools/list"}""";
    private const string StatelessList = """
        {"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"me","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}
        """;

    private static readonly string[] s_doors = ["session", "none", "stateless"];

    // Headers in place of those of a good request, the status and the code.
    private static readonly Dictionary<string, ((string Name, string? Value)[] Headers, int Status, int Code)> s_headers = new()
    {
        ["no Content-Type"] = ([("Content-Type", null)], 415, -32600),
        ["Content-Type of a form"] = ([("Content-Type", "application/x-www-form-urlencoded")], 415, -32600),
        ["Content-Type text/plain"] = ([("Content-Type", "text/plain;charset=UTF-8")], 415, -32600),
        ["Content-Type that is none"] = ([("Content-Type", "json")], 415, -32600),
        ["charset that is none"] = ([("Content-Type", "application/json; charset=klingon")], 415, -32600),
        ["charset latin1"] = ([("Content-Type", "application/json; charset=iso-8859-1")], 415, -32600),
        ["charset utf-16"] = ([("Content-Type", "application/json; charset=utf-16")], 415, -32600),
        ["no Accept"] = ([("Accept", null)], 406, -32600),
        ["Accept JSON alone"] = ([("Accept", "application/json")], 406, -32600),
        ["Accept events alone"] = ([("Accept", "text/event-stream")], 406, -32600),
        ["Accept HTML"] = ([("Accept", "text/html")], 406, -32600),
        ["Accept that refuses"] = ([("Accept", "application/json, text/event-stream;q=0")], 406, -32600),
        ["version that is unknown"] = ([("MCP-Protocol-Version", "2099-01-01")], 400, -32022),
        ["version that is none"] = ([("MCP-Protocol-Version", "newest")], 400, -32022),
    };

    private static readonly Dictionary<string, (byte[] Body, int Code)> s_bodies = new()
    {
        ["empty"] = ([], -32600),
        ["blank"] = (" \n"u8.ToArray(), -32600),
        ["half"] = ("{\"jsonrpc\":"u8.ToArray(), -32700),
        ["words"] = ("hello"u8.ToArray(), -32700),
        ["no UTF-8"] = ([.. "{\"jsonrpc\":\"2.0\",\"id\":\""u8, 0xff, .. "\",\"method\":\"ping\"}"u8], -32700),
        ["UTF-16"] = (Encoding.Unicode.GetBytes(List), -32700),
        ["form"] = ("method=tools/list"u8.ToArray(), -32700),
        ["comment"] = ("/* */ {}"u8.ToArray(), -32700),
        ["name twice"] = ("""{"jsonrpc":"2.0","id":7,"method":"ping","id":8}"""u8.ToArray(), -32700),
        ["too deep"] = (Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100))), -32700),
        ["array"] = ("[]"u8.ToArray(), -32600),
        ["batch"] = (Encoding.UTF8.GetBytes($"[{List},{List}]"), -32600),
        ["null"] = ("null"u8.ToArray(), -32600),
        ["number"] = ("7"u8.ToArray(), -32600),
        ["string"] = ("\"ping\""u8.ToArray(), -32600),
        ["object"] = ("{}"u8.ToArray(), -32600),
        ["no jsonrpc"] = ("""{"id":7,"method":"ping"}"""u8.ToArray(), -32600),
        ["jsonrpc 1.0"] = ("""{"jsonrpc":"1.0","id":7,"method":"ping"}"""u8.ToArray(), -32600),
        ["jsonrpc number"] = ("""{"jsonrpc":2.0,"id":7,"method":"ping"}"""u8.ToArray(), -32600),
        ["method number"] = ("""{"jsonrpc":"2.0","id":7,"method":5}"""u8.ToArray(), -32600),
        ["method null"] = ("""{"jsonrpc":"2.0","id":7,"method":null}"""u8.ToArray(), -32600),
        ["params list"] = ("""{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}"""u8.ToArray(), -32600),
        ["params text"] = ("""{"jsonrpc":"2.0","id":7,"method":"ping","params":"x"}"""u8.ToArray(), -32600),
        ["id missing"] = ("""{"jsonrpc":"2.0","method":"tools/list"}"""u8.ToArray(), -32600),
        ["id missing, initialize"] = ("""{"jsonrpc":"2.0","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"me","version":"1"}}}"""u8.ToArray(), -32600),
        ["id null"] = ("""{"jsonrpc":"2.0","id":null,"method":"ping"}"""u8.ToArray(), -32600),
        ["id object"] = ("""{"jsonrpc":"2.0","id":{},"method":"ping"}"""u8.ToArray(), -32600),
        ["id boolean"] = ("""{"jsonrpc":"2.0","id":true,"method":"ping"}"""u8.ToArray(), -32600),
        ["id fraction"] = ("""{"jsonrpc":"2.0","id":7.5,"method":"ping"}"""u8.ToArray(), -32600),
        ["id huge"] = ("""{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"ping"}"""u8.ToArray(), -32600),
        ["id huge power"] = ("""{"jsonrpc":"2.0","id":1e999,"method":"ping"}"""u8.ToArray(), -32600),
        ["id long"] = (Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":"{{new string('x', 100_000)}}","method":"ping"}"""), -32600),
        ["answer without id"] = ("""{"jsonrpc":"2.0","result":{}}"""u8.ToArray(), -32600),
        ["answer of both kinds"] = ("""{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":"x"}}"""u8.ToArray(), -32600),
        ["error that is empty"] = ("""{"jsonrpc":"2.0","id":7,"error":{}}"""u8.ToArray(), -32600),
        ["error that is text"] = ("""{"jsonrpc":"2.0","id":7,"error":"x"}"""u8.ToArray(), -32600),
        ["error of wrong types"] = ("""{"jsonrpc":"2.0","id":7,"error":{"code":"x","message":5}}"""u8.ToArray(), -32600),
        ["initialize without params"] = ("""{"jsonrpc":"2.0","id":7,"method":"initialize"}"""u8.ToArray(), -32602),
        ["initialize without fields"] = ("""{"jsonrpc":"2.0","id":7,"method":"initialize","params":{}}"""u8.ToArray(), -32602),
        ["initialize without client"] = ("""{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"""u8.ToArray(), -32602),
        ["initialize, version number"] = ("""{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":1,"capabilities":{},"clientInfo":{"name":"a","version":"1"}}}"""u8.ToArray(), -32602),
        ["initialize, client text"] = ("""{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":"a"}}"""u8.ToArray(), -32602),
        ["initialize, capabilities list"] = ("""{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":[],"clientInfo":{"name":"a","version":"1"}}}"""u8.ToArray(), -32602),
        ["initialize, capability list"] = ("""{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":[]},"clientInfo":{"name":"a","version":"1"}}}"""u8.ToArray(), -32602),
    };

    // Faults of what is only told: in a session, since before one the session is missing first.
    private static readonly Dictionary<string, string> s_notifications = new()
    {
        ["cancelled object"] = """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}""",
        ["cancelled list"] = """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[1]}}""",
        ["cancelled reason"] = """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":5}}""",
        ["progress without token"] = """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}""",
        ["progress text"] = """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":"half"}}""",
        ["meta list"] = """{"jsonrpc":"2.0","method":"notifications/initialized","params":{"_meta":[]}}""",
    };

    public static TheoryData<string, string> HeaderFaults => Cross(s_headers.Keys);

    public static TheoryData<string, string> BodyFaults => Cross(s_bodies.Keys);

    public static TheoryData<string> NotificationFaults => [.. s_notifications.Keys];

    public static TheoryData<string, string> MethodFaults => Cross(["PUT", "PATCH", "HEAD", "OPTIONS", "QUERY"]);

    [Theory]
    [MemberData(nameof(HeaderFaults))]
    public async Task Headers_ThatAreWrong_AreTold(string door, string fault)
    {
        var (headers, status, code) = s_headers[fault];

        await AssertToldAsync(HttpMethod.Post, door, Encoding.UTF8.GetBytes(door == "stateless" ? StatelessList : List), headers, status, code);
    }

    [Theory]
    [MemberData(nameof(BodyFaults))]
    public async Task Body_ThatIsWrong_IsTold(string door, string fault)
    {
        var (body, code) = s_bodies[fault];

        await AssertToldAsync(HttpMethod.Post, door, body, [], 400, code);
    }

    [Theory]
    [MemberData(nameof(NotificationFaults))]
    public Task Notification_ThatIsWrong_IsTold(string fault) => AssertToldAsync(HttpMethod.Post, "session", Encoding.UTF8.GetBytes(s_notifications[fault]), [], 400, -32602);

    [Theory]
    [MemberData(nameof(MethodFaults))]
    public async Task Method_ThatIsNotTaken_NamesThoseThatAre(string door, string method)
    {
        var response = await AssertToldAsync(new HttpMethod(method), door, body: null, [], 405, -32600);

        Assert.Equal(["DELETE", "GET", "POST"], response.Content.Headers.Allow.Order());
    }

    [Theory]
    [InlineData("POST", List)]
    [InlineData("POST", """{"jsonrpc":"2.0","method":"notifications/initialized"}""")]
    [InlineData("POST", """{"jsonrpc":"2.0","id":1,"result":{}}""")]
    [InlineData("GET", null)]
    [InlineData("DELETE", null)]
    public async Task Session_ThatIsNotNamedOrNotThere_IsTold(string method, string? body)
    {
        var bytes = body is null ? null : Encoding.UTF8.GetBytes(body);

        await AssertToldAsync(new HttpMethod(method), "none", bytes, [], 400, -32600);
        await AssertToldAsync(new HttpMethod(method), "none", bytes, [("Mcp-Session-Id", "")], 400, -32600);
        foreach (var session in (string[])["nothing", new('x', 4000), "a, b", "<script>"])
        {
            // The status and the code by which clients know that they have to initialise again.
            await AssertToldAsync(new HttpMethod(method), "none", bytes, [("Mcp-Session-Id", session)], 404, -32001);
        }
    }

    [Fact]
    public async Task Session_ThatWasEnded_IsNotThere()
    {
        using var raw = await OpenAsync();
        var session = await raw.SessionAsync();
        using var ended = await raw.SendAsync(HttpMethod.Delete, (byte[]?)null, ("Mcp-Session-Id", session));
        Assert.Equal(200, (int)ended.StatusCode);

        await AssertToldAsync(HttpMethod.Delete, "none", body: null, [("Mcp-Session-Id", session)], 404, -32001, raw);
        await AssertToldAsync(HttpMethod.Post, "none", Encoding.UTF8.GetBytes(List), [("Mcp-Session-Id", session)], 404, -32001, raw);
        await AssertToldAsync(HttpMethod.Get, "none", body: null, [("Mcp-Session-Id", session)], 404, -32001, raw);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Method_InTheProtocolWithoutSessions_IsPostAlone(string method)
    {
        var response = await AssertToldAsync(new HttpMethod(method), "stateless", body: null, [], 405, -32600);

        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Get_ThatTakesNoEvents_IsTold()
    {
        await AssertToldAsync(HttpMethod.Get, "session", body: null, [("Accept", "application/json")], 406, -32600);
        await AssertToldAsync(HttpMethod.Get, "session", body: null, [("Accept", null)], 406, -32600);
    }

    [Fact]
    public Task Version_InMetaAlone_IsTold() => AssertToldAsync(HttpMethod.Post, "none", Encoding.UTF8.GetBytes(StatelessList), [], 400, -32020);

    /// <summary>What looks odd and is right.</summary>
    [Theory]
    [InlineData("Content-Type", "application/json;charset=UTF-8")]
    [InlineData("Content-Type", "application/json; charset=\"utf-8\"")]
    [InlineData("Content-Type", "APPLICATION/JSON")]
    [InlineData("Accept", "*/*")]
    [InlineData("Accept", "text/*, application/*;q=0.1")]
    [InlineData("Accept", "text/event-stream;charset=utf-8, application/json")]
    [InlineData("Last-Event-ID", "57")]
    public async Task Headers_ThatSayTheSame_AreTaken(string name, string value)
    {
        using var raw = await OpenAsync();
        using var response = await raw.SendAsync(HttpMethod.Post, List, ("Mcp-Session-Id", await raw.SessionAsync()), (name, value));

        Assert.Equal(200, (int)response.StatusCode);
        Assert.True((await RawMcp.JsonAsync(response)).TryGetProperty("result", out _));
    }

    [Fact]
    public async Task Body_WithAByteOrderMark_IsTaken()
    {
        using var raw = await OpenAsync();
        using var response = await raw.SendAsync(HttpMethod.Post, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(List)], ("Mcp-Session-Id", await raw.SessionAsync()));

        Assert.True((await RawMcp.JsonAsync(response)).TryGetProperty("result", out _));
    }

    [Theory]
    [InlineData("2024-11-05", "2024-11-05")]
    [InlineData("2025-03-26", "2025-03-26")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2026-07-28", "2025-11-25")]
    [InlineData("2099-12-31", "2025-11-25")]
    [InlineData("2020-01-01", "2025-11-25")]
    [InlineData("1.0", "2025-11-25")]
    [InlineData("", "2025-11-25")]
    [InlineData("nonsense \u202e", "2025-11-25")]
    public async Task Initialize_WithAnyVersion_AgreesOnOne(string asked, string agreed)
    {
        using var raw = await OpenAsync();
        var body = RawMcp.Initialize.Replace("\"2025-11-25\"", JsonSerializer.Serialize(asked), StringComparison.Ordinal);
        using var response = await raw.SendAsync(HttpMethod.Post, body, ("MCP-Protocol-Version", asked.Length > 0 && asked.All(char.IsAscii) ? asked : null));
        var session = response.Headers.GetValues("Mcp-Session-Id").Single();
        using var listed = await raw.SendAsync(HttpMethod.Post, List, ("Mcp-Session-Id", session), ("MCP-Protocol-Version", agreed));

        Assert.Equal(agreed, (await RawMcp.JsonAsync(response)).GetProperty("result").GetProperty("protocolVersion").GetString());
        Assert.True((await RawMcp.JsonAsync(listed)).TryGetProperty("result", out _));
    }

    private static TheoryData<string, string> Cross(IEnumerable<string> faults)
    {
        var all = new TheoryData<string, string>();
        foreach (var fault in faults)
        {
            foreach (var door in s_doors)
            {
                all.Add(door, fault);
            }
        }

        return all;
    }

    private async Task<RawMcp> OpenAsync() => new(own, await own.MintAsync(SyncHost.NewName("user")));

    private async Task<HttpResponseMessage> AssertToldAsync(HttpMethod method, string door, byte[]? body, (string Name, string? Value)[] headers, int status, int code, RawMcp? by = null)
    {
        var raw = by ?? await OpenAsync();
        (string, string?)[] atDoor = door switch
        {
            "session" => [("Mcp-Session-Id", await raw.SessionAsync()), ("MCP-Protocol-Version", "2025-11-25")],
            "stateless" => [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list")],
            _ => [],
        };

        var response = await raw.SendAsync(method, body, [.. atDoor, .. headers]);

        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        if (method != HttpMethod.Head)
        {
            var answer = JsonElement.Parse(text);
            var error = answer.GetProperty("error");
            Assert.Equal("2.0", answer.GetProperty("jsonrpc").GetString());
            Assert.True(code == error.GetProperty("code").GetInt32(), text);
            var hint = error.GetProperty("data").GetProperty("hint").GetString();
            Assert.False(string.IsNullOrEmpty(hint));
            Assert.EndsWith(hint, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        foreach (var word in (string[])["Exception", "ModelContextProtocol", "HttpServer", "System.", "csharp", "   at "])
        {
            Assert.DoesNotContain(word, text, StringComparison.Ordinal);
        }

        Assert.Empty(own.Errors.Entries);
        return response;
    }

    /// <summary>A server that nothing but these tests speaks to, so that its log is theirs.</summary>
    public sealed class Host : SyncHost;
}
