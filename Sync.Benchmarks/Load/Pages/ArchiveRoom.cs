using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Sync.Benchmarks.Load.Pages;

/// <summary>
/// A room with the content of a real project (a radio archive is digitised), made through the public API: fifty actions, thirty views with every type of surface, a team of twelve, and as
/// much else as its size says. The same seed gives the same room.
/// </summary>
internal sealed class ArchiveRoom : IDisposable
{
    private const int Seed = 1962;

    private readonly HttpClient _http;

    private ArchiveRoom(HttpClient http, string id, string viewToken)
    {
        _http = http;
        Id = id;
        ViewToken = viewToken;
    }

    public string Id { get; }

    /// <summary>Reads the whole room.</summary>
    public string ViewToken { get; }

    /// <summary>The page, with the token behind the <c>#</c>.</summary>
    public Uri Link => new(_http.BaseAddress!, $"rooms/{Id}/dashboard#token={ViewToken}"); // A client of a server has its address.

    public static async Task<ArchiveRoom> CreateAsync(Uri server, string token, string id, RoomSize size)
    {
        using var owner = ProbeServer.Client(server, token);
        var made = await SendAsync(owner, "rooms", new JsonObject { ["id"] = id, ["name"] = "Tide: digitising the harbour radio archive" });
        var room = new ArchiveRoom(ProbeServer.Client(server, made["token"]!.GetValue<string>()), id, made["view_token"]!.GetValue<string>());
        await room.FillAsync(size);
        return room;
    }

    /// <summary>One invocation, answered: whether it was done.</summary>
    public async Task<bool> InvokeAsync(string agent, string action, JsonNode parameters)
    {
        using var body = new StringContent(new JsonObject { ["params"] = parameters, ["agent"] = agent }.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync($"rooms/{Id}/actions/{action}/invoke", body);
        return answer.IsSuccessStatusCode;
    }

    public void Dispose() => _http.Dispose();

    private async Task FillAsync(RoomSize size)
    {
        var content = new ArchiveContent(Seed);
        foreach (var (id, name, role) in ArchiveContent.Team)
        {
            await SendAsync(_http, $"rooms/{Id}/agents", new JsonObject { ["id"] = id, ["name"] = name, ["role"] = role });
        }

        await using (var resource = typeof(ArchiveRoom).Assembly.GetManifestResourceStream("large-room.json")!) // Embedded by the project.
        {
            var vocabulary = (await JsonNode.ParseAsync(resource))!;
            foreach (var action in vocabulary["actions"]!.AsArray())
            {
                await DoAsync("planner", "_register_action", action!.DeepClone());
            }

            foreach (var (scope, key, value) in content.Entries(size))
            {
                await DoAsync(content.Somebody(), "record", new JsonObject { ["scope"] = scope, ["key"] = key, ["value"] = value });
            }

            foreach (var view in vocabulary["views"]!.AsArray())
            {
                await DoAsync("planner", "_register_view", view!.DeepClone());
            }
        }

        foreach (var (agent, key, value) in content.Notes())
        {
            await DoAsync(agent, "note_to_self", new JsonObject { ["key"] = key, ["value"] = value });
        }

        // Work and talk take turns, so that the log reads as a day does. Some of the work is refused, as in life.
        var work = content.Work(size).ToList();
        var talk = content.Talk(size).ToList();
        for (int spoken = 0, worked = 0; spoken < talk.Count; spoken++)
        {
            for (; worked < (long)work.Count * (spoken + 1) / talk.Count; worked++)
            {
                await InvokeAsync(work[worked].Agent, work[worked].Action, work[worked].Params);
            }

            await DoAsync(talk[spoken].From, "_send_message", talk[spoken].Params);
        }
    }

    private async Task DoAsync(string agent, string action, JsonNode parameters) =>
        await SendAsync(_http, $"rooms/{Id}/actions/{action}/invoke", new JsonObject { ["params"] = parameters, ["agent"] = agent });

    private static async Task<JsonNode> SendAsync(HttpClient http, string path, JsonNode body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path} with {body.ToJsonString()}: {text}");
    }
}
