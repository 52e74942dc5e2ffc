namespace Sync.Cel.Tests;

public sealed class ConversionTests
{
    [Theory]
    [InlineData("double(\"1e400\")", "range")]
    [InlineData("double(\"-1e400\")", "range")]
    [InlineData("double(\"1.8e308\")", "range")]
    [InlineData("double(\" 1\")", "is not a double")]
    [InlineData("double(\"1,5\")", "is not a double")]
    [InlineData("double(\"\")", "is not a double")]
    [InlineData("int(\"x\")", "is not an int")]
    [InlineData("int(\"9223372036854775808\")", "is not an int")]
    [InlineData("int(\"1.0\")", "is not an int")]
    [InlineData("int(\"0x10\")", "is not an int")]
    [InlineData("int(\"٣\")", "is not an int")]
    [InlineData("int(9223372036854775808.0)", "range")]
    [InlineData("int(9223372036854775808u)", "range")]
    [InlineData("int(0.0 / 0.0)", "range")]
    [InlineData("uint(\"x\")", "is not a uint")]
    [InlineData("uint(\"-1\")", "is not a uint")]
    [InlineData("uint(\"+1\")", "is not a uint")]
    [InlineData("uint(-1)", "range")]
    [InlineData("uint(-0.5)", "range")]
    [InlineData("uint(18446744073709551616.0)", "range")]
    [InlineData("bool(\"yes\")", "is not a bool")]
    [InlineData("string(b\"\\xff\")", "invalid UTF-8")]
    [InlineData("string(b\"\\xe2\\x82\")", "invalid UTF-8")]
    [InlineData("string(b\"\\xed\\xa0\\x80\")", "invalid UTF-8")]
    [InlineData("duration(9223372037)", "out of range")]
    [InlineData("timestamp(253402300800)", "out of range")]
    [InlineData("timestamp(-62135596801)", "out of range")]
    public void Convert_WhatDoesNotFit_IsAnError(string expression, string message)
    {
        var value = RoomCel.Evaluate(expression);

        Assert.True(value.IsError, value.ToString());
        Assert.Contains(message, value.AsError.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("double(\"1e-400\")", "0.0")]
    [InlineData("double(\"1.7976931348623157e308\")", "1.7976931348623157e+308")]
    [InlineData("double(\"Infinity\")", "Infinity")]
    [InlineData("int(\"-9223372036854775808\")", "-9223372036854775808")]
    [InlineData("int(\"+7\")", "7")]
    [InlineData("int(-0.9)", "0")]
    [InlineData("uint(-0.0)", "0u")]
    [InlineData("uint(\"18446744073709551615\")", "18446744073709551615u")]
    [InlineData("duration(9223372036)", "duration(\"9223372036s\")")]
    [InlineData("duration(-9223372036)", "duration(\"-9223372036s\")")]
    [InlineData("timestamp(253402300799)", "timestamp(\"9999-12-31T23:59:59Z\")")]
    public void Convert_AtTheEdge_Succeeds(string expression, string expected) =>
        Assert.Equal(expected, RoomCel.Evaluate(expression).ToString());

    [Theory]
    [InlineData("[,]", "[]")]
    [InlineData("{,}", "{}")]
    [InlineData("[1,]", "[1]")]
    [InlineData("{1: 2,}", "{1: 2}")]
    [InlineData("[?optional.none(),]", "[]")]
    public void Literal_WithACommaAtItsEnd_IsAsTheGrammarHasIt(string expression, string expected) =>
        Assert.Equal(expected, RoomCel.Evaluate(expression).ToString());

    [Theory]
    [InlineData("[,1]")]
    [InlineData("[1,,]")]
    [InlineData("[,,]")]
    [InlineData("{,1: 2}")]
    [InlineData("{1: 2,,}")]
    [InlineData("{,,}")]
    [InlineData("size([],)")]
    [InlineData("size(,)")]
    [InlineData("(1,)")]
    public void Literal_WithACommaElsewhere_IsRefused(string expression) => RoomCel.Issue(expression);
}
