using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Maintenance;

namespace Sync.Engine.Tests.Model.State;

/// <summary>What is accepted can be read again: the bounds of values at every door, and what old rooms and lowered limits leave.</summary>
public sealed class DepthTests
{
    private const int Limit = 32;

    /// <summary>Every door at which a value comes in, as a function of how deep it is there.</summary>
    public static TheoryData<string> Doors => [.. s_doors.Keys];

    private static readonly Dictionary<string, Func<EngineHost, Caller, int, Task<SyncError?>>> s_doors = new()
    {
        ["a parameter"] = (host, alice, depth) => InvokeAsync(host, alice, "set", $$"""{"v":{{Nested(depth)}} }"""),
        ["an object as parameter"] = (host, alice, depth) => InvokeAsync(host, alice, "set", $$"""{"v":{{Nested(depth, "{\"a\":", "}")}} }"""),
        ["a parameter in a template"] = (host, alice, depth) => InvokeAsync(host, alice, "wrapped", $$"""{"v":{{Nested(depth - 2)}} }"""),
        ["an appended element"] = (host, alice, depth) => InvokeAsync(host, alice, "append", $$"""{"v":{{Nested(depth - 1)}} }"""),
        ["merged members"] = (host, alice, depth) => InvokeAsync(host, alice, "merge", $$"""{"v":{{Nested(depth, "{\"a\":", "}")}} }"""),
        ["a path"] = (host, alice, depth) => InvokeAsync(host, alice, "put", $$"""{"v":{{Nested(depth - 3)}},"at":"a.b.c"}"""),
        ["a long path"] = (host, alice, depth) => InvokeAsync(host, alice, "put", $$"""{"v":[],"at":"{{string.Join('.', Enumerable.Repeat("a", depth - 1))}}"}"""),
        ["an element at a path"] = (host, alice, depth) => InvokeAsync(host, alice, "push", $$"""{"v":{{Nested(depth - 3)}},"at":"a.b"}"""),
        ["members at a path"] = (host, alice, depth) => InvokeAsync(host, alice, "mix", $$"""{"v":{{Nested(depth - 1, "{\"a\":", "}")}},"at":"o"}"""),
        ["an expression"] = async (host, alice, depth) =>
            await InvokeAsync(host, alice, "set", $$"""{"v":{{Nested(depth - 1)}} }""") ?? await InvokeAsync(host, alice, "wrap", "{}"),
        ["a value that is wrapped"] = async (host, alice, depth) =>
            await InvokeAsync(host, alice, "set", $$"""{"v":{{Nested(depth - 1, "{\"a\":", "}")}} }""") ?? await InvokeAsync(host, alice, "append", """{"v":1}"""),
        ["a message"] = (host, alice, depth) => InvokeAsync(host, alice, "_send_message", $$"""{"body":{{Nested(depth)}} }"""),
        ["a render hint"] = (host, alice, depth) => InvokeAsync(host, alice, "_register_view", $$"""{"id":"v","expr":"1","render":{{Nested(depth, "{\"a\":", "}")}} }"""),
        ["a literal of a definition"] = (host, alice, depth) => InvokeAsync(host, alice, "_register_action", $$"""{"id":"x","writes":[{"key":"k","value":{{Nested(depth)}} }]}"""),
        ["a default"] = (host, alice, depth) => InvokeAsync(host, alice, "_register_action", $$"""{"id":"x","params":{"p":{"default":{{Nested(depth)}} } } }"""),
        ["a join's state"] = (host, _, depth) => JoinAsync(host, $$"""{"id":"dora","state":{"k":{{Nested(depth)}} } }"""),
        ["a join's meta"] = (host, _, depth) => JoinAsync(host, $$"""{"id":"dora","meta":{{Nested(depth)}} }"""),
        ["a join's view"] = (host, _, depth) => JoinAsync(host, $$"""{"id":"dora","views":[{"id":"w","expr":"1","render":{{Nested(depth, "{\"a\":", "}")}} }]}"""),
        ["an agent's meta"] = async (host, alice, depth) => (await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json($$"""{"meta":{{Nested(depth)}} }"""), EngineHost.Cancel)).Error,
        ["the configuration"] = (host, _, depth) => InvokeAsync(host, host.Owner, "configure", $$"""{"v":{{Nested(depth)}} }"""),
    };

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Value_AsDeepAsMayBe_IsReadAgain_AndOneLevelMoreIsRefused(string door)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await PrepareAsync(host);

        Assert.Null(await s_doors[door](host, alice, Limit));
        await host.SettleAsync("r");
        var accepted = (await host.LoadedAsync("r")).Published.Seq;
        var error = await s_doors[door](host, alice, Limit + 1);

        Assert.NotNull(error);
        Assert.Contains(error.Code.Name, new[] { "invalid_param", "invalid_json" });
        Assert.Contains("deep", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Hint);
        Assert.Equal(ChangesUpTo(await EventsAsync(host, "r"), accepted), ChangesUpTo(await EventsAsync(host, "r"), long.MaxValue) - PreparatoryWrites(door));
        await CheckAllReadersAsync(host, alice);
    }

    [Fact]
    public async Task Action_ThatWrapsItsOwnValue_IsRefusedBeforeTheRoomCannotBeRead()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await PrepareAsync(host);
        var codes = new List<string?>();
        for (var i = 0; i < 65; i++)
        {
            codes.Add((await InvokeAsync(host, alice, "wrap", "{}"))?.Code.Name);
        }

        Assert.All(codes.Take(Limit), Assert.Null);
        Assert.All(codes.Skip(Limit), code => Assert.Equal("invalid_param", code));
        await CheckAllReadersAsync(host, alice);
    }

    /// <summary>Views, evaluations and results are made and not kept; their readers stop at 64 levels all the same.</summary>
    [Fact]
    public async Task Answer_OfAnExpressionThatNestsDeeper_StaysWithin64Levels()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await PrepareAsync(host);
        var deep = string.Concat(Enumerable.Repeat("cel.bind(a, [a], ", 40)) + "[a]" + new string(')', 40);
        var expression = $"cel.bind(a, {Nested(20)}, {deep})";
        await host.ViewAsync(alice, "r", new JsonObject { ["id"] = "deep", ["expr"] = expression }.ToJsonString());
        await host.RegisterAsync(alice, "r", new JsonObject { ["id"] = "res", ["result"] = expression }.ToJsonString());

        ReadOnlyMemory<byte>[] answers =
        [
            (await host.Engine.Context.ReadAsync(alice, "r", ContextShape.Default, EngineHost.Cancel)).Value,
            (await host.Engine.Context.EvalAsync(alice, "r", expression, EngineHost.Cancel)).Value,
            (await host.Engine.Context.PollAsync(alice, "r", MessageSelection.All, 10, 10, EngineHost.Cancel)).Value,
            (await host.Engine.Actions.InvokeAsync(alice, "r", "res", new InvokeRequest(), EngineHost.Cancel)).Value.Json,
        ];

        Assert.All(answers, answer => Assert.InRange(JsonRules.Depth(answer.Span), 40, 62));
    }

    [Theory]
    [InlineData("""{"v":{"a":1,"a":2}}""", "invalid_json")]
    [InlineData("""{"v":{"a":[{"b":{"c":1,"\u0063":2}}]}}""", "invalid_json")]
    [InlineData("""{"v":1e400}""", "invalid_json")]
    [InlineData("""{"v":[-1e400]}""", "invalid_json")]
    [InlineData("""{"v":"\ud83d"}""", "invalid_json")]
    [InlineData("""{"v":{"\udc00":1}}""", "invalid_json")]
    public async Task Parameter_ThatJsonLeavesToChance_IsRefusedOverEveryDoor(string parameters, string code)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await PrepareAsync(host);

        Assert.Equal(code, (await InvokeAsync(host, alice, "set", parameters))?.Code.Name);
        Assert.Equal(code, (await host.Engine.Actions.ExplainAsync(alice, "r", "set", new InvokeRequest { Params = EngineHost.Json(parameters) }, EngineHost.Cancel)).Error?.Code.Name);
        Assert.Equal(code, (await JoinAsync(host, $$"""{"id":"dora","state":{{parameters}} }"""))?.Code.Name);
        Assert.Equal(code, (await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json($$"""{"meta":{{parameters}} }"""), EngineHost.Cancel)).Error?.Code.Name);
        await CheckAllReadersAsync(host, alice);
    }

    [Theory]
    [InlineData("""{"key":"k","value":{"${params.a}":1,"${params.b}":2}}""", "invalid_json")]
    [InlineData("""{"key":"k","merge":{"x":{"${params.a}":1,"same":2}}}""", "invalid_json")]
    [InlineData("""{"key":"k","append":true,"value":[{"${params.a}":1,"${params.b}":2}]}""", "invalid_json")]
    [InlineData("""{"key":"k","expr":true,"value":"0.0 / 0.0"}""", "cel_error")]
    [InlineData("""{"key":"k","expr":true,"value":"[1, {'a': -1.0 / 0.0}]"}""", "cel_error")]
    [InlineData("""{"key":"k","expr":true,"value":"{1: 'a', '1': 'b'}"}""", "invalid_json")]
    [InlineData("""{"key":"k","append":true,"expr":true,"value":"double('NaN')"}""", "cel_error")]
    public async Task Write_ThatMakesWhatNobodyMaySend_IsRefused(string write, string code)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await PrepareAsync(host);
        await host.RegisterAsync(alice, "r", $$"""{"id":"make","params":{"a":{"type":"string"},"b":{"type":"string"} },"writes":[{{write}}]}""");

        var error = await InvokeAsync(host, alice, "make", """{"a":"same","b":"same"}""");

        Assert.Equal(code, error?.Code.Name);
        Assert.NotNull(error!.Hint);
        Assert.Null(await host.StoredAsync("r", "_shared", "k"));
    }

    [Theory]
    [InlineData("[]", 1)]
    [InlineData("1", 0)]
    [InlineData("\"[[\\\"[\"", 0)]
    [InlineData("""{"a":"]}","b":[{"c\"[":[]}]}""", 4)]
    [InlineData("[[],[[]],[]]", 3)]
    public void Depth_CountsListsAndObjects(string json, int expected) => Assert.Equal(expected, JsonRules.Depth(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Form_OfAnObjectWithManyNames_FindsTheSecondOne()
    {
        var names = Enumerable.Range(0, 100).Select(i => $"\"n{i}\":{{\"n{i}\":0}}").ToList();

        Assert.Null(JsonRules.CheckForm(Encoding.UTF8.GetBytes("{" + string.Join(',', names) + "}")));
        Assert.All([0, 15, 16, 17, 50, 99], i => Assert.NotNull(JsonRules.CheckForm(Encoding.UTF8.GetBytes("{" + string.Join(',', names) + $",\"n{i}\":1}}"))));
    }

    /// <summary>Whatever is accepted at any door is there again, and the same, after a restart, from an export, from an import and from a replay.</summary>
    [Fact]
    public async Task Accepted_AtAnyDoor_SurvivesRestartExportImportAndReplay()
    {
        await using var host = await EngineHost.StartAsync();
        var runs = 0;
        await Gen.Select(Gen.Int[0, 19], s_value, static (door, value) => (Door: door, Value: value)).Array[8, 24].SampleAsync(
            async steps =>
            {
                var room = $"p{Interlocked.Increment(ref runs)}";
                await CheckSurvivalAsync(host, room, steps);
            },
            iter: 16,
            threads: 1);
    }

    [Theory]
    [InlineData("CelSourceLength")]
    [InlineData("CelNesting")]
    [InlineData("JsonDepth")]
    [InlineData("ValueBytes")]
    [InlineData("Entries")]
    [InlineData("WritesPerAction")]
    [InlineData("Counts")]
    public async Task Limit_LoweredLater_LeavesTheRoomReadableAndWhatFitsInUse(string limit)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await PrepareAsync(host);
        var guard = string.Join(" && ", Enumerable.Range(0, 30).Select(i => $"{i} < 100"));
        var nested = new string('(', 20) + "1" + new string(')', 20);
        await host.RegisterAsync(alice, "r", $$"""{"id":"long","if":"{{guard}}","writes":[{"key":"l1","value":1},{"key":"l2","value":1},{"key":"l3","expr":true,"value":"{{nested}}"}]}""");
        await host.ViewAsync(alice, "r", $$"""{"id":"longview","expr":"{{guard}}"}""");
        await host.ViewAsync(alice, "r", $$"""{"id":"nestedview","expr":"{{nested}}"}""");
        await host.InvokeAsync(alice, "r", "set", $$"""{"v":{{Nested(20)}} }""");
        var limits = limit switch
        {
            "CelSourceLength" => new RoomLimits { Cel = new CelLimits { SourceLength = 64 } },
            "CelNesting" => new RoomLimits { Cel = new CelLimits { Nesting = 6 } },
            "JsonDepth" => new RoomLimits { JsonDepth = 4 },
            "ValueBytes" => new RoomLimits { ValueBytes = 16 },
            "Entries" => new RoomLimits { Entries = 1 },
            "WritesPerAction" => new RoomLimits { WritesPerAction = 1 },
            _ => new RoomLimits { Actions = 1, Views = 1, Agents = 1 },
        };

        await host.RestartAsync(limits);

        var context = await host.ContextAsync(host.Owner, "r", "depth=full");
        Assert.NotNull(context["state"]!["_shared"]!["k"]);
        Assert.Equal(guard, context["actions"]!["long"]!["if"].Text());
        var attention = context["_context"]!["attention"]!.AsArray().Where(a => a!["kind"].Text() != "contested").Select(a => $"{a!["kind"]} {a["action"] ?? a["view"]}").ToList();
        var invoked = await host.TryInvokeAsync(host.Owner, "r", "long");
        if (limit.StartsWith("Cel", StringComparison.Ordinal))
        {
            Assert.Contains("broken_action long", attention);
            Assert.Contains(limit == "CelNesting" ? "broken_view nestedview" : "broken_view longview", attention);
            Assert.NotNull(invoked.Error);
        }
        else if (limit is "JsonDepth" or "WritesPerAction" or "ValueBytes")
        {
            Assert.Null(invoked.Error);
            Assert.Empty(attention);
        }

        Assert.Null((await host.TryInvokeAsync(host.Owner, "r", "help")).Error);
        var report = Sync.Engine.Services.Maintenance.Maintenance.Check(host.Directory, limits).Value;
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        Assert.Equal(limit.StartsWith("Cel", StringComparison.Ordinal), report.Notes.Any(note => note.Contains("'long'", StringComparison.Ordinal)));

        await host.RestartAsync(new RoomLimits());
        Assert.DoesNotContain((await host.ContextAsync(host.Owner, "r"))["_context"]!["attention"]!.AsArray(), a => a!["kind"].Text().StartsWith("broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Definition_ThatTheRulesOfTodayDoNotTake_IsKeptAndNotAvailable()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var room = await host.LoadedAsync("r");
        var state = room.Published;
        foreach (var (scope, key, value) in new[]
        {
            ("_actions", "odd", """{"id":"odd","unheard_of":1,"writes":[],"registered_by":"olga"}"""),
            ("_actions", "timed", """{"id":"timed","timer":{"ms":-5},"writes":[],"registered_by":"olga"}"""),
            ("_views", "odd", """{"id":"odd","unheard_of":1,"expr":"1","registered_by":"olga"}"""),
        })
        {
            state = state.Apply(new RoomEvent
            {
                Seq = state.Seq + 1,
                At = state.UpdatedAt,
                Kind = EventKind.Invoked,
                Changes = [new EntryChange { Kind = ChangeKind.Put, Scope = scope, Key = key, Value = JsonText.Of(EngineHost.Json(value)), Revision = 1 }],
            });
        }

        Assert.Equal(["odd", "timed"], state.Actions.Values.Where(a => a.Definition.Problem is not null).Select(a => a.Id));
        Assert.Equal(3, state.Degraded.Count);
        Assert.NotNull(state.Views["odd"].Expression.Issue);
        Assert.Equal("""{"id":"odd","unheard_of":1,"writes":[]}""", state.Actions["odd"].Definition.Source.ToString());
    }

    private static readonly Gen<string> s_value = Gen.Frequency(
        (4, Gen.Int[0, 70].Select(depth => Nested(depth))),
        (4, Gen.Int[0, 40].Select(depth => Nested(depth, "{\"a\":", "}"))),
        (6, Gen.Int[0, 11].Select(i => new[]
        {
            "9007199254740993", "1e400", "1e308", "0.1000000000000000055511151231257827", "-0", "\"\\ud83d\"", "\"\\ud83d\\ude00\"", """{"a":1,"a":2}""",
            "\"\\u0000\\u2028\"", "[null,[],{}]", "123456789012345678901234567890", """{"":{"\n":1}}""",
        }[i])),
        (2, Gen.Int[1, 3_000].Select(length => $"\"{new string('x', length)}\"")));

    private static async Task CheckSurvivalAsync(EngineHost host, string room, (int Door, string Value)[] steps)
    {
        await host.RoomAsync(room);
        var alice = await host.JoinAsync(room, "alice");
        await RegisterAllAsync(host, alice, room);
        for (var i = 0; i < steps.Length; i++)
        {
            var (door, value) = steps[i];
            _ = door switch
            {
                0 or 1 => await InvokeAsync(host, alice, "set", $$"""{"v":{{value}} }""", room),
                2 or 3 => await InvokeAsync(host, alice, "append", $$"""{"v":{{value}} }""", room),
                4 or 5 => await InvokeAsync(host, alice, "merge", $$"""{"v":{"m":{{value}} } }""", room),
                6 => await InvokeAsync(host, alice, "put", $$"""{"v":{{value}},"at":"a.b"}""", room),
                7 => await InvokeAsync(host, alice, "push", $$"""{"v":{{value}},"at":"list"}""", room),
                8 or 9 or 10 => await InvokeAsync(host, alice, "wrap", "{}", room),
                11 => await InvokeAsync(host, alice, "wrapped", $$"""{"v":{{value}} }""", room),
                12 or 13 => await InvokeAsync(host, alice, "_send_message", $$"""{"body":{{value}} }""", room),
                14 => await InvokeAsync(host, alice, "_register_view", $$"""{"id":"v{{i}}","expr":"1","render":{"x":{{value}} } }""", room),
                15 => await InvokeAsync(host, alice, "_register_action", $$"""{"id":"x{{i}}","params":{"p":{"default":{{value}} } },"writes":[{"key":"k","value":{{value}} }]}""", room),
                16 => (await host.Engine.Agents.JoinAsync(Caller.Anonymous, room, EngineHost.Json($$"""{"id":"j{{i}}","state":{"s":{{value}} },"meta":{{value}} }"""), EngineHost.Cancel)).Error,
                17 => (await host.Engine.Agents.UpdateAsync(alice, room, "alice", EngineHost.Json($$"""{"meta":{{value}} }"""), EngineHost.Cancel)).Error,
                18 => await InvokeAsync(host, alice, "twins", """{"a":"x","b":"x"}""", room),
                _ => await InvokeAsync(host, alice, "sum", "{}", room),
            };
        }

        await host.SettleAsync(room);
        var loaded = await host.LoadedAsync(room);
        var live = Text(loaded.Published);
        var context = Shown(await host.ContextAsync(host.Owner, room, "meta=true&depth=full&peek=true"));
        var copy = new MemoryStream();
        await host.Engine.History.ExportAsync(host.Owner, room, copy, EngineHost.Cancel);
        copy.Position = 0;
        Assert.Null((await RoomImport.RunAsync(host.Engine.Database, copy, room + "-copy", EngineHost.Cancel)).Error);
        var imported = (await host.Engine.Database.Rooms.LoadAllAsync(EngineHost.Cancel)).Single(r => r.Id == room + "-copy");
        Assert.Equal(live, Text(await host.Engine.Directory.ReadStateAsync(imported.Row, long.MaxValue, EngineHost.Cancel)));
        for (var seq = 1L; seq <= loaded.Published.Seq; seq += 7)
        {
            Assert.Null((await host.Engine.History.ReplayAsync(host.Owner, room, seq, EngineHost.Cancel)).Error);
        }

        await host.RestartAsync();
        Assert.Equal(live, Text((await host.LoadedAsync(room)).Published));
        Assert.Equal(context, Shown(await host.ContextAsync(host.Owner, room, "meta=true&depth=full&peek=true")));
        Assert.Empty((await host.LoadedAsync(room)).Published.Degraded);
        var written = Text((await host.LoadedAsync(room)).Published);
        Assert.Null(JsonRules.CheckForm(Encoding.UTF8.GetBytes("{" + written)));
    }

    // Presence moves by the clock and is not in the log.
    private static string Shown(JsonObject context)
    {
        context["_context"]!.AsObject().Remove("seq");
        context["_context"]!.AsObject().Remove("cursor");
        foreach (var agent in context["agents"]!.AsObject())
        {
            foreach (var field in new[] { "status", "last_heartbeat", "waiting_on" })
            {
                agent.Value!.AsObject().Remove(field);
            }
        }

        return context.ToJsonString();
    }

    private static string Text(RoomState state)
    {
        foreach (var entry in state.Scopes.Values.SelectMany(scope => scope.Entries.Values))
        {
            Assert.NotEmpty(entry.Version);
        }

        // Without the head: refusals counted together are logged when the room closes.
        var json = Encoding.UTF8.GetString(SnapshotJson.Write(state));
        return json[json.IndexOf("\"scopes\"", StringComparison.Ordinal)..];
    }

    private static async Task CheckAllReadersAsync(EngineHost host, Caller alice)
    {
        var secret = alice;
        for (var round = 0; round < 2; round++)
        {
            var seq = (await host.LoadedAsync("r")).Published.Seq;
            var owner = host.Owner;
            ReadOnlyMemory<byte>[] answers =
            [
                (await host.Engine.Context.ReadAsync(owner, "r", EngineHost.Shape("depth=full&meta=true&include=_audit,_messages&peek=true"), EngineHost.Cancel)).Value,
                (await host.Engine.Context.PollAsync(owner, "r", MessageSelection.All, 100, 100, EngineHost.Cancel)).Value,
                (await host.Engine.History.AuditAsync(owner, "r", new AuditQuery(0, 100, null, null, null), EngineHost.Cancel)).Value,
                (await host.Engine.History.ReplayAsync(owner, "r", seq, EngineHost.Cancel)).Value,
                (await host.Engine.History.KeyAsync(owner, "r", "_shared", "k", null, 100, EngineHost.Cancel)).Value.Json,
                (await host.Engine.History.EventAsync(owner, "r", seq, EngineHost.Cancel)).Value.Json,
            ];
            Assert.All(answers, answer => Assert.InRange(JsonRules.Depth(answer.Span), 1, 62));
            using var copy = new MemoryStream();
            Assert.Null((await host.Engine.History.ExportAsync(owner, "r", copy, EngineHost.Cancel)).Error);
            var report = Sync.Engine.Services.Maintenance.Maintenance.Check(host.Directory).Value;
            Assert.Empty(report.Problems);
            Assert.Empty(report.Notes);
            await host.RestartAsync();
        }
    }

    private static async Task<List<RoomEvent>> EventsAsync(EngineHost host, string room)
    {
        await host.SettleAsync(room);
        return [.. (await host.Engine.Database.Rooms.ReadEventsAsync((await host.LoadedAsync(room)).Record.Row, 0, long.MaxValue, 10_000, EngineHost.Cancel)).Rows.Select(RoomEventJson.Read)];
    }

    private static int ChangesUpTo(List<RoomEvent> events, long seq) => events.Count(e => e.Seq <= seq && !e.Changes.IsEmpty);

    // These doors set a value first and deepen it then.
    private static int PreparatoryWrites(string door) => door is "an expression" or "a value that is wrapped" ? 1 : 0;

    private static async Task<Caller> PrepareAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await RegisterAllAsync(host, alice, "r");
        return alice;
    }

    private static async Task RegisterAllAsync(EngineHost host, Caller alice, string room)
    {
        foreach (var action in JsonNode.Parse("""
            [{"id":"set","params":{"v":{}},"writes":[{"key":"k","value":"${params.v}"}]},
             {"id":"wrapped","params":{"v":{}},"writes":[{"key":"k","value":[{"in":"${params.v}"}]}]},
             {"id":"append","params":{"v":{}},"writes":[{"key":"k","append":true,"value":"${params.v}"}]},
             {"id":"merge","params":{"v":{}},"writes":[{"key":"k","merge":"${params.v}"}]},
             {"id":"put","params":{"v":{},"at":{}},"writes":[{"key":"k","path":"${params.at}","value":"${params.v}"}]},
             {"id":"push","params":{"v":{},"at":{}},"writes":[{"key":"k","path":"${params.at}","append":true,"value":"${params.v}"}]},
             {"id":"mix","params":{"v":{},"at":{}},"writes":[{"key":"k","path":"${params.at}","merge":"${params.v}"}]},
             {"id":"wrap","writes":[{"key":"k","expr":true,"value":"[state._shared.k]"}]},
             {"id":"sum","writes":[{"key":"n","increment":0.1}]},
             {"id":"twins","params":{"a":{},"b":{}},"writes":[{"key":"k","value":{"${params.a}":1,"${params.b}":2}}]}]
            """)!.AsArray())
        {
            await host.RegisterAsync(alice, room, action!.ToJsonString());
        }

        await host.RegisterAsync(host.Owner, room, """{"id":"configure","params":{"v":{}},"writes":[{"scope":"_config","key":"c","value":"${params.v}"}]}""");
    }

    private static async Task<SyncError?> InvokeAsync(EngineHost host, Caller caller, string action, string parameters, string room = "r") =>
        (await host.Engine.Actions.InvokeAsync(caller, room, action, new InvokeRequest { Params = EngineHost.Json(parameters) }, EngineHost.Cancel)).Error;

    private static async Task<SyncError?> JoinAsync(EngineHost host, string body) =>
        (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json(body), EngineHost.Cancel)).Error;

    private static string Nested(int depth, string open = "[", string close = "]") =>
        string.Concat(Enumerable.Repeat(open, depth)) + (open == "[" || depth > 0 ? "1" : "{}") + string.Concat(Enumerable.Repeat(close, depth));
}
