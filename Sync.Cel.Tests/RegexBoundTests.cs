using System.Globalization;
using System.Text;
using Sync.Cel.Checking;
using Sync.Cel.RegularExpressions;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Tests;

/// <summary>What a pattern may cost: bytes and units, whatever it is. Time is no measure here; what a unit costs is measured by the benchmarks.</summary>
public sealed class RegexBoundTests
{
    private const string TwoCounters = "(a|b)*a(a|b){100}c|(a|b)*a(a|b){150}c";

    public static TheoryData<string> Hostile { get; } =
    [
        TwoCounters,
        "(a|b)*a(a|b){500}c",
        "(a+)+$",
        "(a?){500}a{500}",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(x+x+)+y",
        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^ab]",
        "((a|b|ab)*c){30}",
        @"(\pL|\pM|\p{So})*a(\pL|\pM){300}c",
        @"(?i)(\w*é\W*){99}",
        @"(\b|\B|a|b)*a(\b.\B|.){200}c",
        "(((((a?b?)*c?)*d?)*e?)*f?)*g",
        "[ab]*a[ab]{900}x",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Matches_HostilePattern_HoldsKilobytesAndIsCharged(string pattern)
    {
        var random = new Random(7);
        var text = string.Concat(Enumerable.Range(0, 1000).Select(_ => random.Next(2) == 0 ? 'a' : 'b'));
        var program = Compile(pattern);
        program.IsMatch("warm the thread's scratch");
        var before = GC.GetAllocatedBytesForCurrentThread();

        program.IsMatch(text);

        // Four automata at most, each with the probes that found states again.
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, 3 * 1024 * 1024);
        Assert.InRange(program.Cost(text.Length), program.Code.Length * 1000 / 64, 300_000);
        Assert.InRange(program.Bytes, 0, 512 * 1024);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Matches_WithTheAutomatonAndWithout_SaysTheSame(string pattern)
    {
        var random = new Random(11);
        var program = Compile(pattern);
        for (var i = 0; i < 20; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1200)).Select(_ => "abcé x"[random.Next(random.Next(1, 6))]));

            var found = RegexCaptures.Find(program, text) is not null;

            Assert.Equal(found, program.IsMatch(text)); // cold or flushed
            Assert.Equal(found, program.IsMatch(text)); // as warm as it gets
            program.DropDfa();
            Assert.Equal(found, program.IsMatch(text));
        }
    }

    [Fact]
    public void Matches_ManyHostilePatterns_LeaveNoMoreThanTheBounds()
    {
        var text = new string('a', 200) + "b";
        for (var i = 0; i < 300; i++)
        {
            Run($"a[ab]{{900}}x{i}", text);
        }

        Assert.InRange(RegexCache.Bytes, 1, RegexCache.MaxBytes);
        Assert.InRange(RegexMemory.Bytes, 0, RegexMemory.MaxBytes + 64 * 1024);
    }

    [Fact]
    public void Matches_DynamicPatternsInALoop_AreChargedForCompiling()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var value = RoomCel.Evaluate("lists.range(100000).exists(i, \"a\".matches(\"b\" + string(i)))");

        Assert.Equal("cel_limit_exceeded", value.AsError.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }

    [Theory]
    [InlineData("a+b", "aaab")]
    [InlineData("a[ab]{900}x", "aaab")]
    [InlineData("(?i)[a-z]{20}", "abcdefghijklmnopqrstuvwxyz")]
    public void Matches_WarmAndCold_CostTheSame(string pattern, string text)
    {
        var unique = $"{pattern}|only here";

        var costs = Enumerable.Range(0, 3).Select(_ => Spent(unique, text)).ToArray();

        Assert.Equal(costs[0], costs[1]);
        Assert.Equal(costs[0], costs[2]);
        Assert.InRange(costs[0], 100, 10_000);
    }

    [Fact]
    public void Compile_WithTooLittle_FailsTheSameWarmAndCold()
    {
        const string pattern = "[ab]{700}only here";
        Assert.Null(RegexCache.Get(pattern, 110, out var cold, out var problem));
        Assert.Null(problem);
        Assert.True(cold > 110);
        Assert.NotNull(RegexCache.Get(pattern, 10_000, out var cost, out _));

        Assert.Null(RegexCache.Get(pattern, 110, out var warm, out problem));

        Assert.Null(problem);
        Assert.True(warm > 110);
        Assert.Equal(cost, warm);
        Assert.Null(RegexCache.Get(pattern, cost - 1, out _, out _));
        Assert.NotNull(RegexCache.Get(pattern, cost, out _, out _));
    }

    [Theory]
    [InlineData("([ab]{1000}){17}")]
    [InlineData("(a{1000})(b{1000})(a{1000})(b{1000})(a{1000})(b{1000})(a{1000})(b{1000})(a{1000})(b{1000})(a{1000})(b{1000})(a{1000})(b{1000})(a{1000})(b{1000})(a{1000})")]
    public void Compile_LargerThanAProgramMayBe_IsRefused(string pattern)
    {
        var error = Run(pattern, "a").AsError;

        Assert.Equal("cel_error", error.Code);
    }

    [Fact]
    public void Compile_ManyDistinctUnicodeSets_StaysWithinItsBytes()
    {
        var pattern = new StringBuilder();
        for (var i = 0; pattern.Length < 2000; i++)
        {
            pattern.Append(CultureInfo.InvariantCulture, $"[\\pL{(char)(0x4E00 + i)}]");
        }

        var meter = new RegexMeter(10_000_000);
        var program = RegexCache.Compile(pattern.ToString(), ref meter, out var problem);

        Assert.True(program is null ? problem is not null : program.Bytes < 1024 * 1024);
        Assert.InRange(meter.Units, 100_000, 1_000_000);
    }

    [Fact]
    public void Compile_NestedGroups_AreBounded()
    {
        Assert.False(Run(new string('(', 100) + "a" + new string(')', 100), "a").IsError);
        Assert.True(Run(new string('(', 101) + "a" + new string(')', 101), "a").IsError);
        Assert.True(Run(new string('(', 2048), "a").IsError);
        Assert.True(Run(new string('a', 2049), "a").IsError);
    }

    [Fact]
    public void Expression_OfManyLargePatterns_IsRefusedWhenCompiled()
    {
        var expression = string.Join(" || ", Enumerable.Range(0, 200).Select(i => $"params.text.matches(\"[ab]{{1000}}[bc]{{1000}}{i}\")"));

        Assert.Equal("cel_limit_exceeded", RoomCel.Issue(expression).Code);
    }

    [Theory]
    [InlineData("^a.*c$")]
    [InlineData("a+b|c")]
    [InlineData(@"\bhi\b")]
    [InlineData("hi")]
    public void Matches_LiteralPattern_AllocatesNothingOnceWarm(string pattern)
    {
        var program = RoomCel.Compile($"params.text.matches(r\"{pattern}\")");
        var roots = RoomCel.Roots(RoomCel.Sample);
        var budget = new CelBudget(1_000_000, TimeSpan.MaxValue);
        program.Evaluate(roots, budget);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
        {
            program.Evaluate(roots, budget);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void IsMatch_FromManyThreads_SaysTheSame()
    {
        var program = Compile("(a|b)*a(a|b){12}c");
        var texts = Enumerable.Range(0, 64).Select(i =>
        {
            var random = new Random(i);
            return string.Concat(Enumerable.Range(0, 300).Select(_ => "abc"[random.Next(3)]));
        }).ToArray();
        var expected = texts.Select(text => RegexCaptures.Find(program, text) is not null).ToArray();

        Parallel.For(0, 512, i =>
        {
            if (i % 50 == 0)
            {
                program.DropDfa();
            }

            Assert.Equal(expected[i % 64], program.IsMatch(texts[i % 64]));
        });
    }

    [Fact]
    public void Fold_EveryPairThatDotNetFolds_IsInOneOrbit()
    {
        for (var rune = 0; rune <= RuneSet.LastRune; rune++)
        {
            if (!Rune.IsValid(rune) || rune is 0x130 or 0x131)
            {
                continue; // the Turkish i has no simple folding
            }

            var lower = Rune.ToLowerInvariant(new Rune(rune)).Value;
            var upper = Rune.ToUpperInvariant(new Rune(rune)).Value;
            if (lower != rune || upper != rune)
            {
                var (first, end) = CaseFolding.Cased(rune, rune);
                Assert.True(end == first + 1, $"U+{rune:X4}");
                Assert.True(CaseFolding.Orbit(first).Contains(lower), $"U+{rune:X4} {lower:X4}");
                Assert.True(CaseFolding.Orbit(first).Contains(upper), $"U+{rune:X4} {upper:X4}");
            }
        }
    }

    [Fact]
    public void Category_OfEveryCodePoint_IsTheRuntimes()
    {
        var sets = new Dictionary<UnicodeCategory, RuneSet>
        {
            [UnicodeCategory.UppercaseLetter] = UnicodeSets.Find("Lu")!,
            [UnicodeCategory.OtherSymbol] = UnicodeSets.Find("So")!,
            [UnicodeCategory.DecimalDigitNumber] = UnicodeSets.Find("Nd")!,
            [UnicodeCategory.Surrogate] = UnicodeSets.Find("Cs")!,
            [UnicodeCategory.PrivateUse] = UnicodeSets.Find("Co")!,
            [UnicodeCategory.NonSpacingMark] = UnicodeSets.Find("Mn")!,
        };
        for (var rune = 0; rune <= RuneSet.LastRune; rune += rune < 0x3000 ? 1 : 7)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(rune);
            foreach (var (kind, set) in sets)
            {
                Assert.Equal(category == kind, set.Contains(rune));
            }
        }
    }

    [Fact]
    public void Scripts_AreDisjoint()
    {
        var ranges = UnicodeSets.ScriptNames
            .SelectMany(name => UnicodeSets.Find(name)!.Bounds.ToArray().Chunk(2))
            .OrderBy(range => range[0])
            .ToList();

        Assert.True(UnicodeSets.ScriptNames.Count() > 160);
        Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.True(pair.First[1] < pair.Second[0]));
    }

    private static long Spent(string pattern, string text)
    {
        var program = RegexCache.Get(pattern, 1_000_000, out var cost, out _)!;
        program.IsMatch(text);
        return cost + program.Cost(text.Length);
    }

    private static RegexProgram Compile(string pattern)
    {
        var meter = new RegexMeter(1_000_000);
        var program = RegexCache.Compile(pattern, ref meter, out var problem);
        Assert.True(program is not null, problem);
        return program;
    }

    private static CelValue Run(string pattern, string text)
    {
        var program = RoomCel.Compile("a.matches(b)", new CelEnvironment(new CelOptions { Variables = ["a", "b"] }));
        return program.Evaluate(new Activation([CelValue.Of(text), CelValue.Of(pattern)]));
    }
}
