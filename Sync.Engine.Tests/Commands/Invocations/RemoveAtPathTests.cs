using System.Text.Json.Nodes;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary><c>delete: true</c> with a <c>path</c> removes that member, and the log carries the change.</summary>
public sealed class RemoveAtPathTests
{
    private const string Drop = """{"id":"drop","params":{"p":"string","v":"string"},"writes":[{"key":"task","delete":true,"path":"${params.p}","if_version":"${params.v}"}]}""";
    private const string Task0 = """{"owner":{"name":"ann","mail":"x"},"tags":["a","b","c"],"n":1}""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData("""{"a":1}""", "a", "{}")]
    [InlineData("""{"a":1,"b":2,"c":3}""", "b", """{"a":1,"c":3}""")]
    [InlineData("""{"a":{"b":{"c":1,"d":2}},"e":3}""", "a.b.c", """{"a":{"b":{"d":2}},"e":3}""")]
    [InlineData("""{"a":[1,2,3]}""", "a.0", """{"a":[2,3]}""")]
    [InlineData("""{"a":[1,[2,4],3]}""", "a.1.1", """{"a":[1,[2],3]}""")]
    [InlineData("[7]", "0", "[]")]
    [InlineData("""{"a":1,"a":2,"b":3}""", "a", """{"b":3}""")]
    [InlineData("""{"a\"b":1,"ü":2}""", "ü", """{"a\"b":1}""")]
    [InlineData("""{"a":null}""", "a", "{}")]
    [InlineData("""{"a":1}""", "b", null)]
    [InlineData("""{"a":1}""", "a.b", null)]
    [InlineData("[1]", "1", null)]
    [InlineData("[1]", "x", null)]
    [InlineData("5", "a", null)]
    [InlineData("null", "a", null)]
    public void Remove_AtAPath_TakesAwayThatPartAlone(string value, string path, string? expected)
    {
        var (left, problem) = JsonEdit.Remove(JsonText.Trusted(System.Text.Encoding.UTF8.GetBytes(value)), path);

        Assert.Null(problem);
        Assert.Equal(expected, left is { } text ? System.Text.Encoding.UTF8.GetString(text.Span) : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".a")]
    public void Remove_AtNoPath_IsAnError(string path) => Assert.NotNull(JsonEdit.Remove(JsonText.Trusted("{}"u8.ToArray()), path).Error);

    [Fact]
    public async Task Delete_WithAPath_RemovesTheMember()
    {
        await using var host = await StartAsync();
        var dry = await host.InvokeAsync(host.Owner, "r", "drop", """{"p":"owner.mail"}""", dryRun: true);
        JsonAssert.Equal(Task0, await host.StoredAsync("r", "_shared", "task"));
        var answer = await host.InvokeAsync(host.Owner, "r", "drop", """{"p":"owner.mail"}""");

        const string Left = """{"owner":{"name":"ann"},"tags":["a","b","c"],"n":1}""";
        JsonAssert.Equal(Left, await host.StoredAsync("r", "_shared", "task"));
        var write = answer["writes"]![0]!.AsObject();
        Assert.Equal(("owner.mail", true, 2), (write["path"].Text(), write["removed"].Flag(), (int)write["revision"].Number()));
        JsonAssert.Equal(Left, write["value"]);
        Assert.Equal(write["version"].Text(), (await host.ContextAsync(host.Owner, "r", "meta=true"))["state"]!["_shared"]!["task"]!["version"].Text());
        JsonAssert.Equal(write.ToJsonString(), dry["writes"]![0]);
    }

    [Fact]
    public async Task Delete_OfWhatIsNotThere_WritesNothing()
    {
        await using var host = await StartAsync();
        var before = (await host.LoadedAsync("r")).Published.Find("_shared", "task")!;
        foreach (var path in (string[])["nothing", "owner.name.more", "tags.9"])
        {
            var answer = await host.InvokeAsync(host.Owner, "r", "drop", $$"""{"p":"{{path}}"}""");
            JsonAssert.Equal($$"""[{"scope":"_shared","key":"task","path":"{{path}}","unchanged":true,"revision":1}]""", answer["writes"]);
            Assert.Equal("nothing_deleted", Assert.Single(answer["warnings"]!.AsArray())!["code"].Text());
        }

        var after = (await host.LoadedAsync("r")).Published.Find("_shared", "task")!;
        Assert.Equal((before.Seq, before.Revision), (after.Seq, after.Revision));
        Assert.Equal(ErrorCode.InvalidParam, (await host.RefusedAsync(host.Owner, "r", "drop", """{"p":""}""")).Code);
    }

    [Fact]
    public async Task Delete_WithAPathAndAnOldVersion_IsAConflict()
    {
        await using var host = await StartAsync();
        var version = (await host.LoadedAsync("r")).Published.Find("_shared", "task")!.Version;
        await host.InvokeAsync(host.Owner, "r", "drop", $$"""{"p":"n","v":"{{version}}"}""");

        var refused = await host.RefusedAsync(host.Owner, "r", "drop", $$"""{"p":"tags","v":"{{version}}"}""");

        Assert.Equal(ErrorCode.VersionConflict, refused.Code);
        JsonAssert.Equal("""["a","b","c"]""", (await host.StoredAsync("r", "_shared", "task"))!["tags"]);
    }

    [Fact]
    public async Task Delete_WithAPath_SurvivesRestartReplayAndExport()
    {
        await using var host = await StartAsync();

        // Long enough that the log holds the edits and not the value.
        await host.InvokeAsync(host.Owner, "r", "put", $$$"""{"v":{"text":"{{{new string('x', 20_000)}}}","tags":["a","b","c"],"n":1}}""");
        await host.InvokeAsync(host.Owner, "r", "drop", """{"p":"tags.1"}""");
        var last = await host.InvokeAsync(host.Owner, "r", "drop", """{"p":"n"}""");
        Assert.False(last["writes"]![0]!.AsObject().ContainsKey("value"));
        var seq = (long)last["seq"].Number();
        var expected = (await host.StoredAsync("r", "_shared", "task"))!.ToJsonString();
        JsonAssert.Equal("""["a","c"]""", JsonNode.Parse(expected)!["tags"]);

        var audit = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", AuditQuery.Newest(1), Cancel)).Value)["events"]![0]!["writes"]![0]!;
        JsonAssert.Equal("""[{"path":"n","removed":true}]""", audit["edits"]);
        Assert.Null(audit["value"]);
        var history = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "task", before: null, 10, Cancel)).Value)["history"]!;
        Assert.Equal(expected, history[0]!["value"]!.ToJsonString());
        Assert.NotNull(history[1]!["value"]!["n"]);
        var replay = EngineHost.Node((await host.Engine.History.ReplayAsync(host.Owner, "r", seq - 1, Cancel)).Value);
        JsonAssert.Equal("1", replay["state"]!["_shared"]!["task"]!["value"]!["n"]);

        await host.RestartAsync();
        Assert.Equal(expected, (await host.StoredAsync("r", "_shared", "task"))!.ToJsonString());
        using var exported = new MemoryStream();
        Assert.Null((await host.Engine.History.ExportAsync(host.Owner, "r", exported, Cancel)).Error);
        Assert.Contains("\"removed\":true", System.Text.Encoding.UTF8.GetString(exported.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_WithAPath_ContestsItsTarget()
    {
        await using var host = await StartAsync();
        Assert.Contains("_shared:task", (await host.ContextAsync(host.Owner, "r"))["views"]!["_contested"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":"any"},"writes":[{"key":"task","value":"${params.v}"}]}""");
        await host.RegisterAsync(host.Owner, "r", Drop);
        await host.InvokeAsync(host.Owner, "r", "put", $$$"""{"v":{{{Task0}}}}""");
        return host;
    }
}
