using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sync.E2E.Crash;

/// <summary>The room that is written to while the server dies, and what can be read of it afterwards.</summary>
internal sealed class CrashRoom(string id)
{
    private readonly List<JsonElement> _log = [];
    private readonly List<JsonElement> _messages = [];
    private string _token = "";

    public string Id => id;

    /// <summary>Every event read so far; event n stands at n - 1.</summary>
    public IReadOnlyList<JsonElement> Log => _log;

    /// <summary>Every message read so far.</summary>
    public IReadOnlyList<JsonElement> Messages => _messages;

    public static string AgentName(int number) => string.Create(CultureInfo.InvariantCulture, $"agent-{number}");

    /// <summary>Makes the room, its actions and its agents.</summary>
    public async Task CreateAsync(Uri address, string token, int agents, CancellationToken cancellationToken)
    {
        _token = token;
        using (var http = Connect(address))
        {
            var created = await SendAsync(http, "rooms", new { id }, cancellationToken);
            _token = created.GetProperty("token").GetString()!;
        }

        using (var http = Connect(address))
        {
            foreach (var number in Enumerable.Range(1, agents))
            {
                await SendAsync(http, $"rooms/{id}/agents", new { id = AgentName(number) }, cancellationToken);
            }

            await RegisterAsync(http, """{"id":"count","params":{"id":{"type":"string"}},"writes":[{"key":"counter","increment":1}]}""", cancellationToken);
            await RegisterAsync(http, """{"id":"mark","params":{"id":{"type":"string"}},"writes":[{"scope":"_rows","append":true,"value":"${params.id}"}]}""", cancellationToken);
            await RegisterAsync(
                http,
                """{"id":"claim","params":{"id":{"type":"string"},"slot":{"type":"string"}},"writes":[{"scope":"_claims","key":"${params.slot}","value":"${params.id}","if_version":""}]}""",
                cancellationToken);
        }
    }

    public HttpClient Connect(Uri address)
    {
        var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", _token);
        return http;
    }

    /// <summary>Reads the log on from where it was read before, or from its beginning.</summary>
    public async Task ReadLogAsync(HttpClient http, bool fromTheStart, CancellationToken cancellationToken)
    {
        const int Page = 2_000;
        if (fromTheStart)
        {
            _log.Clear();
        }

        // Equal refusals are logged together, a moment later: the log may go on while it is read.
        for (var pages = 0; pages < 1_000; pages++)
        {
            var page = await GetAsync(http, $"audit?after={_log.Count}&limit={Page}", cancellationToken);
            var events = page.GetProperty("events");
            foreach (var e in events.EnumerateArray())
            {
                Assert.Equal(_log.Count + 1, e.GetProperty("seq").GetInt64());
                _log.Add(e);
            }

            if (_log.Count >= page.GetProperty("seq").GetInt64())
            {
                Assert.Equal(_log.Count, page.GetProperty("seq").GetInt64());
                return;
            }
        }

        Assert.Fail("The log never ended.");
    }

    /// <summary>Reads the messages on from where they were read before, or from the first.</summary>
    public async Task ReadMessagesAsync(HttpClient http, bool fromTheStart, CancellationToken cancellationToken)
    {
        const int Page = 500;
        if (fromTheStart)
        {
            _messages.Clear();
        }

        while (true)
        {
            var context = await GetAsync(http, $"context?only=messages&peek=true&messages_after={_messages.Count}&messages_limit={Page}", cancellationToken);
            var recent = context.GetProperty("messages").GetProperty("recent");
            foreach (var message in recent.EnumerateArray())
            {
                Assert.Equal(_messages.Count + 1, message.GetProperty("seq").GetInt64());
                _messages.Add(message);
            }

            if (recent.GetArrayLength() < Page)
            {
                Assert.Equal(_messages.Count, context.GetProperty("messages").GetProperty("count").GetInt64());
                return;
            }
        }
    }

    /// <summary>The plain values of all scopes.</summary>
    public async Task<JsonElement> StateAsync(HttpClient http, CancellationToken cancellationToken) =>
        (await GetAsync(http, "context?only=state&peek=true", cancellationToken)).GetProperty("state");

    /// <summary>The newest writes of a key, newest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> HistoryAsync(HttpClient http, string scope, string key, CancellationToken cancellationToken) =>
        [.. (await GetAsync(http, $"history/{scope}/{key}?limit=500", cancellationToken)).GetProperty("history").EnumerateArray()];

    private async Task RegisterAsync(HttpClient http, string definition, CancellationToken cancellationToken) =>
        await SendAsync(http, $"rooms/{id}/actions/_register_action/invoke", new { @params = JsonElement.Parse(definition), agent = AgentName(1) }, cancellationToken);

    private async Task<JsonElement> GetAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync($"rooms/{id}/{path}", cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    private static async Task<JsonElement> SendAsync(HttpClient http, string path, object body, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync(path, body, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {body}");
        return JsonElement.Parse(body);
    }
}
