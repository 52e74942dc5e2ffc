using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Causality;

/// <summary>What an event follows from: said by its caller, read off what it writes, or the wake that came before; and found from the cause.</summary>
public sealed class CauseTests
{
    private const string Set = """{"id":"set","params":{"k":{"type":"string"},"v":{}},"if":"params.k != \"no\"","writes":[{"key":"${params.k}","value":"${params.v}"}]}""";

    [Fact]
    public async Task Because_OfEachKind_IsStoredWithItsEvent()
    {
        await using var host = await RoomAsync();
        var message = await SendAsync(host, host.Owner, """{"body":"please"}""");

        var ofEvent = await SetAsync(host, host.Owner, $$"""{"seq":{{message.Seq}}}""");
        var ofMessage = await SetAsync(host, host.Owner, $$"""{"message":"{{message.Number}}"}""");

        Assert.Equal($$"""{"seq":{{message.Seq}}}""", (await EventAsync(host, ofEvent))["because"]!.ToJsonString());
        Assert.Equal($$"""{"message":{{message.Number}},"seq":{{message.Seq}}}""", (await EventAsync(host, ofMessage))["because"]!.ToJsonString());
        Assert.Equal([ofEvent, ofMessage], await FollowedAsync(host, message.Seq));
    }

    [Theory]
    [InlineData("""{"seq":9999}""", "invalid_parameter")]
    [InlineData("""{"seq":0}""", "invalid_parameter")]
    [InlineData("""{"message":2}""", "invalid_parameter")]
    [InlineData("""{"approval":"a3"}""", "approval_not_found")]
    [InlineData("""{"approval":"3"}""", "invalid_parameter")]
    [InlineData("""{"wake":3}""", "invalid_parameter")]
    [InlineData("""{"seq":1,"message":1}""", "invalid_parameter")]
    [InlineData("""{}""", "invalid_parameter")]
    [InlineData("7", "invalid_parameter")]
    public async Task Because_OfWhatIsNotThere_IsRefused(string because, string code)
    {
        await using var host = await RoomAsync();
        await SendAsync(host, host.Owner, """{"body":"one"}""");

        foreach (var dryRun in new[] { false, true })
        {
            var error = Parse($$"""{"params":{"k":"a","v":1},"dry_run":{{(dryRun ? "true" : "false")}},"because":{{because}}}""").Try(out var request, out var refused)
                ? (await host.Engine.Actions.InvokeAsync(host.Owner, "r", "set", request, EngineHost.Cancel)).Error
                : refused;

            Assert.Equal(code, error?.Code.Name);
            Assert.NotNull(error?.Hint);
        }

        Assert.Null(await host.StoredAsync("r", "_shared", "a"));
    }

