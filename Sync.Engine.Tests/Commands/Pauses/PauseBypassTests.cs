using Sync.Engine.Commands;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Pauses;

/// <summary>Ways round a pause, and that no way of changing a room is without a word on pauses.</summary>
public sealed class PauseBypassTests
{
    private const string Whole = "room";

    private static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>Every built-in action, with parameters that it takes.</summary>
    private static readonly Dictionary<string, string> s_builtIns = new()
    {
        [BuiltInIds.RegisterAction] = """{"id":"mine","writes":[{"key":"m","value":1}]}""",
        [BuiltInIds.DeleteAction] = """{"id":"spare"}""",
        [BuiltInIds.RegisterView] = """{"id":"seen","expr":"1"}""",
        [BuiltInIds.DeleteView] = """{"id":"shown"}""",
        [BuiltInIds.SendMessage] = """{"body":"hi"}""",
        [BuiltInIds.Help] = "{}",
        [BuiltInIds.Batch] = """{"steps":[{"action":"put"}]}""",
        [BuiltInIds.Decide] = """{"approval":"a1","decision":"accept"}""",
        [BuiltInIds.Claim] = """{"key":"free"}""",
        [BuiltInIds.Renew] = """{"key":"held"}""",
        [BuiltInIds.Release] = """{"key":"held"}""",
        [BuiltInIds.HandOver] = """{"to":"other","keys":["held"]}""",
        [BuiltInIds.Pause] = """{"what":"action:spare"}""",
        [BuiltInIds.Resume] = """{"what":"action:put"}""",
        [BuiltInIds.Revert] = """{"agent":"worker","since":1}""",
        [BuiltInIds.InstallPack] = """{"pack":"vote"}""",
        [BuiltInIds.UninstallPack] = """{"name":"vote"}""",
    };

    // What a pause does not stop though it changes the room: it tightens, ends, or gives nobody anything.
    private static readonly string[] s_goOn = [BuiltInIds.Help, BuiltInIds.Renew, BuiltInIds.Release, BuiltInIds.Pause, BuiltInIds.Resume];

    /// <summary>Every command that a room knows, and what a pause is to it. A new one has to say.</summary>
    private static readonly Dictionary<Type, string> s_commands = new()
    {
        [typeof(InvokeCommand)] = "asks; the actions are in the table of built-in actions",
        [typeof(JoinCommand)] = "asks",
        [typeof(EmbodyCommand)] = "asks",
        [typeof(UpdateAgentCommand)] = "asks, apart from owners",
        [typeof(RemoveAgentCommand)] = "asks, apart from owners",
        [typeof(ReleaseAgentCommand)] = "ends something",
        [typeof(CreateRoomCommand)] = "before any pause",
        [typeof(UpdateRoomCommand)] = "of the room's record, by owners",
        [typeof(DrainCommand)] = "changes nothing",
    };

