using Sync.Cel.Checking;

namespace Sync.Cel.Tests;

public sealed class RelaxationTests
{
    [Theory]
    [InlineData("state._shared.phase == \"playing\" && messages.unread > 0", "true")]
    [InlineData("state._shared.absent", "null")]
    [InlineData("state._shared.absent.deeper.still", "null")]
    [InlineData("state.nowhere.phase == null", "true")]
    [InlineData("state._tasks[\"t9\"].done == null", "true")]
    [InlineData("state[self].x", "1")]
    [InlineData("state[state._shared.absent]", "null")]
    [InlineData("has(state._shared.absent)", "false")]
    [InlineData("has(state._shared.none)", "true")]
    [InlineData("has(state._shared[\"phase\"])", "true")]
    [InlineData("has(state.nowhere.phase)", "false")]
    [InlineData("\"t1\" in state._tasks", "true")]
    [InlineData("\"t9\" in state._tasks", "false")]
    [InlineData("\"t1\" in state.nowhere", "false")]
    [InlineData("self in agents", "true")]
    [InlineData("state.?nowhere.?x.orValue(4)", "4")]
    [InlineData("state._shared.round + 0.5", "3.5")]
    [InlineData("1 - 0.5", "0.5")]
    [InlineData("2 * state._shared.ratio", "1.0")]
    [InlineData("1 / 2.0", "0.5")]
    [InlineData("7 / 2", "3")]
    [InlineData("state._shared.whole + 1", "3")]
    [InlineData("state._tasks.exists(k, state._tasks[k].done)", "true")]
    [InlineData("state._tasks.filter(k, !state._tasks[k].done)", "[\"t2\"]")]
    [InlineData("state._tasks.values().map(t, t.points)", "[3, 5]")]
    [InlineData("state._tasks.keys()", "[\"t1\", \"t2\"]")]
    [InlineData("state._tasks.entries()[0]", "{\"key\": \"t1\", \"value\": {\"done\": true, \"by\": \"alice\", \"points\": 3}}")]
    [InlineData("state._tasks.all(k, v, v.points > 2)", "true")]
    [InlineData("state._shared.items.sortBy(x, -x.n)[0].id", "\"b\"")]
    [InlineData("cel.bind(s, state._shared, s.round + size(s.list))", "6")]
    [InlineData("now > timestamp(\"2023-01-01T00:00:00Z\")", "true")]
    public void RoomExpression_OverSample_Gives(string expression, string expected) =>
        Assert.Equal(expected, RoomCel.Evaluate(expression).ToString());

    [Theory]
    [InlineData("state._shared.absent > 3", "null", "has(")]
    [InlineData("state._shared.absent + 1", "null", "has(")]
    [InlineData("size(state._shared.absent)", "null", "has(")]
    [InlineData("state._shared.absent.exists(x, x)", "null", "has(")]
    [InlineData("state._shared.absent && true", "null", "has(")]
    [InlineData("state._shared.absent.startsWith(\"a\")", "null", "has(")]
    [InlineData("state._shared.name + 1", "string and int", "string(x)")]
    [InlineData("state._shared.name > 1", "string and int", "int(s)")]
    [InlineData("state._shared.list.contains(self)", "list.contains(string)", "x in list")]
    [InlineData("state._shared.list.length", "no field", "size(x)")]
    [InlineData("state._shared.round && true", "needs bool", "truthiness")]
    [InlineData("state._shared.round % state._shared.ratio == 0", "int and double", "`%`")]
    [InlineData("state._shared.list[5]", "out of range", "orValue")]
    [InlineData("state._shared.list[-1]", "out of range", "last")]
    public void RoomExpression_ThatFails_SaysWhyAndWhatToDo(string expression, string message, string hint)
    {
        var value = RoomCel.Evaluate(expression);

        Assert.True(value.IsError, value.ToString());
        Assert.Equal("cel_error", value.AsError.Code);
        Assert.Contains(message, value.AsError.Message, StringComparison.Ordinal);
        Assert.Contains(hint, value.AsError.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null.a")]
    [InlineData("\"a\" in null")]
    [InlineData("1 + 1.0")]
    [InlineData("has(null.a)")]
    public void PureLanguage_WhatOnlyRelaxationsAllow_IsAnError(string expression) =>
        Assert.Equal("invalid_cel", RoomCel.Issue(expression, RoomCel.Pure).Code);

    [Theory]
    [InlineData("m.b")]
    [InlineData("m[\"b\"]")]
    [InlineData("m.none.x")]
    [InlineData("\"a\" in m.none")]
    [InlineData("m.a + 1.5")]
    [InlineData("has(m.none.x)")]
    public void PureLanguage_SameOverUnknownTypes_IsAnErrorAtRunTime(string expression)
    {
        var environment = new CelEnvironment(new CelOptions { Variables = ["m"] });

        var value = RoomCel.Compile(expression, environment).Evaluate(new Activation([RoomCel.Json("{\"a\": 1, \"none\": null}")]));

        Assert.True(value.IsError, value.ToString());
    }
}