    [Fact]
    public async Task Because_OfARefusedCall_IsInTheLog()
    {
        await using var host = await RoomAsync();
        var message = await SendAsync(host, host.Owner, """{"body":"please"}""");

        Assert.NotNull((await host.Engine.Actions.InvokeAsync(host.Owner, "r", "set", Parse($$"""{"params":{"k":"no","v":1},"because":{"message":{{message.Number}} } }""").Value, EngineHost.Cancel)).Error);
        await host.SettleAsync("r");

        var refused = Assert.Single(await FollowedAsync(host, message.Seq));
        Assert.False((await EventAsync(host, refused))["ok"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Reply_FollowsFromTheMessageItAnswers_AlsoInABatch()
    {
        await using var host = await RoomAsync();
        var first = await SendAsync(host, host.Owner, """{"body":"one"}""");
        var second = await SendAsync(host, host.Owner, """{"body":"two"}""");

        var reply = await SendAsync(host, host.Owner, $$"""{"body":"to one","reply_to":{{first.Number}}}""");
        var both = (await host.InvokeAsync(host.Owner, "r", "_batch", $$"""
            {"steps":[{"action":"_send_message","params":{"body":"x","reply_to":{{first.Number}} } },{"action":"_send_message","params":{"body":"y","reply_to":{{second.Number}} } }]}
            """))["seq"].Number();

        Assert.Equal([reply.Seq, both], await FollowedAsync(host, first.Seq));
        Assert.Equal([both], await FollowedAsync(host, second.Seq));
        Assert.Equal($$"""[{"message":{{second.Number}},"seq":{{second.Seq}}}]""", (await EventAsync(host, both))["also_because"]!.ToJsonString());
    }

    [Fact]
    public async Task Because_BesideAReply_KeepsBoth()
    {
        await using var host = await RoomAsync();
        var message = await SendAsync(host, host.Owner, """{"body":"one"}""");
        var set = await SetAsync(host, host.Owner, null);

        var reply = EngineHost.Node((await host.Engine.Actions.InvokeAsync(
            host.Owner, "r", "_send_message", Parse($$"""{"params":{"body":"done","reply_to":{{message.Number}}},"because":{"seq":{{set}} } }""").Value, EngineHost.Cancel)).Value.Json)["seq"].Number();

        Assert.Equal(set, (await EventAsync(host, reply))["because"]!["seq"].Number());
        Assert.Equal([reply], await FollowedAsync(host, message.Seq));
        Assert.Equal([reply], await FollowedAsync(host, set));
    }

    [Theory]
    [InlineData("accept")]
    [InlineData("reject")]
    public async Task Chain_FromAMessageToTheWrite_IsFollowedBothWays(string decision)
    {
        await using var host = await RoomAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"deploy","params":{"v":{"type":"string"}},"writes":[{"key":"live","value":"${params.v}"}],"approve":{"by":"person"}}""");
        var bob = await host.JoinAsync("r", "bob");
        var waiting = host.WaitAsync(bob, "r", "messages.directed_unread > 0");
        await host.ParkedAsync("r");
        var message = await SendAsync(host, host.Owner, """{"body":"ship it","to":"bob"}""");
        await waiting;
        var asked = await host.InvokeAsync(bob, "r", "deploy", """{"v":"2"}""");
        var id = asked["approval"].Text();
        var outcome = host.WaitAsync(bob, "r", "messages.directed_unread > 0");
        await host.ParkedAsync("r");
        var decided = (await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"{{decision}}"}"""))["seq"].Number();
        Assert.Equal(decided, (await outcome)["woken_by"].Number());
        var next = await SetAsync(host, bob, null);
        var later = await SetAsync(host, bob, $$"""{"approval":"{{id}}"}""");

        Assert.Equal([asked["seq"].Number()], await FollowedAsync(host, message.Seq));
        Assert.Equal([decided, later], await FollowedAsync(host, asked["seq"].Number()));
        Assert.Equal([next], await FollowedAsync(host, decided));
        Assert.Equal($$"""{"approval":"{{id}}","seq":{{asked["seq"]}}}""", (await EventAsync(host, decided))["because"]!.ToJsonString());
        Assert.Null((await EventAsync(host, decided))["also_because"]);
    }

    [Fact]
    public async Task Message_ThatLeftTheMemory_IsFoundInTheLog()
    {
        await using var host = await RoomAsync();
        var old = await SendAsync(host, host.Owner, """{"body":"long ago"}""");
        var steps = string.Join(',', Enumerable.Repeat("""{"action":"_send_message","params":{"body":"x"}}""", 100));
        for (var batch = 0; batch <= Sync.Engine.Model.Messages.MessageWindow.Capacity / 100; batch++)
        {
            await host.InvokeAsync(host.Owner, "r", "_batch", $$"""{"steps":[{{steps}}]}""");
        }

        Assert.True((await host.LoadedAsync("r")).Published.Messages.Oldest > old.Number);
        var said = await SetAsync(host, host.Owner, $$"""{"message":{{old.Number}}}""");
        var reply = await SendAsync(host, host.Owner, $$"""{"body":"at last","reply_to":{{old.Number}}}""");

        Assert.Equal([said, reply.Seq], await FollowedAsync(host, old.Seq));
    }

