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
}
