using System.Text.Json;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Surfaces;

/// <summary>Every line of the help text <c>recipes</c>, taken out of the text as each surface shows it, is run in a new room, and does what the text says beside it.</summary>
public sealed class RecipeTests(SyncHost host)
{
    private static readonly string[] s_patterns =
    [
        "queue", "vote and tally", "secret vote", "private hands", "sealed bids", "proof of read", "cooldown", "deadline", "lock", "hand-over", "budget", "turns", "roles", "all results",
        "question and answer", "batch", "own list", "what changed", "large rooms", "history", "dashboard",
    ];

    public static TheoryData<bool> Doors => [false, true];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Recipes_RunAsTheyStand_DoWhatTheySay(bool overMcp)
    {
        var names = (await ReadAsync(await host.RoomAsync(), overMcp)).Select(recipe => recipe.Name).ToList();
        Assert.All(s_patterns, pattern => Assert.Contains(names, name => name.Contains(pattern, StringComparison.OrdinalIgnoreCase)));

        var wrong = new List<string>();
        foreach (var name in names)
        {
            var room = await host.RoomAsync();
            var recipe = (await ReadAsync(room, overMcp)).Single(recipe => recipe.Name == name);
            Assert.Contains(recipe.Lines, line => line.Holds is not null);
            await using var cast = await Cast.OpenAsync(host, room, overMcp);
            foreach (var line in recipe.Lines)
            {
                if (await cast.RunAsync(line) is { } fault)
                {
                    wrong.Add($"{name}: {line.Call}\n  {fault}");
                    break;
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Dashboard_HasEachKindOfSurfaceOnce()
    {
        var room = await host.RoomAsync();
        var recipe = (await ReadAsync(room, overMcp: true)).Single(recipe => recipe.Name.StartsWith("Dashboard", StringComparison.Ordinal));
        var surfaces = (await room.InvokeAsync("help", new { key = "surfaces" })).AssertOk()["content"].GetString()!; // It is a text.
        var kinds = surfaces.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]).Order(StringComparer.Ordinal);

        var shown = recipe.Lines.SelectMany(line => Calls.ToolsIn(line.Call)).Where(call => call.Tool == "sync_register_view")
            .Select(call => call.Arguments!.Value.GetProperty("render").GetProperty("type").GetString()!).Order(StringComparer.Ordinal); // Each has them.

        Assert.Equal(kinds, shown);
    }

    private async Task<IReadOnlyList<Recipe>> ReadAsync(TestRoom room, bool overMcp)
    {
        if (!overMcp)
        {
            return Recipe.Read((await room.InvokeAsync("help", new { key = "recipes" })).AssertOk()["content"].GetString()!); // It is a text.
        }

        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // It has one.
        return Recipe.Read((await mcp.OkAsync("sync_help", new { room = room.Id, key = "recipes" })).GetProperty("content").GetString()!);
    }

    /// <summary>The agents of the recipes in one room: ann, who leads, and bob, each at the door that is tried.</summary>
    private sealed class Cast(TestRoom room, Dictionary<string, ApiClient> clients, Dictionary<string, McpConnection> sessions) : IAsyncDisposable
    {
        public static async Task<Cast> OpenAsync(SyncHost host, TestRoom room, bool overMcp)
        {
            (await room.Owner.PostAsync($"{room.Path}/agents", new { id = "ann" })).AssertOk(201);
            var clients = new Dictionary<string, ApiClient> { ["ann"] = room.Owner, ["bob"] = await room.JoinAsync("bob") };
            var sessions = new Dictionary<string, McpConnection>();
            foreach (var (agent, client) in overMcp ? clients : [])
            {
                sessions[agent] = await McpConnection.OpenAsync(host, client.Token!); // Both have one.
            }

            if (overMcp)
            {
                // Bob's token is that agent's alone.
                await sessions["ann"].OkAsync("sync_embody", new { room = room.Id, agent = "ann" });
            }

            return new(room, clients, sessions);
        }

        /// <summary>Makes the call, and says what is not as the text has it, or null.</summary>
        public async Task<string?> RunAsync(Recipe.Line line)
        {
            var answer = sessions.TryGetValue(line.Agent, out var session) ? await ToolAsync(session, line.Call) : await CallAsync(clients[line.Agent], line.Call);
            var error = answer.TryGetProperty("error", out var code) ? code.GetString() : null;
            if (error != line.Refused || answer.TryGetProperty("warnings", out _) || answer.TryGetProperty("warning", out _))
            {
                return answer.GetRawText();
            }

            return line.Holds is null || await HoldsAsync(line, answer) is "true" ? null : $"{line.Holds} does not hold after {answer.GetRawText()}: {await HoldsAsync(line, answer)}";
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var session in sessions.Values)
            {
                await session.DisposeAsync();
            }
        }

        private static async Task<JsonElement> ToolAsync(McpConnection session, string text)
        {
            var (tool, arguments) = Assert.Single(Calls.InMcp(text));
            var result = await session.CallAsync(tool, arguments.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value));
            return result.StructuredContent!.Value; // Every answer has it.
        }

        private static async Task<JsonElement> CallAsync(ApiClient client, string text)
        {
            var (method, path, body) = Assert.Single(Calls.InHttp(text));
            return (method == "GET" ? await client.GetAsync(path) : await client.PostAsync(path, body ?? JsonElement.Parse("{}"))).Json;
        }

        // JSON is CEL too: the answer is bound to its name in the expression that is asked of the room.
        private async Task<string> HoldsAsync(Recipe.Line line, JsonElement answer)
        {
            var expr = line.Holds!.Contains("answer", StringComparison.Ordinal) ? $"cel.bind(answer, {answer.GetRawText()}, {line.Holds})" : line.Holds; // Only lines that have it are asked.
            var asked = await clients[line.Agent].PostAsync($"{room.Path}/eval", new { expr });
            return asked.Status == 200 ? asked["value"].GetRawText() : asked.Text;
        }
    }
}
