using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime;

public sealed class IdempotencyTests
{
    private const string Increment = """{"id":"inc","params":{"by":{"type":"number","default":1}},"writes":[{"key":"n","increment":"${params.by}"}]}""";

    [Fact]
    public async Task Retry_Concurrent_CountsOnceAndAnswersAllAlike()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => SendAsync(host, host.Owner, "one")));

        Assert.Single(answers.Select(a => System.Text.Encoding.UTF8.GetString(a.Value.Json.Span)).Distinct());
        Assert.Single(answers, a => !a.Value.Replayed);
        Assert.Equal(1, (await host.StoredAsync("r", "_shared", "n")).Number());
    }

    [Fact]
    public async Task Retry_WhileTheFirstIsBlocked_WaitsForItsAnswer()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        using var block = new BlockedCommit(host.Engine.Log);

        var first = SendAsync(host, host.Owner, "one");
        await block.ReachedAsync();
        var retry = SendAsync(host, host.Owner, "one");
        Assert.False(retry.IsCompleted);
        block.LetGo();

        Assert.False((await first).Value.Replayed);
        Assert.True((await retry).Value.Replayed);
        Assert.Equal(1, (await host.StoredAsync("r", "_shared", "n")).Number());
    }

    [Fact]
    public async Task Retry_AfterTheFirstWasUndone_IsCarriedOut()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        host.Engine.Log.BeforeCommit = _ => throw new IOException("disk full");
        Assert.Equal(ErrorCode.Unavailable, (await SendAsync(host, host.Owner, "one")).Error!.Code);
        host.Engine.Log.BeforeCommit = null;

        var retry = (await SendAsync(host, host.Owner, "one")).Value;

        Assert.False(retry.Replayed);
        Assert.Equal(1, (await host.StoredAsync("r", "_shared", "n")).Number());
    }

    [Fact]
    public async Task Retry_AfterRestart_GivesTheFirstAnswer()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        var first = (await SendAsync(host, host.Owner, "one")).Value;

        await host.RestartAsync();
        var retry = (await SendAsync(host, host.Owner, "one")).Value;

        Assert.True(retry.Replayed);
        Assert.Equal(first.Json.ToArray(), retry.Json.ToArray());
    }

    [Fact]
    public async Task Retry_WithAnotherBody_IsAConflict()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        await SendAsync(host, host.Owner, "one");

        Assert.Equal(ErrorCode.IdempotencyConflict, (await SendAsync(host, host.Owner, "one", """{"by":2}""")).Error!.Code);
        Assert.False((await host.InvokeAsync(host.Owner, "r", "help", requestId: "one")).ContainsKey("error")); // A key is of one action.
        await host.RestartAsync();
        Assert.Equal(ErrorCode.IdempotencyConflict, (await SendAsync(host, host.Owner, "one", """{"by":2}""")).Error!.Code);
    }

    [Fact]
    public async Task Retry_WithParametersInAnotherOrder_IsTheSameRequest()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"set","params":{"a":{},"b":{}},"writes":[{"key":"k","value":["${params.a}","${params.b}"]}]}""");

        await host.InvokeAsync(host.Owner, "r", "set", """{"a":1,"b":2}""", requestId: "one");
        var retry = await host.InvokeAsync(host.Owner, "r", "set", """{"b":2.0,"a":1}""", requestId: "one");

        Assert.Equal(1, retry["writes"]![0]!["revision"].Number());
    }

    [Fact]
    public async Task RequestId_OfAnotherCaller_IsAnotherRequest()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");

        await SendAsync(host, alice, "one");
        Assert.False((await SendAsync(host, bob, "one")).Value.Replayed);
        Assert.Equal(2, (await host.StoredAsync("r", "_shared", "n")).Number());
    }

    [Fact]
    public async Task RequestId_OfAnotherAgentOfOneUser_IsAnotherRequest()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"note","params":{"v":"any"},"writes":[{"scope":"self","key":"v","value":"${params.v}"}]}""");
        Assert.Null((await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"one"}"""), EngineHost.Cancel)).Error);
        Assert.Null((await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"two"}"""), EngineHost.Cancel)).Error);

        var first = await host.InvokeAsync(host.Owner, "r", "note", """{"v":"of one"}""", agent: "one", requestId: "k");
        var second = await host.InvokeAsync(host.Owner, "r", "note", """{"v":"of one"}""", agent: "two", requestId: "k");

        Assert.Equal(("one", "two"), (first["agent"]!.GetValue<string>(), second["agent"]!.GetValue<string>()));
    }

    [Fact]
    public async Task RequestId_OfAnAgentThatHadTheIdBefore_IsAnotherRequest()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        var before = await host.JoinAsync("r", "bob");
        Assert.False((await SendAsync(host, before, "one")).Value.Replayed);
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: true, EngineHost.Cancel)).Error);

        Assert.False((await SendAsync(host, await host.JoinAsync("r", "bob"), "one")).Value.Replayed);
    }

    [Fact]
    public async Task RequestId_ADayLater_IsFreeAgainAlsoAfterARestart()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        await SendAsync(host, host.Owner, "one");
        await host.AdvanceAsync("r", TimeSpan.FromHours(25));

        // A room that nobody used for so long is let go of, at worst just now: then it asks for a retry.
        var later = await EngineHost.UntilAsync(() => SendAsync(host, host.Owner, "one"), static answer => answer.Error?.Code != ErrorCode.Unavailable);

        Assert.False(later.Value.Replayed);
        await host.RestartAsync();
        Assert.True((await SendAsync(host, host.Owner, "one")).Value.Replayed);
    }

    [Fact]
    public async Task DryRun_WithARequestId_KeepsAndAnswersNoKey()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);

        await host.InvokeAsync(host.Owner, "r", "inc", requestId: "one", dryRun: true);
        Assert.False((await SendAsync(host, host.Owner, "one")).Value.Replayed);
        Assert.True((await host.InvokeAsync(host.Owner, "r", "inc", requestId: "one", dryRun: true)).ContainsKey("dry_run"));
    }

    [Fact]
    public async Task Retry_OfALongWrite_IsRebuiltFromTheEventWithTheScopesVisibleNow()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var carl = await host.JoinAsync("r", "carl");
        var bob = await host.JoinAsync("r", "bob");
        Assert.Null((await host.Engine.Agents.UpdateAsync(carl, "r", "carl", EngineHost.Json("""{"grants":["bob"]}"""), EngineHost.Cancel)).Error);
        var text = new string('x', 5_000);
        await host.RegisterAsync(bob, "r", """{"id":"put","params":{"v":"string"},"writes":[{"scope":"carl","key":"k","value":["${params.v}"]},{"key":"k","value":["${params.v}"]}]}""");

        var first = await host.InvokeAsync(bob, "r", "put", $$"""{"v":"{{text}}"}""", requestId: "one");
        var retry = await host.InvokeAsync(bob, "r", "put", $$"""{"v":"{{text}}"}""", requestId: "one");
        Assert.Null((await host.Engine.Agents.UpdateAsync(carl, "r", "carl", EngineHost.Json("""{"grants":[]}"""), EngineHost.Cancel)).Error);
        var later = await host.InvokeAsync(bob, "r", "put", $$"""{"v":"{{text}}"}""", requestId: "one");

        Assert.Equal(first.ToJsonString(), retry.ToJsonString());
        Assert.Equal(["scope", "key", "revision"], later["writes"]![0]!.AsObject().Select(static field => field.Key));
        Assert.Equal(first["writes"]![1]!.ToJsonString(), later["writes"]![1]!.ToJsonString());
        var kept = (await host.Engine.Database.Rooms.EventAsync((await host.LoadedAsync("r")).Record.Row, first["seq"]!.GetValue<long>(), EngineHost.Cancel))!;
        Assert.True(kept.Body.Length < 4 * text.Length, $"{kept.Body.Length} bytes");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    public async Task Retry_OfAnActionWithAResult_GivesItWithTheScopesVisibleNow(int length)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var carl = await host.JoinAsync("r", "carl", ",\"state\":{\"k\":\"" + new string('s', length) + "\"}");
        var bob = await host.JoinAsync("r", "bob");
        Assert.Null((await host.Engine.Agents.UpdateAsync(carl, "r", "carl", EngineHost.Json("""{"grants":["bob"]}"""), EngineHost.Cancel)).Error);
        await host.RegisterAsync(bob, "r", """{"id":"peek","writes":[{"key":"n","increment":true}],"result":"state.carl.k"}""");
        await host.RegisterAsync(bob, "r", """{"id":"count","writes":[{"key":"n","increment":true}],"result":"state._shared.n"}""");

        var first = await host.InvokeAsync(bob, "r", "peek", requestId: "one");
        var open = await host.InvokeAsync(bob, "r", "count", requestId: "one");
        var retry = await host.InvokeAsync(bob, "r", "peek", requestId: "one");
        Assert.Equal(length, retry["result"]!.GetValue<string>().Length);
        Assert.Equal(first.ToJsonString(), retry.ToJsonString());
        Assert.Null((await host.Engine.Agents.UpdateAsync(carl, "r", "carl", EngineHost.Json("""{"grants":[]}"""), EngineHost.Cancel)).Error);

        for (var time = 0; time < 2; time++)
        {
            var later = await host.InvokeAsync(bob, "r", "peek", requestId: "one");
            Assert.Equal((false, true), (later.ContainsKey("result"), later["withheld"]!.GetValue<bool>()));
            Assert.Equal(first["writes"]!.ToJsonString(), later["writes"]!.ToJsonString());
            Assert.Equal(open.ToJsonString(), (await host.InvokeAsync(bob, "r", "count", requestId: "one")).ToJsonString());
            await host.RestartAsync();
        }
    }

    [Fact]
    public async Task RequestId_OfARefusedRequest_IsFree()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        Assert.Equal(ErrorCode.ActionNotFound, (await SendAsync(host, host.Owner, "one")).Error!.Code);
        await host.RegisterAsync(host.Owner, "r", Increment);

        Assert.False((await SendAsync(host, host.Owner, "one")).Value.Replayed);
    }

    [Fact]
    public async Task Retry_HoursLater_StillGivesTheFirstAnswer()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Increment);
        await SendAsync(host, host.Owner, "one");

        await host.AdvanceAsync("r", TimeSpan.FromHours(23));

        Assert.True((await SendAsync(host, host.Owner, "one")).Value.Replayed);
    }

    private static Task<Outcome<Invoked>> SendAsync(EngineHost host, Caller caller, string requestId, string parameters = "{}") =>
        host.Engine.Actions.InvokeAsync(caller, "r", "inc", new InvokeRequest { Params = EngineHost.Json(parameters), RequestId = requestId }, EngineHost.Cancel);
}
