using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Model.Leases;

/// <summary>Leases as expressions read them, and the waits, views and guards that rest on them.</summary>
public sealed class LeaseExpressionTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = EngineHost.Clock();
    private EngineHost _host = null!;
    private Caller _ann = null!;
    private Caller _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(_clock, new RoomLimits { MaxWaitTimeout = TimeSpan.FromHours(2) });
        await _host.RoomAsync("r");
        (_ann, _bob) = (await _host.JoinAsync("r", "ann"), await _host.JoinAsync("r", "bob"));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("""leases["task:3"].holder""", "\"ann\"")]
    [InlineData("""leases["task:3"].holder == self""", "false")]
    [InlineData("""leases["task:3"].mine""", "false")]
    [InlineData("""leases["docs"].mine""", "true")]
    [InlineData("""leases["docs"].holders""", """["ann","bob"]""")]
    [InlineData("""self in leases["docs"].holders""", "true")]
    [InlineData("""leases["docs"].mode""", "\"shared\"")]
    [InlineData("""leases["task:3"].note""", "\"parser\"")]
    [InlineData("""leases["docs"].note""", "null")]
    [InlineData("""leases["task:3"].paths""", "[]")]
    [InlineData("""leases["task:3"].fence > 0""", "true")]
    [InlineData("""leases["task:3"].expires_at - now""", "\"60s\"")]
    [InlineData("""leases["docs"].expires_at - now == duration("15m")""", "true")]
    [InlineData("""leases["task:3"].expires_at - leases["task:3"].taken_at == duration("1m")""", "true")]
    [InlineData("""leases["task:4"] == null""", "true")]
    [InlineData("""leases["task:3"] != null""", "true")]
    [InlineData("""leases["task:4"].holder""", "null")]
    [InlineData("""has(leases["task:4"])""", "false")]
    [InlineData("""has(leases["task:3"])""", "true")]
    [InlineData(""" "task:3" in leases""", "true")]
    [InlineData("leases.docs.mode", "\"shared\"")]
    [InlineData("size(leases)", "2")]
    [InlineData("leases.keys()", """["docs","task:3"]""")]
    [InlineData("""leases.filter(k, leases[k].holder == "ann")""", """["docs","task:3"]""")]
    [InlineData("leases.filter(k, leases[k].mine)", """["docs"]""")]
    [InlineData("""leases.exists(k, l, l.note == "parser")""", "true")]
    [InlineData("""["task:1", "task:3"].filter(k, leases[k] == null)""", """["task:1"]""")]
    public async Task Leases_InAnExpression_SayWhoHoldsWhat(string expression, string value)
    {
        await ClaimTwoAsync();

        Assert.Equal(value, (await _host.EvalAsync(_bob, "r", expression))?.ToJsonString() ?? "null");
    }

    [Fact]
    public async Task Leases_AsAWhole_AreTheSameForEverybody()
    {
        await ClaimTwoAsync();
        const string Fields = """["fence","holder","holders","mode","paths","expires_at","note","taken_at"]""";

        Assert.Equal(Fields.Length, (await _host.EvalAsync(_ann, "r", """leases["docs"].keys()"""))!.ToJsonString().Length);
        Assert.Equal((await _host.EvalAsync(_ann, "r", "leases"))!.ToJsonString(), (await _host.EvalAsync(_bob, "r", "leases"))!.ToJsonString());
    }

    [Theory]
    [InlineData("""leases["task:3"] == null""")]
    [InlineData("""!("task:3" in leases)""")]
    [InlineData("""leases["task:3"].holder != "ann" """)]
    [InlineData("size(leases) == 0")]
    [InlineData("leases.all(k, leases[k].holder != 'ann')")]
    [InlineData("views.busy == false")]
    [InlineData("actions.take.available")]
    public async Task Wait_ForTheEndOfALease_WakesWhenItIsReleased(string condition)
    {
        var wait = await ParkedAsync(condition, """{"key":"task:3"}""");

        await _host.InvokeAsync(_ann, "r", "_release", """{"key":"task:3"}""");

        Assert.True((await wait)["triggered"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("""leases["task:3"] == null""")]
    [InlineData("size(leases) == 0")]
    [InlineData("leases.all(k, leases[k].holder != 'ann')")]
    [InlineData("views.busy == false")]
    [InlineData("actions.take.available")]
    public async Task Wait_ForTheEndOfALease_WakesByTheClockAlone(string condition)
    {
        var wait = await ParkedAsync(condition, """{"key":"task:3","ttl_ms":60000}""");
        await _host.AdvanceAsync("r", TimeSpan.FromMilliseconds(59_900));
        Assert.False(wait.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(110));

        Assert.True((await wait)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Wait_ForTheEndOfALeaseThatHangsOnSignsOfLife_GoesOnWhileThereAreAny()
    {
        var wait = await ParkedAsync("""leases["task:3"] == null""", """{"key":"task:3"}""", timeoutMs: 3_600_000);
        for (var i = 0; i < 2; i++)
        {
            await _host.AdvanceAsync("r", TimeSpan.FromMinutes(14));
            await _host.ContextAsync(_ann, "r");
        }

        Assert.False(wait.IsCompleted);
        await _host.AdvanceAsync("r", TimeSpan.FromMinutes(15) + TimeSpan.FromMilliseconds(10));

        Assert.True((await wait)["triggered"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("""leases["task:3"].holder == "bob" """)]
    [InlineData("""leases["task:3"].holder == self""")]
    [InlineData("""leases["task:3"].mine""")]
    public async Task Wait_ForALeaseOfOnesOwn_WakesWhenItIsGiven(string condition)
    {
        var wait = await ParkedAsync(condition, """{"key":"other"}""");

        await _host.InvokeAsync(_bob, "r", "_claim", """{"key":"task:3"}""");

        Assert.True((await wait)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Wait_ForOneKey_IsNotLookedAtForAnother()
    {
        var wait = await ParkedAsync("""leases["task:3"] == null""", """{"key":"task:3"}""");
        var waits = (await _host.LoadedAsync("r")).Waits;
        var before = waits.Evaluations;

        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"task:4"}""");
        await _host.InvokeAsync(_ann, "r", "_release", """{"key":"task:4"}""");
        await _host.InvokeAsync(_ann, "r", "_release", """{"key":"task:3"}""");
        await wait;

        Assert.Equal(1, waits.Evaluations - before);
    }

    [Fact]
    public async Task View_OfLeases_IsWorkedOutAnewWhenOneEndsByTheClock()
    {
        await _host.ViewAsync(_ann, "r", """{"id":"held","expr":"leases.keys()"}""");
        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"a","ttl_ms":1000}""");
        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"b","ttl_ms":9000}""");
        Assert.Equal("""["a","b"]""", await HeldAsync());

        await _host.AdvanceAsync("r", TimeSpan.FromSeconds(1));
        Assert.Equal("""["b"]""", await HeldAsync());
        await _host.AdvanceAsync("r", TimeSpan.FromSeconds(8));
        Assert.Equal("[]", await HeldAsync());

        async Task<string> HeldAsync() => (await _host.ContextAsync(_bob, "r", "only=views"))["views"]!["held"]!["value"]!.ToJsonString();
    }

    [Fact]
    public async Task View_OfTheEndOfALease_FollowsSignsOfLife()
    {
        await _host.ViewAsync(_bob, "r", """{"id":"until","expr":"leases['k'].expires_at"}""");
        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"k"}""");
        Assert.Equal("\"2026-03-01T12:15:00Z\"", await UntilAsync());

        await _host.AdvanceAsync("r", TimeSpan.FromMinutes(10));
        await _host.ContextAsync(_ann, "r");

        Assert.Equal("\"2026-03-01T12:25:00Z\"", await UntilAsync());

        async Task<string> UntilAsync() => (await _host.ContextAsync(_bob, "r", "only=views"))["views"]!["until"]!["value"]!.ToJsonString();
    }

    [Fact]
    public async Task SharedView_OfWhoseALeaseIs_IsEachReadersOwn()
    {
        await _host.ViewAsync(_ann, "r", """{"id":"mine","expr":"leases.filter(k, leases[k].mine)"}""");
        await ClaimTwoAsync();

        Assert.Equal("""["docs","task:3"]""", (await _host.EvalAsync(_ann, "r", "views.mine"))!.ToJsonString());
        Assert.Equal("""["docs"]""", (await _host.EvalAsync(_bob, "r", "views.mine"))!.ToJsonString());
    }

    [Theory]
    [InlineData("""leases["tsak:3"] == null""", """leases["task:3"]""")]
    [InlineData("""leases["task:4"] == null""", null)]
    [InlineData("""leases["build"] == null""", null)]
    [InlineData("""leases["task:3"].owner == self""", """leases["task:3"].holder""")]
    [InlineData("""leases["task:3"].expires < now""", """leases["task:3"].expires_at""")]
    [InlineData("""leases["task:3"].xyz == 1""", "`leases[\"task:3\"] == null` says that nobody holds it")]
    public async Task Wait_ForALeaseThatCanHardlyBeMeant_IsWarnedWithWhatIs(string condition, string? meant)
    {
        await ClaimTwoAsync();

        var answer = await _host.WaitAsync(_bob, "r", $"({condition}) || true");

        Assert.Equal(meant is null, answer["warnings"] is null);
        if (meant is not null)
        {
            Assert.Contains(meant, answer["warnings"]![0]!["hint"]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData("lease[\"task:3\"] == null", "leases[\"task:3\"] == null")]
    [InlineData("locks[\"task:3\"] == null", "leases[\"task:3\"] == null")]
    [InlineData("leasse[\"task:3\"] == null", "leases")]
    public async Task Eval_OfAnotherNameForLeases_IsToldTheirs(string expression, string hint)
    {
        var refused = (await _host.Engine.Context.EvalAsync(_bob, "r", expression, EngineHost.Cancel)).Error!;

        Assert.Contains(hint, refused.HintFor(PlainSteps.Instance));
    }

    private async Task ClaimTwoAsync()
    {
        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"task:3","ttl_ms":60000,"note":"parser"}""");
        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"docs","mode":"shared"}""");
        await _host.InvokeAsync(_bob, "r", "_claim", """{"key":"docs","mode":"shared"}""");
    }

    private async Task<Task<System.Text.Json.Nodes.JsonObject>> ParkedAsync(string condition, string claim, int timeoutMs = 600_000)
    {
        await _host.ViewAsync(_ann, "r", """{"id":"busy","expr":"leases['task:3'] != null"}""");
        await _host.RegisterAsync(_ann, "r", """{"id":"take","if":"leases['task:3'] == null","writes":[]}""");
        await _host.InvokeAsync(_ann, "r", "_claim", claim);
        var wait = _host.WaitAsync(_bob, "r", condition, timeoutMs, "only=views");
        await _host.ParkedAsync("r");
        return wait;
    }
}
