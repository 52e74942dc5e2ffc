using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sync.Web.Components.Connect;

namespace Sync.Web.Tests.Components.Connect;

/// <summary>The lines that clients are given: each is whole, and means the same to a shell, a JSON reader or the client as it does to who wrote it.</summary>
public sealed class ConnectClientTests
{
    private const string Secret = "tok_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> EveryClient
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var client in ConnectClients.All)
            {
                data.Add(client.Id, true);
                data.Add(client.Id, false);
            }

            return data;
        }
    }

    /// <summary>Ids that a room or an agent may have, and addresses that a server may have.</summary>
    public static TheoryData<string, string, string> Places => new()
    {
        { "http://localhost:5080", "lab", "claude" },
        { "https://example.org/sync", "a.b:c_d-E", "ada:claude" },
        { "http://127.0.0.1:6000", new string('r', 64), new string('a', 64) },
        { "https://[2001:db8::1]:8443", "-.-", "x" },
    };

    [Theory]
    [MemberData(nameof(EveryClient))]
    public void Steps_OfEachClient_CarryAddressRoomAndToken(string id, bool acts)
    {
        var to = Of("http://localhost:5080", "lab", acts ? "claude" : null);

        var steps = ConnectClients.Of(id).Steps(to);

        var all = string.Join('\n', steps.Select(static step => $"{step.Code}\n{step.Link}"));
        Assert.Contains(Secret, Decoded(all), StringComparison.Ordinal);
        Assert.Contains("localhost:5080", Decoded(all), StringComparison.Ordinal);
        Assert.Contains("lab", all, StringComparison.Ordinal);
        Assert.All(steps, static step => Assert.True(step.Code is not null || step is { Link: not null, LinkText: not null }));
        Assert.DoesNotContain("\"\"", all.Replace("\\\"\\\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.NotEmpty(ConnectClients.Of(id).IfNot);
        if (!acts)
        {
            Assert.DoesNotContain("_send_message", all, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Clients_AreThoseThatWerePromised_AndAnUnknownNameIsTheFirst()
    {
        Assert.Equal(["claude-code", "codex", "cursor", "vscode", "claude-desktop", "inspector", "curl", "typescript", "python"], ConnectClients.All.Select(static client => client.Id));
        Assert.Same(ConnectClients.All[0], ConnectClients.Of("no such"));
        Assert.Same(ConnectClients.All[0], ConnectClients.Of(null));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Name_FitsBeforeTheNamesOfTools(string address, string room, string agent)
    {
        var name = Of(address, room, agent).Name;

        Assert.Matches("^sync(-[a-z0-9-]*[a-z0-9])?$", name);
        Assert.True($"mcp__{name}__sync_register_action".Length <= 64);
        Assert.Matches("^SYNC[A-Z0-9_]*_TOKEN$", Of(address, room, agent).Variable);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Configurations_AreTheJsonOfTheirClients(string address, string room, string agent)
    {
        var to = Of(address, room, agent);

        var cursor = JsonElement.Parse(ClientConfig.Cursor(to)).GetProperty("mcpServers").GetProperty(to.Name);
        AssertRemote(to, cursor);
        var linked = JsonElement.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(Query(ClientLinks.Cursor(to), "config"))));
        Assert.True(JsonElement.DeepEquals(cursor, linked));
        Assert.Equal(to.Name, Query(ClientLinks.Cursor(to), "name"));
        Assert.StartsWith("cursor://anysphere.cursor-deeplink/mcp/install?", ClientLinks.Cursor(to), StringComparison.Ordinal);

        var code = JsonElement.Parse(ClientConfig.VsCode(to)).GetProperty("servers").GetProperty(to.Name);
        AssertRemote(to, code);
        Assert.Equal("http", code.GetProperty("type").GetString());
        var byLink = JsonElement.Parse(Uri.UnescapeDataString(ClientLinks.VsCode(to)["vscode:mcp/install?".Length..]));
        AssertRemote(to, byLink);
        Assert.Equal(to.Name, byLink.GetProperty("name").GetString());

        var desktop = JsonElement.Parse(ClientConfig.ClaudeDesktop(to)).GetProperty("mcpServers").GetProperty(to.Name);
        Assert.Equal($"Bearer {Secret}", desktop.GetProperty("env").GetProperty("AUTH").GetString());
        Assert.Contains(to.McpUrl, desktop.GetProperty("args").EnumerateArray().Select(static argument => argument.GetString()));
    }

    [Theory]
    [InlineData("http://localhost:5080", false)]
    [InlineData("http://127.0.0.1:5080", false)]
    [InlineData("https://example.org", false)]
    [InlineData("http://10.0.0.5:5080", true)]
    public void ClaudeDesktop_OverPlainHttpToAnotherMachine_AllowsIt(string address, bool allows) =>
        Assert.Equal(allows, ClientConfig.ClaudeDesktop(Of(address, "lab", "claude")).Contains("--allow-http", StringComparison.Ordinal));

    [Theory]
    [InlineData("it's")]
    [InlineData("$HOME `id` \"x\" \\ !")]
    [InlineData("two\nlines")]
    [InlineData("")]
    public async Task Quoted_ForAShell_IsOneWordAsItIs(string text) => Assert.Equal(text, await ShellAsync($"printf %s {ShellText.Quoted(text)}"));

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Commands_InAShell_AreTheArgumentsThatWereMeant(string address, string room, string agent)
    {
        var to = Of(address, room, agent);

        Assert.Equal(["mcp", "add", "--transport", "http", to.Name, to.McpUrl, "--header", $"Authorization: Bearer {Secret}"], await ArgumentsAsync("claude", ConnectClients.Of("claude-code").Steps(to)[0].Code!));
        Assert.Equal([to.Prompt], await ArgumentsAsync("claude", ConnectClients.Of("claude-code").Steps(to)[1].Code!));
        Assert.Equal(["mcp", "add", to.Name, "--url", to.McpUrl, "--bearer-token-env-var", to.Variable], await ArgumentsAsync("codex", ConnectClients.Of("codex").Steps(to)[0].Code!));
        var added = await ArgumentsAsync("code", ConnectClients.Of("vscode").Steps(to)[1].Code!);
        Assert.Equal("--add-mcp", added[0]);
        AssertRemote(to, JsonElement.Parse(added[1]));
        var read = await ArgumentsAsync("curl", ConnectClients.Of("curl").Steps(to)[0].Code!);
        Assert.Equal($"{address}/rooms/{room}/context", read[^1]);
        Assert.Contains($"Authorization: Bearer {Secret}", read);
    }

    private static Connection Of(string address, string room, string? agent) => new(address, room, agent, Secret);

    private static void AssertRemote(Connection to, JsonElement server)
    {
        Assert.Equal(to.McpUrl, server.GetProperty("url").GetString());
        Assert.Equal($"Bearer {Secret}", server.GetProperty("headers").GetProperty("Authorization").GetString());
    }

    private static string Query(string address, string name) =>
        address[(address.IndexOf('?') + 1)..].Split('&').Select(static part => part.Split('=', 2)).Where(part => part[0] == name).Select(static part => Uri.UnescapeDataString(part[1])).Single();

    private static string Decoded(string text)
    {
        var at = text.IndexOf("config=", StringComparison.Ordinal);
        return at < 0 ? text : text + Encoding.UTF8.GetString(Convert.FromBase64String(Uri.UnescapeDataString(text[(at + 7)..].Split('\n')[0])));
    }

    // The program itself is replaced: what it would have been given is printed, one argument in a line.
    private static async Task<string[]> ArgumentsAsync(string program, string line) =>
        (await ShellAsync($"{program}() {{ for argument in \"$@\"; do printf '%s\\0' \"$argument\"; done; }}\n{line}")).Split('\0')[..^1];

    private static async Task<string> ShellAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException("There is no shell.");
        var output = await shell.StandardOutput.ReadToEndAsync(Cancel);
        await shell.WaitForExitAsync(Cancel);
        Assert.Equal(0, shell.ExitCode);
        return output;
    }
}