    [Fact]
    public async Task Wake_ThatCameBefore_IsTheCauseOfTheNextCallOnly()
    {
        await using var host = await RoomAsync();
        var ann = await host.JoinAsync("r", "ann");
        var waiting = host.WaitAsync(ann, "r", "messages.directed_unread > 0");
        await host.ParkedAsync("r");
        await SetAsync(host, host.Owner, null);
        var message = await SendAsync(host, host.Owner, """{"body":"go","to":"ann"}""");
        Assert.Equal(message.Seq, (await waiting)["woken_by"].Number());

        // A refusal and a dry run use nothing up.
        await host.RefusedAsync(ann, "r", "set", """{"k":"no","v":1}""");
        await host.InvokeAsync(ann, "r", "set", """{"k":"b","v":1}""", dryRun: true);
        var first = await SetAsync(host, ann, null);
        var second = await SetAsync(host, ann, null);

        Assert.Equal($$"""{"wake":{{message.Seq}},"seq":{{message.Seq}}}""", (await EventAsync(host, first))["because"]!.ToJsonString());
        Assert.Null((await EventAsync(host, second))["because"]);
        Assert.Equal([first - 1, first], await FollowedAsync(host, message.Seq));
    }

    [Fact]
    public async Task Wake_OfAConditionThatHeldAtOnce_IsTheNewestEventThatWroteWhatItReads()
    {
        await using var host = await RoomAsync();
        var ann = await host.JoinAsync("r", "ann");
        var set = await SetAsync(host, host.Owner, null);
        await SendAsync(host, host.Owner, """{"body":"beside it"}""");

        Assert.Equal(set, (await host.WaitAsync(ann, "r", "state._shared.a == 1"))["woken_by"].Number());
        Assert.Equal(set, (await EventAsync(host, await SetAsync(host, ann, null)))["because"]!["wake"].Number());
    }

