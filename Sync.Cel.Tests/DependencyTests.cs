namespace Sync.Cel.Tests;

public sealed class DependencyTests
{
    [Theory]
    [InlineData("1 + 1", "")]
    [InlineData("state._shared.phase == \"a\" && messages.unread > 0", "messages.unread state._shared.phase")]
    [InlineData("state[self].x", "self state[self].x")]
    [InlineData("state[\"_shared\"][\"a\"]", "state._shared.a")]
    [InlineData("state[params.id].x", "params.id state")]
    [InlineData("state._tasks[state._shared.k].x", "state._shared.k state._tasks")]
    [InlineData("has(state._tasks.k)", "state._tasks.k")]
    [InlineData("has(state._tasks[\"k\"])", "state._tasks.k")]
    [InlineData("\"k\" in state._tasks", "state._tasks.k")]
    [InlineData("self in state._tasks", "self state._tasks[self]")]
    [InlineData("params.k in state._tasks", "params.k state._tasks")]
    [InlineData("size(state._tasks) > 0", "state._tasks.keys()")]
    [InlineData("state._tasks.size() > 0", "state._tasks.keys()")]
    [InlineData("state._tasks.keys()", "state._tasks.keys()")]
    [InlineData("state._tasks.values()", "state._tasks")]
    [InlineData("state._tasks.exists(k, k == \"a\")", "state._tasks.keys()")]
    [InlineData("state._tasks.exists(k, state._tasks[k].done)", "state._tasks")]
    [InlineData("state._tasks.exists(k, v, v.done)", "state._tasks")]
    [InlineData("state._tasks.exists(k, v, k == \"a\")", "state._tasks.keys()")]
    [InlineData("state._tasks.map(k, views.total)", "state._tasks.keys() views.total")]
    [InlineData("cel.bind(s, state._shared, s.a)", "state._shared.a")]
    [InlineData("cel.bind(s, state._shared, s.a + s.b)", "state._shared.a state._shared.b")]
    [InlineData("cel.bind(s, state, cel.bind(t, s._shared, t.a.b))", "state._shared.a.b")]
    [InlineData("cel.bind(s, state._shared, 1)", "")]
    [InlineData("cel.bind(s, self, state[s].x)", "self state[self].x")]
    [InlineData("state.?_shared.?a.orValue(1)", "state._shared.a")]
    [InlineData("state[?\"_shared\"].a.hasValue()", "state._shared.a")]
    [InlineData("state.?_shared.optMap(v, v.b)", "state._shared.b state._shared.keys()")]
    [InlineData("(self == \"a\" ? state.a : state.b).x", "self state.a.x state.b.x")]
    [InlineData("state._shared.a == 1 || state._shared == null", "state._shared")]
    [InlineData("state._shared.list[0].x", "state._shared.list")]
    [InlineData("[state.a, state.b][0].x", "state.a state.b")]
    [InlineData("{\"k\": state.a}.k.x", "state.a")]
    [InlineData("state._shared.a.startsWith(views.p)", "state._shared.a views.p")]
    [InlineData("math.greatest(views.a, views.b)", "views.a views.b")]
    [InlineData("[1].exists(state, state > 0)", "")]
    [InlineData("[1].exists(x, .state.a == x)", "state.a")]
    [InlineData("cel.block([state.a, cel.index(0).b], cel.index(1).c)", "state.a.b.c")]
    [InlineData("type(state.a) == int", "state.a")]
    [InlineData("dyn(state.a).b", "state.a.b")]
    [InlineData("state", "state")]
    public void Dependencies_OfExpression_AreExactlyWhatItReads(string expression, string expected) =>
        Assert.Equal(expected, string.Join(' ', RoomCel.Compile(expression).Dependencies.Select(p => p.ToString()).Order(StringComparer.Ordinal)));

    [Fact]
    public void Dependencies_LongChain_AreCutShortNotDropped()
    {
        var path = Assert.Single(RoomCel.Compile("state" + string.Concat(Enumerable.Repeat(".a", 200))).Dependencies);

        Assert.Equal("state", path.Root);
        Assert.Equal(32, path.Segments.Length);
    }
}
