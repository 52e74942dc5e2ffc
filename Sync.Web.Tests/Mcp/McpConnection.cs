using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>A client of the SDK, connected to the app over HTTP.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    /// <summary>The newest protocol version with sessions, and the first without.</summary>
    public const string Stateful = "2025-11-25";
    public const string Stateless = "2026-07-28";

    private McpConnection(McpClient client) => Client = client;

    public McpClient Client { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<McpConnection> OpenAsync(SyncHost host, string token, string client = "test-client", string version = Stateful, McpClientHandlers? handlers = null)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(host.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + token },
        });
        var options = new McpClientOptions
        {
            ClientInfo = new Implementation { Name = client, Version = "1" },
            ProtocolVersion = version,
        };
        if (handlers is not null)
        {
            options.Handlers = handlers;
        }

        return new McpConnection(await McpClient.CreateAsync(transport, options, cancellationToken: Cancel));
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();

    public async Task<CallToolResult> CallAsync(string tool, object? arguments = null, IProgress<ProgressNotificationValue>? progress = null, CancellationToken? cancellationToken = null) =>
        await Client.CallToolAsync(tool, Arguments(arguments), progress, cancellationToken: cancellationToken ?? Cancel);

    /// <summary>Calls a tool that must succeed.</summary>
    public async Task<JsonElement> OkAsync(string tool, object? arguments = null)
    {
        var result = await CallAsync(tool, arguments);
        var text = Text(result);
        Assert.True(result.IsError is not true, $"{tool}: {text}");
        Assert.Equal(text, JsonSerializer.Serialize(result.StructuredContent, s_json));
        return result.StructuredContent!.Value; // A tool of ours has it.
    }

    /// <summary>Calls a tool that must refuse, in the shape every refusal has.</summary>
    public async Task<JsonElement> RefusedAsync(string code, string tool, object? arguments = null)
    {
        var result = await CallAsync(tool, arguments);
        var text = Text(result);
        Assert.True(result.IsError is true, $"{tool}: {text}");
        var error = result.StructuredContent!.Value; // A refusal has it.
        Assert.Equal(text, JsonSerializer.Serialize(error, s_json));
        Assert.Equal(code, error.GetProperty("error").GetString());
        Assert.False(string.IsNullOrWhiteSpace(error.GetProperty("message").GetString()));
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        return error;
    }

    public async Task<JsonElement> ContextAsync(string room, object? more = null)
    {
        var arguments = Arguments(more);
        arguments["room"] = room;
        return await OkAsync("sync_read_context", arguments);
    }

    private static readonly JsonSerializerOptions s_json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a model reads of a result.</summary>
    public static string Text(CallToolResult result) => Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;

    private static Dictionary<string, object?> Arguments(object? arguments) => arguments switch
    {
        null => [],
        Dictionary<string, object?> ready => ready,
        _ => arguments.GetType().GetProperties().ToDictionary(property => property.Name, property => property.GetValue(arguments)),
    };
}
