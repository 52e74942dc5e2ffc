using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Speaks to <c>/mcp</c> without a client library: whatever headers and bytes a test says.</summary>
internal sealed class RawMcp(SyncHost host, string token) : IDisposable
{
    public const string Initialize = """
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}
        """;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = host.Address };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string Call(object id, string tool, string arguments = "{}") =>
        $$$"""{"jsonrpc":"2.0","id":{{{JsonSerializer.Serialize(id)}}},"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";

    /// <summary>Opens a session and gives its id.</summary>
    public async Task<string> SessionAsync()
    {
        using var response = await SendAsync(HttpMethod.Post, Initialize);
        Assert.Equal(200, (int)response.StatusCode);
        return response.Headers.GetValues("Mcp-Session-Id").Single();
    }

    /// <summary>Sends a message; gives the response as soon as its headers are there.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="body">The body, or null.</param>
    /// <param name="headers">Headers beside, or in place of, those of a good request; null leaves one out.</param>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string? body, params (string Name, string? Value)[] headers) =>
        SendAsync(method, body is null ? null : Encoding.UTF8.GetBytes(body), headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, byte[]? body, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/mcp");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Accept"] = "application/json, text/event-stream" };
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            all["Content-Type"] = "application/json";
        }

        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        foreach (var (name, value) in all)
        {
            Assert.True(value is null || request.Headers.TryAddWithoutValidation(name, value) || request.Content?.Headers.TryAddWithoutValidation(name, value) == true, name);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    /// <summary>The stream of a session's notices, once it is open.</summary>
    public async Task<StreamReader> ListenAsync(string session, params (string Name, string? Value)[] headers)
    {
        var response = await SendAsync(HttpMethod.Get, (byte[]?)null, [("Mcp-Session-Id", session), .. headers]);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
    }

    /// <summary>The JSON of an answer, be it one or the one event of a stream; undefined without a body.</summary>
    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancel);
        var data = text.Split('\n').FirstOrDefault(static line => line.StartsWith("data: {", StringComparison.Ordinal));
        return text.Length == 0 ? default : JsonElement.Parse(data is null ? text : data["data: ".Length..]);
    }

    public void Dispose() => _http.Dispose();
}
