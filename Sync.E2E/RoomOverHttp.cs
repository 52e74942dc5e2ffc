using System.Net.Http.Json;
using System.Text.Json;

namespace Sync.E2E;

/// <summary>A room made and used over the HTTP API, as any client would.</summary>
internal sealed class RoomOverHttp : IDisposable
{
    private readonly HttpClient _http;

    private RoomOverHttp(HttpClient http, string id, string roomToken, string viewToken)
    {
        _http = http;
        Id = id;
        RoomToken = roomToken;
        ViewToken = viewToken;
    }

    public string Id { get; }

    public string RoomToken { get; }

    public string ViewToken { get; }

    /// <summary>Makes a room with the actions <c>set</c> and an agent <c>lovelace</c>, an id that is no user's name in any journey.</summary>
    public static Task<RoomOverHttp> CreateAsync(SyncServer server, string id, CancellationToken cancellationToken) =>
        CreateAsync(server.Address, server.Token, id, cancellationToken);

    /// <summary>The same on another server, with a token of whoever shall own it.</summary>
    public static async Task<RoomOverHttp> CreateAsync(Uri server, string token, string id, CancellationToken cancellationToken)
    {
        var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var created = await ReadAsync(await http.PostAsJsonAsync("rooms", new { id }, cancellationToken), cancellationToken);
        var room = new RoomOverHttp(http, id, created.GetProperty("token").GetString()!, created.GetProperty("view_token").GetString()!);
        http.DefaultRequestHeaders.Authorization = new("Bearer", room.RoomToken);
        await ReadAsync(await http.PostAsJsonAsync($"rooms/{id}/agents", new { id = "lovelace", name = "Ada" }, cancellationToken), cancellationToken);
        await room.InvokeAsync("_register_action", new { from = "standard_library", id = "set" }, cancellationToken);
        return room;
    }

    public async Task InvokeAsync(string action, object parameters, CancellationToken cancellationToken) =>
        await ReadAsync(await _http.PostAsJsonAsync($"rooms/{Id}/actions/{action}/invoke", new { @params = parameters, agent = "lovelace" }, cancellationToken), cancellationToken);

    /// <summary>A token of the server's user, and its id.</summary>
    public async Task<(string Id, string Secret)> MintAsync(SyncServer server, string scope, CancellationToken cancellationToken)
    {
        using var minted = new HttpRequestMessage(HttpMethod.Post, "tokens") { Content = JsonContent.Create(new { scope }) };
        minted.Headers.Authorization = new("Bearer", server.Token);
        var token = await ReadAsync(await _http.SendAsync(minted, cancellationToken), cancellationToken);
        return (token.GetProperty("id").GetString()!, token.GetProperty("token").GetString()!);
    }

    public async Task NarrowAsync(SyncServer server, string id, string scope, CancellationToken cancellationToken)
    {
        using var changed = new HttpRequestMessage(HttpMethod.Patch, $"tokens/{id}") { Content = JsonContent.Create(new { scope }) };
        changed.Headers.Authorization = new("Bearer", server.Token);
        await ReadAsync(await _http.SendAsync(changed, cancellationToken), cancellationToken);
    }

    public async Task DeleteAsync(CancellationToken cancellationToken) => await ReadAsync(await _http.DeleteAsync($"rooms/{Id}", cancellationToken), cancellationToken);

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {body}");
            return JsonElement.Parse(body);
        }
    }
}
