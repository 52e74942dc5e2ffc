using System.Text.Json;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>Every place that takes a position in a room's log takes it alike: a cursor with its tag, or the bare number of an event.</summary>
public sealed class CursorTests(SyncHost host)
{
    private const string LastEventId = "Last-Event-ID";

    // The place, the parameter that its refusals name, and whether it looks back from the position: a number beyond the log then has all of it before it.
    private static readonly Dictionary<string, (string Parameter, bool Before)> s_places = new()
    {
        ["/context?peek=true&since={0}"] = ("since", false),
        ["/context?peek=true&at={0}"] = ("at", false),
        ["/wait?condition=true&peek=true&since={0}"] = ("since", false),
        ["/events?since={0}"] = ("since", false),
        ["/events"] = (LastEventId, false),
        ["/audit?after={0}"] = ("after", false),
        ["/audit?before={0}"] = ("before", true),
        ["/search?q=x&before={0}"] = ("before", true),
        ["/history/_shared/k?before={0}"] = ("before", true),
        ["/replay/{0}"] = ("seq", false),
        ["/events/{0}"] = ("seq", false),
        ["/events/1?after={0}"] = ("after", false),
        ["/samples/seen?since={0}"] = ("since", false),
        ["sync_read_context since"] = ("since", false),
        ["sync_read_context at"] = ("at", false),
        ["sync_read_context event"] = ("event", false),
        ["sync_wait since"] = ("since", false),
    };

    public static TheoryData<string> Places => [.. s_places.Keys];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Position_InEveryShape_IsTakenOrRefusedAlike(string place)
    {
        var (parameter, before) = s_places[place];
        var (room, client) = await PreparedAsync();
        var cursor = (await client.GetAsync(room.Path + "/context?peek=true")).AssertOk()["_context"].GetProperty("cursor").GetString()!; // A context has it.
        var (seq, tag) = (long.Parse(cursor.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture), cursor.Split('.')[1]);
        var wrong = tag[0] == '0' ? "1" + tag[1..] : "0" + tag[1..];

        foreach (var good in (string[])[cursor, $"{seq}", "1"])
        {
            Assert.True(await AskAsync(place, room, client, good) is null, good);
        }

        foreach (var reset in (string[])[$"{seq}.{wrong}", $"1.{tag}", $"{seq + 100}.{tag}", $"0.{tag}"])
        {
            AssertRefused(await AskAsync(place, room, client, reset), "cursor_reset", parameter, reset);
        }

        foreach (var garbage in (string[])["x", "-1", "1.5", $"{seq}.", $".{tag}", $"{seq}.{tag.ToUpperInvariant()}a", "1e3", "99999999999999999999"])
        {
            AssertRefused(await AskAsync(place, room, client, garbage), "invalid_parameter", parameter, garbage);
        }

        var beyond = await AskAsync(place, room, client, $"{seq + 100}");
        if (before)
        {
            Assert.Null(beyond);
        }
        else
        {
            var hint = AssertRefused(beyond, "invalid_parameter", parameter, "beyond the end");
            Assert.Contains($"{seq}", hint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Replay_OfNoEvent_IsRefusedWithAHint()
    {
        var (room, client) = await PreparedAsync();

        AssertRefused(await AskAsync("/replay/{0}", room, client, "0"), "invalid_parameter", "seq", "0");
    }

    /// <summary>An answer without events says where the log ends, not what it was asked.</summary>
    [Theory]
    [InlineData("after={0}")]
    [InlineData("after=1&agent=nobody")]
    [InlineData("agent=nobody")]
    [InlineData("before=1")]
    public async Task Audit_WithoutEvents_GivesTheCursorOfTheRoom(string query)
    {
        var (room, client) = await PreparedAsync();
        var cursor = (await client.GetAsync(room.Path + "/context?peek=true")).AssertOk()["_context"].GetProperty("cursor").GetString()!; // A context has it.

        var audit = (await client.GetAsync($"{room.Path}/audit?{string.Format(System.Globalization.CultureInfo.InvariantCulture, query, cursor.Split('.')[0])}")).AssertOk();

        Assert.Empty(audit["events"].EnumerateArray());
        Assert.Equal(cursor, audit["cursor"].GetString());
    }

    /// <summary>Any event will do to look back from, not only one that wrote the key.</summary>
    [Fact]
    public async Task History_BeforeAnyEvent_GivesTheWritesBeforeIt()
    {
        var (room, client) = await PreparedAsync();
        (await room.InvokeAsync("drop")).AssertOk();
        (await room.InvokeAsync("put", new { v = 9 })).AssertOk();
        var all = await WritesAsync("");
        var newest = (await client.GetAsync(room.Path)).AssertOk()["seq"].GetInt64();
        Assert.Equal(5, all.Count);

        for (var seq = 1; seq <= newest + 2; seq++)
        {
            Assert.Equal(all.Where(write => write < seq), await WritesAsync($"?before={seq}"));
            Assert.Equal(all.Where(write => write < seq).Take(1), await WritesAsync($"?before={seq}&limit=1"));
        }

        async Task<List<long>> WritesAsync(string query) =>
            [.. (await client.GetAsync($"{room.Path}/history/_shared/k{query}")).AssertOk()["history"].EnumerateArray().Select(write => write.GetProperty("seq").GetInt64())];
    }

    private static string AssertRefused(JsonElement? refusal, string code, string parameter, string sent)
    {
        Assert.True(refusal is not null, $"{sent}: was taken");
        Assert.Equal(code, refusal.Value.GetProperty("error").GetString());
        Assert.Equal(parameter, refusal.Value.GetProperty("parameter").GetString());
        return refusal.Value.GetProperty("hint").GetString()!; // Every refusal of a position has one.
    }

    private async Task<JsonElement?> AskAsync(string place, TestRoom room, ApiClient client, string position)
    {
        if (place.StartsWith("sync_", StringComparison.Ordinal))
        {
            await using var mcp = await McpConnection.OpenAsync(host, client.Token!); // It has one.
            var words = place.Split(' ');
            var arguments = new Dictionary<string, object?> { ["room"] = room.Id, [words[1]] = position, ["peek"] = true };
            if (words[0] == "sync_wait")
            {
                arguments["condition"] = "true";
            }

            var result = await mcp.CallAsync(words[0], arguments);
            return result.IsError is true ? result.StructuredContent : null;
        }

        var path = room.Path + string.Format(System.Globalization.CultureInfo.InvariantCulture, place, Uri.EscapeDataString(position));
        if (!place.StartsWith("/events", StringComparison.Ordinal))
        {
            var reply = await client.GetAsync(path);
            return reply.Status == 200 ? null : reply.Json;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, path));
        request.Headers.Authorization = new("Bearer", client.Token);
        if (!place.Contains('?', StringComparison.Ordinal))
        {
            request.Headers.TryAddWithoutValidation(LastEventId, position);
        }

        using var http = new HttpClient();
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        return response.IsSuccessStatusCode ? null : JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<(TestRoom Room, ApiClient Client)> PreparedAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "put", @params = new { v = new { type = "integer" } }, writes = new[] { new { key = "k", value = "${params.v}" } } });
        await room.RegisterAsync(new { id = "drop", writes = new[] { new { key = "k", delete = true } } });
        (await room.InvokeAsync("_register_view", new { id = "seen", expr = "state._shared.k" })).AssertOk();
        for (var i = 0; i < 3; i++)
        {
            (await room.InvokeAsync("put", new { v = i })).AssertOk();
            (await room.InvokeAsync("_send_message", new { body = "hi" })).AssertOk();
        }

        return (room, room.Owner);
    }
}
