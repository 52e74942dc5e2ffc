using System.Text.Json.Nodes;
using Sync.Engine.Identity;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary>What an answer tells of places that its reader may not read: which key was chosen there, and whether there was one.</summary>
public sealed class PlaceSightTests
{
    [Theory]
    [InlineData("mark", false)]
    [InlineData("mark", true)]
    [InlineData("clear", false)]
    [InlineData("clear", true)]
    [InlineData("mark_anywhere", false)]
    [InlineData("mark_anywhere", true)]
    public async Task Key_ChosenOutOfPrivateStateInAClosedScope_IsNotAnswered(string action, bool dryRun)
    {
        await using var host = await EngineHost.StartAsync();
        var (_, mallory) = await StageAsync(host);

        var answer = await host.InvokeAsync(mallory, "r", action, dryRun: dryRun, requestId: dryRun ? null : "once");
        var again = dryRun ? answer : await host.InvokeAsync(mallory, "r", action, requestId: "once");
        await host.RestartAsync();
        mallory = await host.CallerAsync(_secret!);
        var later = dryRun ? answer : await host.InvokeAsync(mallory, "r", action, requestId: "once");

        foreach (var one in new[] { answer, again, later })
        {
            Assert.DoesNotContain("4711", one.ToJsonString(), StringComparison.Ordinal);
            Assert.DoesNotContain("_from", one.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal(action == "mark_anywhere" ? null : "alice", (string?)one["writes"]![0]!["scope"]);
            Assert.True(one["writes"]![0]!["withheld"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task Key_ChosenOutOfPrivateState_IsAnsweredWhereItsReaderReadsIt()
    {
        await using var host = await EngineHost.StartAsync();
        var (alice, mallory) = await StageAsync(host);

        Assert.Equal("4711", (string?)(await host.InvokeAsync(mallory, "r", "publish"))["writes"]![0]!["key"]);
        Assert.Null((await host.InvokeAsync(mallory, "r", "publish", dryRun: true))["writes"]![0]!["key"]);
        Assert.Equal("4711", (string?)(await host.InvokeAsync(alice, "r", "mark", dryRun: true))["writes"]![0]!["key"]);
        Assert.Equal("4711", (string?)(await host.InvokeAsync(alice, "r", "mark", requestId: "own"))["writes"]![0]!["key"]);
        Assert.Equal("4711", (string?)(await host.InvokeAsync(alice, "r", "mark", requestId: "own"))["writes"]![0]!["key"]);
    }

    [Theory]
    [InlineData("wipe", true)]
    [InlineData("wipe", false)]
    [InlineData("wipe_at", true)]
    [InlineData("wipe_at", false)]
    public async Task Deletion_InAClosedScope_DoesNotTellWhatIsThere(string action, bool dryRun)
    {
        await using var host = await EngineHost.StartAsync();
        var (alice, mallory) = await StageAsync(host);

        var found = await host.InvokeAsync(mallory, "r", action, """{"key":"here"}""", dryRun: dryRun);
        var missed = await host.InvokeAsync(mallory, "r", action, """{"key":"gone"}""", dryRun: dryRun);

        Assert.Null(missed["warnings"]);
        Assert.Equal(Shape(found), Shape(missed));
        Assert.NotNull((await host.InvokeAsync(alice, "r", action, """{"key":"gone"}""", dryRun: true))["writes"]![0]!["unchanged"]);
    }

    private string? _secret;

    private static string Shape(JsonObject answer) => string.Join(' ', answer["writes"]![0]!.AsObject().Select(static field => field.Key)) + (answer["warnings"] is null ? "" : " warnings");

    private async Task<(Caller Alice, Caller Mallory)> StageAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","state":{"pin":"4711","here":{"a":1}}""");
        foreach (var definition in new[]
        {
            """{"id":"mark","writes":[{"scope":"alice","key_expr":"state.alice.pin","value":1}]}""",
            """{"id":"clear","writes":[{"scope":"alice","key_expr":"state.alice.pin","delete":true}]}""",
            """{"id":"mark_anywhere","writes":[{"scope_expr":"state.alice.pin == '4711' ? 'alice' : '_shared'","key_expr":"state.alice.pin","value":1}]}""",
            """{"id":"publish","writes":[{"scope":"_found","key_expr":"state.alice.pin","value":1}]}""",
            """{"id":"wipe","params":{"key":"string"},"writes":[{"scope":"alice","key":"${params.key}","delete":true}]}""",
            """{"id":"wipe_at","params":{"key":"string"},"writes":[{"scope":"alice","key":"${params.key}","path":"a","delete":true}]}""",
        })
        {
            await host.RegisterAsync(alice, "r", definition);
        }

        var joined = (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"mallory"}"""), EngineHost.Cancel)).Value;
        _secret = joined.Token;
        return (alice, await host.CallerAsync(joined.Token));
    }
}
