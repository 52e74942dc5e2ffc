using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Sync.Cel.Checking;
using Sync.Cel.Syntax;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Tests;

public sealed partial class FuzzTests
{
    private const string Seed = "0000KHj8bxD4";

    // Without the checker more of what is generated gets to run.
    private static readonly CelEnvironment s_unchecked = new(RoomCel.Options with { UnknownNamesAreErrorsAtRunTime = true });

    private static readonly TimeSpan s_tooLong = TimeSpan.FromSeconds(10);

    private static readonly string[] s_tokens =
    [
        "a", "state", "self", "has", "cel", "bind", "all", "map", "x", "1", "2u", "0.5", "-", "--", "!", "&&", "||", "==", "!=", "<", ">=", "in", "?", ":", ".", ".?",
        "(", ")", "[", "]", "{", "}", ",", "\"s\"", "'", "\"\"\"", "b'x'", "r\"", "`a`", "+", "*", "/", "%", "true", "null", "=", "&", "$", "//", "\n", "0x", "1e", "optional", "none",
        "size", "matches", "format", "\"%s\"", "math", "greatest", "cel.block", "cel.index", "exists", "sortBy", "optMap", "\\", "\u2028", "\ud800", "é",
    ];

    [Fact]
    public void Compile_RandomBytes_NeverThrows() =>
        Gen.Byte.Array[0, 200].Select(bytes => Encoding.UTF8.GetString(bytes)).Sample(Survives, seed: Seed, iter: 3000, threads: 1);

    [Fact]
    public void Compile_RandomText_NeverThrows() =>
        Gen.String[0, 120].Sample(Survives, seed: Seed, iter: 3000, threads: 1);

    [Fact]
    public void Compile_RandomTokens_NeverThrows() =>
        Gen.Int[0, s_tokens.Length - 1].Select(i => s_tokens[i]).Array[0, 40].Select(tokens => string.Join(' ', tokens)).Sample(Survives, seed: Seed, iter: 5000, threads: 1);

    // Every word that the rewriting of other languages knows, as a function and as a method, with too few arguments, enough and too many.
    [Fact]
    public void Compile_WordsOfOtherLanguages_NeverThrow()
    {
        var words = Directory.EnumerateFiles(RepositoryFolder.At("Sync.Cel", "Repair"), "*.cs")
            .SelectMany(static file => IdentifierLiteral().Matches(File.ReadAllText(file)).Select(static match => match.Groups[1].Value))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        string[] arguments = ["", "x", "x => x", "1", "\"s\"", "x, y", "x, x + 1", "x => x, 1", "x, y, z", "(x, y) => x, 1, 2", "[], {}, null, true"];

        Assert.True(words.Count > 100, "The words were not found.");
        foreach (var word in words)
        {
            foreach (var given in arguments)
            {
                Survives($"{word}({given})");
                Survives($"state.{word}({given})");
            }
        }
    }

    [GeneratedRegex("\"([A-Za-z_][A-Za-z_0-9]*)\"")]
    private static partial Regex IdentifierLiteral();

