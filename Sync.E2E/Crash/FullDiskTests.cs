using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sync.E2E.Crash;

/// <summary>The real server on a disk that is full to the last byte, over HTTP.</summary>
public sealed class FullDiskTests
{
    private const int MaxWrites = 400;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_OnAFullDisk_RefusesWritesReadsOnAndRecoversWithWhatItAcknowledged()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 48);
        await using var server = new ServerProcess(("Sync__Demo", "false"), ("Sync__DataDirectory", Path.Combine(disk.Path, "data")), ("Sync__Limits__RequestsPerSecond", "100000"));
        await server.StartAsync(Cancellation);
        var (exitCode, token, error) = await server.CommandAsync(["token", "mint", "--user", "ada", "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        using var room = await RoomOverHttp.CreateAsync(server.Address, token, "full", Cancellation);
        using var http = Client(server.Address, token);
        HashSet<string> acknowledged = [];
        await WriteAsync(http, "before", acknowledged);
        Assert.Single(acknowledged);

        disk.Fill();
        var (status, code) = (HttpStatusCode.OK, "");
        for (var i = 0; i < MaxWrites && status == HttpStatusCode.OK; i++)
        {
            // The log may have room of its own from before; then it is full too.
            (status, code) = await WriteAsync(http, $"full-{i}", acknowledged);
        }

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (status, code));
        using (var ready = await http.GetAsync("health/ready", Cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            var failing = JsonElement.Parse(await ready.Content.ReadAsStringAsync(Cancellation)).GetProperty("failing");
            Assert.Contains("disk", failing.EnumerateArray().Select(static part => part.GetString()));
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), await WriteAsync(http, $"refused-{i}", acknowledged));
            Assert.Equal(acknowledged.Order(), await KeysAsync(http));
        }

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("health/live", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("rooms/full/audit", Cancellation)).StatusCode);
        using (var created = await http.PostAsJsonAsync("rooms", new { id = "another" }, Cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, created.StatusCode);
        }

        disk.Free();
        await UntilReadyAsync(http);
        Assert.Equal((HttpStatusCode.OK, ""), await WriteAsync(http, "after", acknowledged));
        Assert.Equal(acknowledged.Order(), await KeysAsync(http));

        await server.KillAsync();
        await server.StartAsync(Cancellation);
        using var again = Client(server.Address, token);
        Assert.Equal(acknowledged.Order(), await KeysAsync(again));
        Assert.Equal(HttpStatusCode.NotFound, (await again.GetAsync("rooms/another", Cancellation)).StatusCode);
        Assert.Equal((HttpStatusCode.OK, ""), await WriteAsync(again, "restarted", acknowledged));
        await server.KillAsync();
    }

    private static HttpClient Client(Uri address, string token)
    {
        var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    private static async Task<(HttpStatusCode Status, string Code)> WriteAsync(HttpClient http, string key, HashSet<string> acknowledged)
    {
        using var answer = await http.PostAsJsonAsync("rooms/full/actions/set/invoke", new { @params = new { key, value = new string('x', 40_000) }, agent = "lovelace" }, Cancellation);
        var json = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        if (answer.IsSuccessStatusCode)
        {
            acknowledged.Add(key);
            return (answer.StatusCode, "");
        }

        return (answer.StatusCode, json.GetProperty("error").GetString() ?? "");
    }

    private static async Task<IEnumerable<string?>> KeysAsync(HttpClient http)
    {
        using var answer = await http.PostAsJsonAsync("rooms/full/eval", new { expr = "state._shared.keys()" }, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, text);
        return [.. JsonElement.Parse(text).GetProperty("value").EnumerateArray().Select(static key => key.GetString()).Order()];
    }

    // It finds out by itself; asked again and again it looks at most every few seconds.
    private static async Task UntilReadyAsync(HttpClient http)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(s_patience);
        while (true)
        {
            using var ready = await http.GetAsync("health/ready", limit.Token);
            if (ready.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(100, limit.Token);
        }
    }
}
