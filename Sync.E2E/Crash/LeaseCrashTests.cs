using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sync.E2E.Crash;

/// <summary>Leases on the real server, which is killed again and again while many take them, wait for them and give them back: never two hold the same, whatever was answered before the kill.</summary>
public sealed class LeaseCrashTests(ITestOutputHelper output)
{
    private const int Clients = 16;
    private const int Kills = 5;
    private const string Room = "leases";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 240_000)]
    public async Task Server_KilledWhileLeasesAreTakenAndWaitedFor_GivesNoneTwice()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SYNC_CRASH_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"SYNC_CRASH_SEED={seed}");
        var random = new Random(seed);
        await using var server = new ServerProcess(("Sync__Demo", "false"), ("Sync__Limits__RequestsPerSecond", "1000000"));
        var (exitCode, token, error) = await server.CommandAsync(["token", "mint", "--user", "crash", "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        await server.StartAsync(Cancellation);
        using (var http = Connect(server, token))
        {
            await PostAsync(http, "rooms", new { id = Room });
            foreach (var number in Enumerable.Range(1, Clients))
            {
                await PostAsync(http, $"rooms/{Room}/agents", new { id = CrashRoom.AgentName(number) });
            }
        }

        LeaseClient[] clients = [.. Enumerable.Range(1, Clients).Select(number => new LeaseClient(Room, CrashRoom.AgentName(number), new Random(random.Next())))];
        for (var kill = 1; kill <= Kills; kill++)
        {
            await LoadUntilKilledAsync(server, token, clients, random.Next(100, 600));
            await server.StartAsync(Cancellation);
            using var http = Connect(server, token);
            await Task.WhenAll(clients.Select(client => client.RetryAsync(http, Cancellation)));
            await CheckAsync(http, clients);
        }

        var told = clients.Sum(client => client.Told.Count);
        output.WriteLine($"{told} leases given, {clients.Sum(client => client.Revenants)} refused with a fence that was over");
        Assert.True(told > Kills * Clients, $"Only {told} leases were given.");
    }

    private static async Task LoadUntilKilledAsync(ServerProcess server, string token, LeaseClient[] clients, int enough)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answered = 0;
        using var http = Connect(server, token);
        var running = Task.WhenAll(clients.Select(client => client.RunAsync(http, Answered, Cancellation)));
        if (await Task.WhenAny(reached.Task, running) == running)
        {
            await running;
            Assert.Fail("The server was gone before it was killed.");
        }

        await server.KillAsync();
        await running;

        void Answered()
        {
            if (Interlocked.Increment(ref answered) == enough)
            {
                reached.TrySetResult();
            }
        }
    }

    // A key was given on only after it was given back, or after the time that its holder was told last.
    private static async Task CheckAsync(HttpClient http, LeaseClient[] clients)
    {
        foreach (var leases in clients.SelectMany(client => client.Told).GroupBy(lease => lease.Key))
        {
            var ordered = leases.OrderBy(lease => lease.Fence).ToList();
            foreach (var (before, after) in ordered.Zip(ordered.Skip(1)))
            {
                Assert.True(before.Fence < after.Fence, $"{before} and {after} have one fence.");
                if (before.ReleasedSeq > 0 && before.ReleasedSeq < after.Fence)
                {
                    continue;
                }

                var page = await http.GetFromJsonAsync<JsonElement>($"rooms/{Room}/audit?after={after.Fence - 1}&limit=1", Cancellation);
                var at = page.GetProperty("events")[0].GetProperty("at").GetDateTimeOffset();
                Assert.True(at >= before.ExpiresAt, $"{before} was given to another at {at:O}: {after}");
            }
        }
    }

    private static HttpClient Connect(ServerProcess server, string token)
    {
        var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    private static async Task PostAsync(HttpClient http, string path, object body)
    {
        using var response = await http.PostAsJsonAsync(path, body, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }
}
