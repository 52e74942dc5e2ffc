using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Tests.Reads.Context;

/// <summary>The log, invocations and the history of a key in contexts: bounded, paged, and never read by expressions in silence.</summary>
public sealed class ContextLogTests
{
    private const int Writes = 150;

    [Fact]
    public async Task Log_ByItself_IsPagedBackAndForth()
    {
        await using var host = await FilledAsync();
        var end = (await host.ContextAsync(host.Owner, "r", "only=state"))["_context"]!["seq"].Number();

        var newest = await host.ContextAsync(host.Owner, "r", "only=state._audit&limit=5");
        var after = await host.ContextAsync(host.Owner, "r", $"only=state._audit&after={end - 30}&limit=5");
        var next = await host.ContextAsync(host.Owner, "r", EngineHost.QueryOf(Cut(after, "_audit")!["query"].Text()));
        var since = await host.ContextAsync(host.Owner, "r", $"only=state._audit&since={end - 3}");

        Assert.Equal(Numbers(end, -1, 5), Seqs(newest));
        Assert.Equal((5, end - 5), (Cut(newest, "_audit")!["shown"].Number(), Cut(newest, "_audit")!["missing"].Number()));
        Assert.Equal(Numbers(end - 29, 1, 5), Seqs(after));
        Assert.Equal(25, Cut(after, "_audit")!["missing"].Number());
        Assert.Equal(Numbers(end - 24, 1, 5), Seqs(next));
        Assert.Equal(Numbers(end - 2, 1, 3), Seqs(since));
        Assert.Null(Cut(since, "_audit"));
        Assert.False(since.ContainsKey("removed"));
    }

