using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Reverts;

/// <summary><c>_revert</c>: what it takes back, what it leaves alone, and whom it asks.</summary>
public sealed class RevertTests
{
    private static readonly string[] s_vocabulary =
    [
        """{"id":"set","params":{"key":"string","value":"any"},"writes":[{"key":"${params.key}","value":"${params.value}"}]}""",
        """{"id":"add","params":{"key":"string","by":"number"},"writes":[{"key":"${params.key}","increment":"${params.by}"}]}""",
        """{"id":"push","params":{"key":"string","value":"any"},"writes":[{"key":"${params.key}","append":true,"value":"${params.value}"}]}""",
        """{"id":"patch","params":{"key":"string","value":"any"},"writes":[{"key":"${params.key}","merge":"${params.value}"}]}""",
        """{"id":"put_at","params":{"key":"string","path":"string","value":"any"},"writes":[{"key":"${params.key}","path":"${params.path}","value":"${params.value}"}]}""",
        """{"id":"drop","params":{"key":"string"},"writes":[{"key":"${params.key}","delete":true}]}""",
        """{"id":"row","params":{"value":"any"},"writes":[{"scope":"_rows","append":true,"value":"${params.value}"}]}""",
        """{"id":"brief","params":{"key":"string"},"writes":[{"key":"${params.key}","value":"brief","timer":{"ms":3600000,"effect":"delete"}}]}""",
        """{"id":"veiled","params":{"key":"string"},"writes":[{"key":"${params.key}","value":"veiled","enabled":"state._shared.open == true"}]}""",
        """{"id":"mine","params":{"value":"any"},"writes":[{"scope":"${self}","key":"k","value":"${params.value}"}]}""",
    ];

