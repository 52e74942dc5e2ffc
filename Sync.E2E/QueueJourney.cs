using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>Two agents over MCP and two over plain HTTP work off one queue, all after the same task each time, while a person watches the room's page.</summary>
public sealed class QueueJourney(SyncServer server, Browser browser)
{
    private const int Rounds = 4;
    private const int TasksOfARound = 10;
    private const int Tasks = Rounds * TasksOfARound;

    private static readonly string[] s_lost = ["lease_held", "precondition_failed"];
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Queue_WorkedOffByFourAgents_LosesNothingAndDoesNothingTwice()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_patience);
        using var room = await RoomOverHttp.CreateAsync(server, "e2e-queue", limit.Token);
        foreach (var action in new[] { "post_task", "claim_task", "complete_task" })
        {
            await room.InvokeAsync("_register_action", new { from = "standard_library", id = action }, limit.Token);
        }

        // A view is all that a worker waits for and reads.
        await RegisterAsync(room, "open_tasks", """state.?_tasks.orValue({}).filter(k, state._tasks[k].status == "open")""", render: null, limit.Token);
        await RegisterAsync(room, "done", """state.?_tasks.orValue({}).values().filter(t, t.status == "done").size()""", new { type = "metric", label = "Tasks done" }, limit.Token);
        await using var visit = await browser.OpenAsync(server.Address);
        await visit.Page.OpenAsync($"/rooms/{room.Id}/dashboard#token={room.ViewToken}");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("Ada");

        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", server.Token);
        await using var one = await ConnectAsync("mcp-one", "2025-11-25", limit.Token);
        await using var two = await ConnectAsync("mcp-two", "2026-07-28", limit.Token);
        using var three = await JoinAsync(http, room.Id, "http-three", limit.Token);
        using var four = await JoinAsync(http, room.Id, "http-four", limit.Token);
        var working = Task.WhenAll(
            WorkAsync(OverMcp(one, room.Id), await EmbodyAsync(one, room.Id, limit.Token), limit.Token),
            WorkAsync(OverMcp(two, room.Id), await EmbodyAsync(two, room.Id, limit.Token), limit.Token),
            WorkAsync(OverHttp(three, room.Id), "http-three", limit.Token),
            WorkAsync(OverHttp(four, room.Id), "http-four", limit.Token));

        // The workers are there before the tasks are; each round waits for the one before.
        for (var task = 1; task <= Tasks; task++)
        {
            await room.InvokeAsync("post_task", new { title = string.Create(CultureInfo.InvariantCulture, $"Task {task}") }, limit.Token);
            if (task % TasksOfARound == 0)
            {
                await OverHttp(http, room.Id).WaitAsync(string.Create(CultureInfo.InvariantCulture, $"views.done >= {task}"), limit.Token);
            }
        }

        var done = await working;

        Assert.Equal(Tasks, done.Sum(worker => worker.Count));
        Assert.Equal(Tasks, done.SelectMany(worker => worker).Distinct(StringComparer.Ordinal).Count());
        var tasks = JsonElement.Parse(await http.GetStringAsync(new Uri($"rooms/{room.Id}/context?only=state._tasks", UriKind.Relative), limit.Token)).GetProperty("state").GetProperty("_tasks");
        Assert.Equal(Tasks, tasks.EnumerateObject().Count());
        Assert.All(tasks.EnumerateObject(), static task =>
        {
            Assert.Equal("done", task.Value.GetProperty("status").GetString());
            Assert.Equal(task.Value.GetProperty("claimed_by").GetString(), task.Value.GetProperty("result").GetString());
        });

        // The log, which nothing is ever taken out of, says the same.
        var completions = JsonElement.Parse(await http.GetStringAsync(new Uri($"rooms/{room.Id}/audit?ok=true&action=complete_task&limit=200", UriKind.Relative), limit.Token));
        Assert.Equal(Tasks, completions.GetProperty("events").GetArrayLength());
        await Expect(visit.Page.GetByRole(AriaRole.Article, new() { Name = "Tasks done" })).ToContainTextAsync(Tasks.ToString(CultureInfo.InvariantCulture));
    }

    private static Task RegisterAsync(RoomOverHttp room, string id, string expression, object? render, CancellationToken cancellationToken) =>
        room.InvokeAsync("_register_view", render is null ? new { id, expr = expression } : new { id, expr = expression, render }, cancellationToken);

    // Waits, takes the first open task, loses it to another or completes it; ends when all are done. Gives the tasks it completed.
    private static async Task<List<string>> WorkAsync(Worker worker, string agent, CancellationToken cancellationToken)
    {
        var completed = new List<string>();
        while (true)
        {
            var views = await worker.WaitAsync($"size(views.open_tasks) > 0 || views.done == {Tasks}", cancellationToken);
            var open = views.GetProperty("open_tasks").GetProperty("value");
            if (open.GetArrayLength() == 0)
            {
                Assert.Equal(Tasks, views.GetProperty("done").GetProperty("value").GetInt32());
                return completed;
            }

            var task = open[0].GetString()!; // Keys are text.
            var refusal = await worker.InvokeAsync("claim_task", new { id = task }, cancellationToken);
            if (refusal is null)
            {
                Assert.Null(await worker.InvokeAsync("complete_task", new { id = task, result = agent }, cancellationToken));
                completed.Add(task);
            }
            else
            {
                // Another was first: it is at work, or has done it.
                Assert.Contains(refusal, s_lost);
            }
        }
    }

    private static Worker OverHttp(HttpClient http, string room) => new(
        async (condition, cancellationToken) =>
        {
            while (true)
            {
                using var answer = await http.PostAsJsonAsync($"rooms/{room}/wait", new { condition, only = "views" }, cancellationToken);
                var waited = JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
                Assert.True(answer.IsSuccessStatusCode, waited.GetRawText());
                if (waited.GetProperty("triggered").GetBoolean())
                {
                    return waited.GetProperty("context").GetProperty("views");
                }
            }
        },
        async (action, parameters, cancellationToken) =>
        {
            using var answer = await http.PostAsJsonAsync($"rooms/{room}/actions/{action}/invoke", new { @params = parameters }, cancellationToken);
            return answer.IsSuccessStatusCode ? null : JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)).GetProperty("error").GetString();
        });

    private static Worker OverMcp(McpClient mcp, string room) => new(
        async (condition, cancellationToken) =>
        {
            while (true)
            {
                var waited = await CallAsync(mcp, "sync_wait", new() { ["room"] = room, ["condition"] = condition, ["only"] = "views" }, cancellationToken);
                Assert.False(waited.TryGetProperty("error", out _), waited.GetRawText());
                if (waited.GetProperty("triggered").GetBoolean())
                {
                    return waited.GetProperty("context").GetProperty("views");
                }
            }
        },
        async (action, parameters, cancellationToken) =>
        {
            var invoked = await CallAsync(mcp, "sync_invoke_action", new() { ["room"] = room, ["action"] = action, ["params"] = parameters }, cancellationToken);
            return invoked.TryGetProperty("error", out var error) ? error.GetString() : null;
        });

    private static async Task<string> EmbodyAsync(McpClient mcp, string room, CancellationToken cancellationToken) =>
        (await CallAsync(mcp, "sync_embody", new() { ["room"] = room }, cancellationToken)).GetProperty("agent").GetString()!; // It has one from then on.

    private static async Task<JsonElement> CallAsync(McpClient mcp, string tool, Dictionary<string, object?> arguments, CancellationToken cancellationToken) =>
        (await mcp.CallToolAsync(tool, arguments, cancellationToken: cancellationToken)).StructuredContent!.Value; // Each tool has it, refusals too.

    private static async Task<HttpClient> JoinAsync(HttpClient person, string room, string id, CancellationToken cancellationToken)
    {
        using var answer = await person.PostAsJsonAsync($"rooms/{room}/agents", new { id }, cancellationToken);
        var agent = JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        var http = new HttpClient { BaseAddress = person.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", agent.GetProperty("token").GetString());
        return http;
    }

    private Task<McpClient> ConnectAsync(string name, string version, CancellationToken cancellationToken) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(server.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + server.Token },
        }),
        new McpClientOptions { ClientInfo = new Implementation { Name = name, Version = "1" }, ProtocolVersion = version },
        cancellationToken: cancellationToken);

    /// <summary>What a worker can do, whichever way it is connected.</summary>
    /// <param name="WaitAsync">Blocks until a condition is true; gives the views.</param>
    /// <param name="InvokeAsync">Invokes an action; gives the code of a refusal.</param>
    private sealed record Worker(Func<string, CancellationToken, Task<JsonElement>> WaitAsync, Func<string, object, CancellationToken, Task<string?>> InvokeAsync);
}
