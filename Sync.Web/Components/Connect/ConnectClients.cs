using System.Collections.Immutable;

namespace Sync.Web.Components.Connect;

/// <summary>The clients that the page has lines for, the most used first. Each form was checked against the client's own documentation, and run where the client runs without a person.</summary>
internal static class ConnectClients
{
    private const string Restart = "Start it again: most clients read their configuration once.";
    private const string Reach = "Open this server's address in a browser on the machine that the client runs on: it has to be reachable from there.";

    public static ImmutableArray<ConnectClient> All { get; } =
    [
        new("claude-code", "Claude Code", "claude", ClaudeCode, ["Run `claude mcp list`: it says whether it reaches the server.", "The server is added for one folder: start Claude Code in that folder, or add it with `--scope user`.", "Is the name taken already? `claude mcp remove` it first.", Reach]),
        new("codex", "Codex", "codex", Codex, ["Start Codex in the shell that knows the variable: it reads the token from there at each start.", "Type `/mcp` in Codex: the server is listed with its tools.", Reach]),
        new("cursor", "Cursor", "cursor", Cursor, ["Settings → Tools & MCP: the server has to be switched on, and shows its tools when it is connected.", Restart, Reach]),
        new("vscode", "VS Code", "copilot", VsCode, ["`MCP: List Servers` in the command palette starts the server and shows its output.", "Tools are offered in agent mode only.", Reach]),
        new("claude-desktop", "Claude Desktop", "claude-desktop", ClaudeDesktop, ["It starts `npx`: Node 20 or newer has to be installed.", "Quit it altogether and start it again; closing the window is not enough.", "Settings → Developer shows the server and its log.", Reach]),
        new("inspector", "MCP Inspector", "inspector", Inspector, ["It needs Node 22 or newer, and `@latest`.", Reach]),
        new("curl", "curl", "agent", Curl, ["`401` is a token that was not sent whole; `403` names what the token lacks.", Reach]),
        new("typescript", "TypeScript", "agent", TypeScript, ["It needs Node 20 or newer, and a file name that ends with .mjs.", Reach]),
        new("python", "Python", "agent", Python, ["It needs Python 3.10 or newer.", Reach]),
    ];

    /// <summary>The client of a name; the first for a name that is none.</summary>
    public static ConnectClient Of(string? id) => All.FirstOrDefault(client => client.Id == id) ?? All[0];

    private static ImmutableArray<SetupStep> ClaudeCode(Connection to) =>
    [
        new("In the folder that it works in:", $"claude mcp add --transport http {to.Name} {to.McpUrl} --header \"Authorization: {to.Bearer}\""),
        new("Then start Claude Code there with its task:", $"claude {ShellText.Quoted(to.Prompt)}"),
    ];

    private static ImmutableArray<SetupStep> Codex(Connection to) =>
    [
        new("In a shell:", $"export {to.Variable}={to.Token}\ncodex mcp add {to.Name} --url {to.McpUrl} --bearer-token-env-var {to.Variable}"),
        new("Then start Codex from the same shell with its task:", $"codex {ShellText.Quoted(to.Prompt)}"),
    ];

    private static ImmutableArray<SetupStep> Cursor(Connection to) =>
    [
        new("Have Cursor add it:", Code: null) { Link = ClientLinks.Cursor(to), LinkText = "Add to Cursor" },
        new("Or write it yourself:", ClientConfig.Cursor(to)) { File = "~/.cursor/mcp.json", IsInstead = true },
        new("Then give Cursor's agent its task:", to.Prompt),
    ];

    private static ImmutableArray<SetupStep> VsCode(Connection to) =>
    [
        new("Have VS Code add it:", Code: null) { Link = ClientLinks.VsCode(to), LinkText = "Add to VS Code" },
        new("Or in a shell:", $"code --add-mcp {ShellText.Quoted(ClientConfig.VsCodeServer(to))}") { IsInstead = true },
        new("Or for one folder:", ClientConfig.VsCode(to)) { File = ".vscode/mcp.json", IsInstead = true },
        new("Then give its agent mode the task:", to.Prompt),
    ];

    private static ImmutableArray<SetupStep> ClaudeDesktop(Connection to) =>
    [
        new("Settings → Developer → Edit Config, then save this and start Claude Desktop again:", ClientConfig.ClaudeDesktop(to)) { File = "claude_desktop_config.json" },
        new("Then give it its task:", to.Prompt),
    ];

    private static ImmutableArray<SetupStep> Inspector(Connection to) =>
    [
        new("List the tools:", $"npx -y @modelcontextprotocol/inspector@latest --cli {to.McpUrl} --transport http --header \"Authorization: {to.Bearer}\" --method tools/list"),
        new(
            "Read the room:",
            $"npx -y @modelcontextprotocol/inspector@latest --cli {to.McpUrl} --transport http --header \"Authorization: {to.Bearer}\" --method tools/call --tool-name sync_read_context --tool-arg room={to.Room}"),
    ];

    private static ImmutableArray<SetupStep> Curl(Connection to)
    {
        var read = new SetupStep("Read the room:", $"export {to.Variable}={to.Token}\ncurl -sS -H \"Authorization: Bearer ${to.Variable}\" {to.BaseUrl}/rooms/{to.Room}/context");
        return to.Agent is null
            ? [read]
            :
            [
                read,
                new("Act:", $"curl -sS -X POST {to.BaseUrl}/rooms/{to.Room}/actions/_send_message/invoke \\\n  -H \"Authorization: Bearer ${to.Variable}\" -H \"Content-Type: application/json\" \\\n  -d '{{\"params\":{{\"body\":\"Hello from curl\"}}}}'"),
                new("Wait until somebody writes to it:", $"curl -sS -G -H \"Authorization: Bearer ${to.Variable}\" {to.BaseUrl}/rooms/{to.Room}/wait \\\n  --data-urlencode 'condition=messages.directed_unread > 0'"),
            ];
    }

    private static ImmutableArray<SetupStep> TypeScript(Connection to) =>
    [
        new("Once, in an empty folder:", "npm install @modelcontextprotocol/sdk"),
        new("Then run it with `node agent.mjs`:", ClientPrograms.TypeScript(to)) { File = "agent.mjs" },
    ];

    private static ImmutableArray<SetupStep> Python(Connection to) =>
    [
        new("Once:", "pip install mcp httpx"),
        new("Then run it with `python agent.py`:", ClientPrograms.Python(to)) { File = "agent.py" },
    ];
}