    private static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>What alice does, what bob does afterwards, and what is there when alice's is reverted.</summary>
    public static TheoryData<string, string, string, string, bool> Histories => new()
    {
        { """set {"key":"x","value":1}""", """set {"key":"x","value":2}""", "", "1", false },
        { "", """set {"key":"x","value":2}""", "", "null", false },
        { """set {"key":"x","value":1}""", """drop {"key":"x"}""", "", "1", false },
        { """set {"key":"x","value":1}""", """set {"key":"x","value":2}""", """set {"key":"x","value":3}""", "3", true },
        { """set {"key":"x","value":1}""", """drop {"key":"x"}""", """set {"key":"x","value":3}""", "3", true },
        { """add {"key":"x","by":10}""", """add {"key":"x","by":5}""", """add {"key":"x","by":0.5}""", "10.5", false },
        { "", """add {"key":"x","by":5}""", """add {"key":"x","by":1}""", "1", false },
        { """add {"key":"x","by":10}""", """add {"key":"x","by":5}""", """set {"key":"x","value":0}""", "0", true },
        { """push {"key":"x","value":"a"}""", """push {"key":"x","value":"b"}""", """push {"key":"x","value":"c"}""", """["a","c"]""", false },
        { "", """push {"key":"x","value":"b"}""", """push {"key":"x","value":"c"}""", """["c"]""", false },
        { """push {"key":"x","value":"a"}""", """push {"key":"x","value":"b"}""", """set {"key":"x","value":[]}""", "[]", true },
        { """set {"key":"x","value":{"a":1}}""", """patch {"key":"x","value":{"a":2,"b":2}}""", """patch {"key":"x","value":{"c":3}}""", """{"a":1,"c":3}""", false },
        { """set {"key":"x","value":{"a":1}}""", """patch {"key":"x","value":{"a":2,"b":2}}""", """patch {"key":"x","value":{"b":3}}""", """{"a":1,"b":3}""", true },
        { """set {"key":"x","value":{"a":1}}""", """patch {"key":"x","value":{"a":null}}""", """patch {"key":"x","value":{"c":3}}""", """{"a":1,"c":3}""", false },
        { """set {"key":"x","value":{"o":{"n":1}}}""", """put_at {"key":"x","path":"o.n","value":2}""", """put_at {"key":"x","path":"o.m","value":3}""", """{"o":{"n":1,"m":3}}""", false },
        { """set {"key":"x","value":{"o":{"n":1}}}""", """put_at {"key":"x","path":"o.n","value":2}""", """put_at {"key":"x","path":"o","value":{"p":3}}""", """{"o":{"p":3}}""", true },
        { """set {"key":"x","value":{"l":[{"d":0}]}}""", """push {"key":"x","value":1}""", """set {"key":"y","value":1}""", """{"l":[{"d":0}]}""", false },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task Revert_OfOneEvent_TakesBackWhatItWroteAndNothingElse(string before, string reverted, string later, string expected, bool conflicts)
    {
        await using var host = await EngineHost.StartAsync();
        var (alice, bob) = await StageAsync(host);
        await ActAsync(host, bob, before);
        var seq = await ActAsync(host, alice, reverted);
        await ActAsync(host, bob, later);

        var tried = await host.InvokeAsync(alice, "r", "_revert", $$"""{"seq":{{seq}}}""", dryRun: true);
        var answer = await host.InvokeAsync(alice, "r", "_revert", $$"""{"seq":{{seq}}}""");

        JsonAssertEqual(expected, await host.StoredAsync("r", "_shared", "x"));
        Assert.Equal($"[{seq}]", answer["reverted"]!.ToJsonString());
        Assert.Equal(conflicts, answer["conflicts"]!.AsArray().Count > 0);
        if (conflicts)
        {
            Assert.Equal("bob", answer["conflicts"]![0]!["by"]!.GetValue<string>());
        }

        Assert.True(tried.Remove("dry_run"));
        Assert.Equal(answer.ToJsonString(), tried.ToJsonString());
        var details = JsonNode.Parse((await host.Engine.History.EventAsync(alice, "r", answer["seq"]!.GetValue<long>(), Cancel)).Value.Json.Span)!;
        Assert.Equal(seq, details["because"]!["seq"]!.GetValue<long>());
        await host.RestartAsync();
        JsonAssertEqual(expected, await host.StoredAsync("r", "_shared", "x"));
    }

    [Fact]
    public async Task Revert_OfARevert_DoesItAgain()
    {
        await using var host = await EngineHost.StartAsync();
        var (alice, _) = await StageAsync(host);
        await ActAsync(host, alice, """set {"key":"x","value":1}""");
        var seq = await ActAsync(host, alice, """set {"key":"x","value":2}""");
        var undone = (await host.InvokeAsync(alice, "r", "_revert", $$"""{"seq":{{seq}}}"""))["seq"]!.GetValue<long>();

        await host.InvokeAsync(alice, "r", "_revert", $$"""{"seq":{{undone}}}""");

        JsonAssertEqual("2", await host.StoredAsync("r", "_shared", "x"));
    }

    [Fact]
    public async Task Revert_OfTimersConditionsRowsAndBatches_PutsThemAsTheyWere()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var (alice, _) = await StageAsync(host);
        await ActAsync(host, alice, """brief {"key":"t"}""");
        await ActAsync(host, alice, """veiled {"key":"v"}""");
        var before = Image(await host.LoadedAsync("r"));
        var seq = await ActAsync(host, alice, """_batch {"steps":[{"action":"set","params":{"key":"t","value":1}},{"action":"set","params":{"key":"v","value":2}},{"action":"row","params":{"value":"one"}},{"action":"add","params":{"key":"n","by":2}},{"action":"add","params":{"key":"n","by":3}},{"action":"drop","params":{"key":"t"}}]}""");

        await host.InvokeAsync(alice, "r", "_revert", $$"""{"seq":{{seq}}}""");

        Assert.Equal(before, Image(await host.LoadedAsync("r")));
        await host.AdvanceAsync("r", TimeSpan.FromHours(2));
        Assert.Null(await host.StoredAsync("r", "_shared", "t"));
    }

