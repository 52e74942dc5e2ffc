using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Cel.Tests;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Docs;

/// <summary>The calls that documents show are sent as they stand, in their order.</summary>
public sealed partial class DocCallTests(SyncHost host)
{
    private static readonly string s_skill = File.ReadAllText(RepositoryFolder.At("SKILL.md"));

    [Fact]
    public void Skill_Words_AreUnderFifteenHundred() => Assert.InRange(s_skill.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 1, 1499);

    [Fact]
    public async Task Examples_EachSectionInANewRoom_AnswersAsItSays()
    {
        var sections = DocCall.Read(await File.ReadAllTextAsync(RepositoryFolder.At("docs", "examples.md"), TestContext.Current.CancellationToken), "/rooms/my-room")
            .Where(call => call.Path.StartsWith("/rooms/my-room/", StringComparison.Ordinal) && !call.Path.Contains("/ACTION/", StringComparison.Ordinal)).GroupBy(call => call.Section).ToList();
        Assert.True(sections.Count >= 14, $"Only {sections.Count} sections have calls.");

        foreach (var section in sections)
        {
            var room = await host.RoomAsync();
            var bob = await room.JoinAsync("bob");
            foreach (var call in section)
            {
                await RunAsync(call.Agent == "bob" ? bob : room.Owner, room, call, call.Path.Replace("/rooms/my-room", room.Path, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task Skill_ItsCallsInOrder_Work()
    {
        var id = SyncHost.NewName("skill");
        var client = await host.UserAsync();
        var calls = DocCall.Read(s_skill, "").Where(call => call.Path.StartsWith('/') || call.Path.StartsWith("$BASE", StringComparison.Ordinal)).ToList();
        var create = calls.Single(call => call.Path == "$BASE/rooms");
        var room = new TestRoom(host, id, "", client, "", "");
        Assert.True(calls.Count >= 9, $"Only {calls.Count} calls were found.");

        // Who joins waits for whoever leads.
        await RunAsync(client, room, create, Absolute(create.Path));
        (await host.Client().PostAsync($"{room.Path}/agents", new { id = "bob" })).AssertOk(201);
        foreach (var call in calls.Except([create]))
        {
            if (call.Path == "/wait")
            {
                // What the condition and the call after it name.
                await room.RegisterAsync(new { from = "standard_library", id = "claim_task" });
                (await room.InvokeAsync("_register_view", new { id = "todo", expr = "state._tasks.filter(k, state._tasks[k].status == 'open').map(k, {'do': 'claim_task', 'id': k})" })).AssertOk();
                (await room.InvokeAsync("post_task", new { title = "Chapter 2" })).AssertOk();
                (await room.InvokeAsync("post_task", new { title = "Chapter 3" })).AssertOk();
            }

            await RunAsync(client, room, call, Absolute(call.Path));
        }

        foreach (Match match in InText().Matches(s_skill))
        {
            var (method, path) = (match.Groups[1].Value, Absolute(match.Groups[2].Value.Replace("57", "7", StringComparison.Ordinal).Replace("CURSOR", "7", StringComparison.Ordinal)));
            if (path.EndsWith("/events", StringComparison.Ordinal) || path.StartsWith("/auth/", StringComparison.Ordinal) || (method == "POST" && match.Groups[3].Value.Length == 0))
            {
                // A stream has no end, a sign-in needs a person, and what is only named is shown elsewhere.
                continue;
            }

            var reply = method == "GET" ? await client.GetAsync(path)
                : method == "PATCH" ? await client.PatchAsync(path, Body(match.Groups[3].Value))
                : await client.PostAsync(path, Body(match.Groups[3].Value));
            Assert.True(reply.Status is 200 or 201, $"{match.Value}: {reply.Status} {reply.Text}");
        }

        string Absolute(string path) => path.StartsWith("$BASE", StringComparison.Ordinal) ? path[5..].Replace("my-room", id, StringComparison.Ordinal) : room.Path + path;
        JsonElement? Body(string text) => text.Length == 0 ? null : JsonElement.Parse(text.Replace("my-room", id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Skill_ItsLoop_WorksInARoomOfAPack()
    {
        var client = await host.UserAsync();
        var room = new TestRoom(host, SyncHost.NewName("skill"), "", client, "", "");
        (await client.PostAsync("/rooms", new { id = room.Id, template = "task_queue" })).AssertOk(201);
        (await client.PostAsync($"{room.Path}/agents", new { id = "alice" })).AssertOk(201);
        foreach (var title in new[] { "One", "Two", "Three" })
        {
            (await room.InvokeAsync("post_task", new { title })).AssertOk();
        }

        var calls = DocCall.Read(s_skill, "").Where(call => call.Section.StartsWith("Loop", StringComparison.Ordinal)).ToList();
        Assert.Equal(["/wait", "/actions/claim_task/invoke"], calls.Select(call => call.Path));
        foreach (var call in calls)
        {
            await RunAsync(client, room, call, room.Path + call.Path);
        }
    }

    private static async Task RunAsync(ApiClient client, TestRoom room, DocCall call, string path)
    {
        var body = call.Body is { } given ? JsonElement.Parse(given.GetRawText().Replace("my-room", room.Id, StringComparison.Ordinal)) : (JsonElement?)null;
        var reply = call.Method == "GET" ? await client.GetAsync(path) : call.Method == "PATCH" ? await client.PatchAsync(path, body) : await client.PostAsync(path, body ?? JsonElement.Parse("{}"));
        Assert.True(call.Status is { } status ? reply.Status == status : reply.Status is 200 or 201 or 202, $"{call.Section}, {call.Method} {call.Path} {body}: {reply.Status} {reply.Text}");
        Assert.Equal(call.Code, reply.Error);
        Assert.True(reply["warnings"].ValueKind == JsonValueKind.Undefined && reply["warning"].ValueKind == JsonValueKind.Undefined, $"{call.Section}, {call.Path} {body}: {reply.Text}");
        Assert.False(path.Contains("/wait", StringComparison.Ordinal) && call.Status is null && !reply["triggered"].GetBoolean(), $"{call.Section}, {call.Path}: {reply.Text}");
    }

    // In running text and tables: a call with its body in one pair of backticks.
    [GeneratedRegex("`(GET|POST|PATCH) ((?:\\$BASE)?/[^` ]+) ?(\\{[^`]*\\})?`")]
    private static partial Regex InText();
}
