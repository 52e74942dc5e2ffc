using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;

namespace Sync.Engine.Tests.Commands.BuiltIns;

/// <summary>Conditions that fail whenever they are evaluated, or read what only an action without names could write: told when they are registered, refused, waited for.</summary>
public sealed class DoubtfulConditionTests
{
    private static readonly DateTimeOffset s_before = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string> Failing { get; } = new()
    {
        { "now < state._shared.deadline", "now < timestamp(state._shared.deadline)" },
        { "state._shared.deadline > now", "timestamp(state._shared.deadline) > now" },
        { "state._shared.deadline - now > duration(\"1h\")", "timestamp(state._shared.deadline) - now > duration(\"1h\")" },
        { "duration(\"5m\") < state._shared.wait", "duration(\"5m\") < duration(state._shared.wait)" },
        { "state._shared.n > 3", "int(state._shared.n) > 3" },
        { "size(state._shared.three) > 2", "state._shared.three > 2" },
        { "state._items.exists(x, x.done)", "state._items.values().exists(x, x.done)" },
    };

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task Register_AGuardThatFails_WarnsWithOneThatHolds(string guard, string meant)
    {
        await using var host = await StartAsync();

        var warning = (await host.RegisterAsync(host.Owner, "r", Act(guard)))["warnings"]!.AsArray().Single()!;

        Assert.Equal("if", warning["field"].Text());
        Assert.Equal($"Write `{meant}`.", warning["hint"].Text());
        Assert.Null((await host.RegisterAsync(host.Owner, "r", Act(meant)))["warnings"]);
        await host.InvokeAsync(host.Owner, "r", "act");
    }

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task Invoke_WithAGuardThatFails_SaysThatItFailsAndHowItHolds(string guard, string meant)
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", Act(guard));

        var refused = await host.RefusedAsync(host.Owner, "r", "act");

