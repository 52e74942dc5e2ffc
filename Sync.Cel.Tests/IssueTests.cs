namespace Sync.Cel.Tests;

public sealed class IssueTests
{
    [Theory]
    [InlineData("now or never, says the state of the shop")]
    [InlineData("params.x.filter(y => y > 1)")]
    public void TryCompile_WhatIsNoExpression_GivesNothingAndIsNotRemembered(string text)
    {
        var environment = new CelEnvironment(RoomCel.Options);

        Assert.Null(environment.TryCompile(text));

        // A request that sends the same text is told what it may have meant, as ever.
        Assert.Equal(RoomCel.Environment.Compile(text).Issue, environment.Compile(text).Issue);
        Assert.Null(environment.TryCompile(text));
    }

    [Fact]
    public void TryCompile_OfAnExpression_IsThePlanThatOthersUse()
    {
        var environment = new CelEnvironment(RoomCel.Options);

        var program = environment.TryCompile("state._shared.round > 2");

        Assert.NotNull(program);
        Assert.Same(program, environment.Compile("state._shared.round > 2").Program);
        Assert.Same(program, environment.TryCompile("state._shared.round > 2"));
    }

    [Theory]
    [InlineData("state._shared.phase === \"a\"", "===", "`==`")]
    [InlineData("state._shared.phase !== \"a\"", "!==", "`!=`")]
    [InlineData("state._shared.phase = \"a\"", "single `=`", "`==`")]
    [InlineData("self == \"a\" & true", "single `&`", "`&&`")]
    [InlineData("self == \"a\" | true", "single `|`", "`||`")]
    [InlineData("self == \"a\" and true", "`and`", "`&&`")]
    [InlineData("self == \"a\" or true", "`or`", "`||`")]
    [InlineData("not (self == \"a\")", "`not`", "`!x`")]
    [InlineData("not self", "`self`", "`!`")]
    [InlineData("self not in agents", "`not`", "`!(x in list)`")]
    [InlineData("params.x == undefined", "`undefined`", "`null`")]
    [InlineData("params.x == None", "`None`", "`null`")]
    [InlineData("params.x == nil", "`nil`", "`null`")]
    [InlineData("params.x == True", "`True`", "`true`")]
    [InlineData("params.x == False", "`False`", "`false`")]
    [InlineData("len(params.x) > 0", "`len`", "size(x)")]
    [InlineData("params.x.length() > 0", "`length`", "size(x)")]
    [InlineData("params.x.includes(\"a\")", "`includes`", "x in list")]
    [InlineData("params.x.indexOff(\"a\")", "`indexOff`", "`indexOf`")]
    [InlineData("params.x.some(y, y > 1)", "`some`", "exists")]
    [InlineData("params.x.toUpperCase()", "`toUpperCase`", "upperAscii")]
    [InlineData("state._shared.phase == playing", "`playing`", "\"playing\"")]
    [InlineData("${params.x} == 1", "`$`", "not a template")]
    [InlineData("{{params.x}} == 1", "{{", "not a template")]
    [InlineData("params.x.filter(y => y > 1)", "arrow", "list.filter(x")]
    [InlineData("params.x.filter(lambda y: y > 1)", "`y`", "list.filter(x")]
    [InlineData("params.x.filter(y > 1)", "2 arguments", "list.filter(x")]
    [InlineData("`abc` == self", "where a value", null)]
    [InlineData("`abc def!` == self", "backtick", "\" or '")]
    [InlineData("if (self == \"a\") 1 else 2", "`if`", "? a : b")]
    [InlineData("1 if self == \"a\" else 2", "`if`", "? a : b")]
    [InlineData("params.x?.y == 1", "`:`", "m.?k")]
    [InlineData("params.x ?? 1", "??", "orValue")]
    [InlineData("size(params.x,)", "`)`", "comma")]
    [InlineData("stat._shared.phase == \"a\"", "`stat`", "`state`")]
    [InlineData("mesages.unread > 0", "`mesages`", "`messages`")]
    [InlineData("params.x.startswith(\"a\")", "`startswith`", "`startsWith`")]
    [InlineData("startsWith(params.x, \"a\")", "`startsWith`", "string.startsWith(string)")]
    [InlineData("params.x.startsWith()", "0 arguments", "string.startsWith(string)")]
    [InlineData("params.x.startsWith(\"a\", 1)", "2 arguments", "string.startsWith(string)")]
    [InlineData("exists(params.x, y)", "`exists`", "list.exists(x")]
    [InlineData("size == 1", "`size`", "function")]
    [InlineData("math > 1", "`math`", "library")]
    [InlineData("math.max(1, 2)", "`math.max`", "math.greatest")]
    [InlineData("has(state)", "one selection", "has(m.k)")]
    [InlineData("\"abc", "not closed", "Close it")]
    [InlineData("\"a\\d\"", "escape", null)]
    [InlineData("self == “alice”", "typographic", "straight")]
    [InlineData("", "empty", "condition")]
    [InlineData("  \n ", "empty", "condition")]
    [InlineData("self ==", "too early", "missing")]
    [InlineData("(self == \"a\"", "`)`", "character 1")]
    [InlineData("self == \"a\")", "`)`", "opens")]
    [InlineData("5m", "runs into", "duration")]
    [InlineData("params.x.matches(\"(\")", "pattern", "RE2")]
    [InlineData("params.x.matches(\"(?=a)\")", "look-around", "RE2")]
    [InlineData("for", "reserved", "map(x")]
    [InlineData("self; 1", "`;`", "statements")]
    [InlineData("9223372036854775808", "out of range", "uint")]
    [InlineData("now() > 1", "`now`", "variable")]
    [InlineData("state(1)", "`state`", "value, not a function")]
    public void Compile_HabitOfAnotherLanguage_HintsAtCel(string expression, string message, string? hint)
    {
        var issue = RoomCel.Issue(expression);

        Assert.Equal("invalid_cel", issue.Code);
        Assert.Contains(message, issue.Message, StringComparison.Ordinal);
        Assert.Contains(hint ?? "", issue.Hint ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_ErrorOnLaterLine_PlacesCaret()
    {
        var issue = RoomCel.Issue("self == \"a\" &&\n  stat.x == 1");

        Assert.Equal((2, 3), (issue.Line, issue.Column));
        Assert.Equal("  stat.x == 1\n  ^", issue.Caret);
    }

    [Fact]
    public void Compile_ErrorInLongLine_ShowsWindowAroundCaret()
    {
        var issue = RoomCel.Issue(string.Concat(Enumerable.Repeat("self == \"a\" && ", 100)) + "stat");

        var lines = issue.Caret.Split('\n');
        Assert.True(lines[0].Length < 200);
        Assert.Equal('s', lines[0][lines[1].Length - 1]);
    }

    [Fact]
    public void Compile_SameTextTwice_SameProgram() =>
        Assert.Same(RoomCel.Environment.Compile("self == \"x\""), RoomCel.Environment.Compile("self == \"x\""));

    [Theory]
    [InlineData("params.a / params.b > 2", "integer_division")]
    [InlineData("7 / 2", "integer_division")]
    [InlineData("\"1\" == 1", "constant_comparison")]
    [InlineData("params.list.length == 0", "length_as_key")]
    [InlineData("7 // 2", "comment_as_operator")]
    [InlineData("params.n // 10 == 3", "comment_as_operator")]
    [InlineData("\"round ${params.n}\"", "template_in_text")]
    [InlineData("\"{{params.n}}\"", "template_in_text")]
    [InlineData("params.list.first() == 1", "optional_comparison")]
    [InlineData("params.?n == 5", "optional_comparison")]
    public void Warnings_DoubtfulSpot_IsNamed(string expression, string code) =>
        Assert.Equal([code], RoomCel.Compile(expression).Warnings.Select(w => w.Code));

    [Theory]
    [InlineData("params.list.length == 2", "true")]
    [InlineData("\"round ${params.n}\"", "\"round 5\"")]
    [InlineData("\"${params.n}\"", "5")]
    [InlineData("\"{{params.n}} of {{size(params.list)}}\"", "\"5 of 2\"")]
    [InlineData("params.list.first() == 1", "true")]
    [InlineData("params.?n == 5", "true")]
    [InlineData("7 // 2", "3")]
    [InlineData("params.n // 2 == 2", "true")]
    public void Warnings_WithAReplacement_GiveOneThatWorks(string expression, string expected)
    {
        var hint = RoomCel.Compile(expression).Warnings.Single().Hint;
        var replacement = hint!.Split('`')[1];

        Assert.NotEqual(expression, replacement);
        Assert.Equal(expected, RoomCel.Evaluate(replacement, """{"params": {"n": 5, "list": [1, 2]}}""").ToString());
    }

    [Theory]
    [InlineData("params.a / 2.0")]
    [InlineData("params.a // the round")]
    [InlineData("params.a == 1 // as long as nobody has moved")]
    [InlineData("// 2\nparams.a")]
    [InlineData("\"a // 2\"")]
    [InlineData("\"{a}\" + \"${\"")]
    [InlineData("params.list.first() == optional.of(1)")]
    [InlineData("params.?n.orValue(0) == 1")]
    [InlineData("double(params.a) / params.b")]
    [InlineData("self == \"a\"")]
    public void Warnings_ClearExpression_HasNone(string expression) => Assert.Empty(RoomCel.Compile(expression).Warnings);
}
