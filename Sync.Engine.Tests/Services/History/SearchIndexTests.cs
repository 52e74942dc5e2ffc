using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Reads.History;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Tests.Services.History;

/// <summary>A search answers the same with the index, without it, and with one that is behind, damaged or another room's.</summary>
public sealed class SearchIndexTests
{
    private static readonly string[] s_words = ["apple", "apricot", "Äpfel", "fence", "fences", "paint", "測試", "x", "1", "😀", "note_one"];

    private static readonly string[] s_actions =
    [
        """{"id":"note","params":{"key":{"type":"string"},"v":{}},"writes":[{"scope":"_notes","key":"${params.key}","value":"${params.v}"}]}""",
        """{"id":"keep","params":{"v":{}},"writes":[{"scope":"${self}","key":"diary","value":"${params.v}"}]}""",
        """{"id":"both","params":{"v":{},"w":{}},"writes":[{"scope":"_notes","key":"b","value":"${params.v}"},{"scope":"${self}","key":"b","value":"${params.w}"}]}""",
        """{"id":"hush","params":{"v":{"type":"string","secret":true}},"writes":[{"scope":"${self}","key":"pin","value":"${params.v}"}]}""",
        """{"id":"never","params":{"v":{}},"if":"false","writes":[{"key":"x","value":"${params.v}"}]}""",
        """{"id":"drop","writes":[{"scope":"_notes","key":"b","delete":true}]}""",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Index_OfRandomRooms_FindsWhatALookThroughTheLogFinds(int seed)
    {
        var random = new Random(seed);
        await using var host = await EngineHost.StartAsync();
        var agents = await RoomAsync(host);
        await WriteAsync(host, agents, random, 60);
        await CompareAsync(host, agents, random); // Made by the first searches, in part by the others.
        await WriteAsync(host, agents, random, 20);
        await host.Engine.Agents.UpdateAsync(agents["alice"], "r", "alice", EngineHost.Json("""{"grants":["bob"]}"""), EngineHost.Cancel);
        await CompareAsync(host, agents, random); // Behind.

        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "carol", free: true, EngineHost.Cancel)).Error);
        agents["carol"] = await host.JoinAsync("r", "carol");
        await WriteAsync(host, agents, random, 20);
        await CompareAsync(host, agents, random); // An id that was another's.
        await host.RestartAsync();
        await CompareAsync(host, agents, random);

        Assert.Null((await host.Engine.Rooms.ForkAsync(host.Owner, "r", new ForkRoom("f", null, null, null), EngineHost.Cancel)).Error);
        await CompareAsync(host, new() { ["olga"] = host.Owner }, random, "f");
    }

    [Fact]
    public async Task Index_MissingDamagedOrOfAnotherRoom_IsMadeAnew()
    {
        await using var host = await EngineHost.StartAsync();
        var agents = await RoomAsync(host);
        await WriteAsync(host, agents, new Random(7), 30);
        await host.RoomAsync("other");
        for (var i = 0; i < 60; i++)
        {
            await host.InvokeAsync(host.Owner, "other", "_send_message", """{"body":"plum"}""");
        }

        var expected = await SearchAsync(host, host.Owner, "apple");
        await SearchAsync(host, host.Owner, "plum", "other");
        Assert.NotEmpty(expected["results"]!.AsArray());
        var (path, other) = (PathOf(host, "r"), PathOf(host, "other"));

        await File.WriteAllBytesAsync(path, new byte[8192], EngineHost.Cancel);
        Assert.Equal(expected.ToJsonString(), (await SearchAsync(host, host.Owner, "apple")).ToJsonString());

        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("no database ", 2_000)), EngineHost.Cancel);
        Assert.Equal(expected.ToJsonString(), (await SearchAsync(host, host.Owner, "apple")).ToJsonString());

        File.Copy(other, path, overwrite: true);
        Assert.Equal(expected.ToJsonString(), (await SearchAsync(host, host.Owner, "apple")).ToJsonString());
        Assert.Empty((await SearchAsync(host, host.Owner, "plum"))["results"]!.AsArray());

        File.Delete(path);
        Assert.Equal(expected.ToJsonString(), (await SearchAsync(host, host.Owner, "apple")).ToJsonString());
        Assert.Empty(host.Engine.Health.Failing);
    }

    [Fact]
    public async Task Index_ThatCannotBe_LeavesTheLog()
    {
        await using var host = await EngineHost.StartAsync();
        await WriteAsync(host, await RoomAsync(host), new Random(7), 30);
        await File.WriteAllTextAsync(Folder(host), "no folder", EngineHost.Cancel);

        var found = await SearchAsync(host, host.Owner, "apple");

        Assert.NotEmpty(found["results"]!.AsArray());
        Assert.Equal("search", Assert.Single(host.Engine.Health.Failing).Name);
        File.Delete(Folder(host));
        Assert.Equal(found.ToJsonString(), (await SearchAsync(host, host.Owner, "apple")).ToJsonString());
        Assert.Empty(host.Engine.Health.Failing);
    }

    [Fact]
    public async Task Writes_MakeNoIndex_AndARoomTakesItsOwnAlong()
    {
        await using var host = await EngineHost.StartAsync();
        var agents = await RoomAsync(host);
        await host.InvokeAsync(agents["alice"], "r", "keep", """{"v":"xylophonist"}""");
        Assert.False(Directory.Exists(Folder(host)));

        await SearchAsync(host, host.Owner, "apple");
        var path = PathOf(host, "r");
        Assert.Contains("xylophonist", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(path, EngineHost.Cancel)), StringComparison.Ordinal);
        Assert.Null((await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel)).Error);

        Assert.Empty(Directory.GetFiles(Folder(host)));

        // What a deletion that was cut short left behind.
        await File.WriteAllTextAsync(path, "left over", EngineHost.Cancel);
        await host.RestartAsync();
        Assert.Empty(Directory.GetFiles(Folder(host)));
    }

    [Fact]
    public async Task Search_OfALongLog_IsBoundedTheFirstTimeAndWholeAfterwards()
    {
        await using var host = await EngineHost.StartAsync();
        var agents = await RoomAsync(host);
        await host.InvokeAsync(agents["alice"], "r", "note", """{"key":"rare","v":"kumquat"}""");
        await Task.WhenAll(Enumerable.Range(0, 4_100).Select(i => host.InvokeAsync(agents["alice"], "r", "note", $$"""{"key":"k{{i % 50}}","v":{{i}}}""")));

        var first = await SearchAsync(host, host.Owner, "kumquat");
        Assert.Empty(first["results"]!.AsArray());
        var next = first["next_before"]!.Number();

        Assert.Equal("state._notes.rare", Assert.Single((await SearchAsync(host, host.Owner, "kumquat", before: next))["results"]!.AsArray())!["where"].Text());
        var again = await SearchAsync(host, host.Owner, "kumquat");
        Assert.Equal("state._notes.rare", Assert.Single(again["results"]!.AsArray())!["where"].Text());
        Assert.Null(again["next_before"]);
    }

    [Fact]
    public async Task Search_ForWordsOfOthers_NeitherFindsNorTells()
    {
        await using var host = await EngineHost.StartAsync();
        var agents = await RoomAsync(host);
        await Task.WhenAll(Enumerable.Range(0, 4_100).Select(i => host.InvokeAsync(agents["alice"], "r", "keep", $$"""{"v":"medlar {{i}}"}""")));
        for (long? before = null; (before = (await SearchAsync(host, host.Owner, "nothing", before: before))["next_before"]?.Number()) is not null;)
        {
        }

        var found = await SearchAsync(host, agents["bob"], "medlar");

        // More than one call reads are behind it: who does not see them is not sent on to look for them.
        Assert.Empty(found["results"]!.AsArray());
        Assert.Null(found["next_before"]);
        Assert.NotNull((await SearchAsync(host, agents["alice"], "medlar"))["next_before"]);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("*")]
    [InlineData("apple*")]
    [InlineData("\"apple")]
    [InlineData("apple\" OR \"fence")]
    [InlineData("text:apple")]
    [InlineData("{text}: apple")]
    [InlineData("^apple -fence +x")]
    [InlineData("NEAR(apple fence, 5)")]
    [InlineData("AND OR NOT")]
    [InlineData("apple AND (fence")]
    [InlineData("');DROP TABLE terms;--")]
    [InlineData("\0apple\u0001")]
    [InlineData("\ud83d")]
    [InlineData("\U000F0000apple \U000F0001")]
    [InlineData("ａｐｐｌｅ ½ ²")]
    [InlineData("%41 %00 \\u0000 ${x}")]
    [InlineData("測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試測試")]
    public async Task Query_OfAnything_IsAnsweredAlike(string query)
    {
        await using var host = await EngineHost.StartAsync();
        await WriteAsync(host, await RoomAsync(host), new Random(7), 20);

        var scanned = await host.Engine.History.SearchAsync(host.Owner, "r", query, before: null, 20, EngineHost.Cancel);
        var indexed = await host.Engine.History.SearchAsync(host.Owner, "r", query, before: null, 20, EngineHost.Cancel);

        Assert.Equal(scanned.Error?.Code.Name, indexed.Error?.Code.Name);
        Assert.True(scanned.Error is { } error ? error.Code.Name == "invalid_parameter" : EngineHost.Node(scanned.Value).ToJsonString() == EngineHost.Node(indexed.Value).ToJsonString());
        Assert.Empty(host.Engine.Health.Failing);
    }

    [Fact]
    public async Task Events_ThatTwoProcessesAdd_AreInTheIndexOnce()
    {
        var folder = Directory.CreateTempSubdirectory("sync-index-").FullName;
        var health = new HealthRegistry(TimeProvider.System);
        SearchIndex[] processes = [new(folder, health, NullLogger.Instance), new(folder, health, NullLogger.Instance)];
        var query = new TermQuery([("pear", false)], SeesAll: true, []);
        using (var one = (await processes[0].OpenAsync(5, EngineHost.Cancel))!)
        using (var two = (await processes[1].OpenAsync(5, EngineHost.Cancel))!)
        {
            one.Add(new SeqRange(11, 20), "t20", Events(11, 20));
            two.Add(new SeqRange(11, 20), "t20", Events(11, 20));
            two.Add(new SeqRange(15, 30), "t30", Events(15, 30));
            one.Add(new SeqRange(1, 5), "t5", Events(1, 5));
            one.Add(new SeqRange(6, 10), "t10", Events(6, 10));

            Assert.Equal(new SeqRange(1, 30), two.Below(40));
            Assert.Equal(new IndexedEvent(30, "t30"), one.Newest);
            Assert.Equal(Enumerable.Range(1, 30).Reverse().Select(static seq => (long)seq), one.Find(query, new SeqRange(1, 30), 100));
        }

        Assert.Empty(health.Failing);
        Directory.Delete(folder, recursive: true);

        static List<EventTerms> Events(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(static seq => new EventTerms(seq, ["pear"], new Dictionary<string, IReadOnlyCollection<string>>()))];
    }

    // Each reader, each query: the answer of the index as it happens to be, that of none, and what the reader's own log has.
    private static async Task CompareAsync(EngineHost host, Dictionary<string, Caller> readers, Random random, string room = "r")
    {
        string[] queries = [.. s_words, "app", "fen pai", "notes", "never", "\"paint fence\"", "alice diary", "params v", .. Enumerable.Range(0, 4).Select(_ => $"{Word(random)} {Word(random)}")];
        foreach (var (name, reader) in readers.Append(KeyValuePair.Create("olga", host.Owner)))
        {
            foreach (var query in queries)
            {
                var limit = random.Next(12, 40);

                // Refusals come into the log when it suits the room.
                var log = await LogAsync(host, reader, room);
                var indexed = await AllAsync(host, reader, query, room, limit);
                for (var later = await LogAsync(host, reader, room); later.Count > log.Count; later = await LogAsync(host, reader, room))
                {
                    (log, indexed) = (later, await AllAsync(host, reader, query, room, limit));
                }

                Assert.Equal($"{name}, {query}: {string.Join(' ', Expected(log, query))}", $"{name}, {query}: {string.Join(' ', indexed.Select(static hit => hit["seq"].Number()).Distinct())}");
                if (random.Next(6) == 0)
                {
                    File.Delete(PathOf(host, room));
                    Assert.Equal(indexed.Select(static hit => hit.ToJsonString()), (await AllAsync(host, reader, query, room, limit: 100)).Select(static hit => hit.ToJsonString()));
                }
            }
        }
    }

    private static async Task<List<JsonObject>> LogAsync(EngineHost host, Caller reader, string room)
    {
        var page = EngineHost.Node((await host.Engine.History.AuditAsync(reader, room, Sync.Engine.Model.Events.AuditQuery.Newest(500), EngineHost.Cancel)).Value);
        Assert.Null(page["next_before"]);
        return [.. page["events"]!.AsArray().Select(static e => e!.AsObject())];
    }

    // By other means than the engine's: all texts of the event that are for people, and words found one after the other.
    private static IEnumerable<long> Expected(List<JsonObject> log, string query)
    {
        var words = SearchWords.Parse(query).Value;
        string[] without = ["private", "private_writes", "seq", "at", "kind", "ok", "count", "version", "revision", "previous_version", "previous_seq", "before"];
        return log.Where(e => words.Words.All(word => Has(string.Join(' ', Texts(e, top: true)), word))).Select(static e => e["seq"].Number());

        bool Has(string text, SearchWord word)
        {
            var terms = new List<string>();
            for (var cut = new TextTerms(text); cut.MoveNext();)
            {
                terms.Add(cut.Current.ToString());
            }

            return Enumerable.Range(0, Math.Max(0, terms.Count - word.Terms.Length + 1)).Any(from => Enumerable.Range(0, word.Terms.Length).All(at => word.Takes(at, terms[from + at])));
        }

        IEnumerable<string> Texts(JsonNode? node, bool top) => node switch
        {
            JsonObject members => members.Where(member => !top || !without.Contains(member.Key)).SelectMany(member =>
                member.Key == "writes" && top ? member.Value!.AsArray().SelectMany(write => Texts(write, top: true)) : Texts(member.Value, top: false).Prepend(member.Key)),
            JsonArray items => items.SelectMany(item => Texts(item, top: false)),
            null => [],
            _ => [node.ToString()],
        };
    }

    private static async Task<List<JsonObject>> AllAsync(EngineHost host, Caller reader, string query, string room, int limit)
    {
        var all = new List<JsonObject>();
        for (long? before = null; ;)
        {
            var page = await SearchAsync(host, reader, query, room, before, limit);
            all.AddRange(page["results"]!.AsArray().Select(static hit => hit!.AsObject()));
            before = page["next_before"]?.Number();
            if (before is null)
            {
                return all;
            }
        }
    }

    private static async Task WriteAsync(EngineHost host, Dictionary<string, Caller> agents, Random random, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var agent = agents.Values.ElementAt(random.Next(agents.Count));
            var (v, w) = ($"\"{Word(random)} {Word(random)}\"", $"{{\"{Word(random)}\":\"{Word(random)}\"}}");
            var (action, parameters) = random.Next(9) switch
            {
                0 => ("note", $$"""{"key":"k{{i}}","v":{{v}}}"""),
                1 => ("keep", $$"""{"v":{{w}}}"""),
                2 or 3 => ("both", $$"""{"v":{{v}},"w":{{w}}}"""),
                4 => ("hush", $$"""{"v":{{v}}}"""),
                5 => ("never", $$"""{"v":{{v}}}"""),
                6 => ("drop", "{}"),
                7 => ("_send_message", $$"""{"body":{{v}}}"""),
                _ => ("_batch", $$$"""{"steps":[{"action":"keep","params":{"v":{{{v}}}}},{"action":"note","params":{"key":"q","v":{{{w}}}}}]}"""),
            };
            await host.TryInvokeAsync(agent, "r", action, parameters);
        }

        // Refusals are stored with the next event.
        await host.InvokeAsync(agents["alice"], "r", "note", """{"key":"last","v":"apple"}""");
    }

    private static string Word(Random random) => s_words[random.Next(s_words.Length)];

    private static async Task<Dictionary<string, Caller>> RoomAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var agents = new Dictionary<string, Caller>();
        foreach (var name in (string[])["alice", "bob", "carol"])
        {
            agents[name] = await host.JoinAsync("r", name);
        }

        foreach (var action in s_actions)
        {
            await host.RegisterAsync(agents["alice"], "r", action);
        }

        return agents;
    }

    private static string Folder(EngineHost host) => Path.Combine(host.Directory, SearchIndex.FolderName);

    private static string PathOf(EngineHost host, string room) =>
        Path.Combine(Folder(host), $"{(host.Engine.Directory.TryFind(room, out var record) ? record.Row : 0)}.db");

    private static async Task<JsonObject> SearchAsync(EngineHost host, Caller caller, string query, string room = "r", long? before = null, int limit = 20) =>
        EngineHost.Node((await host.Engine.History.SearchAsync(caller, room, query, before, limit, EngineHost.Cancel)).Value);
}
