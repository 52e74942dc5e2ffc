using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Components.Connect;

/// <summary>The configuration files of clients, as JSON.</summary>
internal static class ClientConfig
{
    // Nothing of it stands in a page unescaped: Razor escapes it, and addresses are encoded where they are made.
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Cursor's <c>mcp.json</c>.</summary>
    public static string Cursor(Connection to) => Named("mcpServers", to, CursorServer(to));

    /// <summary>What Cursor's link carries: the server alone, without its name.</summary>
    public static string CursorLink(Connection to) => CursorServer(to).ToJsonString(s_compact);

    /// <summary>VS Code's <c>mcp.json</c>.</summary>
    public static string VsCode(Connection to) => Named("servers", to, Remote(to));

    /// <summary>What <c>code --add-mcp</c> and VS Code's link take: the server with its name.</summary>
    public static string VsCodeServer(Connection to)
    {
        var server = new JsonObject { ["name"] = to.Name };
        foreach (var (name, value) in Remote(to))
        {
            server[name] = value?.DeepClone();
        }

        return server.ToJsonString(s_compact);
    }

    /// <summary>
    /// Claude Desktop's <c>claude_desktop_config.json</c>. It starts local programs only, so that mcp-remote speaks for it. The header has no blank, which some systems lose of an argument: the
    /// blank is in the variable.
    /// </summary>
    public static string ClaudeDesktop(Connection to)
    {
        var arguments = new JsonArray("-y", "mcp-remote@latest", to.McpUrl, "--transport", "http-only", "--header", "Authorization:${AUTH}");
        if (to.NeedsAllowHttp)
        {
            arguments.Add("--allow-http");
        }

        return Named("mcpServers", to, new JsonObject { ["command"] = "npx", ["args"] = arguments, ["env"] = new JsonObject { ["AUTH"] = to.Bearer } });
    }

    private static JsonObject CursorServer(Connection to) => new() { ["url"] = to.McpUrl, ["headers"] = Header(to) };

    private static JsonObject Remote(Connection to) => new() { ["type"] = "http", ["url"] = to.McpUrl, ["headers"] = Header(to) };

    private static JsonObject Header(Connection to) => new() { ["Authorization"] = to.Bearer };

    private static string Named(string list, Connection to, JsonObject server) => new JsonObject { [list] = new JsonObject { [to.Name] = server } }.ToJsonString(s_indented);
}