    [Fact]
    public async Task Log_FollowedForward_GivesEveryEventOnce()
    {
        await using var host = await FilledAsync();
        var seen = new List<long>();
        for (var query = "only=state._audit&after=0&limit=40"; query is not null;)
        {
            var page = await host.ContextAsync(host.Owner, "r", query);
            seen.AddRange(Seqs(page));
            query = Cut(page, "_audit") is { } cut ? EngineHost.QueryOf(cut["query"].Text()) : null;
        }

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(static i => (long)i), seen);
        Assert.True(seen.Count > Writes);
    }

    [Theory]
    [InlineData("include=_audit", 20, 100)]
    [InlineData("include=activity", 20, 100)]
    [InlineData("only=state._audit", 20, 100)]
    [InlineData("only=messages&include=activity&limit=7", 7, 7)]
    [InlineData("include=_audit&limit=3", 3, 3)]
    [InlineData("include=activity&since=100", 20, 100)]
    public async Task Log_OfAModel_IsShort(string shape, int lean, int whole)
    {
        await using var host = await FilledAsync();

        Assert.Equal(lean, (await ReadAsync(host, shape, isLean: true)).Count);
        Assert.InRange((await ReadAsync(host, shape, isLean: false)).Count, Math.Min(whole, 50), whole);
    }

    [Fact]
    public async Task Activity_Since_BeginsThere()
    {
        await using var host = await FilledAsync();
        var end = (await host.ContextAsync(host.Owner, "r", "only=state"))["_context"]!["seq"].Number();

        var context = await host.ContextAsync(host.Owner, "r", $"only=messages&include=activity&since={end - 4}");

        Assert.Equal(Numbers(end - 3, 1, 4), context["activity"]!["recent"]!.AsArray().Select(static e => e!["seq"].Number()));
    }

    [Fact]
    public async Task History_OfAKey_HasItsNewestWritesAndTheQueryForOlder()
    {
        await using var host = await FilledAsync();

        var first = await host.ContextAsync(host.Owner, "r", "only=state._shared.n&include=history&limit=3");
        var older = await host.ContextAsync(host.Owner, "r", EngineHost.QueryOf(Cut(first, "history")!["query"].Text()));
        var lean = await host.Engine.Context.ReadAsync(host.Owner, "r", EngineHost.Shape("only=state._shared.n&include=history") with { IsLean = true }, EngineHost.Cancel);

        Assert.Equal([Writes, Writes - 1, Writes - 2], first["history"]!.AsArray().Select(static write => write!["value"].Number()));
        Assert.All(first["history"]!.AsArray(), write => Assert.Equal(("put", "olga"), (write!["via"].Text(), write["writer"].Text())));
        Assert.Equal(Writes, first["state"]!["_shared"]!["n"].Number());
        Assert.Equal(Writes - 3, Cut(first, "history")!["missing"].Number());
        Assert.Equal([Writes - 3, Writes - 4, Writes - 5], older["history"]!.AsArray().Select(static write => write!["value"].Number()));
        Assert.Equal(20, JsonNode.Parse(lean.Value.Span)!["history"]!.AsArray().Count);
    }

    [Fact]
    public async Task History_OfAKeyThatIsGone_IsStillThere_AndOfAPrivateOneIsNot()
    {
        await using var host = await FilledAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"drop","writes":[{"key":"n","delete":true}]}""");
        await host.InvokeAsync(host.Owner, "r", "drop");
        await host.JoinAsync("r", "alice", ""","state":{"secret":"s3cr3t"}""");
        var bob = await host.JoinAsync("r", "bob");

        var gone = await host.ContextAsync(bob, "r", "only=state._shared.n&include=history&limit=2");
        var hidden = await host.ContextAsync(bob, "r", "only=state.alice.secret&include=history");

        Assert.True(gone["history"]![0]!["deleted"].Flag());
        Assert.Equal(Writes, gone["history"]![1]!["value"].Number());
        Assert.Empty(hidden["history"]!.AsArray());
        Assert.DoesNotContain("s3cr3t", hidden.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("include=history", "include", "\"only\": \"state._shared.KEY\"")]
    [InlineData("include=history&only=state._shared", "include", "\"only\": \"state._shared.KEY\"")]
    [InlineData("include=history&only=state._shared.n&after=3", "after", "\"at\": SEQ")]
    [InlineData("only=state._audit&after=x", "after", null)]
    [InlineData("only=state._audit&limit=9000", "limit", null)]
    [InlineData("only=state._shared,state._other&limit=3", "limit", "Name it in 'only'")]
    public void Shape_ThatCannotBe_IsRefusedWithWhatCan(string query, string parameter, string? hint)
    {
        var parsed = ContextShape.Parse(query.Split('&').Select(static pair => KeyValuePair.Create(pair.Split('=')[0], pair.Split('=')[1])));

        Assert.Equal(("invalid_parameter", parameter), (parsed.Error!.Code.Name, parsed.Error.Details!["parameter"].Text()));
        Assert.Contains(hint ?? "", parsed.Error.Hint ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("size(state._audit)")]
    [InlineData("state._audit.exists(e, true)")]
    [InlineData("state[\"_audit\"].size() > 0")]
    public async Task Expression_OverTheLog_IsRefusedOrWarned(string expression)
    {
        await using var host = await FilledAsync();
        var condition = expression.Contains("size(state", StringComparison.Ordinal) ? $"{expression} > 0" : expression;

        var evaluated = await host.Engine.Context.EvalAsync(host.Owner, "r", expression, EngineHost.Cancel);
        var waited = await host.Engine.Waits.WaitAsync(host.Owner, "r", condition, TimeSpan.FromMilliseconds(1), ContextShape.Default, EngineHost.Cancel);
        var view = await host.ViewAsync(host.Owner, "r", new JsonObject { ["id"] = "v", ["expr"] = expression }.ToJsonString());
        var action = await host.RegisterAsync(host.Owner, "r", new JsonObject { ["id"] = "a", ["if"] = condition, ["writes"] = new JsonArray(new JsonObject { ["key"] = "k", ["value"] = 1 }) }.ToJsonString());

        foreach (var error in (SyncError?[])[evaluated.Error, waited.Error])
        {
            Assert.Equal("invalid_cel", error!.Code.Name);
            Assert.Contains("state._audit", error.Hint, StringComparison.Ordinal);
        }

        Assert.All((JsonObject[])[view, action], answer => Assert.Contains(answer["warnings"]!.AsArray(), static warning => warning!["code"].Text() == "log_not_readable"));
    }

    [Fact]
    public async Task Contest_IsSaidOnceToEachReader()
    {
        await using var host = await FilledAsync();
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        async Task ContestAsync(string key)
        {
            await host.RegisterAsync(alice, "r", $$"""{"id":"{{key}}1","writes":[{"key":"{{key}}","value":1}]}""");
            await host.RegisterAsync(bob, "r", $$"""{"id":"{{key}}2","writes":[{"key":"{{key}}","value":2}]}""");
        }

        async Task<bool> IsToldAsync(Caller reader, string query = "") => (await host.ContextAsync(reader, "r", query))["_context"]!["help"].Texts().Contains("contested_actions");

        Assert.False(await IsToldAsync(alice));
        await ContestAsync("one");
        Assert.True(await IsToldAsync(alice, "peek=true"));
        Assert.True(await IsToldAsync(alice));
        Assert.False(await IsToldAsync(alice));
        Assert.True(await IsToldAsync(bob, "only=messages"));
        Assert.False(await IsToldAsync(bob));
        await ContestAsync("two");
        Assert.True(await IsToldAsync(alice));
        Assert.False(await IsToldAsync(alice));
        Assert.Contains("_contested", (await host.ContextAsync(alice, "r"))["views"].Names());
    }

    private static async Task<JsonArray> ReadAsync(EngineHost host, string shape, bool isLean)
    {
        var read = await host.Engine.Context.ReadAsync(host.Owner, "r", EngineHost.Shape(shape) with { IsLean = isLean }, EngineHost.Cancel);
        var context = JsonNode.Parse(read.Value.Span)!;
        return (shape.Contains("activity", StringComparison.Ordinal) ? context["activity"]!["recent"] : context["state"]!["_audit"])!.AsArray();
    }

    private static IEnumerable<long> Numbers(long first, int step, int count) => Enumerable.Range(0, count).Select(i => first + (i * step));

    private static IEnumerable<long> Seqs(JsonObject context) => context["state"]!["_audit"]!.AsArray().Select(static e => e!["seq"].Number());

    private static JsonNode? Cut(JsonObject context, string section) => context["_context"]!["elided"]!.AsArray().SingleOrDefault(note => note!["section"].Text() == section);

    private static async Task<EngineHost> FilledAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":{"type":"integer"}},"writes":[{"key":"n","value":"${params.v}"}]}""");
        for (var i = 1; i <= Writes; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "put", $$"""{"v":{{i}}}""");
        }

        return host;
    }
}