    [Fact]
    public void Compile_MutatedExpressions_NeverThrow() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 1000], Gen.Char).Select((seed, at, c) =>
        {
            var text = new ExpressionGenerator(seed).Next(3);
            return text.Insert(at % (text.Length + 1), c.ToString()).Remove(at * 7 % text.Length, 1);
        }).Sample(Survives, seed: Seed, iter: 3000, threads: 1);

    [Fact]
    public void Parse_PrintedTree_IsTheSameTree()
    {
        var limits = new CelLimits { Nesting = 250, SourceLength = 1_000_000 };
        for (var seed = 0; seed < 4000; seed++)
        {
            var source = new ExpressionGenerator(seed).Next(5);
            var tree = Parser.Parse(source, limits, out var issue);
            if (tree is null)
            {
                Assert.Equal("cel_limit_exceeded", issue?.Code);
                continue;
            }

            var printed = ExprPrinter.Print(tree);
            var again = Parser.Parse(printed, limits, out issue);
            Assert.True(again is not null, $"seed {seed}: {source}\nprinted {printed}\n{issue?.Message}\n{issue?.Caret}");
            Assert.Equal(ExprShape.Of(tree), ExprShape.Of(again));
        }
    }

    [Fact]
    public void Evaluate_Twice_GivesTheSame()
    {
        var evaluated = 0;
        for (var seed = 0; seed < 4000; seed++)
        {
            var source = new ExpressionGenerator(seed).Next(5);
            if (s_unchecked.Compile(source).Program is { } program)
            {
                var watch = Stopwatch.StartNew();
                Assert.Equal(program.Evaluate(Roots(StateOf(seed))).ToString(), s_unchecked.CompileAnew(source).Program?.Evaluate(Roots(StateOf(seed))).ToString());
                Assert.True(watch.Elapsed < s_tooLong, source);
                evaluated++;
            }
        }

        Assert.True(evaluated > 2000, $"only {evaluated} compile");
    }

    [Fact]
    public void Dependencies_ChangeOutsideThem_NeverChangesTheValue()
    {
        var changes = 0;
        for (var seed = 0; seed < 8000; seed++)
        {
            var source = seed % 4 == 0 ? new ExpressionGenerator(seed).Next(4) : new DataFlowGenerator(seed).Next(3);
            if (s_unchecked.Compile(source).Program is not { } program)
            {
                continue;
            }

            var random = new Random(seed);
            var before = StateOf(seed);
            var value = program.Evaluate(Roots(before)).ToString();
            for (var attempt = 0; attempt < 6; attempt++)
            {
                var after = StateOf(seed);
                var change = Change(after, random);
                if (program.Dependencies.Any(path => Touches(path, change, before)))
                {
                    continue;
                }

                changes++;
                var now = program.Evaluate(Roots(after)).ToString();
                Assert.True(value == now, $"seed {seed}: {source}\nreads {string.Join(' ', program.Dependencies)}\nchanged {string.Join('.', change.Path)} ({change.Kind})\n{value}\n{now}\n{before.ToJsonString()}");
            }
        }

        Assert.True(changes > 10_000, $"only {changes} changes lay outside");
    }

    private static void Survives(string source)
    {
        var watch = Stopwatch.StartNew();
        var compiled = RoomCel.Environment.CompileAnew(source);
        Assert.True(compiled.Program is null != compiled.Issue is null);
        if (compiled.Program is { } program)
        {
            var value = program.Evaluate(RoomCel.Roots(RoomCel.Sample));
            _ = value.ToString();
            using var writer = new Utf8JsonWriter(Stream.Null);
            value.WriteJson(writer);
            _ = program.Dependencies.Length + program.Warnings.Length + program.Explain(RoomCel.Roots(RoomCel.Sample)).Length;
        }
        else
        {
            Assert.Equal(2, compiled.Issue?.Caret.Split('\n').Length);
        }

        Assert.True(watch.Elapsed < s_tooLong, source);
    }

    private static Activation Roots(JsonObject roots) => RoomCel.Roots(roots.ToJsonString());

    private static JsonObject StateOf(int seed)
    {
        var random = new Random(seed);
        return new JsonObject
        {
            ["state"] = Map(random, 3),
            ["views"] = Map(random, 2),
            ["params"] = Map(random, 1),
            ["self"] = random.Next(2) == 0 ? "a" : "b",
        };
    }

    private static JsonObject Map(Random random, int depth)
    {
        var map = new JsonObject();
        foreach (var key in (string[])["a", "b", "c", "list", "other"])
        {
            if (random.Next(5) > 0)
            {
                map[key] = Value(random, depth - 1);
            }
        }

        return map;
    }

    private static JsonNode? Value(Random random, int depth) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => null,
        1 => random.Next(5),
        2 => 0.5,
        3 => random.Next(2) == 0,
        4 => random.Next(2) == 0 ? "a" : "text",
        5 => new JsonArray(1, "a", new JsonObject { ["a"] = random.Next(3) }),
        _ => Map(random, depth),
    };

    // Changes one entry somewhere in the maps; lists are one value and are replaced as a whole.
    private static (string[] Path, ChangeKind Kind) Change(JsonObject roots, Random random)
    {
        var path = new List<string> { random.Next(4) == 0 ? "views" : "state" };
        var map = (JsonObject)roots[path[0]]!; // both roots are maps
        while (true)
        {
            var key = (string[])["a", "b", "c", "list", "other"] is var keys ? keys[random.Next(keys.Length)] : "";
            path.Add(key);
            if (map[key] is JsonObject inner && random.Next(3) > 0)
            {
                map = inner;
                continue;
            }

            var had = map.ContainsKey(key);
            if (had && random.Next(3) == 0)
            {
                map.Remove(key);
                return ([.. path], ChangeKind.Presence);
            }

            map[key] = random.Next(3) switch { 0 => 77, 1 => "changed", _ => new JsonObject { ["a"] = 78 } };
            return ([.. path], had ? ChangeKind.Value : ChangeKind.Presence);
        }
    }

    private enum ChangeKind
    {
        Value,
        Presence,
    }

    private static bool Touches(CelPath dependency, (string[] Path, ChangeKind Kind) change, JsonObject before)
    {
        // A variable that holds no string stands for no key: the path ends before it.
        var known = dependency.Segments.TakeWhile(s => !s.IsVariable || before[s.Text]?.GetValueKind() == JsonValueKind.String).ToList();
        var keysOnly = dependency.KeysOnly && known.Count == dependency.Segments.Length;
        string[] read = [dependency.Root, .. known.Select(s => s.IsVariable ? before[s.Text]!.GetValue<string>() : s.Text)]; // seen to be there
        var common = Math.Min(read.Length, change.Path.Length);
        if (!read.Take(common).SequenceEqual(change.Path.Take(common)))
        {
            return false;
        }

        // A change at or above the path counts; below it, unless only keys matter and none came or went.
        return change.Path.Length <= read.Length
            || !keysOnly
            || (change.Path.Length == read.Length + 1 && change.Kind == ChangeKind.Presence);
    }
}
