using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Runtime;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Commands.Leases;

public sealed class LeaseTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Claim_FreeKey_IsHeldByOneAndTellsTheOtherWhatToWaitFor()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));

        var claimed = await host.InvokeAsync(ann, "r", "_claim", """{"key":"task:3","ttl_ms":60000,"note":"parser"}""");
        var refused = await host.RefusedAsync(bob, "r", "_claim", """{"key":"task:3"}""");

        Assert.True(claimed["claimed"]!.GetValue<bool>());
        Assert.Equal((claimed["seq"].Number(), "ann", "task:3"), (claimed["fence"].Number(), claimed["holder"]!.GetValue<string>(), claimed["key"]!.GetValue<string>()));
        Assert.Equal("2026-03-01T12:01:00Z", claimed["expires_at"]!.GetValue<DateTime>().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(ErrorCode.LeaseHeld, refused.Code);
        Assert.Equal("""{"key":"task:3","holder":"ann","mode":"exclusive","expires_at":"2026-03-01T12:01:00Z","note":"parser","condition":"leases[\"task:3\"] == null"}""", refused.Details!.ToJsonString(s_plain));
    }

    [Theory]
    [InlineData("""{"key":"docs","mode":"shared"}""", """{"key":"docs","mode":"exclusive"}""")]
    [InlineData("""{"key":"docs","mode":"shared","paths":["a/**"]}""", """{"key":"files","paths":["a/b"]}""")]
    public async Task Claim_OfWhatTheCallerSharesWithOthers_TellsAConditionThatHoldsWhenItCouldSucceed(string shared, string wanted)
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", shared);
        await host.InvokeAsync(bob, "r", "_claim", shared);

        var condition = (await host.RefusedAsync(ann, "r", "_claim", wanted)).Details!["condition"]!.GetValue<string>();
        Assert.False((await host.EvalAsync(ann, "r", condition))!.GetValue<bool>());
        await host.InvokeAsync(bob, "r", "_release", """{"key":"docs"}""");

        Assert.True((await host.EvalAsync(ann, "r", condition))!.GetValue<bool>());
        await host.InvokeAsync(ann, "r", "_claim", wanted);
    }

    [Fact]
    public async Task Claim_OwnKey_RenewsAndKeepsFence()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        var first = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":10000,"note":"a"}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(9));

        var second = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(9));

        Assert.Equal(first["fence"].Number(), second["fence"].Number());
        Assert.Equal("a", (await host.StoredAsync("r", "_leases", "k"))!["holds"]![0]!["note"]!.GetValue<string>());
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(1));
        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
    }

    [Fact]
    public async Task Ttl_Over_EndsByTheClockAlone_AndTheNextClaimHasAnotherFence()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        var first = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":5000}""");

        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(4_999));
        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(bob, "r", "_claim", """{"key":"k"}""")).Code);
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(1));
        var second = await host.InvokeAsync(bob, "r", "_claim", """{"key":"k"}""");

        Assert.True(second["fence"].Number() > first["fence"].Number());
        Assert.Equal("expired", (await EventsAsync(host)).Single(e => e["leases_ended"] is not null)["leases_ended"]![0]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Claim_AtTheEndOfAnother_EndsThatFirst_AlsoBeforeTheTimerHasFired()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":5000}""");

        // Whoever decides while the time goes on keeps the timer out.
        await using var held = await HeldRoom.HoldAsync(host, "r");
        var claim = host.InvokeAsync(bob, "r", "_claim", """{"key":"k"}""");
        clock.Advance(TimeSpan.FromSeconds(5));
        held.LetGo();

        Assert.Equal("bob", (await claim)["holder"]!.GetValue<string>());
        var kinds = (await EventsAsync(host)).TakeLast(2).Select(e => e["kind"]!.GetValue<string>());
        Assert.Equal(["timer_fired", "invoked"], kinds);
    }

    [Fact]
    public async Task Presence_SignsOfLife_KeepALeaseWithoutAnyEvent()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");
        var seq = (await host.LoadedAsync("r")).Published.Seq;

        for (var i = 0; i < 6; i++)
        {
            await host.AdvanceAsync("r", TimeSpan.FromMinutes(14));
            await host.ContextAsync(ann, "r");
        }

        Assert.Equal(seq, (await host.LoadedAsync("r")).Published.Seq);
        Assert.NotNull(await host.StoredAsync("r", "_leases", "k"));
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(15));
        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
    }

    [Fact]
    public async Task Presence_ForEver_EndsAfterADay()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");

        for (var i = 0; i < 144; i++)
        {
            Assert.NotNull(await host.StoredAsync("r", "_leases", "k"));
            await host.AdvanceAsync("r", TimeSpan.FromMinutes(10));
            await host.ContextAsync(ann, "r");
        }

        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
    }

    [Fact]
    public async Task Shared_HoldersHaveAFenceEach_AndKeepAnExclusiveOneOut()
    {
        await using var host = await StartAsync();
        var (ann, bob, cid) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"), await host.JoinAsync("r", "cid"));
        var first = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","mode":"shared"}""");
        var second = await host.InvokeAsync(bob, "r", "_claim", """{"key":"k","mode":"shared"}""");

        var refused = await host.RefusedAsync(cid, "r", "_claim", """{"key":"k"}""");
        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(ann, "r", "_claim", """{"key":"k","mode":"exclusive"}""")).Code);
        await host.InvokeAsync(bob, "r", "_release", """{"key":"k"}""");
        var upgraded = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","mode":"exclusive"}""");

        Assert.NotEqual(first["fence"].Number(), second["fence"].Number());
        Assert.Equal(["ann", "bob"], refused.Details!["holders"]!.AsArray().Select(agent => agent!.GetValue<string>()));
        Assert.Equal(first["fence"].Number(), upgraded["fence"].Number());
        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(cid, "r", "_claim", """{"key":"k","mode":"shared"}""")).Code);
    }

    [Fact]
    public async Task Release_ByAnother_IsRefused_AndByAnOwnerForced()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");

        Assert.Equal(ErrorCode.LeaseRequired, (await host.RefusedAsync(bob, "r", "_release", """{"key":"k"}""")).Code);
        Assert.Equal(ErrorCode.NotOwner, (await host.RefusedAsync(bob, "r", "_release", """{"key":"k","force":true}""")).Code);
        await host.InvokeAsync(host.Owner, "r", "_release", """{"key":"k","force":true}""");

        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
        Assert.Equal(ErrorCode.LeaseNotFound, (await host.RefusedAsync(ann, "r", "_release", """{"key":"k"}""")).Code);
    }

    [Fact]
    public async Task Renew_WithoutAKey_RenewsAllThatItsAgentHolds()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"a","ttl_ms":10000}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"b","ttl_ms":20000}""");
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"c","ttl_ms":10000}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(9));

        var renewed = await host.InvokeAsync(ann, "r", "_renew");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(9));

        Assert.Equal(["a", "b"], renewed["leases"]!.AsArray().Select(lease => lease!["key"]!.GetValue<string>()));
        Assert.NotNull(await host.StoredAsync("r", "_leases", "a"));
        Assert.Null(await host.StoredAsync("r", "_leases", "c"));
        Assert.Equal(ErrorCode.LeaseRequired, (await host.RefusedAsync(bob, "r", "_renew", """{"key":"a"}""")).Code);
    }

    [Fact]
    public async Task Fence_OfALostHold_IsRefused_AndAskedForOnceItWasLost()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        var first = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":1000}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(1));
        Assert.Equal(ErrorCode.LeaseLost, (await FencedAsync(host, ann, "_release", """{"key":"k"}""", first["fence"].Number())).Error!.Code);
        var second = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");
        await host.RestartAsync();

        var unsaid = await host.RefusedAsync(ann, "r", "_release", """{"key":"k"}""");

        Assert.Equal((ErrorCode.LeaseLost, second["fence"].Number()), (unsaid.Code, unsaid.Details!["fence"].Number()));
        Assert.Equal(ErrorCode.LeaseLost, (await FencedAsync(host, ann, "_release", """{"key":"k"}""", first["fence"].Number())).Error!.Code);
        Assert.Null((await FencedAsync(host, ann, "_release", """{"key":"k"}""", second["fence"].Number())).Error);
    }

    [Fact]
    public async Task Agent_Removed_EndsWhatItHolds()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"s","mode":"shared"}""");
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"s","mode":"shared"}""");

        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "ann", free: false, Cancel)).Error);

        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
        Assert.Equal("bob", (await host.StoredAsync("r", "_leases", "s"))!["holds"]!.AsArray().Single()!["agent"]!.GetValue<string>());
        Assert.Equal("removed", (await EventsAsync(host))[^1]["leases_ended"]![0]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Restart_KeepsLeases_AndEndsThoseThatAreOverMeanwhile()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"short","ttl_ms":10000}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"long","ttl_ms":100000}""");
        await host.SettleAsync("r");

        clock.Advance(TimeSpan.FromSeconds(5));
        await host.RestartAsync();
        clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(host.Owner, "r", "_claim", """{"key":"long"}""")).Code);
        Assert.Equal("olga", (await host.InvokeAsync(host.Owner, "r", "_claim", """{"key":"short"}"""))["holder"]!.GetValue<string>());
    }

    [Fact]
    public async Task Pause_OfTheRoom_LetsLeasesStandStill_AndTheirEndCountsAsASignOfLife()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"span","ttl_ms":10000}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"life"}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(6));
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room","reason":"lunch"}""");

        await host.AdvanceAsync("r", TimeSpan.FromHours(30));
        Assert.Equal("null", (await host.ContextAsync(ann, "r"))["leases"]!["span"]!["expires_at"]?.ToJsonString() ?? "null");
        await host.RestartAsync();
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"room"}""");
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(3_999));
        Assert.NotNull(await host.StoredAsync("r", "_leases", "span"));
        await host.AdvanceAsync("r", TimeSpan.FromMilliseconds(1));
        Assert.Null(await host.StoredAsync("r", "_leases", "span"));
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(14));
        Assert.NotNull(await host.StoredAsync("r", "_leases", "life"));
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(1));
        Assert.Null(await host.StoredAsync("r", "_leases", "life"));
    }

    [Fact]
    public async Task Undone_End_IsMadeAgain_WhenTheDiskTakesItAgain()
    {
        var clock = EngineHost.Clock();
        await using var host = await StartAsync(clock);
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":5000}""");
        await host.SettleAsync("r");
        using (var failing = new FailingCommit(host.Engine.Database.Log))
        {
            clock.Advance(TimeSpan.FromMilliseconds(5_001));
            await failing.ReachedAsync();
            failing.LetGo();
            await host.SettleAsync("r");
        }

        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("olga", (await host.InvokeAsync(host.Owner, "r", "_claim", """{"key":"k"}"""))["holder"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{}""", "missing_param")]
    [InlineData("""{"key":""}""", "invalid_id")]
    [InlineData("""{"key":"a\u0000b"}""", "invalid_id")]
    [InlineData("""{"key":"k","ttl_ms":999}""", "invalid_param")]
    [InlineData("""{"key":"k","ttl_ms":86400001}""", "invalid_param")]
    [InlineData("""{"key":"k","ttl_ms":"soon"}""", "invalid_param")]
    [InlineData("""{"key":"k","mode":"mine"}""", "invalid_param")]
    [InlineData("""{"key":"k","ttl":5}""", "unknown_param")]
    [InlineData("""{"key":7}""", "invalid_param_type")]
    public async Task Claim_WrongParameters_AreRefused(string parameters, string code)
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");

        Assert.Equal(code, (await host.RefusedAsync(ann, "r", "_claim", parameters)).Code.Name);
    }

    [Theory]
    [InlineData("fence", "1")]
    [InlineData("request_id", "\"q\"")]
    [InlineData("because", "{}")]
    public async Task Parameter_ThatIsAFieldOfTheCall_IsToldWhereItStands(string field, string value)
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");

        var refused = await host.RefusedAsync(ann, "r", "_release", $$"""{"key":"k","{{field}}":{{value}}}""");

        Assert.Equal(ErrorCode.UnknownParam, refused.Code);
        Assert.StartsWith($"Send it beside 'params': {{\"params\": {{…}}, \"{field}\": ", refused.HintFor(PlainSteps.Instance), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claim_WithWaitAmongItsParameters_StandsInLine()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");

        var waiting = host.InvokeAsync(bob, "r", "_claim", """{"key":"k","wait_ms":60000}""");
        var writer = (await host.LoadedAsync("r")).OwnWriter();
        await EngineHost.UntilAsync(() => writer.Parked == 1);
        await host.InvokeAsync(ann, "r", "_release", """{"key":"k"}""");

        Assert.Equal("bob", (await waiting)["holder"]!.GetValue<string>());
        Assert.Equal(ErrorCode.InvalidParam, (await host.RefusedAsync(ann, "r", "_claim", """{"key":"k","wait_ms":-1}""")).Code);
    }

    [Fact]
    public async Task Claim_ByWhoReadsOnly_IsRefused()
    {
        await using var host = await StartAsync();
        var reader = await host.UserAsync("olga", "rooms:r:read");

        Assert.NotNull((await host.TryInvokeAsync(reader, "r", "_claim", """{"key":"k"}""")).Error);
        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
    }

    [Fact]
    public async Task Claim_OverAnAgentsBound_IsRefusedAndSaysWhich()
    {
        await using var host = await StartAsync(limits: new RoomLimits { LeasesPerAgent = 2 });
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"a"}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"b"}""");

        var refused = await host.RefusedAsync(ann, "r", "_claim", """{"key":"c"}""");

        Assert.Equal((ErrorCode.PayloadTooLarge, "leases", "agent"), (refused.Code, refused.Details!["limit"]!.GetValue<string>(), refused.Details["of"]!.GetValue<string>()));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"a"}""");
        await host.InvokeAsync(ann, "r", "_release", """{"key":"a"}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"c"}""");
    }

    [Fact]
    public async Task Batch_StepsSeeTheLeasesOfThoseBefore()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");

        await host.InvokeAsync(ann, "r", "_batch", """{"steps":[{"action":"_claim","params":{"key":"a"}},{"action":"_release","params":{"key":"a"}},{"action":"_claim","params":{"key":"b"}}]}""");
        var refused = await host.RefusedAsync(ann, "r", "_batch", """{"steps":[{"action":"_claim","params":{"key":"c"}},{"action":"_release","params":{"key":"a"}}]}""");

        Assert.Equal((ErrorCode.LeaseNotFound, 2), (refused.Code, refused.Details!["step"]!.GetValue<int>()));
        Assert.Null(await host.StoredAsync("r", "_leases", "a"));
        Assert.Null(await host.StoredAsync("r", "_leases", "c"));
        Assert.NotNull(await host.StoredAsync("r", "_leases", "b"));
    }

    private static readonly System.Text.Json.JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static async Task<EngineHost> StartAsync(FakeTimeProvider? clock = null, RoomLimits? limits = null)
    {
        var host = await EngineHost.StartAsync(clock ?? EngineHost.Clock(), limits);
        await host.RoomAsync("r");
        return host;
    }

    private static async Task<List<JsonNode>> EventsAsync(EngineHost host)
    {
        await host.SettleAsync("r");
        return [.. EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", AuditQuery.Newest(200), Cancel)).Value)["events"]!.AsArray().Select(e => e!).OrderBy(e => e["seq"].Number())];
    }

    private static async Task<Outcome<Invoked>> FencedAsync(EngineHost host, Caller caller, string action, string parameters, long fence) =>
        await host.Engine.Actions.InvokeAsync(caller, "r", action, new InvokeRequest { Params = EngineHost.Json(parameters), Fence = fence }, Cancel);
}
