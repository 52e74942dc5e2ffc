using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary>What a condition that does not hold says of itself: each part with its sign, and what it compares, for who may read that.</summary>
public sealed class PartsTests
{
    [Theory]
    [InlineData("state._claims.roof.by == self", "state._claims.roof.by == self", "state._claims.roof.by", "\"ann\"")]
    [InlineData("!(state._claims.roof.by != self)", "!(state._claims.roof.by != self)", "state._claims.roof.by", "\"ann\"")]
    [InlineData("!(state._claims.roof != null && state._claims.roof.by != self)", "!(state._claims.roof != null && state._claims.roof.by != self)", "state._claims.roof.by", "\"ann\"")]
    [InlineData("true && !state._shared.closed", "!state._shared.closed", "state._shared.closed", null)]
    [InlineData("state._shared.order[state._shared.turn % 2] == self", "state._shared.order[state._shared.turn % 2] == self", "state._shared.order[state._shared.turn % 2]", "\"ann\"")]
    [InlineData("self in state._shared.players", "self in state._shared.players", "state._shared.players", """["ann"]""")]
    [InlineData("state._shared.players.exists(p, p == self)", "state._shared.players.exists(p, p == self)", "state._shared.players", """["ann"]""")]
    [InlineData("views.holder == self || false", "views.holder == self", "views.holder", "\"ann\"")]
    [InlineData("params.n > 3", "params.n > 3", "params.n", "2")]
    [InlineData("state._shared.turn + params.n > 5", "state._shared.turn + params.n > 5", "state._shared.turn + params.n", "2")]
    public async Task Part_ThatFails_GivesItsSignAndItsOperands(string guard, string part, string operand, string? value)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"start","writes":[{"scope":"_claims","key":"roof","value":{"by":"ann"}},{"key":"closed","value":true},{"key":"order","value":["ann","bob"]},{"key":"turn","value":0},{"key":"players","value":["ann"]}]}""");
        await host.InvokeAsync(host.Owner, "r", "start");
        await host.ViewAsync(host.Owner, "r", """{"id":"holder","expr":"state._claims.roof.by"}""");
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"act","params":{"n":{"default":2} },"if":"{{guard}}","writes":[]}""");

        var error = await host.RefusedAsync(bob, "r", "act");

        Assert.Equal("precondition_failed", error.Code.Name);
        var failed = Assert.Single(error.Details!["parts"]!.AsArray(), found => found!["expression"].Text() == part)!;
        if (value is null)
        {
            Assert.False(failed["value"].Flag());
            return;
        }

        var compared = Assert.Single(failed["operands"]!.AsArray(), found => found!["expression"].Text() == operand)!;
        JsonAssert.Equal(value, compared["value"]);
    }

    [Fact]
    public async Task Part_OfWhatTheCallerMayNotRead_IsWithheldWithItsOperands()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ann = await host.JoinAsync("r", "ann", ""","state":{"word":"xyzzy"}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(ann, "r", """{"id":"open","params":{"word":{}},"if":"!(state.ann.word != params.word || params.word == null)","writes":[]}""");

        var error = await host.RefusedAsync(bob, "r", "open", """{"word":"abracadabra"}""");

        var text = error.Details!["parts"]!.ToJsonString();
        Assert.DoesNotContain("xyzzy", text, StringComparison.Ordinal);
        Assert.Contains("\"withheld\":true", text, StringComparison.Ordinal);
        Assert.Contains("abracadabra", text, StringComparison.Ordinal);
        Assert.Contains("xyzzy", (await host.RefusedAsync(ann, "r", "open", """{"word":"abracadabra"}""")).Details!["parts"]!.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>A list or map that an operand holds, and how it is shown.</summary>
    [Theory]
    [InlineData("map", 3, false)]
    [InlineData("map", 60, true)]
    [InlineData("list", 3, false)]
    [InlineData("list", 400, true)]
    public async Task Operand_ThatIsLong_IsItsSizeAndType(string type, int size, bool isCut)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var items = Enumerable.Range(0, size).Select(static n => $"k{n:000}");
        var value = type == "list" ? $"[{string.Join(',', items.Select(static k => $"\"{k}\""))}]" : $"{{{string.Join(',', items.Select(static k => $"\"{k}\":1"))}}}";
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":"any"},"writes":[{"key":"all","value":"${params.v}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "put", $$"""{"v":{{value}}}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","params":{"to":"string"},"if":"params.to in state._shared.all","writes":[]}""");

        var parts = (await host.RefusedAsync(host.Owner, "r", "act", """{"to":"nobody"}""")).Details!["parts"]!;

        var operand = Assert.Single(parts[0]!["operands"]!.AsArray(), static found => found!["expression"].Text() == "state._shared.all")!;
        JsonAssert.Equal(isCut ? $$"""{"expression":"state._shared.all","type":"{{type}}","size":{{size}},"elided":true}""" : $$"""{"expression":"state._shared.all","value":{{value}}}""", operand);
    }

    /// <summary>A guard, what <c>holds</c> says of it without parameters, and its parts.</summary>
    [Theory]
    [InlineData("params.n > 3", "null", """[{"expression":"params.n > 3","depends_on":["params.n"]}]""")]
    [InlineData("params.n > 3 && params.m == 1", "null", """[{"expression":"params.n > 3","depends_on":["params.n"]},{"expression":"params.m == 1","depends_on":["params.m"]}]""")]
    [InlineData("state._shared.open == null && params.n > 3", "null", """[{"expression":"state._shared.open == null","value":true,"operands":[{"expression":"state._shared.open","value":null}]},{"expression":"params.n > 3","depends_on":["params.n"]}]""")]
    [InlineData("state._shared.open == true && params.n > 3", "false", """[{"expression":"state._shared.open == true","value":false,"operands":[{"expression":"state._shared.open","value":null}]},{"expression":"params.n > 3","depends_on":["params.n"]}]""")]
    [InlineData("state._shared.open == null || params.n > 3", "true", """[{"expression":"state._shared.open == null","value":true,"operands":[{"expression":"state._shared.open","value":null}]},{"expression":"params.n > 3","depends_on":["params.n"]}]""")]
    [InlineData("params['n'] in state._shared.list", "null", """[{"expression":"params['n'] in state._shared.list","depends_on":["params.n"],"operands":[{"expression":"state._shared.list","value":null}]}]""")]
    public async Task Explain_WithoutParameters_NamesWhatItDependsOn(string guard, string holds, string parts)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"act","params":{"n":"any","m":"any"},"if":"{{guard}}","writes":[]}""");

        var explained = (await host.Engine.Actions.ExplainAsync(host.Owner, "r", "act", new InvokeRequest(), EngineHost.Cancel)).Value.ToJson(PlainSteps.Instance, "r");

        JsonAssert.Equal(holds, explained["if"]!["holds"]);
        JsonAssert.Equal(parts, explained["if"]!["parts"]);
        Assert.DoesNotContain("_error", explained.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(holds == "null", explained.ContainsKey("depends_on"));
        Assert.Equal(holds != "false", explained["available"].Flag());
    }
}
