using System.Text;
using System.Text.RegularExpressions;
using Sync.Cel.RegularExpressions;

namespace Sync.Cel.Tests;

/// <summary>Random patterns of the subset in which RE2 and .NET mean the same, on random texts: both must find the same.</summary>
public sealed class RegexDifferentialTests
{
    private static readonly string[] s_atoms =
    [
        "a", "b", "c", "a", "b", ".", "[ab]", "[^a]", "[b-c]", "[^\\n]", @"\d", @"\w", @"\s", @"\D", @"\W", "x1", "(?i:A)", "(?i:[B-C])", "(?s:.)", @"\Aa", "ab", "1",
    ];

    private static readonly string[] s_places = [@"\b", @"\B", "^", @"\z", @"\A", "(?m:^)", "(?m:$)"];

    private static readonly string[] s_texts = ["a", "b", "c", "A", "C", "1", "_", " ", "\n", "ab", "aab", "x1", "bc"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomPattern_AgainstDotNet_MatchesTheSame(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var nullable = true;
            var pattern = Pattern(random, 4, ref nullable, loopsMayBeEmpty: true);
            var program = Compile(pattern);
            var oracle = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            for (var j = 0; j < 8; j++)
            {
                var text = Text(random);
                bool expected;
                try
                {
                    expected = oracle.IsMatch(text);
                }
                catch (RegexMatchTimeoutException)
                {
                    continue; // backtracking
                }

                var actual = program.IsMatch(text);
                Assert.True(expected == actual, $"{Shown(pattern)} on {Shown(text)}: .NET says {expected}");
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void RandomPattern_AgainstDotNet_CapturesTheSame(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var nullable = true;
            var pattern = Pattern(random, 4, ref nullable, loopsMayBeEmpty: false);
            var program = Compile(pattern);
            var oracle = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            for (var j = 0; j < 8; j++)
            {
                var text = Text(random);
                Match match;
                try
                {
                    match = oracle.Match(text);
                }
                catch (RegexMatchTimeoutException)
                {
                    continue;
                }

                var expected = match.Success
                    ? string.Join(' ', match.Groups.Cast<Group>().Select(g => g.Success ? $"{g.Index}-{g.Index + g.Length}" : "-1--1"))
                    : null;
                var slots = RegexCaptures.Find(program, text);
                var actual = slots is null ? null : string.Join(' ', slots.Chunk(2).Select(s => $"{s[0]}-{s[1]}"));
                Assert.True(expected == actual, $"{Shown(pattern)} on {Shown(text)}: .NET says {expected}, here {actual}");
                Assert.Equal(slots is not null, program.IsMatch(text));
            }
        }
    }

    private static RegexProgram Compile(string pattern)
    {
        var meter = new RegexMeter(1_000_000);
        var program = RegexCache.Compile(pattern, ref meter, out var problem);
        Assert.True(program is not null, $"{Shown(pattern)}: {problem}");
        return program;
    }

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var n = random.Next(7); n > 0; n--)
        {
            text.Append(s_texts[random.Next(s_texts.Length)]);
        }

        return text.ToString();
    }

    private static string Pattern(Random random, int depth, ref bool nullable, bool loopsMayBeEmpty)
    {
        switch (depth == 0 ? 0 : random.Next(10))
        {
            case <= 1:
                nullable = false;
                return s_atoms[random.Next(s_atoms.Length)];
            case 2:
                return s_places[random.Next(s_places.Length)];
            case 3 or 4 or 5:
                var sequence = new StringBuilder();
                var all = true;
                for (var n = 1 + random.Next(3); n > 0; n--)
                {
                    var partIsNullable = true;
                    var part = Pattern(random, depth - 1, ref partIsNullable, loopsMayBeEmpty);
                    sequence.Append(part.Contains('|') ? $"(?:{part})" : part);
                    all &= partIsNullable;
                }

                nullable = all;
                return sequence.ToString();
            case 6:
                var (leftIsNullable, rightIsNullable) = (true, true);
                var left = Pattern(random, depth - 1, ref leftIsNullable, loopsMayBeEmpty);
                var right = random.Next(8) == 0 ? "" : Pattern(random, depth - 1, ref rightIsNullable, loopsMayBeEmpty);
                nullable = leftIsNullable || rightIsNullable;
                return $"(?:{left}|{right})";
            case 7:
                return $"({Pattern(random, depth - 1, ref nullable, loopsMayBeEmpty)})";
            default:
                var body = Pattern(random, depth - 1, ref nullable, loopsMayBeEmpty);
                if (nullable && !loopsMayBeEmpty)
                {
                    return body;
                }

                var (quantifier, least) = random.Next(7) switch
                {
                    0 => ("*", 0),
                    1 => ("+", 1),
                    2 => ("?", 0),
                    3 => ("{2}", 2),
                    4 => ("{1,3}", 1),
                    5 => ("{0,2}", 0),
                    _ => ("{2,}", 2),
                };
                nullable |= least == 0;
                return $"(?:{body}){quantifier}{(random.Next(3) == 0 ? "?" : "")}";
        }
    }

    private static string Shown(string text) => $"`{text.Replace("\n", "\\n", StringComparison.Ordinal)}`";
}
