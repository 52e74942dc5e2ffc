using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace Sync.Benchmarks.Load;

/// <summary>What the SDK costs by itself: a server with one tool that gives back what it gets. Runs as a process of its own, so that its CPU can be told apart.</summary>
internal static class EchoServer
{
    public const string Argument = "echo-server";

    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.AddFilter("ModelContextProtocol", LogLevel.Critical).AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMcpServer()
            .WithHttpTransport(static transport => transport.SessionMode = HttpServerSessionMode.StatefulForInitializeClients)
            .WithTools([McpServerTool.Create((string text) => text, new McpServerToolCreateOptions { Name = "echo" })]);
        var app = builder.Build();
        app.MapMcp("/mcp");
        await app.RunAsync();
    }
}
