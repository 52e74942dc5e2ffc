using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Commands.BuiltIns;

/// <summary><c>_batch</c>: its steps are what they would be one after another, as one event or not at all.</summary>
public sealed class BatchTests
{
    private static readonly string[] s_vocabulary =
    [
        """{"id":"add","params":{"by":{"type":"number","default":1}},"writes":[{"key":"n","increment":"${params.by}"}]}""",
        """{"id":"note","params":{"text":"string"},"writes":[{"key":"notes","append":true,"value":"${params.text}"}]}""",
        """{"id":"row","params":{"text":"string"},"writes":[{"scope":"_rows","append":true,"value":{"text":"${params.text}","by":"${self}"}}]}""",
        """{"id":"patch","params":{"k":"string","v":"any"},"writes":[{"key":"o","merge":{"${params.k}":"${params.v}"}}]}""",
        """{"id":"put","params":{"v":"any"},"writes":[{"key":"o","value":"${params.v}"}]}""",
        """{"id":"drop","params":{"k":"string"},"writes":[{"key":"${params.k}","delete":true}]}""",
        """{"id":"once","if":"state._shared.flag == null","writes":[{"key":"flag","value":true}]}""",
        """{"id":"rest","writes":[{"key":"rested","increment":1}],"on_invoke":{"timer":{"ticks":2,"tick_on":"_shared.n","effect":"enable"}}}""",
        """{"id":"fuse","writes":[{"key":"fuse","value":"lit","timer":{"ticks":3,"tick_on":"_shared.n","effect":"delete"}}]}""",
        """{"id":"echo","writes":[{"key":"seen","expr":true,"value":"state._shared.n"}],"result":"state._shared.n"}""",
    ];

