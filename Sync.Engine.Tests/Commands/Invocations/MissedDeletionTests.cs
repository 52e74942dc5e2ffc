using System.Text.Json.Nodes;
using Sync.Engine.Identity;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary>A deletion that finds nothing says so, and names what is there in its place in a way that works.</summary>
public sealed class MissedDeletionTests
{
    private const string Library = """{"from":"standard_library","id":"delete"}""";

    /// <summary>What is sent to the library's <c>delete</c>, what the hint says, and the parameters that it names; null where it names none.</summary>
    [Theory]
    [InlineData("""{"key":"obj.a"}""", "'a' is a member of 'obj'", """{"key":"obj","path":"a"}""")]
    [InlineData("""{"key":"obj.deep.b"}""", "'deep.b' is a member of 'obj'", """{"key":"obj","path":"deep.b"}""")]
    [InlineData("""{"key":"obj.deep","path":"b"}""", "'deep.b' is a member of 'obj'", """{"key":"obj","path":"deep.b"}""")]
    [InlineData("""{"key":"dotted.key.a"}""", "'a' is a member of 'dotted.key'", """{"key":"dotted.key","path":"a"}""")]
    [InlineData("""{"key":"list.1"}""", "'1' is a member of 'list'", """{"key":"list","path":"1"}""")]
    [InlineData("""{"key":"m1"}""", "There is one in '_moves'", """{"key":"m1","scope":"_moves"}""")]
    [InlineData("""{"key":"m1.x"}""", null, null)]
    [InlineData("""{"key":"m1.x","scope":"_moves"}""", "'x' is a member of 'm1'", """{"key":"m1","scope":"_moves","path":"x"}""")]
    [InlineData("""{"key":"objective"}""", "Did you mean 'objectives'?", """{"key":"objectives"}""")]
    [InlineData("""{"key":"obj","path":"dep.b"}""", "Did you mean 'deep'?", """{"key":"obj","path":"deep.b"}""")]
    [InlineData("""{"key":"obj","path":"zzz"}""", "'obj' has a, deep.", null)]
    [InlineData("""{"key":"list","path":"7"}""", "list of 2", null)]
    [InlineData("""{"key":"text","path":"a"}""", "no object", null)]
    [InlineData("""{"key":"never_was"}""", null, null)]
    [InlineData("""{"key":"obj.zzz"}""", null, null)]
    [InlineData("""{"key":"secret","scope":"_moves"}""", null, null)]
    public async Task Delete_OfWhatIsNotThere_NamesTheWay(string sent, string? says, string? meant)
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", Library);
        var before = (await host.ContextAsync(host.Owner, "r"))["state"]!.ToJsonString();

        var answer = await host.InvokeAsync(host.Owner, "r", "delete", sent);

