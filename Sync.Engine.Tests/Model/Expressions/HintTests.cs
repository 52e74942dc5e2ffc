using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sync.Engine.Identity;

namespace Sync.Engine.Tests.Model.Expressions;

/// <summary>What an agent writes that has never seen a room: the hint has the whole expression, which is taken out of it and evaluated as it stands.</summary>
public sealed class HintTests
{
    private const string Room = """
        {"id":"fill","writes":[
          {"key":"phase","value":"playing"},
          {"key":"n","value":3},
          {"key":"items","value":[{"id":"a","n":1,"done":true},{"id":"b","n":2,"done":false}]},
          {"key":"words","value":["b","a"]},
          {"key":"ann.status","value":"busy"},
          {"key":"to-do","value":1},
          {"scope":"self","key":"score","value":7}]}
        """;

    [Theory]
    [InlineData("self.score > 5", "true")]
    [InlineData("self.id == \"alice\"", "true")]
    [InlineData("self.status == \"active\"", "true")]
    [InlineData("agent == \"alice\"", "true")]
    [InlineData("agent.id == \"alice\"", "true")]
    [InlineData("agent.status == \"active\"", "true")]
    [InlineData("me == \"alice\"", "true")]
    [InlineData("shared.phase == \"playing\"", "true")]
    [InlineData("room.phase == \"playing\"", "true")]
    [InlineData("room.state._shared.phase == \"playing\"", "true")]
    [InlineData("context.state._shared.phase == \"playing\"", "true")]
    [InlineData("phase == \"playing\"", "true")]
    [InlineData("unread > 0", "false")]
    [InlineData("len(shared.items) == 2 and agent == \"alice\"", "true")]
    [InlineData("\"n: \" + state._shared.n", "\"n: 3\"")]
    [InlineData("state._shared.words.contains(\"a\")", "true")]
    [InlineData("state._shared.absent > 3", "false")]
    [InlineData("state._shared.items[-1].id", "\"b\"")]
    [InlineData("state._shared.items.filter(t => t.done).length", "1")]
    [InlineData("state._shared.items.length == 2", "true")]
    [InlineData("SELECT id FROM state._shared.items WHERE done = true", "[\"a\"]")]
    [InlineData("SELECT count(*) FROM _nothing", "0")]
    [InlineData("_nothing.size()", "0")]
    public async Task Eval_OfWhatFails_HintsAtAnExpressionThatWorks(string attempt, string expected)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await FillAsync(host);

        var error = (await host.Engine.Context.EvalAsync(alice, "r", attempt, EngineHost.Cancel)).Error;

        Assert.NotNull(error);
        JsonAssert.Equal(expected, await host.EvalAsync(alice, "r", Replacement(error.Hint)));
    }

    [Theory]
    [InlineData("state.phase == \"playing\"", "true")]
    [InlineData("state._shared.ann.status == \"busy\"", "true")]
    [InlineData("state._shared.phse == \"playing\"", "true")]
    [InlineData("state._shared.todo == 1", "true")]
    [InlineData("state._shared.keys == [\"n\"]", "false")]
    [InlineData("state.self.scor == 7", "true")]
    [InlineData("7 // 2", "3")]
    [InlineData("\"${state._shared.n} left\"", "\"3 left\"")]
    [InlineData("state._shared.words.first() == \"b\"", "true")]
    public async Task Eval_OfWhatIsDoubtful_WarnsWithAnExpressionThatWorks(string attempt, string expected)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await FillAsync(host);

        var answer = JsonNode.Parse((await host.Engine.Context.EvalAsync(alice, "r", attempt, EngineHost.Cancel)).Value.Span)!;

        var replacement = Replacement(answer["warnings"]![0]!["hint"]!.GetValue<string>());
        Assert.NotEqual(attempt, replacement);
        JsonAssert.Equal(expected, await host.EvalAsync(alice, "r", replacement));
    }

    [Fact]
    public async Task Eval_OfAFlatKeyByItsName_IsNotDoubted()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await FillAsync(host);

        var answer = JsonNode.Parse((await host.Engine.Context.EvalAsync(alice, "r", "state._shared[\"ann.status\"]", EngineHost.Cancel)).Value.Span)!;

        Assert.Null(answer["warnings"]);
    }

    // The private scope of another is not looked into for hints either.
    [Fact]
    public async Task Eval_OfAnothersScope_HintsAtNothingInIt()
    {
        await using var host = await EngineHost.StartAsync();
        await FillAsync(host);
        var bob = await host.JoinAsync("r", "bob");

        var error = (await host.Engine.Context.EvalAsync(bob, "r", "state.alice.scor > 3", EngineHost.Cancel)).Error!;

        Assert.Equal("not_readable", error.Code.Name);
        Assert.DoesNotContain("score", error.Hint ?? "", StringComparison.Ordinal);
    }

    private static async Task<Caller> FillAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", Room);
        await host.InvokeAsync(alice, "r", "fill");
        return alice;
    }

    private static string Replacement(string? hint)
    {
        var match = Regex.Match(hint ?? "", "Write `(.*?)`", RegexOptions.Singleline);
        Assert.True(match.Success, hint);
        return match.Groups[1].Value;
    }
}
