using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Getting into rooms over HTTP: joins that wait, and rooms that are made with who is in them.</summary>
public sealed class EntryTests(SyncHost host)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rooms:*")]
    [InlineData("rooms:elsewhere")]
    [InlineData(null)]
    public async Task Join_WhoseTimeIsUp_SaysTheSameOfARoomThatIsNotThereAndOfOneForOthers(string? scope)
    {
        var secret = await host.RoomAsync(new { join = "members" });
        var client = host.Client(scope is null ? null : await host.MintAsync(SyncHost.NewName("bob"), scope));
        var absent = new string('x', secret.Id.Length);

        var (one, other) = (await AnswerAsync(secret.Id), await AnswerAsync(absent));

        Assert.Equal(404, one.Status);
        Assert.Equal(one, other);
        Assert.Contains("\"error\":\"room_not_found\"", one.Body, StringComparison.Ordinal);

        async Task<(int Status, string Headers, string Body)> AnswerAsync(string room)
        {
            using var http = new HttpClient { BaseAddress = host.Address };
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/rooms/{room}/agents") { Content = new StringContent("""{"id":"bot","wait_ms":1}""", System.Text.Encoding.UTF8, "application/json") };
            if (client.Token is { } token)
            {
                request.Headers.Authorization = new("Bearer", token);
            }

            using var response = await http.SendAsync(request, Cancel);
            var headers = response.Headers.Concat(response.Content.Headers)
                .Where(header => header.Key is not "Date")
                .OrderBy(header => header.Key, StringComparer.Ordinal)
                .Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
            var body = await response.Content.ReadAsStringAsync(Cancel);
            return ((int)response.StatusCode, Without(string.Join('\n', headers)), Without(body));

            string Without(string text) => text.Replace(room, "ROOM", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Join_ThatWaits_IsLetInWhenTheRoomIsMade()
    {
        await using var own = await OneWaitAsync();
        var guest = own.Client(await own.MintAsync("bob"));
        var joining = await ParkedAsync(guest, "later");

        (await (await own.UserAsync()).PostAsync("/rooms", new { id = "later" })).AssertOk(201);

        Assert.Equal("bot", (await joining).AssertOk(201)["id"].GetString());
        Assert.Equal("bot", (await guest.PostAsync("/rooms/later/actions/_send_message/invoke", new { @params = new { body = "hi" } })).AssertOk()["agent"].GetString());
        (await guest.PostAsync("/rooms/later/agents", new { wait_ms = 600_001 })).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task Join_ThatWaits_EndsWithItsToken()
    {
        await using var own = await OneWaitAsync();
        var guest = own.Client(await own.MintAsync("bob"));
        var joining = await ParkedAsync(guest, "never");

        var id = Assert.Single((await guest.GetAsync("/tokens")).AssertOk()["tokens"].EnumerateArray()).GetProperty("id").GetString();
        (await guest.DeleteAsync($"/tokens/{id}")).AssertOk();

        (await joining).AssertRefusal("invalid_token", 401);
    }

    [Fact]
    public async Task Join_ThatWaits_DoesNotHoldUpAStop()
    {
        await using var own = await OneWaitAsync();
        var joining = await ParkedAsync(own.Client(await own.MintAsync("bob")), "never");

        var stopping = own.Services.GetRequiredService<IHost>().StopAsync(Cancel);

        (await joining).AssertRefusal("unavailable", 503);
        await stopping;
        Assert.Empty(own.Errors.Entries);
    }

    [Fact]
    public async Task CreateRoom_WithInvitations_GivesTheRolesAtOnce()
    {
        var (id, bob, eve) = (SyncHost.NewName("r"), SyncHost.NewName("bob"), SyncHost.NewName("eve"));
        var owner = await host.UserAsync();
        var (guest, watcher) = (host.Client(await host.MintAsync(bob)), host.Client(await host.MintAsync(eve)));

        var made = (await owner.PostAsync("/rooms", new { id, join = "members", invite = new object[] { bob, new { user = eve, role = "observer" }, "nobody-yet:collaborator" } })).AssertOk(201);

        Assert.Equal(
            [(bob, "participant"), (eve, "observer"), ("nobody-yet", "collaborator")],
            made["invited"].EnumerateArray().Select(member => (member.GetProperty("user").GetString()!, member.GetProperty("role").GetString()!))); // Each has both.
        (await guest.PostAsync($"/rooms/{id}/agents", new { id = "bot" })).AssertOk(201);
        (await watcher.GetAsync($"/rooms/{id}/context")).AssertOk();
        var refused = (await watcher.PostAsync($"/rooms/{id}/agents", new { id = "eye" })).AssertRefusal("read_only_token", 403);
        Assert.Contains($"POST /rooms/{id}/invite", refused["hint"].GetString(), StringComparison.Ordinal);

        foreach (var wrong in new object[] { new[] { "eve:boss" }, new[] { 1 }, new[] { "no name" }, Enumerable.Range(0, 51).Select(number => $"user{number}").ToArray() })
        {
            var unmade = SyncHost.NewName("r");
            (await owner.PostAsync("/rooms", new { id = unmade, invite = wrong })).AssertRefusal("invalid_parameter", 400);
            (await owner.GetAsync($"/rooms/{unmade}")).AssertRefusal("room_not_found", 404);
        }
    }

    // A token that may wait once, and waits: its next wait is refused. Where the join met such a try itself, it is sent again.
    private static async Task<Task<ApiReply>> ParkedAsync(ApiClient client, string room)
    {
        while (true)
        {
            var joining = client.PostAsync($"/rooms/{room}/agents", new { id = "bot", wait_ms = 600_000 });
            while (!joining.IsCompleted)
            {
                if ((await client.PostAsync("/rooms/elsewhere/agents", new { id = "bot", wait_ms = 1 })).Error == "rate_limited")
                {
                    return joining;
                }
            }

            (await joining).AssertRefusal("rate_limited", 429);
        }
    }

    private static async Task<SyncHost> OneWaitAsync()
    {
        var host = new SyncHost(new() { ["Sync:Limits:WaitsPerToken"] = "1" });
        await host.InitializeAsync();
        return host;
    }
}
