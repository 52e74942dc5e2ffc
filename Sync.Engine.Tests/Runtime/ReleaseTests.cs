using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Runtime;

/// <summary>When answers are given: as soon as what they rest on is on disk, and not before.</summary>
public sealed class ReleaseTests
{
    private const string Take = """{"id":"take","if":"state._shared.holder == null","writes":[{"key":"holder","value":"${self}"}]}""";

    /// <summary>Kinds of calls that are answered without an event of their own, and what they say once the event before them is durable.</summary>
    public static TheoryData<string, string> Answers => new()
    {
        { "guard", "precondition_failed" },
        { "unknown", "action_not_found" },
        { "params", "unknown_param" },
        { "join", "agent_exists" },
        { "update", "agent_not_found" },
        { "replay", "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answer_WithoutAnEventOfItsOwn_WaitsForWhatItWasDecidedOn(string kind, string code)
    {
        await using var host = await StartAsync();
        using var block = new BlockedCommit(host.Engine.Log);
        var taken = host.InvokeAsync(host.Owner, "r", "take", requestId: "once");
        await block.ReachedAsync();

        var answer = AnswerAsync(host, kind);
        Assert.False(answer.IsCompleted);
        block.LetGo();

        Assert.Equal(code, (await answer)?.Code.Name ?? "");
        await taken;
    }

    [Theory]
    [InlineData("guard")]
    [InlineData("unknown")]
    [InlineData("params")]
    [InlineData("join")]
    [InlineData("update")]
    [InlineData("replay")]
    public async Task Answer_DecidedOnWhatIsUndone_IsUnavailable(string kind)
    {
        await using var host = await StartAsync();
        using var block = new FailingCommit(host.Engine.Log);
        var taken = host.RefusedAsync(host.Owner, "r", "take", requestId: "once");
        await block.ReachedAsync();
        var answer = AnswerAsync(host, kind);
        Assert.False(answer.IsCompleted);

        block.LetGo();

        Assert.Equal(ErrorCode.Unavailable, (await taken).Code);
        Assert.Equal(ErrorCode.Unavailable, (await answer)?.Code);
        Assert.Null(await host.StoredAsync("r", "_shared", "holder"));
    }

    [Fact]
    public async Task Refusal_WithNothingOnItsWay_AnswersAtOnceWhateverTheDiskDoes()
    {
        await using var host = await StartAsync();
        await host.InvokeAsync(host.Owner, "r", "take");
        await host.SettleAsync("r");
        using var block = new BlockedCommit(host.Engine.Log);

        // Its own line in the log is not on disk, and the next rests on no more than it did.
        var first = await host.RefusedAsync(host.Owner, "r", "take");
        await block.ReachedAsync();
        var second = await host.RefusedAsync(host.Owner, "r", "take");
        var other = await host.RefusedAsync(host.Owner, "r", "nothing");

        Assert.Equal(("precondition_failed", "precondition_failed", "action_not_found"), (first.Code.Name, second.Code.Name, other.Code.Name));
    }

    [Fact]
    public async Task DryRunExplainAndHelp_WhileAnEventIsOnItsWay_SpeakOfWhatReadersSee()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"teach","writes":[{"scope":"_help","key":"house","value":"rules","if_version":""}]}""");
        await host.InvokeAsync(host.Owner, "r", "inc");
        using var block = new BlockedCommit(host.Engine.Log);
        var invoked = host.InvokeAsync(host.Owner, "r", "inc");
        var taught = host.InvokeAsync(host.Owner, "r", "teach");
        var taken = host.InvokeAsync(host.Owner, "r", "take");
        await block.ReachedAsync();
        await using var held = await HeldRoom.HoldAsync(host, "r");

        var tried = await host.InvokeAsync(host.Owner, "r", "inc", dryRun: true);
        var explained = EngineHost.Node((await host.Engine.Actions.ExplainAsync(host.Owner, "r", "take", new InvokeRequest { Params = EngineHost.Json("{}") }, EngineHost.Cancel)).Value);

        var keys = (await host.InvokeAsync(host.Owner, "r", "help"))["keys"].Texts();

        Assert.Equal(2, tried["writes"]![0]!["value"].Number());
        Assert.DoesNotContain("house", keys);
        Assert.True(explained["available"].Flag());
        Assert.False(invoked.IsCompleted || taken.IsCompleted || taught.IsCompleted);
        block.LetGo();
        await invoked;
        await taught;
        Assert.Contains("house", (await host.InvokeAsync(host.Owner, "r", "help"))["keys"].Texts());
    }

    private static async Task<SyncError?> AnswerAsync(EngineHost host, string kind)
    {
        switch (kind)
        {
            case "guard":
                return (await host.TryInvokeAsync(host.Owner, "r", "take")).Error;
            case "unknown":
                return (await host.TryInvokeAsync(host.Owner, "r", "nothing")).Error;
            case "params":
                return (await host.TryInvokeAsync(host.Owner, "r", "take", """{"x":1}""")).Error;
            case "join":
                return (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"alice"}"""), EngineHost.Cancel)).Error;
            case "update":
                return (await host.Engine.Agents.UpdateAsync(host.Owner, "r", "nobody", EngineHost.Json("""{"name":"X"}"""), EngineHost.Cancel)).Error;
            default:
                return (await host.TryInvokeAsync(host.Owner, "r", "take", requestId: "once")).Error;
        }
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", Take);
        return host;
    }
}
