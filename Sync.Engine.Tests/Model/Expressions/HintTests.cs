using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
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
          {"key":"deadline","value":"2026-11-28T23:06:14Z"},
          {"key":"day","value":"2020-01-01"},
          {"key":"wait","value":"10m"},
          {"key":"digits","value":"5"},
          {"key":"rows","value":[{"team":"red"},{"team":"blue"},{"team":"red"}]},
          {"scope":"_items","key":"1","value":{"done":true,"by":"ann"}},
          {"scope":"_items","key":"2","value":{"done":false,"by":"bob"}},
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
    [InlineData("now < state._shared.deadline", "false")]
    [InlineData("state._shared.deadline < now", "true")]
    [InlineData("now > state._shared.day", "true")]
    [InlineData("now - state._shared.deadline > duration(\"5m\")", "true")]
    [InlineData("now - state._shared.deadline > state._shared.wait", "true")]
    [InlineData("duration(\"5m\") < state._shared.wait", "true")]
    [InlineData("now > \"2020-01-01T00:00:00Z\"", "true")]
    [InlineData("state._shared.deadline.getFullYear()", "2026")]
    [InlineData("agents.exists(a, now - a.last_heartbeat >= duration(\"0s\"))", "true")]
    [InlineData("not (now < state._shared.deadline) and self == 'alice'", "true")]
    [InlineData("state._shared.digits > 3", "true")]
    [InlineData("state._shared.digits * 2", "10")]
    [InlineData("size(state._shared.n) > 2", "true")]
    [InlineData("size(messages.count)", "1")]
    [InlineData("agents.filter(a, a.name == \"alice\").size()", "1")]
    [InlineData("agents.exists(a, a.status == \"idle\")", "false")]
    [InlineData("actions.exists(a, a.available)", "true")]
    [InlineData("views.exists(v, v.x == 1)", "false")]
    [InlineData("state._items.filter(x, x.done).size()", "1")]
    [InlineData("state._items.all(x, x.done)", "false")]
    [InlineData("state._items.map(x, x.by)", "[\"ann\", \"bob\"]")]
    [InlineData("messages.recent.filter(m, m.body.contains(\"hello\")).size()", "1")]
    [InlineData("messages.filter(m, m.body.contains(\"hello\")).size()", "1")]
    [InlineData("messages.exists(m, m.from == \"alice\")", "true")]
    [InlineData("messages.map(m => m.body)", "[\"hello\"]")]
    [InlineData("state._shared.rows.countBy(r, r.team)", "{\"red\": 2, \"blue\": 1}")]
    [InlineData("state._shared.rows.groupBy(r, r.team).keys()", "[\"red\", \"blue\"]")]
    [InlineData("Counter(r.team for r in state._shared.rows)", "{\"red\": 2, \"blue\": 1}")]
    [InlineData("SELECT team, COUNT(*) FROM state._shared.rows GROUP BY team", "{\"red\": 2, \"blue\": 1}")]
    public async Task Eval_OfWhatFails_HintsAtAnExpressionThatWorks(string attempt, string expected)
    {
        await using var host = await EngineHost.StartAsync(new FakeTimeProvider(new DateTimeOffset(2026, 12, 24, 0, 0, 0, TimeSpan.Zero)));
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
    [InlineData("now == state._shared.deadline", "false")]
    [InlineData("messages[0].body", "\"hello\"")]
    [InlineData("messages.size()", "1")]
    [InlineData("messages.recent", "null", true)]
    [InlineData("messages.all == null", "false")]
    [InlineData("messages.latest.body", "\"hello\"")]
    public async Task Eval_OfWhatIsDoubtful_WarnsWithAnExpressionThatWorks(string attempt, string expected, bool isList = false)
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await FillAsync(host);

        var answer = JsonNode.Parse((await host.Engine.Context.EvalAsync(alice, "r", attempt, EngineHost.Cancel)).Value.Span)!;

        var replacement = Replacement(answer["warnings"]![0]!["hint"]!.GetValue<string>());
        Assert.NotEqual(attempt, replacement);
        var value = await host.EvalAsync(alice, "r", replacement);
        if (isList)
        {
            Assert.Single(value!.AsArray());
            return;
        }

        JsonAssert.Equal(expected, value);
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
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"hello"}""");
        return alice;
    }

    private static string Replacement(string? hint)
    {
        var match = Regex.Match(hint ?? "", "Write `(.*?)`", RegexOptions.Singleline);
        Assert.True(match.Success, hint);
        return match.Groups[1].Value;
    }
}