    public static TheoryData<string, string> BuiltIns
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var id in BuiltInIds.All)
            {
                cases.Add(id, Whole);
                cases.Add(id, "agent:worker");
            }

            return cases;
        }
    }

    [Fact]
    public void Command_OfEachKind_HasAWordOnPauses() =>
        Assert.Equal(
            typeof(RoomCommand).Assembly.GetTypes().Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(RoomCommand))).Select(static type => type.Name).Order(StringComparer.Ordinal),
            s_commands.Keys.Select(static type => type.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(BuiltIns))]
    public async Task Pause_OfEachBuiltIn_StopsWhatTheTableSays(string action, string paused)
    {
        await using var host = await StageAsync();
        await host.InvokeAsync(host.Owner, "r", "_pause", $$"""{"what":"{{paused}}"}""");
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"action:put"}""");

        var outcome = await host.TryInvokeAsync(host.Owner, "r", action, s_builtIns[action], agent: "worker");

        Assert.Equal(s_goOn.Contains(action) ? null : "paused", outcome.Error?.Code.Name);
    }

    [Theory]
    [InlineData("agent:bob", "1")]
    [InlineData("room", null)]
    [InlineData("action:back", null)]
    public async Task Lapse_OfALeaseThatIsReleased_IsStoppedWithTheRoomAndItsActionAlone(string paused, string? written)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(bob, "r", """{"id":"back","writes":[{"key":"k","value":1}]}""");
        await host.RegisterAsync(bob, "r", """{"id":"take","lease":{"take":"x","on_lapse":"back"},"writes":[{"key":"t","value":1}]}""");
        await host.InvokeAsync(bob, "r", "take");
        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_pause", $$"""{"what":"{{paused}}"}""");

        var released = await host.InvokeAsync(bob, "r", "_release", """{"key":"x"}""");

        Assert.Equal(written, (await host.StoredAsync("r", "_shared", "k"))?.ToJsonString());
        Assert.Null(await host.StoredAsync("r", "_leases", "x"));
        var e = EngineHost.Node((await host.Engine.History.EventAsync(host.Owner, "r", released["seq"]!.GetValue<long>(), Cancel)).Value).ToJsonString();
        Assert.Equal(written is null, e.Contains("\"refused\":\"paused\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PausedAgentOfAnOwner_GoesOnUnderNoNameByItsToken()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":"any"},"writes":[{"key":"k","value":"${params.v}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"v":0}""");
        await host.JoinAsync("r", "before");
        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_pause", """{"what":"agent:olga"}""");
        await host.JoinAsync("r", "anon");

        // Pausing once more does not make those that came since older than the pause.
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"agent:olga"}""");
        await host.RestartAsync();
        var session = host.Owner.In(host.Engine.Embodiments.Open(host.Owner, "probe"));
        var codes = new Dictionary<string, string?>
        {
            ["invoke"] = (await host.TryInvokeAsync(host.Owner, "r", "put", """{"v":1}""")).Error?.Code.Name,
            ["join another"] = (await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"olga-b","state":{"x":1}}"""), Cancel)).Error?.Code.Name,
            ["patch"] = (await host.Engine.Agents.UpdateAsync(host.Owner, "r", "olga", EngineHost.Json("""{"meta":{"x":1}}"""), Cancel)).Error?.Code.Name,
            ["patch another"] = (await host.Engine.Agents.UpdateAsync(host.Owner, "r", "before", EngineHost.Json("""{"meta":{"x":1}}"""), Cancel)).Error?.Code.Name,
            ["embody"] = (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest { Agent = "olga" }, Cancel)).Error?.Code.Name,
            ["embody a new one"] = (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest { Agent = "olga-c" }, Cancel)).Error?.Code.Name,
            ["embody nobody's"] = (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest { Agent = "anon" }, Cancel)).Error?.Code.Name,
            ["join as nobody's"] = (await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"anon"}"""), Cancel)).Error?.Code.Name,
            ["act as nobody's"] = (await host.TryInvokeAsync(host.Owner, "r", "put", """{"v":2}""", agent: "anon")).Error?.Code.Name,
            ["remove"] = (await host.Engine.Agents.RemoveAsync(host.Owner, "r", "olga", free: true, Cancel)).Error?.Code.Name,
        };
        var explained = EngineHost.Node((await host.Engine.Actions.ExplainAsync(host.Owner, "r", "put", new InvokeRequest { Agent = "anon" }, Cancel)).Value);
        Assert.Contains("is paused", explained.ToJsonString(), StringComparison.Ordinal);
        Assert.All(codes, static code => Assert.Equal((code.Key, "paused"), (code.Key, code.Value)));

        // Whom it was there with before is somebody, and a person manages the room.
        Assert.Null((await host.TryInvokeAsync(host.Owner, "r", "put", """{"v":3}""", agent: "before")).Error);
        Assert.Null((await host.Engine.Agents.UpdateAsync(await host.SessionAsync("olga"), "r", "olga", EngineHost.Json("""{"meta":{"x":1}}"""), Cancel)).Error);
        Assert.Null((await host.Engine.Agents.RemoveAsync(await host.SessionAsync("olga"), "r", "olga", free: false, Cancel)).Error);
        Assert.Equal("paused", (await host.Engine.Agents.RemoveAsync(host.Owner, "r", "olga", free: true, Cancel)).Error?.Code.Name);
        Assert.Equal("paused", (await host.TryInvokeAsync(host.Owner, "r", "put", """{"v":4}""")).Error?.Code.Name);
        Assert.Equal("paused", (await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"olga"}"""), Cancel)).Error?.Code.Name);
    }

    [Fact]
    public async Task PausedAgentOfAParticipant_GoesOnUnderNoName()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ben = await host.MemberAsync("r", "ben", Role.Participant, "rooms:*");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":"any"},"writes":[{"key":"k","value":"${params.v}"}]}""");
        await host.InvokeAsync(ben, "r", "put", """{"v":0}""");
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"agent:ben"}""");
        await host.JoinAsync("r", "shadow");

        Assert.Equal("paused", (await host.TryInvokeAsync(await host.SessionAsync("ben"), "r", "put", """{"v":1}""")).Error?.Code.Name);
        Assert.Equal("paused", (await host.Engine.Agents.JoinAsync(ben, "r", EngineHost.Json("""{"id":"ben-2"}"""), Cancel)).Error?.Code.Name);
        Assert.Equal("paused", (await host.Engine.Agents.UpdateAsync(ben, "r", "ben", EngineHost.Json("""{"meta":{"x":1}}"""), Cancel)).Error?.Code.Name);
        Assert.Equal("paused", (await host.Engine.Agents.RemoveAsync(ben, "r", "ben", free: false, Cancel)).Error?.Code.Name);
        Assert.NotNull((await host.TryInvokeAsync(ben, "r", "put", """{"v":1}""", agent: "shadow")).Error);
        Assert.NotNull((await host.TryInvokeAsync(ben, "r", "_resume", """{"what":"agent:ben"}""")).Error);
        Assert.Equal("0", (await host.StoredAsync("r", "_shared", "k"))!.ToJsonString());
    }

    [Fact]
    public async Task Approval_OfAnAgentThatIsPausedOrReplaced_IsNotRun()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":"person"}}""");
        var page = await host.SessionAsync("olga");
        var id = (await host.InvokeAsync(await host.JoinAsync("r", "bob"), "r", "go"))["approval"]!;
        foreach (var what in (string[])["agent:bob", "action:go", "room"])
        {
            await host.InvokeAsync(page, "r", "_pause", $$"""{"what":"{{what}}"}""");
            Assert.Equal("paused", (await host.TryInvokeAsync(page, "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""")).Error?.Code.Name);
            Assert.Equal("paused", (await host.TryInvokeAsync(page, "r", "_decide", $$$"""{"approval":"{{{id}}}","decision":"edit","params":{}}""")).Error?.Code.Name);
            await host.InvokeAsync(page, "r", "_resume", $$"""{"what":"{{what}}"}""");
        }

        await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: true, Cancel);
        await host.JoinAsync("r", "bob");
        Assert.NotNull((await host.TryInvokeAsync(page, "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""")).Error);
        Assert.Null(await host.StoredAsync("r", "_shared", "k"));
    }

    private static async Task<EngineHost> StageAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "worker");
        await host.JoinAsync("r", "other");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"k","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"spare","writes":[{"key":"s","value":1}]}""");
        await host.InvokeAsync(host.Owner, "r", "_register_view", """{"id":"shown","expr":"1"}""");
        await host.InvokeAsync(host.Owner, "r", "_claim", """{"key":"held"}""", agent: "worker");
        await host.InvokeAsync(host.Owner, "r", "put", agent: "worker");
        await host.InvokeAsync(host.Owner, "r", "_install_pack", """{"pack":"vote"}""");
        return host;
    }
}