    [Fact]
    public async Task Revert_OfAnAgentSinceAnEvent_TakesBackAllItsWritesAndNoOthers()
    {
        await using var host = await EngineHost.StartAsync();
        var (alice, bob) = await StageAsync(host);
        var since = await ActAsync(host, alice, """add {"key":"x","by":1}""");
        await ActAsync(host, alice, """add {"key":"x","by":10}""");
        await ActAsync(host, bob, """add {"key":"x","by":100}""");
        await ActAsync(host, alice, """add {"key":"x","by":1000}""");
        await ActAsync(host, alice, """set {"key":"y","value":1}""");
        await ActAsync(host, alice, """_send_message {"body":"hi"}""");

        var answer = await host.InvokeAsync(host.Owner, "r", "_revert", $$"""{"agent":"alice","since":{{since}}}""");

        JsonAssertEqual("101", await host.StoredAsync("r", "_shared", "x"));
        Assert.Null(await host.StoredAsync("r", "_shared", "y"));
        Assert.Equal(4, answer["reverted"]!.AsArray().Count);
        Assert.Equal(1, (await host.ContextAsync(bob, "r"))["messages"]!["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task Revert_OfWhatIsNotOnesOwn_IsAnOwners()
    {
        await using var host = await EngineHost.StartAsync();
        var (alice, bob) = await StageAsync(host);
        var seq = await ActAsync(host, alice, """set {"key":"x","value":1}""");

        Assert.Equal("not_owner", (await host.RefusedAsync(bob, "r", "_revert", $$"""{"seq":{{seq}}}""")).Code.Name);
        Assert.Equal("not_owner", (await host.RefusedAsync(bob, "r", "_revert", """{"agent":"alice","since":0}""")).Code.Name);
        Assert.Equal("invalid_param", (await host.RefusedAsync(bob, "r", "_batch", $$$"""{"steps":[{"action":"_revert","params":{"seq":{{{seq}}}}}]}""")).Code.Name);

        // Of the agent that had the id before it is not its own either.
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "alice", free: true, Cancel)).Error);
        var another = await host.JoinAsync("r", "alice");
        Assert.Equal("not_owner", (await host.RefusedAsync(another, "r", "_revert", $$"""{"seq":{{seq}}}""")).Code.Name);
        await host.InvokeAsync(host.Owner, "r", "_revert", $$"""{"seq":{{seq}}}""");
        Assert.Null(await host.StoredAsync("r", "_shared", "x"));
    }

    [Theory]
    [InlineData("""{}""", "missing_param")]
    [InlineData("""{"seq":1,"agent":"alice","since":0}""", "missing_param")]
    [InlineData("""{"agent":"alice"}""", "missing_param")]
    [InlineData("""{"seq":1}""", "nothing_to_write")]
    [InlineData("""{"seq":9999}""", "nothing_to_write")]
    [InlineData("""{"agent":"nobody","since":0}""", "nothing_to_write")]
    [InlineData("""{"event":1}""", "unknown_param")]
    public async Task Revert_OfNothing_IsRefused(string parameters, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await StageAsync(host);

        Assert.Equal(code, (await host.RefusedAsync(host.Owner, "r", "_revert", parameters)).Code.Name);
    }

    [Fact]
    public async Task Revert_AsksForAuthorityRulesAndGates()
    {
        await using var host = await EngineHost.StartAsync();
        var (alice, bob) = await StageAsync(host);
        await host.RegisterAsync(host.Owner, "r", """{"id":"deal","reach":"all","params":{"to":"string"},"writes":[{"scope":"${params.to}","key":"card","value":"ace of spades"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"rule","params":{"list":"any"},"writes":[{"scope":"_config","key":"targets","value":"${params.list}"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"gated","approve":{"by":"person"},"writes":[{"key":"g","value":1}]}""");

        // A dealer's hands do not come along, and nothing of what is there is told.
        var dealt = await ActAsync(host, alice, """deal {"to":"bob"}""");
        var denied = await host.RefusedAsync(alice, "r", "_revert", $$"""{"seq":{{dealt}}}""");
        Assert.Equal("scope_denied", denied.Code.Name);
        Assert.DoesNotContain("ace", denied.ToJson(PlainSteps.Instance).ToJsonString(), StringComparison.Ordinal);
        await host.InvokeAsync(host.Owner, "r", "_revert", $$"""{"seq":{{dealt}}}""");
        Assert.Null(await host.StoredAsync("r", "bob", "card"));

        // A rule of the place.
        var ruled = await ActAsync(host, alice, """set {"key":"x","value":1}""");
        await host.InvokeAsync(host.Owner, "r", "rule", """{"list":[{"scope":"_shared","key":"x","actions":["set"]}]}""");
        Assert.Equal("scope_denied", (await host.RefusedAsync(alice, "r", "_revert", $$"""{"seq":{{ruled}}}""")).Code.Name);
        await host.InvokeAsync(host.Owner, "r", "rule", """{"list":[{"scope":"_shared","key":"x","approve":{"by":"person"}}]}""");
        Assert.Equal("approval_required", (await host.RefusedAsync(alice, "r", "_revert", $$"""{"seq":{{ruled}}}""")).Code.Name);

        // What a person has approved.
        var pending = await host.InvokeAsync(alice, "r", "gated");
        var decided = await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", new JsonObject { ["approval"] = pending["approval"]!.DeepClone(), ["decision"] = "accept" }.ToJsonString());
        Assert.Equal("approval_required", (await host.RefusedAsync(host.Owner, "r", "_revert", $$"""{"seq":{{decided["seq"]}}}""")).Code.Name);
        Assert.NotNull(bob);
    }

