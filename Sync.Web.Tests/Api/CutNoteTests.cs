using System.Globalization;
using System.Text.Json;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>
/// Whatever an answer leaves out, its note has the query that gets it. Here each is followed to the letter, over each surface in that surface's words, until nothing is missing: what was read on the way is
/// the whole room.
/// </summary>
public sealed class CutNoteTests(SmallAnswersHost host) : IClassFixture<SmallAnswersHost>
{
    private const int Scopes = 47;
    private const int Messages = 40;

    // More than any room here needs; what does not end by then goes in circles.
    private const int MaxQueries = 1_500;

    public static TheoryData<string> Answers =>
    [
        "context", "context?include=_audit", "context?meta=true&depth=full", "context?only=state", "context?only=state._audit", "context?depth=usage&include=_audit,_messages", "poll?audit_limit=20", "poll", "replay/{seq}",
    ];

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Notes_Followed_GiveTheWholeRoom(string first)
    {
        var (room, newest) = await RoomAsync();
        var read = new Reading();
        var start = first.Replace("{seq}", $"{newest}", StringComparison.Ordinal);
        await FollowAsync(
            [start],
            async query =>
            {
                var path = query == start || query.StartsWith("audit?", StringComparison.Ordinal) ? query : "context?" + query;
                return (await room.Owner.GetAsync($"{room.Path}/{path}{(path.StartsWith("context", StringComparison.Ordinal) ? "&peek=true" : "")}".Replace("context&", "context?", StringComparison.Ordinal))).AssertOk().Json;
            },
            static note => note.GetString() ?? "",
            read);

        AssertWhole(read, first, newest);
    }

    [Fact]
    public async Task Notes_OverMcp_AreArgumentsOfItsOwnTool_AndGiveTheWholeRoom()
    {
        var (room, newest) = await RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // The room's own.
        var read = new Reading();
        await FollowAsync(
            [$$"""sync_read_context {"room":"{{room.Id}}","include":"_audit"}"""],
            async query =>
            {
                var (tool, arguments) = (query[..query.IndexOf(' ', StringComparison.Ordinal)], JsonElement.Parse(query[query.IndexOf(' ', StringComparison.Ordinal)..]));
                var all = arguments.EnumerateObject().ToDictionary(static one => one.Name, static one => (object?)one.Value);
                all["peek"] = true;
                return await mcp.OkAsync(tool, all);
            },
            static note => note.GetString() ?? "",
            read);

        AssertWhole(read, "context?include=_audit", newest);
    }

    private static void AssertWhole(Reading read, string first, long newest)
    {
        var all = Enumerable.Range(0, Scopes).SelectMany(static scope => new[] { $"{Scope(scope)}/a b&c", $"{Scope(scope)}/k1" }).ToList();
        if (first != "context?only=state._audit")
        {
            Assert.Empty(all.Except(read.Entries));
        }

        if (!first.Contains("only=", StringComparison.Ordinal) && !first.StartsWith("replay", StringComparison.Ordinal))
        {
            Assert.Equal(Messages, read.Messages.Count);
        }

        if (first.Contains("_audit", StringComparison.Ordinal) || first.StartsWith("poll", StringComparison.Ordinal))
        {
            // The dashboard's own limit is what its caller asked for, and no cut.
            var oldest = first.Contains("audit_limit", StringComparison.Ordinal) ? newest - 19 : 1;
            Assert.Empty(Enumerable.Range(0, (int)(newest - oldest + 1)).Select(i => oldest + i).Except(read.Events));
        }
    }

    private static async Task FollowAsync(IEnumerable<string> first, Func<string, Task<JsonElement>> ask, Func<JsonElement, string> queryOf, Reading read)
    {
        var asked = new HashSet<string>(first);
        var queue = new Queue<string>(asked);
        while (queue.TryDequeue(out var query))
        {
            Assert.True(asked.Count < MaxQueries, "It goes in circles: " + query);
            var answer = await ask(query);
            read.Add(answer);
            if (answer.TryGetProperty("events", out _))
            {
                if (answer.TryGetProperty("next_before", out var next) && asked.Add($"audit?before={next.GetInt64()}"))
                {
                    queue.Enqueue($"audit?before={next.GetInt64()}");
                }

                continue;
            }

            var summary = answer.TryGetProperty("_context", out var context) ? context : answer;
            if (!summary.TryGetProperty("elided", out var notes))
            {
                continue;
            }

            foreach (var note in notes.EnumerateArray())
            {
                Assert.False(string.IsNullOrEmpty(note.GetProperty("section").GetString()));
                var more = queryOf(note.GetProperty("query"));
                if (note.TryGetProperty("missing", out var missing) && missing.GetInt64() > 0 && asked.Add(more))
                {
                    queue.Enqueue(more);
                }
            }
        }
    }

    private static string Scope(int index) => string.Create(CultureInfo.InvariantCulture, $"_s{index:00}");

    // Many scopes, each of which is some part of an answer; names that a query must escape.
    private async Task<(TestRoom Room, long Newest)> RoomAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new
        {
            id = "fill",
            @params = new { s = new { type = "string" }, v = new { type = "string" } },
            writes = new[] { new { scope = "${params.s}", key = "a b&c", value = "${params.v}" }, new { scope = "${params.s}", key = "k1", value = "${params.v}" } },
        });
        for (var i = 0; i < Scopes; i++)
        {
            (await room.InvokeAsync("fill", new { s = Scope(i), v = new string('x', 1_500 + (i % 3 * 2_500)) })).AssertOk();
        }

        for (var i = 0; i < Messages; i++)
        {
            (await room.InvokeAsync("_send_message", new { body = new string('m', 900) })).AssertOk();
        }

        return (room, (await room.Owner.GetAsync(room.Path)).AssertOk()["seq"].GetInt64());
    }

    private sealed class Reading
    {
        public HashSet<string> Entries { get; } = [];

        public HashSet<long> Messages { get; } = [];

        public HashSet<long> Events { get; } = [];

        public void Add(JsonElement answer)
        {
            foreach (var list in (string[])["events", "audit"])
            {
                if (answer.TryGetProperty(list, out var events))
                {
                    AddEvents(events);
                }
            }

            if (answer.TryGetProperty("messages", out var messages))
            {
                Messages.UnionWith(messages.GetProperty("recent").EnumerateArray().Select(static message => message.GetProperty("seq").GetInt64()));
            }

            if (!answer.TryGetProperty("state", out var state))
            {
                return;
            }

            if (state.ValueKind == JsonValueKind.Array)
            {
                Entries.UnionWith(state.EnumerateArray().Select(static row => $"{row.GetProperty("scope").GetString()}/{row.GetProperty("key").GetString()}"));
                return;
            }

            foreach (var scope in state.EnumerateObject())
            {
                if (scope.Name == "_audit")
                {
                    AddEvents(scope.Value);
                }
                else
                {
                    Entries.UnionWith(scope.Value.EnumerateObject().Select(entry => $"{scope.Name}/{entry.Name}"));
                }
            }
        }

        private void AddEvents(JsonElement events) => Events.UnionWith(events.EnumerateArray().Select(static e => e.GetProperty("seq").GetInt64()));
    }
}
