using System.Text;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Reads.History;

public sealed class EventTests
{
    private const string Set = """{"id":"set","params":{"k":{"type":"string"},"v":{}},"writes":[{"key":"${params.k}","value":"${params.v}"}]}""";

    [Fact]
    public async Task Event_ThatWritesAndDeletes_NamesWhatWasThereBefore()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.RegisterAsync(host.Owner, "r", """{"id":"drop","writes":[{"key":"a","delete":true}]}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"k":"a","v":1}""");
        var first = await SeqAsync(host);
        await host.InvokeAsync(host.Owner, "r", "set", """{"k":"a","v":{"two":2}}""");
        await host.InvokeAsync(host.Owner, "r", "drop");
        await host.InvokeAsync(host.Owner, "r", "set", """{"k":"a","v":3}""");

        Assert.Null((await WriteAsync(first))["before"]);
        Assert.Equal("1", (await WriteAsync(first + 1))["before"]!["value"]!.ToJsonString());
        Assert.Equal("""{"two":2}""", (await WriteAsync(first + 2))["before"]!["value"]!.ToJsonString());
        Assert.Null((await WriteAsync(first + 3))["before"]);

        async Task<JsonNode> WriteAsync(long seq) =>
            EngineHost.Node((await host.Engine.History.EventAsync(host.Owner, "r", seq, EngineHost.Cancel)).Value)["writes"]!.AsArray().Single()!;
    }

    [Fact]
    public async Task Event_OfAnothersPrivateScope_ShowsNeitherValueNorWhatWasBefore()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"note","scope":"self","params":{"v":{}},"writes":[{"scope":"self","key":"n","value":"${params.v}"}]}""");
        await host.InvokeAsync(alice, "r", "note", """{"v":"hush"}""");
        await host.InvokeAsync(alice, "r", "note", """{"v":"psst"}""");
        var seq = await SeqAsync(host);

        var text = Encoding.UTF8.GetString((await host.Engine.History.EventAsync(bob, "r", seq, EngineHost.Cancel)).Value.Json.Span);

        Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
        Assert.DoesNotContain("psst", text, StringComparison.Ordinal);
        Assert.Contains("private_writes", text, StringComparison.Ordinal);
        Assert.Contains("hush", Encoding.UTF8.GetString((await host.Engine.History.EventAsync(alice, "r", seq, EngineHost.Cancel)).Value.Json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_WithASecretParameter_StaysRedacted()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"login","params":{"pin":{"type":"string","secret":true}},"writes":[{"key":"done","value":true}]}""");
        await host.InvokeAsync(host.Owner, "r", "login", """{"pin":"4711"}""");

        Assert.DoesNotContain("4711", Encoding.UTF8.GetString((await host.Engine.History.EventAsync(host.Owner, "r", await SeqAsync(host), EngineHost.Cancel)).Value.Json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_ByAnOwner_WritesEveryEvent()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"x"}""");
        using var output = new MemoryStream();

        var events = (await host.Engine.History.ExportAsync(host.Owner, "r", output, EngineHost.Cancel)).Value;

        Assert.Equal(await SeqAsync(host), events);
        Assert.Equal(events + 1, Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Examine_AnExpression_SaysValueTypeReadsAndWarnings()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.InvokeAsync(host.Owner, "r", "set", """{"k":"a","v":2}""");
        var then = await SeqAsync(host);
        await host.InvokeAsync(host.Owner, "r", "set", """{"k":"a","v":5}""");

        var now = (await host.Engine.Context.ExamineAsync(host.Owner, "r", "state._shared.a + size(views) + messages.count", null, EngineHost.Cancel)).Value;

        Assert.Equal(("5", "int"), (now.Value, now.Type));
        Assert.Equal([new("state", "_shared", "a"), new("views", null, null), new("messages", null, "count")], now.Reads);
        Assert.Equal("2", (await host.Engine.Context.ExamineAsync(host.Owner, "r", "state._shared.a", then, EngineHost.Cancel)).Value.Value);
        var broken = (await host.Engine.Context.ExamineAsync(host.Owner, "r", "1 +", null, EngineHost.Cancel)).Error!;
        Assert.Equal(ErrorCode.InvalidCel, broken.Code);
        Assert.NotNull(broken.Details!["caret"]);
    }

    private static async Task<long> SeqAsync(EngineHost host) => (await host.LoadedAsync("r")).Published.Seq;
}
