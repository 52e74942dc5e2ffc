using System.Diagnostics;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;

namespace Sync.Benchmarks.Load;

/// <summary>
/// What a call of a tool costs the server: a small read of a room, beside an echo on the SDK alone. Server processes of their own, one client, calls one after the other, the two
/// taking turns so that what else the machine does falls on both.
/// </summary>
internal static class McpProbe
{
    private const int Warmup = 6_000;
    private const int Calls = 1_000;
    private const int Rounds = 4;

    public static async Task RunAsync(Report report)
    {
        report.Title("MCP: server CPU of a tool call");
        var program = typeof(McpProbe).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "Server").Value!; // The build puts it there.
        if (!File.Exists(program))
        {
            report.Note($"Not built: dotnet build -c Release Sync.Web ({program})");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("sync-probe-");
        var data = Path.Combine(folder.FullName, "data");
        try
        {
            var token = await OutputAsync(Start(program, data, "token", "mint", "--user", "probe", "--scope", "rooms:* create_rooms", "--data", data));
            using var sync = Start(program, data);
            using var echo = Start(typeof(McpProbe).Assembly.Location, data, EchoServer.Argument);
            try
            {
                using var syncClient = await ClientAsync(sync, token.Trim());
                using var echoClient = await ClientAsync(echo, token: null);
                using (var made = await syncClient.PostAsync("rooms", new StringContent("""{"id":"small"}""")))
                {
                    made.EnsureSuccessStatusCode();
                }

                const string Read = """{"name":"sync_read_context","arguments":{"room":"small"}""";
                var text = await TextAsync(syncClient, "2025-11-25", Read);
                foreach (var version in new[] { "2025-11-25", "2026-07-28" })
                {
                    var read = await CallerAsync(syncClient, version, Read);
                    var said = await CallerAsync(echoClient, version, $$"""{"name":"echo","arguments":{"text":"hello"}""");
                    await RepeatAsync(read, Warmup);
                    await RepeatAsync(said, Warmup);
                    var (reads, echoes) = (0.0, 0.0);
                    for (var round = 0; round < Rounds; round++)
                    {
                        reads += await CpuAsync(sync, () => RepeatAsync(read, Calls));
                        echoes += await CpuAsync(echo, () => RepeatAsync(said, Calls));
                    }

                    report.Figure($"{version}: echo on the SDK alone", echoes / (Rounds * Calls), "µs");
                    report.Figure($"{version}: sync_read_context, an answer of {text.Length} characters", reads / (Rounds * Calls), "µs");
                    report.Ratio($"{version}: read to echo", reads / echoes, max: 2);
                }
            }
            finally
            {
                sync.Kill();
                echo.Kill();
                await sync.WaitForExitAsync();
                await echo.WaitForExitAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> CpuAsync(Process server, Func<Task> run)
    {
        server.Refresh();
        var before = server.TotalProcessorTime;
        await run();
        server.Refresh();
        return (server.TotalProcessorTime - before).TotalMicroseconds;
    }

    private static async Task RepeatAsync(Func<Task<string>> call, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await call();
        }
    }

    private static async Task<string> TextAsync(HttpClient http, string version, string call) => await (await CallerAsync(http, version, call))();

    private static async Task<Func<Task<string>>> CallerAsync(HttpClient http, string version, string call)
    {
        string? session = null;
        var isStateless = string.CompareOrdinal(version, "2026-07-28") >= 0;
        if (!isStateless)
        {
            using var opened = await PostAsync(http, version, session, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"probe","version":"1"}}}""");
            session = opened.Headers.GetValues("Mcp-Session-Id").Single();
        }

        var meta = isStateless
            ? $$$""","_meta":{"io.modelcontextprotocol/protocolVersion":"{{{version}}}","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"probe","version":"1"}}"""
            : "";
        var name = call.Split('"')[3];
        var body = $$$"""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{{{call}}}{{{meta}}}}}""";
        return async () =>
        {
            using var answer = await PostAsync(http, version, session, body, name);
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode && text.Contains("\"result\"", StringComparison.Ordinal) && !text.Contains("\"isError\":true", StringComparison.Ordinal)
                ? text
                : throw new InvalidOperationException(text);
        };
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string version, string? session, string body, string? name = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "mcp") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("MCP-Protocol-Version", version);
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
        }
        else if (name is not null)
        {
            request.Headers.Add("Mcp-Method", "tools/call");
            request.Headers.Add("Mcp-Name", name);
        }

        return http.SendAsync(request);
    }

    private static Process Start(string program, string data, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Sync__DataDirectory"] = data;
        start.Environment["Sync__Demo"] = "false";
        start.Environment["Sync__Limits__RequestsPerSecond"] = "1000000";
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    private static async Task<string> OutputAsync(Process process)
    {
        using (process)
        {
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return output;
        }
    }

    private static async Task<HttpClient> ClientAsync(Process server, string? token)
    {
        var http = new HttpClient { BaseAddress = await ServerProbe.AddressAsync(server).WaitAsync(TimeSpan.FromSeconds(60)) };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return http;
    }
}