        AssertUnchanged(answer);
        Assert.Equal(before, (await host.ContextAsync(host.Owner, "r"))["state"]!.ToJsonString());
        var warning = Assert.Single(answer["warnings"]!.AsArray())!;
        Assert.Equal("nothing_deleted", warning["code"].Text());
        Assert.Contains("nothing was deleted", warning["message"].Text(), StringComparison.Ordinal);
        var hint = warning["hint"]?.Text();
        Assert.Equal(says is null, hint is null);
        Assert.Contains(says ?? "", hint ?? "", StringComparison.Ordinal);
        Assert.Equal(meant is not null, hint?.Contains("Send {", StringComparison.Ordinal) ?? false);
        if (meant is not null)
        {
            // Taken literally it works.
            var named = JsonNode.Parse(hint![(hint!.IndexOf("Send {", StringComparison.Ordinal) + 5)..^1])!["params"]!;
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(meant), named), named.ToJsonString());
            var again = await host.InvokeAsync(host.Owner, "r", "delete", named.ToJsonString());
            Assert.False(again.ContainsKey("warnings"), again.ToJsonString());
            Assert.False(again["writes"]![0]!.AsObject().ContainsKey("unchanged"));
        }
    }

    [Fact]
    public async Task Delete_ByAnActionWithoutAPath_NamesTheWrite()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"drop","params":{"k":"string"},"writes":[{"key":"${params.k}","delete":true}]}""");

        var answer = await host.InvokeAsync(host.Owner, "r", "drop", """{"k":"obj.a"}""");

        AssertUnchanged(answer);
        Assert.Equal("""'a' is a member of 'obj'. The write of an action that deletes it: {"scope":"_shared","key":"obj","path":"a","delete":true}.""", answer["warnings"]![0]!["hint"].Text());
    }

    [Fact]
    public async Task Delete_InAScopeClosedToTheInvoker_NamesNothingOfIt()
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice", ""","state":{"hidden":{"a":1}}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"drop","params":{"k":"string"},"writes":[{"scope":"alice","key":"${params.k}","delete":true}]}""");

        foreach (var dryRun in (bool[])[true, false])
        {
            var answer = await host.InvokeAsync(bob, "r", "drop", """{"k":"hidden.a"}""", dryRun: dryRun);
            Assert.Null(answer["warnings"]);
            Assert.Contains("is a member of 'hidden'", (await host.InvokeAsync(alice, "r", "drop", """{"k":"hidden.a"}""", dryRun: dryRun))["warnings"]![0]!["hint"].Text(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Delete_OfTheSameTwice_InOneCall_AndInABatch_SaysItOnce()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"twice","writes":[{"key":"text","delete":true},{"key":"text","delete":true}]}""");
        await host.RegisterAsync(host.Owner, "r", Library);

        JsonAssert.Equal("""[{"scope":"_shared","key":"text","deleted":true},{"scope":"_shared","key":"text","unchanged":true}]""", (await host.InvokeAsync(host.Owner, "r", "twice"))["writes"]);
        var batch = await host.InvokeAsync(host.Owner, "r", "_batch", """{"steps":[{"action":"delete","params":{"key":"list"}},{"action":"delete","params":{"key":"list"}}]}""");
        Assert.False(batch["steps"]![0]!.AsObject().ContainsKey("warnings"));
        Assert.Equal("nothing_deleted", batch["steps"]![1]!["warnings"]![0]!["code"].Text());
    }

    [Fact]
    public async Task Delete_OfNothing_RetriedAfterARestart_AnswersTheSame()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", Library);
        var first = await host.InvokeAsync(host.Owner, "r", "delete", """{"key":"obj.a"}""", requestId: "one");

        await host.RestartAsync();

        JsonAssert.Equal(first.ToJsonString(), await host.InvokeAsync(host.Owner, "r", "delete", """{"key":"obj.a"}""", requestId: "one"));
    }

    [Fact]
    public async Task Delete_RetriedByWhoMayNoLongerRead_NamesNothing()
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice", ""","state":{"hidden":{"a":1}}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"drop","params":{"k":"string"},"writes":[{"scope":"alice","key":"${params.k}","delete":true}]}""");
        Assert.Null((await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"grants":["bob"]}"""), EngineHost.Cancel)).Error);
        Assert.Contains("hidden", (await host.InvokeAsync(bob, "r", "drop", """{"k":"hidden.a"}""", requestId: "one"))["warnings"]![0]!["hint"].Text(), StringComparison.Ordinal);

        Assert.Null((await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"grants":[]}"""), EngineHost.Cancel)).Error);

        var again = await host.InvokeAsync(bob, "r", "drop", """{"k":"hidden.a"}""", requestId: "one");
        Assert.DoesNotContain("is a member of", again.ToJsonString(), StringComparison.Ordinal);
        Assert.True(again["writes"]![0]!["unchanged"].Flag());
    }

    [Fact]
    public async Task Library_OfBefore_KeepsItsParametersBesideTheNewOne()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"delete","params":{"key":{"type":"string","required":true},"from":{"type":"string","default":"_shared"}},"if":"params.from.startsWith(\"_\") || params.from in [self, \"self\"]","writes":[{"scope":"${params.from}","key":"${params.key}","delete":true}]}""");
        foreach (var id in (string[])["set", "append", "increment"])
        {
            var registered = await host.RegisterAsync(host.Owner, "r", $$"""{"from":"standard_library","id":"{{id}}"}""");
            Assert.Null(registered["warning"]);
        }

        await host.RestartAsync();

        JsonAssert.Equal("""[{"scope":"_moves","key":"m1","deleted":true}]""", (await host.InvokeAsync(host.Owner, "r", "delete", """{"key":"m1","from":"_moves"}"""))["writes"]);
    }

    private static void AssertUnchanged(JsonObject answer)
    {
        var write = Assert.Single(answer["writes"]!.AsArray())!.AsObject();
        Assert.True(write["unchanged"].Flag());
        Assert.False(write.ContainsKey("deleted") || write.ContainsKey("removed"), write.ToJsonString());
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"s":"string","k":"string","v":"any"},"if":"true","writes":[{"scope":"${params.s}","key":"${params.k}","value":"${params.v}"}]}""");
        (string Scope, string Key, string Value)[] entries =
        [
            ("_shared", "obj", """{"a":1,"deep":{"b":2}}"""), ("_shared", "dotted.key", """{"a":1}"""), ("_shared", "list", "[1,2]"),
            ("_shared", "text", "\"x\""), ("_shared", "objectives", "1"), ("_moves", "m1", """{"x":1}"""),
        ];
        foreach (var (scope, key, value) in entries)
        {
            await host.InvokeAsync(host.Owner, "r", "put", $$"""{"s":"{{scope}}","k":"{{key}}","v":{{value}}}""");
        }

        return host;
    }
}
