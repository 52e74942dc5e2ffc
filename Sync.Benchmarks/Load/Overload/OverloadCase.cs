using System.Net.Http.Headers;

namespace Sync.Benchmarks.Load.Overload;

/// <summary>One way in which a participant makes others pay: what is laid out before, and what is then called again and again.</summary>
/// <param name="Name">Names the case in the report and for <c>--case</c>.</param>
/// <param name="Prepare">Lays out the room; runs once, before anything is measured.</param>
/// <param name="Attack">One call of the overload; the number counts the calls.</param>
internal sealed record OverloadCase(string Name, Func<Attacker, Task> Prepare, Func<Attacker, int, Task<HttpResponseMessage>> Attack)
{
    /// <summary>How many calls run at once.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>How many calls are made at most; null: as many as the time allows.</summary>
    public int? MaxCalls { get; init; }

    /// <summary>Whether an answer's body is left unread, as a stalled reader does; the connection stays open until the case ends.</summary>
    public bool LeavesUnread { get; init; }
}

/// <summary>The party that overloads: a user with a room of its own, and clients for those it lets in.</summary>
internal sealed class Attacker(HttpClient http, string room)
{
    public HttpClient Http { get; } = http;

    public string Room { get; } = room;

    /// <summary>The same server without a token.</summary>
    public HttpClient Anonymous { get; } = new() { BaseAddress = http.BaseAddress };

    public Task<HttpResponseMessage> PostAsync(string path, string json) => SendAsync(Http, HttpMethod.Post, path, json);

    public Task<HttpResponseMessage> GetAsync(string path, bool isStream = false) =>
        Http.GetAsync($"rooms/{Room}/{path}", isStream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);

    public Task<HttpResponseMessage> InvokeAsync(string action, string body) => PostAsync($"rooms/{Room}/actions/{action}/invoke", body);

    public Task<HttpResponseMessage> EvalAsync(string expression) =>
        PostAsync($"rooms/{Room}/eval", System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["expr"] = expression }));

    /// <summary>Registers an action, or fails the case: an overload that was not laid out measures nothing.</summary>
    public async Task RegisterAsync(string definition)
    {
        using var answer = await InvokeAsync("_register_action", $$$"""{"params":{{{definition}}}}""");
        await EnsureAsync(answer);
    }

    public static async Task EnsureAsync(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    public static Task<HttpResponseMessage> SendAsync(HttpClient http, HttpMethod method, string path, string json)
    {
        var request = new HttpRequestMessage(method, path) { Content = new StringContent(json, new MediaTypeHeaderValue("application/json")) };
        return http.SendAsync(request);
    }
}