        Assert.Equal("precondition_failed", refused.Code.Name);
        Assert.Contains("fails with an error", refused.Message, StringComparison.Ordinal);
        Assert.Equal("cel_error", refused.Details!["cause"].Text());
        Assert.StartsWith($"Write `{meant}`.", refused.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("wait until", refused.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task Wait_ForWhatFails_WarnsWithWhatHolds(string condition, string meant)
    {
        await using var host = await StartAsync();
        var wait = host.WaitAsync(host.Owner, "r", condition, timeoutMs: 1_000);
        await host.ParkedAsync("r");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        var answer = await wait;

        Assert.Equal($"Write `{meant}`.", Assert.Single(answer["warnings"]!.AsArray())!["hint"].Text());
        Assert.True((await host.WaitAsync(host.Owner, "r", meant))["triggered"].Flag());
    }

    [Theory]
    [InlineData("now < params.until", "now < timestamp(params.until)")]
    [InlineData("duration(params.until) < params.until", "duration(params.until) < duration(params.until)")]
    public async Task Register_ATimeOfParameters_Warns(string guard, string meant)
    {
        await using var host = await StartAsync();

        var warning = (await host.RegisterAsync(host.Owner, "r", new JsonObject { ["id"] = "act", ["if"] = guard, ["params"] = JsonNode.Parse("""{"until":"string"}"""), ["writes"] = new JsonArray() }.ToJsonString()))["warnings"]!.AsArray().Single()!;

        Assert.Equal(("time_as_text", $"Write `{meant}`."), (warning["code"].Text(), warning["hint"].Text()));
    }

    [Fact]
    public async Task Invoke_WithAGuardOverAParameterInText_HintsAtItsConversion()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","if":"now < params.until","params":{"until":"string"},"writes":[]}""");

        var refused = await host.RefusedAsync(host.Owner, "r", "act", """{"until":"2030-01-01T00:00:00Z"}""");

        Assert.StartsWith("Write `now < timestamp(params.until)`.", refused.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_WithEnabledThatFails_SaysSo()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","enabled":"now < state._shared.deadline","writes":[]}""");

        var refused = await host.RefusedAsync(host.Owner, "r", "act");

        Assert.Equal("action_disabled", refused.Code.Name);
        Assert.StartsWith("Write `now < timestamp(state._shared.deadline)`.", refused.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_WithAGuardThatIsFalse_SaysThatItDoesNotHold()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", Act("state._shared.three > 5"));

        var refused = await host.RefusedAsync(host.Owner, "r", "act");

        Assert.Equal("The condition of action 'act' does not hold.", refused.Message);
        Assert.Null(refused.Details!["cause"]);
    }

    // What is not there yet may come to be.
    [Fact]
    public async Task Register_AGuardOverWhatIsAbsent_IsNotSaidToFail()
    {
        await using var host = await StartAsync();

        Assert.Null((await host.RegisterAsync(host.Owner, "r", """{"id":"act","if":"state._shared.later > 3","writes":[{"key":"later","value":1}]}"""))["warnings"]);
    }

    // A guard may read what its invoker may not; then nothing is told of it.
    [Fact]
    public async Task Invoke_WithAGuardThatFailsOverAPrivateScope_TellsNothingOfIt()
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice", ""","state":{"secret":"2030-01-01T00:00:00Z"}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"act","if":"now < state.alice.secret","writes":[]}""");

        var refused = await host.RefusedAsync(bob, "r", "act");

        Assert.DoesNotContain("string", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Write", refused.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_AViewThatFails_WarnsWithOneThatWorks()
    {
        await using var host = await StartAsync();

        var warnings = (await host.ViewAsync(host.Owner, "r", """{"id":"left","expr":"state._shared.n * 2"}"""))["warnings"]!.AsArray();

        Assert.Equal("Write `int(state._shared.n) * 2`.", warnings.Single(static warning => warning!["code"].Text() == "broken_view")!["hint"].Text());
    }

    [Theory]
    [InlineData("state._vote.size() > 0", "state._votes")]
    [InlineData("state._vote.exists(k, k == \"a\")", "state._votes")]
    [InlineData("state._results.exists(k, k == \"a\")", null)]
    [InlineData("state._results[self] != null", null)]
    [InlineData("state._shared.deadlin != null", "state._shared.deadline")]
    [InlineData("state._shared.zebra != null", null)]
    [InlineData("state._items.zebra != null", null)]
    public async Task Wait_ForWhatOnlyAnActionWithoutNamesCouldWrite_Warns(string condition, string? meant)
    {
        await using var host = await StartAsync();
        await RegisterFreeAsync(host);
        await host.RegisterAsync(host.Owner, "r", """{"id":"vote","params":{"choice":"string"},"writes":[{"scope":"_votes","key":"${self}","value":"${params.choice}"}]}""");

        var warning = Assert.Single((await host.RegisterAsync(host.Owner, "r", Act(condition)))["warnings"]!.AsArray())!;

        Assert.Equal("unknown_path", warning["code"].Text());
        Assert.Equal(["code", "field", "message", "hint", "path"], warning.AsObject().Select(static member => member.Key));
        Assert.Contains(meant ?? "It reads as null until something writes it.", warning["hint"].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state._votes.size() > 0")]
    [InlineData("state._votes.alice == \"yes\"")]
    [InlineData("state._votes[self] == \"yes\"")]
    [InlineData("state._votes.zebra == \"yes\"")]
    [InlineData("state._shared[\"alice.result\"] != null")]
    [InlineData("state._teams_red.n == 1")]
    [InlineData("state._rows[\"1\"] != null")]
    [InlineData("state._shared.deadline != null")]
    public async Task Wait_ForWhatAnActionWritesByName_IsNotDoubted(string condition)
    {
        await using var host = await StartAsync();
        await host.JoinAsync("r", "alice");
        await RegisterFreeAsync(host);
        await host.RegisterAsync(host.Owner, "r", """{"id":"vote","params":{"choice":"string","team":"string"},"writes":[{"scope":"_votes","key":"${self}","value":"${params.choice}"},{"scope":"_votes","key":"${params.team}","value":1},{"key":"${self}.result","value":1},{"scope":"_teams_${params.team}","key":"n","value":1},{"scope":"_rows","append":true,"value":1}]}""");

        Assert.Null((await host.RegisterAsync(host.Owner, "r", Act(condition)))["warnings"]);
    }

    [Theory]
    [InlineData("state._shared.y == 1", "x")]
    [InlineData("state._items.size() > 0 && state._bids.size() > 0", "_votes")]
    public async Task Path_WithoutALikeName_SuggestsNone(string condition, string never)
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"x","value":1},{"scope":"_votes","key":"a","value":1}]}""");
        await host.InvokeAsync(host.Owner, "r", "put");

        var warning = Assert.Single((await host.RegisterAsync(host.Owner, "r", Act(condition)))["warnings"]!.AsArray())!;

        Assert.DoesNotMatch(new Regex($@"[._]{never}\b"), warning["hint"].Text()!);
    }

    [Theory]
    [InlineData("messages.zebra > 1", "state._messages.values()")]
    [InlineData("params.zebra > 1", "Declare it in 'params'.")]
    public async Task Path_ThatNeverComesToBe_IsNotSaidToReadAsNullForNow(string condition, string hint)
    {
        await using var host = await StartAsync();

        var warning = Assert.Single((await host.RegisterAsync(host.Owner, "r", Act(condition)))["warnings"]!.AsArray())!;

        Assert.Contains(hint, warning["hint"].Text(), StringComparison.Ordinal);
    }

    private static string Act(string guard) => new JsonObject { ["id"] = "act", ["if"] = guard, ["writes"] = new JsonArray() }.ToJsonString();

    private static async Task RegisterFreeAsync(EngineHost host)
    {
        foreach (var id in (string[])["set", "append", "delete", "publish_view"])
        {
            await host.InvokeAsync(host.Owner, "r", "_register_action", $$"""{"from":"standard_library","id":"{{id}}"}""");
        }
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync(new FakeTimeProvider(s_before));
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """
            {"id":"fill","writes":[{"key":"deadline","value":"2026-11-28T23:06:14Z"},{"key":"wait","value":"10m"},{"key":"n","value":"5"},{"key":"three","value":3},
              {"scope":"_items","key":"1","value":{"done":true}}]}
            """);
        await host.InvokeAsync(host.Owner, "r", "fill");
        return host;
    }
}
