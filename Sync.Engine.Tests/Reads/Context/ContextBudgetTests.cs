using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Tests.Reads.Context;

/// <summary>Contexts within a budget or a bound: they fit, what matters most is there, and what is not is named with the query that gets it.</summary>
public sealed class ContextBudgetTests
{
    private static readonly int[] s_budgets = [1, 60, 250, 500, 900, 2_000, 5_000, 20_000];

    private static readonly string[] s_shapes =
    [
        "", "depth=full", "meta=true", "compact=true", "only=state", "only=state._a", "only=state._big.doc", "only=actions&depth=full", "only=views", "only=agents", "only=messages", "messages_after=0&only=messages",
        "only=state._a,state._b.k1,views.v1,messages", "include=_audit,activity,_messages", "since=5", "only=state&limit=3".Replace("&limit=3", "", StringComparison.Ordinal), "only=state._b&limit=2", "only=state._audit",
    ];

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 30)]
    [InlineData(3, 90)]
    [InlineData(4, 250)]
    public async Task Budget_OfAnySizeInAnyRoom_IsKept(int seed, int size)
    {
        await using var host = await EngineHost.StartAsync();
        var reader = await FillAsync(host, new Random(seed), size);
        foreach (var shape in s_shapes)
        {
            foreach (var budget in s_budgets)
            {
                var query = Joined(shape, $"budget={budget}&peek=true");
                var read = await host.Engine.Context.ReadAsync(reader, "r", EngineHost.Shape(query), EngineHost.Cancel);
                if (read.Try(out var json, out var error))
                {
                    Assert.True(json.Length <= budget * 4, $"{query}: {json.Length} bytes.");
                    AssertSaid(JsonNode.Parse(json.Span)!.AsObject(), query, await WholeAsync(host, reader, shape));
                    continue;
                }

                // Too small: what it says is enough is enough.
                Assert.Equal(("invalid_parameter", "budget"), (error.Code.Name, error.Details!["parameter"].Text()));
                var minimum = error.Details["minimum"].Number();
                Assert.True(minimum > budget, query);
                var again = await host.Engine.Context.ReadAsync(reader, "r", EngineHost.Shape(Joined(shape, $"budget={minimum}&peek=true")), EngineHost.Cancel);
                Assert.Null(again.Error);
                Assert.True(again.Value.Length <= minimum * 4);
            }
        }
    }

    [Theory]
    [InlineData(11, 40, "")]
    [InlineData(12, 120, "")]
    [InlineData(13, 120, "only=state")]
    [InlineData(14, 120, "only=state._big.doc")]
    [InlineData(15, 60, "depth=full")]
    [InlineData(16, 60, "only=state._a,state._b,views")]
    public async Task Queries_Followed_GiveTheWholeRoom(int seed, int size, string shape)
    {
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { ContextBytes = 16 * 1024, LeanContextBytes = 8 * 1024 });
        var reader = await FillAsync(host, new Random(seed), size);
        var whole = Leaves(await WholeAsync(host, reader, shape));

        foreach (var (first, isLean) in new (string, bool)[] { ("", false), ("", true), ("budget=700", false), ("budget=2500", true) })
        {
            var seen = new HashSet<string>();
            var asked = new HashSet<string>();
            var queue = new Queue<string>([Joined(shape, first)]);
            while (queue.TryDequeue(out var query))
            {
                Assert.True(asked.Count < 1_500, $"It goes in circles: {query}");
                var read = await host.Engine.Context.ReadAsync(reader, "r", EngineHost.Shape(Joined(query, "peek=true")) with { IsLean = isLean }, EngineHost.Cancel);
                Assert.True(read.Try(out var json, out var error), $"{query}: {error?.Message}");
                var context = JsonNode.Parse(json.Span)!.AsObject();
                Collect(context, query, seen);
                foreach (var note in context["_context"]!["elided"]!.AsArray().Where(static note => note!["missing"] is not null || note["bytes"] is not null))
                {
                    if (asked.Add(note!["query"].Text()!))
                    {
                        if (NextStep.Parse(note["query"].Text()!).Kind == StepKind.Evaluate)
                        {
                            // What alone is longer than any answer is read in pieces.
                            Assert.Equal(JsonValueKind.String, (await host.EvalAsync(reader, "r", NextStep.Parse(note["query"].Text()!).Text("expr")!))!.GetValueKind());
                            seen.UnionWith(whole.Where(leaf => leaf.StartsWith($"/state/{note["scope"].Text()}/{note["name"].Text()!.Replace('.', '/')}=", StringComparison.Ordinal)));
                        }
                        else
                        {
                            queue.Enqueue(EngineHost.QueryOf(note["query"].Text()));
                        }
                    }
                }
            }

            Assert.True(whole.IsSubsetOf(seen), $"{first} {isLean}: {string.Join("\n", whole.Except(seen).Take(3))}\n{string.Join("\n", asked)}");
        }
    }

    [Fact]
    public async Task Budget_KeepsWhatMattersToItsReader()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"scope":{"type":"string"},"key":{"type":"string"},"v":{}},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":"${params.v}"}]}""");
        var filler = new string('f', 900);
        foreach (var scope in (string[])["_a", "_b", "_watched", "_c", "_mine", "_guarded", "_d"])
        {
            await host.InvokeAsync(host.Owner, "r", "put", $$$"""{"scope":"{{{scope}}}","key":"k","v":{"text":"{{{filler}}}"} }""");
        }

        var alice = await host.JoinAsync("r", "alice", ""","state":{"plan":"first"}""");
        await host.InvokeAsync(host.Owner, "r", "put", $$$"""{"scope":"_mine","key":"k","v":{"claimed_by":"alice","text":"{{{filler}}}"} }""");
        await host.RegisterAsync(alice, "r", """{"id":"go","if":"state._guarded.k.text != ''","writes":[{"scope":"_d2","key":"x","value":1}]}""");
        await host.InvokeAsync(host.Owner, "r", "put", $$$"""{"scope":"_mine","key":"k","v":{"claimed_by":"alice","text":"{{{filler}}}!"} }""");
        var waiting = host.WaitAsync(alice, "r", "state._watched.k.text == 'now'", timeoutMs: 600_000);
        await host.ParkedAsync("r");

        var context = await host.ContextAsync(alice, "r", "budget=1350&peek=true");

        Assert.Equal(["_guarded", "_mine", "_shared", "_watched", "self"], context["state"].Names().Order(StringComparer.Ordinal));
        var salience = context["_context"]!["salience"]!.AsArray();
        Assert.Equal(["held", "new"], salience.Single(group => group!["kept"]?.Texts().Contains("state._mine") is true)!["why"].Texts().Where(static why => why is "held" or "new"));
        Assert.Contains("read", salience.Single(group => group!["kept"]?.Texts().Contains("state._guarded") is true)!["why"].Texts());
        Assert.Contains("read", salience.Single(group => group!["kept"]?.Texts().Contains("state._watched") is true)!["why"].Texts());
        Assert.Contains("state._a", salience.SelectMany(group => group!["cut"]?.Texts() ?? []));
        Assert.All(context["_context"]!["elided"]!.AsArray(), note => Assert.Equal("budget", note!["reason"].Text()));
        await host.InvokeAsync(host.Owner, "r", "put", """{"scope":"_watched","key":"k","v":{"text":"now"} }""");
        Assert.True((await waiting)["triggered"].Flag());
    }

    [Fact]
    public async Task Budget_ReadTwice_GivesTheSame()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var reader = await FillAsync(host, new Random(7), 80);

        var first = await host.ContextAsync(reader, "r", "budget=1500&peek=true");

        JsonAssert.Equal(first.ToJsonString(), await host.ContextAsync(reader, "r", "budget=1500&peek=true"));
    }

    [Fact]
    public async Task Budget_InAScopeLargerThanItself_KeepsTheEntriesThatMatterAndSaysSo()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"key":{"type":"string"},"v":{}},"writes":[{"scope":"_tasks","key":"${params.key}","value":"${params.v}"}]}""");
        for (var i = 0; i < 60; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "put", $$$"""{"key":"t{{{i:00}}}","v":{"owner":"{{{(i % 30 == 7 ? "alice" : "bob")}}}","text":"{{{new string('x', 300)}}}"} }""");
        }

        var alice = await host.JoinAsync("r", "alice");
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"seen it all"}""");
        var context = await host.ContextAsync(alice, "r", "budget=1200&only=state,agents");

        Assert.Equal(["t07", "t37"], context["state"]!["_tasks"].Names());
        var note = context["_context"]!["elided"]!.AsArray().Single(note => note!["scope"]?.Text() == "_tasks")!;
        Assert.Equal((2, 58), (note["shown"].Number(), note["missing"].Number()));
    }

    [Fact]
    public async Task Page_OfRows_ComesInTheOrderOfNumbersAndIsStableUnderWrites()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"log","writes":[{"scope":"_log","append":true,"value":"x"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"drop","params":{"key":{"type":"string"}},"writes":[{"scope":"_log","key":"${params.key}","delete":true}]}""");
        for (var i = 0; i < 25; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "log");
        }

        var seen = new List<string>();
        var query = "only=state._log&limit=10";
        while (query is not null)
        {
            var page = await host.ContextAsync(host.Owner, "r", query);
            seen.AddRange(page["state"]!["_log"].Names());
            query = page["_context"]!["elided"]!.AsArray().SingleOrDefault() is { } note ? EngineHost.QueryOf(note["query"].Text()) : null;

            // The last one that was read goes, and one comes: neither a gap nor a repetition.
            await host.InvokeAsync(host.Owner, "r", "drop", $$"""{"key":"{{seen[^1]}}"}""");
            await host.InvokeAsync(host.Owner, "r", "log");
        }

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => i.ToString(CultureInfo.InvariantCulture)), seen);
        Assert.InRange(seen.Count, 27, 28);
    }

    [Fact]
    public async Task Page_OfAValue_GoesThroughItsMembersAndElements()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":{}},"writes":[{"key":"doc","value":"${params.v}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"v":{"list":[10,11,12,13,14],"b":1,"a":2,"c":3} }""");

        var members = await host.ContextAsync(host.Owner, "r", "only=state._shared.doc&limit=2");
        var rest = await host.ContextAsync(host.Owner, "r", EngineHost.QueryOf(members["_context"]!["elided"]![0]!["query"].Text()));
        var elements = await host.ContextAsync(host.Owner, "r", "only=state._shared.doc.list&limit=2&after=1");

        JsonAssert.Equal("""{"_shared":{"doc":{"a":2,"b":1}}}""", members["state"]);
        JsonAssert.Equal("""{"_shared":{"doc":{"c":3,"list":[10,11,12,13,14]}}}""", rest["state"]);
        JsonAssert.Equal("""{"_shared":{"doc":{"list":[12,13]}}}""", elements["state"]);
        Assert.Equal((2, 1), (elements["_context"]!["elided"]![0]!["shown"].Number(), elements["_context"]!["elided"]![0]!["missing"].Number()));
        Assert.EndsWith("after=3", EngineHost.QueryOf(elements["_context"]!["elided"]![0]!["query"].Text()), StringComparison.Ordinal);
    }

    // Every scope that is there holds all its entries, or a note says that it does not; every section likewise.
    private static void AssertSaid(JsonObject context, string query, JsonObject whole)
    {
        if (query.Contains("since", StringComparison.Ordinal) || query.Contains("limit", StringComparison.Ordinal))
        {
            return;
        }

        var notes = context["_context"]!["elided"] is JsonArray elided ? elided : [];
        foreach (var section in ContextPartReadTests.Sections(whole).Where(section => section.Key is not "messages"))
        {
            foreach (var (name, part) in section.Value!.AsObject())
            {
                var there = context[section.Key]?[name];
                var isWhole = there is not null && (section.Key != "state" || part is not JsonObject entries || entries.All(entry => there[entry.Key] is not null || entry.Value is null));
                Assert.True(
                    isWhole || (part is JsonObject { Count: 0 }) || notes.Any(note => note!["section"].Text() == section.Key || note["section"].Text() == name),
                    $"{query}: {section.Key}.{name} is cut without a word.");
                Assert.True(isWhole || section.Key != "state" || there is null || notes.Any(note => note!["scope"]?.Text() == name || note["section"].Text() == name), $"{query}: {name} is cut in part without a word.");
            }
        }
    }

    private static void Collect(JsonObject context, string query, HashSet<string> seen)
    {
        if (query.Contains("after=", StringComparison.Ordinal) && query.Contains("doc.list", StringComparison.Ordinal))
        {
            // A page of a list begins at an index.
            var after = int.Parse(query.Split("after=")[1].Split('&')[0], CultureInfo.InvariantCulture);
            var list = context["state"]!["_big"]!["doc"]!["list"]!.AsArray();
            for (var index = 0; index < list.Count; index++)
            {
                AddLeaves($"/state/_big/doc/list/{after + 1 + index}", list[index], seen);
            }

            return;
        }

        seen.UnionWith(Leaves(context));
    }

    private static HashSet<string> Leaves(JsonObject context)
    {
        var leaves = new HashSet<string>();
        foreach (var (section, value) in ContextPartReadTests.Sections(context))
        {
            if (section == "messages")
            {
                leaves.UnionWith(value!["recent"]!.AsArray().Select(message => $"/messages/{message!["seq"]}"));
            }
            else if (section == "state")
            {
                AddLeaves("/state", value, leaves);
            }
            else
            {
                leaves.UnionWith(value!.AsObject().Select(part => $"/{section}/{part.Key}"));
            }
        }

        return leaves;
    }

    private static void AddLeaves(string path, JsonNode? node, HashSet<string> leaves)
    {
        switch (node)
        {
            case JsonObject members when members.Count > 0:
                foreach (var (name, member) in members)
                {
                    AddLeaves($"{path}/{name}", member, leaves);
                }

                break;
            case JsonArray items when items.Count > 0:
                for (var i = 0; i < items.Count; i++)
                {
                    AddLeaves($"{path}/{i}", items[i], leaves);
                }

                break;
            case JsonObject when path.Count(static c => c == '/') == 2:
                break;
            default:
                leaves.Add($"{path}={node?.ToJsonString() ?? "null"}");
                break;
        }
    }

    // The same shape where everything has room.
    private static async Task<JsonObject> WholeAsync(EngineHost host, Caller reader, string shape)
    {
        var context = await host.ContextAsync(reader, "r", Joined(shape, "budget=1000000&peek=true"));
        Assert.DoesNotContain(context["_context"]!["elided"] is JsonArray notes ? notes : [], note => note!["missing"] is not null && note["section"].Text() is not ("_audit" or "activity") && !shape.Contains("limit", StringComparison.Ordinal));
        return context;
    }

    private static async Task<Caller> FillAsync(EngineHost host, Random random, int size)
    {
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"scope":{"type":"string"},"key":{"type":"string"},"v":{}},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":"${params.v}"}]}""");
        var reader = await host.JoinAsync("r", "reader", ""","state":{"mine":1,"more":"two"}""");
        for (var i = 0; i < size; i++)
        {
            var value = random.Next(4) switch
            {
                0 => $$"""{"owner":"{{(random.Next(2) == 0 ? "reader" : "bob")}}","text":"{{Text(random, 400)}}"}""",
                1 => $"\"{Text(random, 40)}\"",
                2 => random.Next(1_000).ToString(CultureInfo.InvariantCulture),
                _ => $"[1,2,\"{Text(random, 100)}\"]",
            };
            var key = random.Next(3) switch { 0 => i.ToString(CultureInfo.InvariantCulture), 1 => $"k{i}", _ => $"schlüssel.{i}, \\\"日本\\\"" };
            await host.InvokeAsync(random.Next(3) == 0 ? reader : host.Owner, "r", "put", $$"""{"scope":"_{{(char)('a' + random.Next(8))}}","key":"{{key}}","v":{{value}} }""");
        }

        foreach (var (scope, key) in ((string, string)[])[("_a", "k1"), ("_b", "k1")])
        {
            await host.InvokeAsync(host.Owner, "r", "put", $$"""{"scope":"{{scope}}","key":"{{key}}","v":"{{Text(random, size * 20)}}"}""");
        }

        var list = string.Join(',', Enumerable.Range(0, size * 3).Select(i => $"{{\"n\":{i},\"t\":\"{Text(random, 60)}\"}}"));
        await host.InvokeAsync(host.Owner, "r", "put", $$"""{"scope":"_big","key":"doc","v":{"list":[{{list}}],"a":1,"text":"{{Text(random, size * 120)}}","deep":{"x":{"y":[1,2]} } } }""");
        for (var i = 0; i < size / 4; i++)
        {
            await host.RegisterAsync(random.Next(3) == 0 ? reader : host.Owner, "r", $$"""{"id":"act{{i}}","description":"{{Text(random, 200)}}","if":"state._a.size() > {{i}}","writes":[{"scope":"_w{{i}}","key":"x","value":"{{Text(random, 100)}}"}]}""");
            await host.ViewAsync(host.Owner, "r", $$"""{"id":"v{{i}}","expr":"'{{Text(random, 300)}}' + string(state._b.size())","description":"{{Text(random, 50)}}"}""");
            await host.JoinAsync("r", $"agent{i}", $$""","meta":{"about":"{{Text(random, 100)}}"}""");
            await host.InvokeAsync(random.Next(3) == 0 ? reader : host.Owner, "r", "_send_message", $$"""{"body":"{{Text(random, 500)}}"{{(random.Next(3) == 0 ? ""","to":"reader" """ : "")}}}""");
        }

        await host.ViewAsync(host.Owner, "r", """{"id":"v1","expr":"state._a.size()"}""");
        return reader;
    }

    private static string Text(Random random, int most)
    {
        var text = new StringBuilder();
        for (var length = random.Next(most); text.Length < length;)
        {
            text.Append(random.Next(30) == 0 ? "ß日" : (char)('a' + random.Next(26)));
        }

        return text.ToString();
    }

    private static string Joined(string shape, string more) => string.Join('&', ((string[])[shape, more]).Where(static one => one.Length > 0));
}
