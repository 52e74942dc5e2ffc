using Sync.Cel;

namespace Sync.Engine.Tests.Cel;

public sealed class RegexTests
{
    [Theory]
    [InlineData(@"^\d+$", "123", true)]
    [InlineData(@"^\d+$", "١٢٣", false)]
    [InlineData(@"^\w$", "é", false)]
    [InlineData(@"^\W$", "é", true)]
    [InlineData(@"^\s$", "\u00a0", false)]
    [InlineData("a$", "a\n", false)]
    [InlineData("(?m)^a$", "b\na\nc", true)]
    [InlineData("^a$", "b\na\nc", false)]
    [InlineData("a.c", "a\nc", false)]
    [InlineData("(?s)a.c", "a\nc", true)]
    [InlineData("(?s:a.)c.d", "a\nc\nd", false)]
    [InlineData("^.$", "🐱", true)]
    [InlineData("^..$", "🐱", false)]
    [InlineData("^[^a]$", "🐱", true)]
    [InlineData("^[🐱-😀]$", "😀", true)]
    [InlineData("^[🐱-😀]$", "😁", false)]
    [InlineData("^🐱+$", "🐱🐱", true)]
    [InlineData("^[^🐱]$", "🐱", false)]
    [InlineData("^[^🐱]$", "😀", true)]
    [InlineData("(?P<name>a+)b", "aab", true)]
    [InlineData("(?<name>a+)b", "aab", true)]
    [InlineData(@"^\pL+$", "éa", true)]
    [InlineData(@"^\p{Lu}$", "É", true)]
    [InlineData(@"^\PL$", "1", true)]
    [InlineData(@"^[\p{^L}]$", "1", true)]
    [InlineData(@"^\x{1F431}$", "🐱", true)]
    [InlineData(@"^\x41\101\n$", "AA\n", true)]
    [InlineData(@"^\Qa.b*\E+$", "a.b**", true)]
    [InlineData(@"\Qa.b", "a.b", true)]
    [InlineData("^[[:alpha:]]+$", "ab", true)]
    [InlineData("^[[:^alpha:]]+$", "12", true)]
    [InlineData("^[]a]+$", "]a", true)]
    [InlineData("^[a-]+$", "a-", true)]
    [InlineData("(?i)HELLO", "hello", true)]
    [InlineData("(?i:h)ELLO", "HELLO", true)]
    [InlineData("(?i:h)ELLO", "hello", false)]
    [InlineData("(?U)a+", "aa", true)]
    [InlineData("a{,2}", "a{,2}", true)]
    [InlineData("^a{2}$", "aa", true)]
    [InlineData("^a{1,}?$", "aaa", true)]
    [InlineData(@"^\[a\]\.$", "[a].", true)]
    [InlineData("", "x", true)]
    [InlineData("a||b", "", true)]
    public void Matches_Re2Syntax_MeansWhatRe2Means(string pattern, string text, bool expected) =>
        Assert.Equal(expected, Run(pattern, text).AsBool);

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData("(?=a)")]
    [InlineData("(?<=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData(@"(a)\1")]
    [InlineData(@"\p{Greek}")]
    [InlineData(@"\p")]
    [InlineData(@"\Z")]
    [InlineData(@"\y")]
    [InlineData("\\")]
    [InlineData("a{1001}")]
    [InlineData("[z-a]")]
    [InlineData("[[:nope:]]")]
    [InlineData(@"\x{110000}")]
    [InlineData("(?z)a")]
    [InlineData("(?P<n")]
    [InlineData("((((a{100}){100}){100}){100})")]
    public void Matches_NotRe2_IsAnErrorAtOnce(string pattern)
    {
        Assert.True(Run(pattern, "a").IsError);
        Assert.Equal("invalid_cel", RoomCel.Issue($"params.text.matches(r\"{pattern}\")").Code);
    }

    private static CelValue Run(string pattern, string text)
    {
        var program = RoomCel.Compile("a.matches(b)", new CelEnvironment(new CelOptions { Variables = ["a", "b"] }));
        return program.Evaluate(new Activation([CelValue.Of(text), CelValue.Of(pattern)]));
    }
}
