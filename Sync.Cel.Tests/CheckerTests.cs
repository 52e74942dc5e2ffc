using System.Collections.Immutable;
using Sync.Cel.Checking;

namespace Sync.Cel.Tests;

public sealed class CheckerTests
{
    private static readonly CelEnvironment s_typed = new(new CelOptions
    {
        Variables = ["name", "count", "tags", "rooms", "at", "any"],
        VariableTypes = new Dictionary<string, string>
        {
            ["name"] = "string",
            ["count"] = "int",
            ["tags"] = "list<string>",
            ["rooms"] = "map<string, map<string, int>>",
            ["at"] = "timestamp",
        }.ToImmutableDictionary(),
    });

    [Theory]
    [InlineData("name + 1", "string and int", "string(x)")]
    [InlineData("name > count", "string and int", "int(s)")]
    [InlineData("count.startsWith(\"a\")", "int.startsWith(string)", "string(x)")]
    [InlineData("tags.contains(\"a\")", "list.contains(string)", "x in list")]
    [InlineData("tags.exists(t, t > 1)", "string and int", null)]
    [InlineData("tags.exists(t, t)", "needs bool", "truthiness")]
    [InlineData("name.map(c, c)", "runs over", null)]
    [InlineData("tags.length", "no field", "size(x)")]
    [InlineData("rooms.a.b + \"x\"", "int and string", null)]
    [InlineData("rooms.exists(k, v, v + 1 > 0)", "map and int", null)]
    [InlineData("count ? 1 : 2", "needs bool", null)]
    [InlineData("count && true", "needs bool", null)]
    [InlineData("!name", "string", null)]
    [InlineData("-name", "string", null)]
    [InlineData("name[0]", "cannot be indexed", "charAt")]
    [InlineData("tags[\"a\"]", "indexed by int", null)]
    [InlineData("count in name", "`in`", "contains")]
    [InlineData("at - 1", "timestamp and int", null)]
    [InlineData("cel.bind(x, name, x * 2)", "string and int", null)]
    [InlineData("name.optMap(x, x)", "optional", "optional.of")]
    [InlineData("[?name]", "[?…]", "optional")]
    [InlineData("{1.5: 2}", "map key", "string(x)")]
    [InlineData("size(count)", "size(int)", null)]
    [InlineData("math.greatest(1, \"a\")", "math.greatest", null)]
    [InlineData("any == 1 || name - 1 == 0", "string and int", null)]
    public void Compile_WhatCanNeverSucceed_IsAnIssue(string expression, string message, string? hint)
    {
        var issue = RoomCel.Issue(expression, s_typed);

        Assert.Equal("invalid_cel", issue.Code);
        Assert.Contains(message, issue.Message, StringComparison.Ordinal);
        Assert.Contains(hint ?? "", issue.Hint ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name + \"x\"", "string")]
    [InlineData("count * 2", "int")]
    [InlineData("tags.map(t, size(t))", "list<int>")]
    [InlineData("tags.filter(t, t != \"\")", "list<string>")]
    [InlineData("tags[0]", "string")]
    [InlineData("tags[?0]", "optional<string>")]
    [InlineData("tags[?0].orValue(\"\")", "string")]
    [InlineData("rooms.a", "map<string, int>")]
    [InlineData("rooms.?a.?b", "optional<int>")]
    [InlineData("rooms.keys()", "list<string>")]
    [InlineData("rooms.values()", "list<map<string, int>>")]
    [InlineData("rooms.transformMap(k, v, size(v))", "map<string, int>")]
    [InlineData("tags.transformList(i, t, i)", "list<int>")]
    [InlineData("at - at", "duration")]
    [InlineData("at + duration(\"1s\")", "timestamp")]
    [InlineData("any.a.b", "dyn")]
    [InlineData("any + 1", "dyn")]
    [InlineData("any == 1 ? 1 : \"a\"", "dyn")]
    [InlineData("count > 1 && name == 1", "bool")]
    [InlineData("math.greatest(count, 2)", "int")]
    [InlineData("ip(\"10.0.0.1\")", "net.IP")]
    [InlineData("type(1)", "type")]
    [InlineData("cel.bind(x, tags, x[0])", "string")]
    [InlineData("rooms.?a.optMap(r, size(r))", "optional<int>")]
    [InlineData("[]", "list<dyn>")]
    [InlineData("tags.sortBy(t, size(t))", "list<string>")]
    [InlineData("has(rooms.a)", "bool")]
    public void ResultType_OfExpression_IsDeduced(string expression, string type) =>
        Assert.Equal(type, RoomCel.Compile(expression, s_typed).ResultType);

    [Fact]
    public void Create_WithUnknownTypes_NamesEveryOne()
    {
        var options = new CelOptions { VariableTypes = new Dictionary<string, string> { ["a"] = "integer", ["b"] = "list<", ["c"] = "int" }.ToImmutableDictionary() };

        var failure = Assert.Throws<ArgumentException>(() => new CelEnvironment(options));

        Assert.Contains("a: integer; b: list<.", failure.Message, StringComparison.Ordinal);
    }
}
