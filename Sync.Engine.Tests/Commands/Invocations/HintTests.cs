using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary>A hint, taken literally, works for whom it is given to.</summary>
public sealed class HintTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Conflict_OnATargetThatIsOpen_GivesTheVersionToRetryWith()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":"string"},"writes":[{"key":"k","value":1,"if_version":"${params.v}"}]}""");
        var absent = await host.RefusedAsync(host.Owner, "r", "put", """{"v":"0000000000000000"}""");
        Assert.StartsWith("Expect \"\" instead", absent.Hint, StringComparison.Ordinal);
        await host.InvokeAsync(host.Owner, "r", "put", """{"v":""}""");

        var changed = await host.RefusedAsync(host.Owner, "r", "put", """{"v":""}""");

        Assert.Contains("'current'", changed.Hint, StringComparison.Ordinal);
        await host.InvokeAsync(host.Owner, "r", "put", $$"""{"v":"{{changed.Details!["current"]!["version"].Text()}}"}""");
    }

    [Fact]
    public async Task Conflict_OnATargetThatTheReaderMayNotSee_NamesWhoCanHelp()
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice", ""","state":{"k":1}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"put","scope":"self","params":{"v":"string"},"writes":[{"scope":"alice","key":"k","value":2,"if_version":"${params.v}"}]}""");

        var refused = await host.RefusedAsync(bob, "r", "put", """{"v":"0000000000000000"}""");

        Assert.Equal(ErrorCode.VersionConflict, refused.Code);
        Assert.Equal("'alice' is closed to you: ask its agent or an owner of the room for the version, or to write it.", refused.Hint);
        Assert.Null(refused.Details!["current"]!["version"]);
    }

    [Fact]
    public async Task Conflict_OnASystemsHelpText_SaysSoAndGivesItsVersion()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"write_help","params":{"v":"string"},"writes":[{"scope":"_help","key":"guide","value":"ours","if_version":"${params.v}"}]}""");

        foreach (var stale in (string[])["", "0000000000000000"])
        {
            var refused = await host.RefusedAsync(host.Owner, "r", "write_help", $$"""{"v":"{{stale}}"}""");
            Assert.Contains("system's help text 'guide'", refused.Message, StringComparison.Ordinal);
            Assert.NotNull(refused.Details!["current"]!["version"]);
        }

        var again = await host.RefusedAsync(host.Owner, "r", "write_help", """{"v":""}""");
        await host.InvokeAsync(host.Owner, "r", "write_help", $$"""{"v":"{{again.Details!["current"]!["version"].Text()}}"}""");
    }

    [Theory]
    [InlineData("${params.place}", "params.place.startsWith('_') || params.place == self")]
    [InlineData("${params.place.name}", "params.place.name.startsWith('_') || params.place.name == self")]
    [InlineData("team-${params.place}", "enum")]
    public async Task OpenScope_Warning_NamesTheParameter(string scope, string expected)
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice");

        var registered = await host.RegisterAsync(alice, "r", $$$"""{"id":"put","params":{"place":"any"},"writes":[{"scope":"{{{scope}}}","key":"k","value":1}]}""");

        var warning = Assert.Single(registered["warnings"]!.AsArray(), static w => w!["code"].Text() == "open_scope")!;
        Assert.Contains(expected, warning["hint"].Text(), StringComparison.Ordinal);
        if (scope.StartsWith("${", StringComparison.Ordinal))
        {
            var guard = warning["hint"].Text()!.Split("\"if\": \"")[1].Split('"')[0];
            var guarded = await host.RegisterAsync(alice, "r", new JsonObject { ["id"] = "put", ["if"] = guard, ["params"] = JsonNode.Parse("""{"place":"any"}"""), ["writes"] = JsonNode.Parse($$"""[{"scope":"{{scope}}","key":"k","value":1}]""") }.ToJsonString());
            Assert.DoesNotContain("open_scope", guarded["warnings"]?.ToJsonString() ?? "", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("self.w", "not_readable", "${self}.turn")]
    [InlineData("${params.k}.x", "invalid_timer", "_shared.turn")]
    [InlineData("bob.w", "not_readable", "by its agent's id")]
    public async Task TickOn_OfWhatCannotBeCounted_SaysWhatToWrite(string target, string code, string hint)
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice");
        await host.JoinAsync("r", "bob");

        var refused = await host.RefusedAsync(alice, "r", "_register_action", $$$$"""{"id":"put","params":{"k":"string"},"writes":[{"key":"k","value":1}],"on_invoke":{"timer":{"ticks":1,"tick_on":"{{{{target}}}}","effect":"enable"}}}""");

        Assert.Equal(code, refused.Code.Name);
        Assert.Contains(hint, refused.Hint, StringComparison.Ordinal);
        await host.RegisterAsync(alice, "r", """{"id":"mine","writes":[{"scope":"${self}","key":"k","value":1,"timer":{"ticks":1,"tick_on":"${self}.turn","effect":"delete"}}]}""");
        await host.InvokeAsync(alice, "r", "mine");
    }

    [Fact]
    public void TwoRequestKeys_ThatDiffer_AreRefused()
    {
        Assert.Equal(ErrorCode.InvalidParameter, InvokeRequest.Parse(EngineHost.Json("""{"request_id":"a"}"""), "b").Error?.Code);
        Assert.Equal("a", InvokeRequest.Parse(EngineHost.Json("""{"request_id":"a"}"""), "a").Value.RequestId);
        Assert.Equal("b", InvokeRequest.Parse(EngineHost.Json("""{"request_id":null}"""), "b").Value.RequestId);
        Assert.Equal("b", InvokeRequest.Parse(EngineHost.Json("{}"), "b").Value.RequestId);
        Assert.Equal("a", InvokeRequest.Parse(EngineHost.Json("""{"request_id":"a"}"""), null).Value.RequestId);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        return host;
    }
}