    [Fact]
    public async Task Revert_OfWhatARemovedAgentKept_BringsNothingBackToWhoHasItsId()
    {
        await using var host = await EngineHost.StartAsync();
        var (alice, _) = await StageAsync(host);
        await ActAsync(host, alice, """mine {"value":"the plan"}""");
        var seq = await ActAsync(host, alice, """mine {"value":"another"}""");
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "alice", free: true, Cancel)).Error);
        await host.JoinAsync("r", "alice");

        var answer = await host.InvokeAsync(host.Owner, "r", "_revert", $$"""{"seq":{{seq}}}""");

        Assert.Null(await host.StoredAsync("r", "alice", "k"));
        Assert.Single(answer["conflicts"]!.AsArray());
    }

    [Fact]
    public async Task Revert_OfRandomHistories_IsTheRoomWithoutTheRevertedWrites()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var runs = 0;
        var key = Gen.Int[0, 2].Select(static at => "xyz"[at].ToString());
        var step = Gen.Select(Gen.Int[0, 5], key, Gen.Int[1, 9], Gen.Bool, static (kind, key, n, isAlice) => (kind, key, n, isAlice));
        await step.Array[3, 14].SampleAsync(
            async steps =>
            {
                var room = string.Create(CultureInfo.InvariantCulture, $"run-{Interlocked.Increment(ref runs)}");
                var (alice, bob) = await StageAsync(host, room);
                var model = new RevertModel();
                foreach (var (kind, at, n, isAlice) in steps)
                {
                    var call = RevertModel.CallOf(kind, at, n);
                    if (model.Do(kind, at, n, isAlice))
                    {
                        await ActAsync(host, isAlice ? alice : bob, call, room);
                    }
                }

                var expected = model.WithoutAlice();
                var outcome = await host.TryInvokeAsync(host.Owner, room, "_revert", """{"agent":"alice","since":0}""");
                if (outcome.Error is { } none)
                {
                    Assert.Equal("nothing_to_write", none.Code.Name);
                }

                foreach (var name in (string[])["x", "y", "z"])
                {
                    JsonAssertEqual(expected.GetValueOrDefault(name)?.ToJsonString() ?? "null", await host.StoredAsync(room, "_shared", name));
                }
            },
            iter: 60,
            threads: 1);
    }

    private static void JsonAssertEqual(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}, got {actual?.ToJsonString() ?? "null"}");

    private static string Image(RoomReplica room) => string.Join('\n', room.Published.Scopes.Values.Where(scope => scope.Name is "_shared" or "_rows").SelectMany(scope => scope.Entries.Values.Select(entry => $"{scope.Name} {entry.Key} {entry.Text} {entry.Timer} {entry.Enabled?.Source}")));

    private static async Task<long> ActAsync(EngineHost host, Caller caller, string call, string room = "r")
    {
        if (call.Length == 0)
        {
            return 0;
        }

        var split = call.Split(' ', 2);
        return (await host.InvokeAsync(caller, room, split[0], split[1]))["seq"]!.GetValue<long>();
    }

    private static async Task<(Caller Alice, Caller Bob)> StageAsync(EngineHost host, string room = "r")
    {
        await host.RoomAsync(room);
        foreach (var definition in s_vocabulary)
        {
            await host.RegisterAsync(host.Owner, room, definition);
        }

        return (await host.JoinAsync(room, "alice"), await host.JoinAsync(room, "bob"));
    }
}
