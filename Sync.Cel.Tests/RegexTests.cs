using System.Globalization;
using Sync.Cel.Checking;
using Sync.Cel.RegularExpressions;
using Sync.Cel.Values;

namespace Sync.Cel.Tests;

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
    [InlineData(@"^\p{So}$", "😀", true)]
    [InlineData(@"^\P{So}$", "😀", false)]
    [InlineData(@"^\p{Lo}$", "𠀀", true)]
    [InlineData(@"^[\p{So}\d]+$", "1😀2", true)]
    [InlineData(@"^\p{Greek}+$", "αΩ", true)]
    [InlineData(@"^\p{^Greek}$", "α", false)]
    [InlineData(@"^\P{^Greek}$", "α", true)]
    [InlineData(@"^[^\p{Greek}]$", "a", true)]
    [InlineData(@"^\p{Han}$", "𠀀", true)]
    [InlineData(@"^\p{Any}$", "😀", true)]
    [InlineData(@"^\pC$", "\u0378", false)]
    [InlineData(@"\bé", "é", false)]
    [InlineData(@"a\b", "aé", true)]
    [InlineData(@"\Bé", "é", true)]
    [InlineData(@"^\B$", "", true)]
    [InlineData(@"\b", "", false)]
    [InlineData(@"x\b\b\by", "xy", false)]
    [InlineData(@"\b(foo|bar)\b", "a bar b", true)]
    [InlineData(@"\b(foo|bar)\b", "abarb", false)]
    [InlineData("a$|b", "ac", false)]
    [InlineData("(?m)a$", "a\nb", true)]
    [InlineData("(?m)^$", "a\n", true)]
    [InlineData(@"(?m)\Ab", "a\nb", false)]
    [InlineData(@"(?m)a\z", "a\nb", false)]
    [InlineData("(?m)(^b|c)$", "a\nb\n", true)]
    [InlineData("(?-m)^b", "a\nb", false)]
    [InlineData("^[^a]$", "\n", true)]
    [InlineData("(a+|)+", "b", true)]
    [InlineData("^(a+|)+$", "b", false)]
    [InlineData("^(a*)*$", "aaa", true)]
    [InlineData("^(|a)+$", "aaa", true)]
    [InlineData("^(?:a?){3}$", "aa", true)]
    [InlineData("^(a{0}){0}b$", "b", true)]
    [InlineData("^a{0,0}b$", "b", true)]
    [InlineData("^a{2,4}$", "aaaaa", false)]
    [InlineData("^a{2,4}$", "aaaa", true)]
    [InlineData("^a{2,}$", "a", false)]
    [InlineData("a{01}", "a{01}", true)]
    [InlineData("x{", "x{", true)]
    [InlineData("x{2,y}", "x{2,y}", true)]
    [InlineData("^^*a$", "a", true)]
    [InlineData("a(?i)*", "", true)]
    [InlineData("^(?i)straße$", "STRAẞE", true)]
    [InlineData("^(?i)k$", "\u212A", true)]
    [InlineData("^(?i)[^k]$", "\u212A", false)]
    [InlineData("^(?i)[a-z]$", "ſ", true)]
    [InlineData(@"^(?i)\w$", "ſ", true)]
    [InlineData(@"^(?i)\W$", "ſ", false)]
    [InlineData(@"^(?i)\p{Lu}$", "é", true)]
    [InlineData(@"^(?i)\P{Lu}$", "é", false)]
    [InlineData("^(?i)σ$", "ς", true)]
    [InlineData("^(?i)i$", "İ", false)]
    [InlineData("^(?i)ı$", "I", false)]
    [InlineData("(?i)a(?-i)b", "AB", false)]
    [InlineData("(?i)a(?-i)b", "Ab", true)]
    [InlineData("((?i)a)b", "aB", false)]
    [InlineData("(?si)A.B", "a\nb", true)]
    [InlineData("(?s-i:a.)B", "a\nB", true)]
    [InlineData("(?)a(?:b)", "ab", true)]
    [InlineData("(?U)^a+?$", "aa", true)]
    [InlineData("[[:^ascii:]]", "é", true)]
    [InlineData("^[[:word:][:punct:]]+$", "a_-!", true)]
    [InlineData("^[[:a]$", ":", true)]
    [InlineData(@"^[\d-z]+$", "1-z", true)]
    [InlineData(@"^[\]\-\\]+$", @"]-\", true)]
    [InlineData("^[a-c-e]+$", "b-e", true)]
    [InlineData("[^\\x00-\\x{10FFFF}]", "a", false)]
    [InlineData("a|[^\\x00-\\x{10FFFF}]", "a", true)]
    [InlineData(@"^\a\f\t\r\v\07\_\-$", "\a\f\t\r\v\a_-", true)]
    [InlineData(@"^\Qa\Eb\Q\E$", "ab", true)]
    [InlineData(@"^\Qab\E+$", "abbb", true)]
    [InlineData("^(?:(?:a|b)c|d)e$", "bce", true)]
    [InlineData("foo", "a foo", true)]
    [InlineData("foo$", "foo bar", false)]
    [InlineData("^foo", "a foo", false)]
    [InlineData("^foo$", "foo", true)]
    [InlineData("foo.*bar", "fofoo and bar", true)]
    [InlineData("aab", "aaab", true)]
    [InlineData("aab*c", "aaabbc", true)]
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
    [InlineData("(?!a)")]
    [InlineData("(?>a)")]
    [InlineData("(?#a)")]
    [InlineData("(?-)a")]
    [InlineData("(?i-)a")]
    [InlineData("a++")]
    [InlineData("a{2}{3}")]
    [InlineData("a*?*")]
    [InlineData("a{3,2}")]
    [InlineData("a{2,1001}")]
    [InlineData("a{99999999999999999999}")]
    [InlineData("((a{32}){32}){2}")]
    [InlineData("(|*)")]
    [InlineData("(?P<a>x)(?P<a>y)")]
    [InlineData("(?P<é>x)")]
    [InlineData("(?P<>x)")]
    [InlineData("(?<n>x")]
    [InlineData(@"\p{Nope}")]
    [InlineData(@"\p{Greek")]
    [InlineData(@"\p{IsGreek}")]
    [InlineData(@"\p{}")]
    [InlineData(@"\p")]
    [InlineData(@"[a-\d]")]
    [InlineData(@"[\Qa]\E]")]
    [InlineData(@"\x{}")]
    [InlineData(@"\x4")]
    [InlineData(@"\é")]
    [InlineData(@"\8")]
    [InlineData(@"\k<n>")]
    [InlineData(@"\C")]
    [InlineData("[]")]
    [InlineData("[^]")]
    [InlineData("[[:^nope:]]")]
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

    // Not as inline data: attributes are stored as UTF-8, which has no lone surrogates.
    [Fact]
    public void Matches_LoneSurrogate_IsTheReplacementCharacter()
    {
        Assert.True(Run(@"^\x{FFFD}$", "\ud800").AsBool);
        Assert.True(Run(@"\x{FFFD}", "a\udc00b").AsBool);
        Assert.True(Run("^..$", "\udc00\ud800").AsBool);
        Assert.True(Run("^.$", "\ud83d\ude00").AsBool);
        Assert.False(Run(@"^[\x{D800}-\x{DFFF}]$", "\ud800").AsBool);
        Assert.True(Run("^\ud800$", "\udfff").AsBool);
    }

    [Theory]
    [InlineData("(a|b)?(c*)(d+?)", "abccddd", "1-5 1-2 2-4 4-5")]
    [InlineData("(a*)(a*)", "aaa", "0-3 0-3 3-3")]
    [InlineData("(a*?)(a*)", "aaa", "0-3 0-0 0-3")]
    [InlineData("(?U)(a*)(a*?)", "aaa", "0-3 0-0 0-3")]
    [InlineData("(?:(a)|b)*", "ab", "0-2 0-1")]
    [InlineData("(a|ab)(c|bcd)(d*)", "abcd", "0-4 0-1 1-4 4-4")]
    [InlineData("(a+|)+", "b", "0-0 0-0")]
    [InlineData("(|a)*", "aaa", "0-0 0-0")]
    [InlineData("(|a)+", "aaa", "0-0 0-0")]
    [InlineData(@"\b(\w+)\b$", "one two", "4-7 4-7")]
    [InlineData("(😀)(.)", "x😀😁", "1-5 1-3 3-5")]
    [InlineData("(x)|y", "y", "0-1 -1--1")]
    [InlineData("(?m)^(.*)$", "\nab", "0-0 0-0")]
    [InlineData("a", "b", null)]
    [InlineData("^a", "ba", null)]
    public void Captures_LeftmostFirst_AsInRe2(string pattern, string text, string? expected)
    {
        var meter = new RegexMeter(100_000);
        var program = RegexCache.Compile(pattern, ref meter, out _)!;

        var slots = RegexCaptures.Find(program, text);

        Assert.Equal(expected, slots is null ? null : string.Join(' ', slots.Chunk(2).Select(s => $"{s[0]}-{s[1]}")));
    }

    // Beyond U+FFFF a character is two of UTF-16's.
    [Fact]
    public void Category_OfSupplementaryCharacters_IsTheirs()
    {
        foreach (var (name, category) in s_categories)
        {
            var meter = new RegexMeter(1_000_000);
            var own = RegexCache.Compile($@"^\p{{{name}}}$", ref meter, out _)!;
            var other = RegexCache.Compile($@"^[^\p{{{name}}}x]$", ref meter, out _)!;
            for (var rune = 0x10000; rune <= 0x10FFFF; rune += rune < 0x20000 ? 3 : 997)
            {
                var text = char.ConvertFromUtf32(rune);
                var expected = CharUnicodeInfo.GetUnicodeCategory(rune) == category;
                if (expected != own.IsMatch(text) || expected == other.IsMatch(text))
                {
                    Assert.Fail($"U+{rune:X} and {name}");
                }
            }
        }
    }

    private static readonly (string, UnicodeCategory)[] s_categories =
    [
        ("Lu", UnicodeCategory.UppercaseLetter), ("Ll", UnicodeCategory.LowercaseLetter), ("Lm", UnicodeCategory.ModifierLetter), ("Lo", UnicodeCategory.OtherLetter),
        ("Mn", UnicodeCategory.NonSpacingMark), ("Mc", UnicodeCategory.SpacingCombiningMark), ("Nd", UnicodeCategory.DecimalDigitNumber), ("Nl", UnicodeCategory.LetterNumber),
        ("No", UnicodeCategory.OtherNumber), ("Po", UnicodeCategory.OtherPunctuation), ("Sm", UnicodeCategory.MathSymbol), ("So", UnicodeCategory.OtherSymbol),
        ("Sk", UnicodeCategory.ModifierSymbol), ("Cf", UnicodeCategory.Format), ("Co", UnicodeCategory.PrivateUse),
    ];

    [Theory]
    [InlineData("a(?=b)", "look-around")]
    [InlineData("(?<!a)b", "look-around")]
    [InlineData(@"(a)\1", "back-references")]
    [InlineData("a++", "(?:…)")]
    [InlineData("ab)", "character 3")]
    [InlineData(@"\p{Nope}", "Greek")]
    public void Problem_Named_SaysWhatIsNotPartOfRe2(string pattern, string expected) =>
        Assert.Contains(expected, Run(pattern, "a").AsError.Message, StringComparison.Ordinal);

    [Fact]
    public void Problem_OfAPatternThatIsData_DoesNotQuoteIt()
    {
        foreach (var pattern in new[] { "hunter2(", @"hunter2\p{hunter2}", "(?P<hunter2", "(?hunter2)", "[[:hunter2:]]", @"[hunter2-\d]" })
        {
            var error = Run(pattern, "a").AsError;

            Assert.DoesNotContain("hunter2", error.Message + error.Hint, StringComparison.Ordinal);
        }
    }

    private static CelValue Run(string pattern, string text)
    {
        var program = RoomCel.Compile("a.matches(b)", new CelEnvironment(new CelOptions { Variables = ["a", "b"] }));
        return program.Evaluate(new Activation([CelValue.Of(text), CelValue.Of(pattern)]));
    }
}
