using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>Answers, refusals, hints and warnings: none carries a value or the name of a key that its reader may not read.</summary>
public sealed class AnswerPrivacyTests : HostileParticipant
{
    /// <summary>The answers of writes and dry runs revealed private scopes.</summary>
    [Fact]
    public async Task Answer_OfAWriteToAClosedScope_GivesScopeKeyAndRevision()
    {
        await Host.RegisterAsync(Alice, "r", """
            {"id":"leave","writes":[
              {"scope":"alice","key":"list","append":true,"value":1},{"scope":"alice","key":"map","merge":{"m":1}},{"scope":"alice","key":"n","increment":1},
              {"scope":"alice","key":"map","path":"p","value":2},{"scope":"alice","key":"new","value":3}]}
            """);
        foreach (var dryRun in (bool[])[true, false])
        {
            var answer = await Host.InvokeAsync(Mallory, "r", "leave", requestId: dryRun ? null : "once", dryRun: dryRun);
            Assert.All(answer["writes"]!.AsArray(), static write => Assert.Equal(["scope", "key", "revision"], write.Names()));
            Assert.DoesNotContain("sentinel", answer.ToJsonString(), StringComparison.Ordinal);
        }

        var replayed = await Host.InvokeAsync(Mallory, "r", "leave", requestId: "once");
        Assert.All(replayed["writes"]!.AsArray(), static write => Assert.Equal(["scope", "key", "revision"], write.Names()));
        Assert.Contains("version", (await Host.InvokeAsync(Alice, "r", "leave"))["writes"]![4].Names());
    }

    [Fact]
    public async Task Conflict_OnAClosedScope_ShowsNeitherValueNorVersion()
    {
        await Host.RegisterAsync(Alice, "r", """{"id":"swap","params":{"v":"string"},"writes":[{"scope":"alice","key":"password","value":"x","if_version":"${params.v}"}]}""");

        var theirs = await Host.RefusedAsync(Mallory, "r", "swap", """{"v":"0000000000000000"}""");
        var own = await Host.RefusedAsync(Alice, "r", "swap", """{"v":"0000000000000000"}""");

        Assert.Equal(["revision"], theirs.Details!["current"].Names());
        Assert.Equal(Secret, own.Details!["current"]!["value"].Text());
    }

    [Fact]
    public async Task DryRun_OfWhatReadsAClosedScope_LeavesItOut()
    {
        await Host.RegisterAsync(Alice, "r", """{"id":"deal","writes":[{"key":"card","value":"state.alice.password","expr":true}],"result":"state.alice.password"}""");

        var tried = await Host.InvokeAsync(Mallory, "r", "deal", dryRun: true);

        Assert.Equal(["scope", "key", "withheld", "revision"], tried["writes"]![0].Names());
        Assert.True(tried["withheld"].Flag());
        Assert.Null(tried["result"]);
        Assert.Equal(Secret, (await Host.InvokeAsync(Alice, "r", "deal", dryRun: true))["result"].Text());
    }

    /// <summary>Error texts, parts, broken views and hints carried private values, and names of private keys.</summary>
    [Theory]
    [InlineData("int(state.alice.password) == 1")]
    [InlineData("{'a': 1}[state.alice.password] == 1 || timestamp(state.alice.password) == now")]
    [InlineData("state.alice.password == 'x' && state.alice.list == []")]
    [InlineData("state.alice.map.inside.matches('(' + state.alice.password)")]
    public async Task Message_AboutAPrivateValue_ShowsItOnlyToThoseWhoMayReadIt(string expression)
    {
        var quoted = JsonValue.Create(expression).ToJsonString();
        await Host.RegisterAsync(Alice, "r", $$"""{"id":"guarded","if":{{quoted}},"writes":[]}""");
        await Host.RegisterAsync(Alice, "r", $$"""{"id":"hidden","enabled":{{quoted}},"writes":[]}""");
        await Host.RegisterAsync(Alice, "r", $$"""{"id":"valued","writes":[{"key":"k","value":{{JsonValue.Create("string(" + expression + ") + state.alice.password.charAt(100)").ToJsonString()}},"expr":true}]}""");
        await Host.RegisterAsync(Alice, "r", $$"""{"id":"told","writes":[],"result":{{JsonValue.Create("timestamp(state.alice.password)").ToJsonString()}} }""");
        await Host.ViewAsync(Alice, "r", $$"""{"id":"broken","scope":"self","expr":{{JsonValue.Create("duration(state.alice.password)").ToJsonString()}} }""");
        await Host.ViewAsync(Mallory, "r", """{"id":"over","expr":"views.broken"}""");
        foreach (var action in (string[])["guarded", "hidden", "valued"])
        {
            var error = await Host.RefusedAsync(Mallory, "r", action);
            Assert.DoesNotContain("sentinel", Whole(error), StringComparison.Ordinal);
            await Host.RefusedAsync(Alice, "r", action);
            var explained = await Host.Engine.Actions.ExplainAsync(Mallory, "r", action, new InvokeRequest { Params = EngineHost.Json("{}") }, Cancel);
            Assert.DoesNotContain("sentinel", EngineHost.Node(explained.Value).ToJsonString(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("sentinel", (await Host.InvokeAsync(Mallory, "r", "told")).ToJsonString(), StringComparison.Ordinal);
        await Host.SettleAsync("r");
        Assert.DoesNotContain("sentinel", await EverythingAsync(Mallory), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DidYouMean_NamesNoPrivateKeyOfAnother()
    {
        foreach (var expression in (string[])["state.self.private_key_nam", "state.alice.private_key_nam", "state.alice.private_key_name"])
        {
            var answer = await Host.ViewAsync(Mallory, "r", $$"""{"id":"v","expr":"{{expression}}"}""");
            Assert.DoesNotContain("private_key_name?", answer.ToJsonString(), StringComparison.Ordinal);
            Assert.Null(answer["warnings"]?.AsArray().FirstOrDefault(warning => warning!["path"]?.Text().Contains("alice", StringComparison.Ordinal) == true));
            var wait = await Host.WaitAsync(Mallory, "r", $"{expression} == 1 || true");
            Assert.DoesNotContain("private_key_name\"", wait.ToJsonString().Replace(expression, "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }
}