    [Theory]
    [InlineData("reply")]
    [InlineData("said")]
    [InlineData("time-out")]
    [InlineData("another")]
    [InlineData("again")]
    public async Task Wake_ThatIsNotWhatTheCallFollowsFrom_IsNotItsCause(string case_)
    {
        var clock = EngineHost.Clock();
        await using var host = await RoomAsync(time: clock);
        var ann = await host.JoinAsync("r", "ann");
        var earlier = await SendAsync(host, host.Owner, """{"body":"earlier","to":"ann"}""");
        var waiting = host.WaitAsync(ann, "r", "state._shared.a == 1");
        await host.ParkedAsync("r");
        var set = await SetAsync(host, host.Owner, null);
        Assert.Equal(set, (await waiting)["woken_by"].Number());

        long found;
        switch (case_)
        {
            case "reply":
                // Both, and what was answered says more.
                found = (await SendAsync(host, ann, $$"""{"body":"yes","reply_to":{{earlier.Number}}}""")).Seq;
                Assert.Equal(earlier.Seq, (await EventAsync(host, found))["because"]!["seq"].Number());
                Assert.Equal(set, (await EventAsync(host, found))["also_because"]![0]!["wake"].Number());
                break;
            case "said":
                found = await SetAsync(host, ann, $$"""{"message":{{earlier.Number}}}""");
                Assert.Equal(earlier.Seq, (await EventAsync(host, found))["because"]!["seq"].Number());
                Assert.Null((await EventAsync(host, found))["also_because"]);
                break;
            case "time-out":
                var late = host.WaitAsync(ann, "r", "false", timeoutMs: 1_000);
                await host.ParkedAsync("r");
                clock.Advance(TimeSpan.FromSeconds(2));
                Assert.Null((await late)["woken_by"]);
                Assert.Null((await EventAsync(host, await SetAsync(host, ann, null)))["because"]);
                break;
            case "another":
                // An owner who acts as ann did not wait.
                var asAnn = EngineHost.Node((await host.Engine.Actions.InvokeAsync(host.Owner, "r", "set", Parse("""{"params":{"k":"a","v":1},"agent":"ann"}""").Value, EngineHost.Cancel)).Value.Json)["seq"].Number();
                Assert.Null((await EventAsync(host, asAnn))["because"]);
                Assert.Equal(set, (await EventAsync(host, await SetAsync(host, ann, null)))["because"]!["wake"].Number());
                break;
            default:
                // The agent that has the id now is another one.
                Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "ann", free: true, EngineHost.Cancel)).Error);
                Assert.Null((await EventAsync(host, await SetAsync(host, await host.JoinAsync("r", "ann"), null)))["because"]);
                break;
        }
    }

    [Fact]
    public async Task Retry_OfACall_UsesNoWakeUp()
    {
        await using var host = await RoomAsync();
        var ann = await host.JoinAsync("r", "ann");
        var first = (await host.InvokeAsync(ann, "r", "set", """{"k":"a","v":1}""", requestId: "once"))["seq"].Number();
        Assert.Equal(first, (await host.WaitAsync(ann, "r", "state._shared.a == 1"))["woken_by"].Number());

        await host.InvokeAsync(ann, "r", "set", """{"k":"a","v":1}""", requestId: "once");

        Assert.Equal(first, (await EventAsync(host, await SetAsync(host, ann, null)))["because"]!["wake"].Number());
    }

    [Fact]
    public async Task Followed_IsPagedAndBounded_AndShowsNobodysValues()
    {
        await using var host = await RoomAsync();
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"note","scope":"self","params":{"v":{}},"writes":[{"scope":"self","key":"n","value":"${params.v}"}]}""");
        var message = await SendAsync(host, host.Owner, """{"body":"please"}""");
        List<long> all = [];
        for (var i = 0; i < 5; i++)
        {
            all.Add(EngineHost.Node((await host.Engine.Actions.InvokeAsync(
                alice, "r", "note", Parse($$"""{"params":{"v":"hush{{i}}"},"because":{"message":{{message.Number}} } }""").Value, EngineHost.Cancel)).Value.Json)["seq"].Number());
        }

        List<long> found = [];
        EventCursor? after = null;
        do
        {
            var page = (await host.Engine.History.EventAsync(bob, "r", new EventCursor(message.Seq, Tag: null), "seq", after, limit: 2, isLean: true, EngineHost.Cancel)).Value;
            var json = EngineHost.Node(page.Json);
            Assert.DoesNotContain("hush", json.ToJsonString(), StringComparison.Ordinal);
            found.AddRange(json["followed"]!.AsArray().Select(static e => e!["seq"].Number()));
            after = json["next_after"] is { } next ? new EventCursor(next.Number(), Tag: null) : null;
        }
        while (after is not null);

        Assert.Equal(all, found);
        Assert.Equal("invalid_parameter", (await host.Engine.History.EventAsync(bob, "r", new EventCursor(message.Seq, Tag: null), "seq", null, limit: 501, isLean: false, EngineHost.Cancel)).Error!.Code.Name);
        Assert.Equal("cursor_reset", (await host.Engine.History.EventAsync(bob, "r", new EventCursor(message.Seq, "00000000"), "seq", null, null, isLean: false, EngineHost.Cancel)).Error!.Code.Name);
    }

    private static async Task<EngineHost> RoomAsync(RoomLimits? limits = null, TimeProvider? time = null)
    {
        var host = await EngineHost.StartAsync(time, limits);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        return host;
    }

    private static Outcome<InvokeRequest> Parse(string body) => InvokeRequest.Parse(EngineHost.Json(body), idempotencyKey: null);

    private static async Task<(long Seq, long Number)> SendAsync(EngineHost host, Caller caller, string message)
    {
        var sent = await host.InvokeAsync(caller, "r", "_send_message", message);
        return (sent["seq"].Number(), sent["message_seq"].Number());
    }

    private static async Task<long> SetAsync(EngineHost host, Caller caller, string? because) =>
        EngineHost.Node((await host.Engine.Actions.InvokeAsync(
            caller, "r", "set", Parse("""{"params":{"k":"a","v":1},"because":BECAUSE}""".Replace(because is null ? ",\"because\":BECAUSE" : "BECAUSE", because ?? "", StringComparison.Ordinal)).Value, EngineHost.Cancel)).Value.Json)["seq"].Number();

    private static async Task<JsonObject> EventAsync(EngineHost host, long seq) => EngineHost.Node((await host.Engine.History.EventAsync(host.Owner, "r", seq, EngineHost.Cancel)).Value.Json);

    private static async Task<IEnumerable<long>> FollowedAsync(EngineHost host, long seq) => (await EventAsync(host, seq))["followed"]!.AsArray().Select(static e => e!["seq"].Number());
}
