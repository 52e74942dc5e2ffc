using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Services.Waits;

/// <summary>Conditions that cannot hold as they are written: refused at once where that is certain, told with the time-out where it turns out.</summary>
public sealed class ConditionTests
{
    [Theory]
    [InlineData("messages.unread", "(messages.unread) > 0")]
    [InlineData("messages.to_answer", "size(messages.to_answer) > 0")]
    [InlineData("1 + 2", "(1 + 2) > 0")]
    [InlineData("size(state._shared)", "(size(state._shared)) > 0")]
    [InlineData("[1, 2]", "size([1, 2]) > 0")]
    [InlineData("state", "size(state) > 0")]
    public async Task Wait_ForWhatIsNeverBoolean_IsRefusedWithTheFix(string condition, string meant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var refused = await RefusedAsync(host, condition);

        Assert.Equal("invalid_cel", refused.Code.Name);
        Assert.EndsWith($" {meant}", refused.Hint, StringComparison.Ordinal);
        Assert.NotNull((await host.WaitAsync(host.Owner, "r", meant, timeoutMs: 1))["triggered"]);
    }

    [Theory]
    [InlineData("state._shared.items", "a list", "size(state._shared.items) > 0")]
    [InlineData("state._shared.n", "a number", "(state._shared.n) > 0")]
    [InlineData("state._shared.done", "text", "(state._shared.done) != \"\"")]
    [InlineData("views.open", "a map", "size(views.open) > 0")]
    public async Task Wait_ForWhatTurnsOutNotToBeBoolean_SaysSo(string condition, string what, string meant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"items","value":[1]},{"key":"n","value":2},{"key":"done","value":"true"}]}""");
        await host.InvokeAsync(host.Owner, "r", "put");
        await host.ViewAsync(host.Owner, "r", """{"id":"open","expr":"{\"a\": 1}"}""");

        var warning = (await host.WaitAsync(host.Owner, "r", condition, timeoutMs: 1))["warnings"]!.AsArray().Single()!;

        Assert.Equal(("condition_not_boolean", "condition"), (warning["code"].Text(), warning["field"].Text()));
        Assert.EndsWith($" {meant}", warning["hint"].Text(), StringComparison.Ordinal);
        Assert.Contains($" {what},", warning["message"].Text(), StringComparison.Ordinal);
        Assert.True((await host.WaitAsync(host.Owner, "r", meant, timeoutMs: 1))["triggered"].Flag());
    }

    [Theory]
    [InlineData("state._shared.nothing")]
    [InlineData("state._shared.flag")]
    public async Task Wait_ForWhatIsNotTrueYet_WarnsOfNoType(string condition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"flag","value":false},{"key":"nothing","value":null}]}""");
        await host.InvokeAsync(host.Owner, "r", "put");

        Assert.Null((await host.WaitAsync(host.Owner, "r", condition, timeoutMs: 1))["warnings"]);
    }

    [Theory]
    [InlineData("size(views.open_taks) > 0", "view_not_found", "views[\"open_tasks\"]")]
    [InlineData("views[\"open_task\"] == []", "view_not_found", "views[\"open_tasks\"]")]
    [InlineData("actions.clam.available", "action_not_found", "actions[\"claim\"]")]
    public async Task Wait_ForANameThatIsNearlyThere_IsRefusedWithIt(string condition, string code, string near)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"claim","writes":[]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"open_tasks","expr":"[]"}""");

        var refused = await RefusedAsync(host, condition);

        Assert.Equal(code, refused.Code.Name);
        Assert.StartsWith($"Did you mean {near}? ", refused.Hint, StringComparison.Ordinal);

        // The other half of the hint holds too: literally, it waits.
        var waiting = refused.Hint!.Split("is registered: ")[1];
        Assert.False((await host.WaitAsync(host.Owner, "r", waiting, timeoutMs: 1))["triggered"].Flag());
    }

    [Theory]
    [InlineData("has(views.open_taks)", false)]
    [InlineData("\"open_taks\" in views", false)]
    [InlineData("'open_taks' in views && size(views.open_taks) > 0", true)]
    [InlineData("size(views.zebra) > 0", true)]
    [InlineData("actions.zebra.available", true)]
    [InlineData("views._contested != null", false)]
    [InlineData("actions._send_message.available && false", false)]
    public async Task Wait_ForWhatMayComeToBe_Parks(string condition, bool mustWarn)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"claim","writes":[]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"open_tasks","expr":"[]"}""");

        var answer = await host.WaitAsync(host.Owner, "r", condition, timeoutMs: 1);

        Assert.False(answer["triggered"].Flag());
        Assert.True(!mustWarn || answer["warnings"]!.AsArray().Any(warning => warning!["code"].Text() == "unknown_path"));
    }

    [Fact]
    public async Task Wait_ForNothingToAnswer_EndsWithTheReply()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"?","kind":"question","to":"alice"}""");
        await host.ContextAsync(alice, "r");
        var wait = host.WaitAsync(alice, "r", "size(messages.to_answer) == 0", timeoutMs: 60_000);
        await host.ParkedAsync("r");

        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"!","reply_to":1}""");

        Assert.True((await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel))["triggered"].Flag());
    }

    [Fact]
    public async Task Wait_WithoutATime_LastsTheConfiguredOne()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var wait = host.Engine.Waits.WaitAsync(host.Owner, "r", "false", timeout: null, EngineHost.Shape("only=messages"), EngineHost.Cancel);
        await host.ParkedAsync("r");

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(24));
        Assert.False(wait.IsCompleted);
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.Null(EngineHost.Node((await wait.WaitAsync(TimeSpan.FromMinutes(2), EngineHost.Cancel)).Value)["capped_to_ms"]);
    }

    [Fact]
    public async Task Removed_IsToldOfWhatWasAskedFor()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"key":"a","value":1},{"scope":"_tasks","key":"b","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"drop","writes":[{"key":"a","delete":true},{"scope":"_tasks","key":"b","delete":true}]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"1"}""");
        var since = (await host.InvokeAsync(host.Owner, "r", "put"))["seq"].Number();
        await host.InvokeAsync(host.Owner, "r", "drop");
        await host.InvokeAsync(host.Owner, "r", "_delete_view", """{"id":"v"}""");

        foreach (var (only, expected) in (IEnumerable<(string, string[])>)
        [
            ("", ["_shared.a", "_tasks.b", "_views.v"]),
            ("&only=state", ["_shared.a", "_tasks.b"]),
            ("&only=state._tasks", ["_tasks.b"]),
            ("&only=views", ["_views.v"]),
            ("&only=views,state._shared", ["_shared.a", "_views.v"]),
            ("&only=messages", []),
            ("&only=state.self", []),
        ])
        {
            var removed = (await host.ContextAsync(host.Owner, "r", $"since={since}{only}"))["removed"]!.AsArray();
            Assert.Equal(expected, removed.Select(entry => $"{entry!["scope"].Text()}.{entry["key"].Text()}").Order(StringComparer.Ordinal));
        }
    }

    private static async Task<SyncError> RefusedAsync(EngineHost host, string condition) =>
        (await host.Engine.Waits.WaitAsync(host.Owner, "r", condition, TimeSpan.FromMilliseconds(1), EngineHost.Shape(""), EngineHost.Cancel)).Error ?? throw new InvalidOperationException("It was not refused.");
}