    private static readonly Gen<JsonObject> s_step = Gen.OneOf(
        Step("add", Gen.Int[1, 3].Select(static by => new JsonObject { ["by"] = by })),
        Step("add", Gen.Const(() => new JsonObject())),
        Step("note", Gen.Int[0, 99].Select(static n => new JsonObject { ["text"] = Text(n) })),
        Step("row", Gen.Int[0, 99].Select(static n => new JsonObject { ["text"] = Text(n) })),
        Step("patch", Gen.Select(Gen.OneOf(Gen.Const("a"), Gen.Const("b")), Gen.Int[0, 9], static (k, v) => new JsonObject { ["k"] = k, ["v"] = v })),
        Step("put", Gen.Int[0, 9].Select(static v => new JsonObject { ["v"] = new JsonObject { ["a"] = v } })),
        Step("drop", Gen.Int[0, 4].Select(static at => new[] { "n", "o", "notes", "flag", "fuse" }[at]).Select(static k => new JsonObject { ["k"] = k })),
        Step("once", Gen.Const(() => new JsonObject())),
        Step("rest", Gen.Const(() => new JsonObject())),
        Step("fuse", Gen.Const(() => new JsonObject())),
        Step("echo", Gen.Const(() => new JsonObject())),
        Step("_send_message", Gen.Int[0, 99].Select(static n => new JsonObject { ["body"] = Text(n) })),
        Step("_register_view", Gen.Int[0, 9].Select(static n => new JsonObject { ["id"] = "v", ["expr"] = Text(n) })),
        Step("_register_action", Gen.Int[0, 9].Select(static n => new JsonObject { ["id"] = "made", ["writes"] = new JsonArray(new JsonObject { ["key"] = "made", ["value"] = n }) })),
        Step("made", Gen.Const(() => new JsonObject())),
        Step("_delete_action", Gen.Const(() => new JsonObject { ["id"] = "made" })));

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Batch_RandomSteps_IsWhatItsStepsAreOneByOne()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var runs = 0;
        await s_step.Array[1, 12].Array[2, 4].SampleAsync(
            async batches =>
            {
                var (one, all) = ($"one-{Interlocked.Increment(ref runs)}", $"all-{runs}");
                await FurnishAsync(host, one);
                await FurnishAsync(host, all);
                foreach (var steps in batches)
                {
                    await CompareAsync(host, one, all, steps);
                }

                await CheckHistoryAsync(host, all);
                var before = Image(await PublishedAsync(host, all));
                await host.RestartAsync();
                Assert.Equal(before, Image(await PublishedAsync(host, all)));
            },
            iter: 20,
            threads: 1,
            print: static batches => string.Join('\n', batches.Select(steps => string.Join(' ', steps.Select(step => step.ToJsonString())))));
    }

    [Fact]
    public async Task Batch_OfSeveralWrites_IsOneEventThatNamesItsSteps()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host, "r");
        var seq = (await PublishedAsync(host, "r")).Seq;

        var answer = await host.InvokeAsync(host.Owner, "r", "_batch", """{"steps":[{"action":"add","params":{"by":2}},{"action":"add"},{"action":"echo"}]}""");

        Assert.Equal(seq + 1, answer["seq"]!.GetValue<long>());
        Assert.Equal(["add", "add", "echo"], answer["steps"]!.AsArray().Select(step => step!["action"].Text()));
        Assert.Equal(3, answer["steps"]![2]!["result"]!.GetValue<int>());
        Assert.Equal(seq + 1, (await PublishedAsync(host, "r")).Seq);
        var audit = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", new(0, 500, Agent: null, Action: "_batch", Ok: null), Cancel)).Value);
        var logged = Assert.Single(audit["events"]!.AsArray())!;
        Assert.Equal(["add", "add", "echo"], logged["params"]!["steps"]!.AsArray().Select(step => step!["action"].Text()));
        Assert.Equal([1, 2, 3], logged["writes"]!.AsArray().Select(write => write!["step"]!.GetValue<int>()));
        var history = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "n", before: null, 10, Cancel)).Value.Json);
        Assert.Equal([3], history["history"]!.AsArray().Select(write => write!["value"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("""{"steps":[{"action":"add"},{"action":"once"},{"action":"once"}]}""", "precondition_failed", 3)]
    [InlineData("""{"steps":[{"action":"add"},{"action":"nothing-like-it"}]}""", "action_not_found", 2)]
    [InlineData("""{"steps":[{"action":"add"},{"action":"note","params":{"txt":"x"}}]}""", "unknown_param", 2)]
    [InlineData("""{"steps":[{"action":"rest"},{"action":"rest"}]}""", "action_cooldown", 2)]
    [InlineData("""{"steps":[{"action":"add"},{"action":"_batch","params":{"steps":[{"action":"add"}]}}]}""", "invalid_param", 2)]
    [InlineData("""{"steps":[{"action":"help"}]}""", "invalid_param", 1)]
    [InlineData("""{"steps":[{"action":"add","request_id":"x"}]}""", "unknown_field", 1)]
    [InlineData("""{"steps":[{"action":"add","agent":"bob"}]}""", "unknown_field", 1)]
    [InlineData("""{"steps":[{"action":"add","by":2}]}""", "unknown_field", 1)]
    [InlineData("""{"steps":[{"params":{}}]}""", "invalid_param", 1)]
    [InlineData("""{"steps":[7]}""", "invalid_param", 1)]
    [InlineData("""{"steps":[]}""", "invalid_param", null)]
    [InlineData("""{"steps":{}}""", "invalid_param_type", null)]
    [InlineData("{}", "missing_param", null)]
    [InlineData("""{"steps":[{"action":"add"}],"other":1}""", "unknown_param", null)]
    [InlineData("""{"steps":[{"action":"add"},{"action":"_register_action","params":{"id":"evil","writes":[{"scope":"_messages","key":"1","value":1}]}}]}""", "scope_denied", 2)]
    public async Task Batch_WithAStepThatIsRefused_ChangesNothingAndSaysWhich(string parameters, string code, int? step)
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host, "r");
        var before = await PublishedAsync(host, "r");

        var refused = await host.RefusedAsync(host.Owner, "r", "_batch", parameters);

        await host.SettleAsync("r");
        Assert.Equal((code, step), (refused.Code.Name, refused.Details?["step"]?.GetValue<int>()));
        var after = await PublishedAsync(host, "r");
        Assert.Same(before.Scopes, after.Scopes);
        Assert.Same(before.Uses, after.Uses);
        Assert.Same(before.Messages, after.Messages);
    }

    [Fact]
    public async Task Batch_LongerThanAllowed_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host, "r");
        var step = """{"action":"add"}""";

        Assert.Equal(100, (await host.InvokeAsync(host.Owner, "r", "_batch", $$"""{"steps":[{{string.Join(',', Enumerable.Repeat(step, 100))}}]}"""))["steps"]!.AsArray().Count);
        Assert.Equal("invalid_param", (await host.RefusedAsync(host.Owner, "r", "_batch", $$"""{"steps":[{{string.Join(',', Enumerable.Repeat(step, 101))}}]}""")).Code.Name);
    }

    [Fact]
    public async Task Batch_ByAnAgentThatComesToBeWithIt_MakesItOnce()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host, "r");
        var nina = await host.UserAsync("nina", "rooms:*");
        await host.GiveRoleAsync("r", "nina", Role.Participant);

        var answer = await host.InvokeAsync(nina, "r", "_batch", """{"steps":[{"action":"row","params":{"text":"a"}},{"action":"row","params":{"text":"b"}}]}""");

        Assert.Equal("nina", answer["agent"].Text());
        Assert.Equal(answer["seq"]!.GetValue<long>(), (await PublishedAsync(host, "r")).Agents["nina"].Since);
    }

    [Fact]
    public async Task Batch_WithSecretParameters_IsLoggedWithoutThem()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host, "r");
        const string Register = """{"action":"_register_action","params":{"id":"unlock","params":{"pin":{"type":"string","secret":true}},"if":"params.pin == \"4711-right\"","writes":[{"key":"open","value":true}]}}""";
        static string UnlockWith(string pin) => """{"steps":[REGISTER,{"action":"unlock","params":{"pin":"PIN"}}]}""".Replace("REGISTER", Register, StringComparison.Ordinal).Replace("PIN", pin, StringComparison.Ordinal);

        await host.InvokeAsync(host.Owner, "r", "_batch", UnlockWith("4711-right"), requestId: "k");
        await host.RefusedAsync(host.Owner, "r", "_batch", UnlockWith("4711-wrong"));

        await host.SettleAsync("r");
        var audit = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", new(0, 500, Agent: null, Action: null, Ok: null), Cancel)).Value).ToJsonString();
        Assert.Contains("unlock", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("\"pin\":\"4711", audit, StringComparison.Ordinal);
        var retried = await host.InvokeAsync(host.Owner, "r", "_batch", UnlockWith("4711-right"), requestId: "k");
        Assert.Equal("unlock", retried["steps"]![1]!["action"].Text());
    }

    [Fact]
    public async Task Batch_Retried_AnswersTheSameAlsoAfterARestart()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host, "r");
        var text = new string('x', 3_000);
        var body = """{"steps":[{"action":"put","params":{"v":"TEXT"}},{"action":"put","params":{"v":"TEXTy"}},{"action":"echo"}]}""".Replace("TEXT", text, StringComparison.Ordinal);

        var first = await host.InvokeAsync(host.Owner, "r", "_batch", body, requestId: "once");
        var again = await host.InvokeAsync(host.Owner, "r", "_batch", body, requestId: "once");
        await host.RestartAsync();
        var later = await host.InvokeAsync(host.Owner, "r", "_batch", body, requestId: "once");

        Assert.Equal(first.ToJsonString(), again.ToJsonString());
        Assert.Equal(first.ToJsonString(), later.ToJsonString());
    }

    [Fact]
    public async Task Batch_TriedOut_AnswersTheSameAndCommitsNothing()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host, "r");
        var before = await PublishedAsync(host, "r");

        var tried = await host.InvokeAsync(host.Owner, "r", "_batch", """{"steps":[{"action":"add"},{"action":"echo"}]}""", dryRun: true);

        Assert.Equal(1, tried["steps"]![1]!["result"]!.GetValue<int>());
        Assert.True(tried["dry_run"]!.GetValue<bool>());
        Assert.Same(before, await PublishedAsync(host, "r"));
    }

    [Fact]
    public async Task Batch_OfViews_WorksOutNone()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var step = """{"action":"_register_view","params":{"id":"vN","expr":"1 / 0"}}""";

        var answer = await host.InvokeAsync(host.Owner, "r", "_batch", $$"""{"steps":[{{string.Join(',', Enumerable.Range(0, 100).Select(i => step.Replace("vN", "v" + i, StringComparison.Ordinal)))}}]}""");

        Assert.All(answer["steps"]!.AsArray(), step => Assert.False(step!.AsObject().ContainsKey("value")));
        Assert.Equal("v7", answer["steps"]![7]!["view"].Text());
    }

    [Fact]
    public async Task Batch_TriedOut_TellsNoLaterStepWhatAnEarlierOneWithheld()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var pat = await host.JoinAsync("r", "pat", ""","state":{"key":"PAT-VALUE"}""");
        var mallory = await host.JoinAsync("r", "mallory");
        await host.RegisterAsync(pat, "r", """{"id":"pub","writes":[{"key":"p","expr":true,"value":"state[\"pat\"].key"}]}""");
        await host.RegisterAsync(mallory, "r", """{"id":"rd","writes":[{"key":"o","expr":true,"value":"state._shared.p"}],"result":"state._shared"}""");

        var tried = await host.InvokeAsync(mallory, "r", "_batch", """{"steps":[{"action":"pub"},{"action":"rd"}]}""", dryRun: true);

        Assert.DoesNotContain("PAT-VALUE", tried.ToJsonString(), StringComparison.Ordinal);
        Assert.True(tried["steps"]![1]!["withheld"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Batch_ByWhoOnlyReads_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host, "r");
        var reader = await host.UserAsync("olga", "rooms:r:read");

        Assert.Equal("read_only_token", (await host.RefusedAsync(reader, "r", "_batch", """{"steps":[{"action":"add"}]}""")).Code.Name);
    }

    private static async Task CompareAsync(EngineHost host, string one, string all, JsonObject[] steps)
    {
        var before = await PublishedAsync(host, all);
        string? refusal = null;
        var number = 0;

        // One by one as far as they go, in a room that is put back by being made anew when one is refused.
        var singly = new List<JsonObject>();
        foreach (var step in steps)
        {
            number++;
            var outcome = await host.TryInvokeAsync(host.Owner, one, step["action"].Text(), (step["params"] ?? new JsonObject()).ToJsonString());
            if (outcome.Error is { } error)
            {
                refusal = error.Code.Name;
                break;
            }

            singly.Add(outcome.Value);
        }

        var batch = new JsonObject { ["steps"] = new JsonArray([.. steps.Select(step => step.DeepClone())]) };
        var whole = await host.TryInvokeAsync(host.Owner, all, "_batch", batch.ToJsonString());
        if (refusal is not null)
        {
            Assert.Equal((refusal, (int?)number), (whole.Error?.Code.Name, whole.Error?.Details?["step"]?.GetValue<int>()));
            await host.SettleAsync(all);
            Assert.Same(before.Scopes, (await PublishedAsync(host, all)).Scopes);
            if (singly.Count == 0)
            {
                return;
            }

            // What went through one by one goes through together.
            batch = new JsonObject { ["steps"] = new JsonArray([.. steps.Take(singly.Count).Select(step => step.DeepClone())]) };
            whole = await host.TryInvokeAsync(host.Owner, all, "_batch", batch.ToJsonString());
        }

        Assert.Null(whole.Error);
        Assert.Equal(Image(await PublishedAsync(host, one)), Image(await PublishedAsync(host, all)));
        Assert.Equal(
            singly.Select(answer => answer["writes"]!.ToJsonString() + answer["result"]?.ToJsonString()),
            whole.Value["steps"]!.AsArray().Select(step => step!["writes"]!.ToJsonString() + step["result"]?.ToJsonString()));
    }

    // The newest value of each key's history is the one that the room holds, and walking back ends.
    private static async Task CheckHistoryAsync(EngineHost host, string room)
    {
        foreach (var scope in (await PublishedAsync(host, room)).Scopes.Values.Where(scope => scope.Name is "_shared" or "_rows"))
        {
            foreach (var entry in scope.Entries.Values)
            {
                var history = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, room, scope.Name, entry.Key, before: null, 100, Cancel)).Value.Json)["history"]!.AsArray();
                Assert.Equal(entry.Value.ToString(), history[0]!["value"]?.ToJsonString() ?? "null");
                Assert.Equal(history.Count, history.Select(write => write!["seq"]!.GetValue<long>()).Distinct().Count());
            }
        }
    }

    // What a room holds, without the numbers of events.
    private static string Image(RoomState state) => string.Join('\n', state.Scopes.Values
        .Where(scope => scope.Name is not "_agents")
        .SelectMany(scope => scope.Entries.Values.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{scope.Name}:{entry.Key} r{entry.Revision} {entry.Version} t{entry.Timer?.TicksLeft} via {entry.Via}")))
        .Concat(state.Uses.OrderBy(use => use.Key, StringComparer.Ordinal).Select(use => string.Create(CultureInfo.InvariantCulture, $"{use.Key} {use.Value.Count} c{use.Value.Cooldown?.TicksLeft}")))
        .Append(string.Join(' ', state.Expired.Order(StringComparer.Ordinal))));

    private static async Task FurnishAsync(EngineHost host, string room)
    {
        await host.RoomAsync(room);
        foreach (var definition in s_vocabulary)
        {
            await host.RegisterAsync(host.Owner, room, definition);
        }
    }

    private static async Task<RoomState> PublishedAsync(EngineHost host, string room) => (await host.LoadedAsync(room)).Published;

    private static Gen<JsonObject> Step(string action, Gen<JsonObject> parameters) => parameters.Select(given => new JsonObject { ["action"] = action, ["params"] = given });

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
