using System.Text.RegularExpressions;
using Sync.Cel.Library;

namespace Sync.Cel.Tests;

/// <summary>Runs the examples of docs/cel.md and checks that there is one for every function.</summary>
public sealed class DocumentationTests
{
    private static readonly string[] s_macros =
    [
        "has", "all", "exists", "exists_one", "existsOne", "filter", "map", "sortBy", "transformList", "transformMap", "transformMapEntry",
        "optMap", "optFlatMap", "cel.bind", "cel.block", "cel.index",
    ];

    [Fact]
    public void Examples_OfTheDocumentation_GiveWhatItSays()
    {
        var (json, examples) = Read();
        var roots = RoomCel.Roots(json);
        var wrong = new List<string>();
        foreach (var (expression, expected) in examples)
        {
            var compiled = RoomCel.Environment.Compile(expression);
            var value = compiled.Program?.Evaluate(roots).ToString() ?? $"{compiled.Issue?.Message} {compiled.Issue?.Hint}";
            if (value != expected)
            {
                wrong.Add($"{expression} // {expected}\n    gives {value}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(examples.Count > 150, $"only {examples.Count} examples were found");
    }

    [Fact]
    public void Hints_OfTheDocumentation_AreThoseGiven()
    {
        var rows = File.ReadLines(RepositoryFolder.At("docs", "cel.md")).Select(line => Regex.Match(line, @"^\| `(.*)` \| (Write `.*`\.) \|$")).Where(match => match.Success).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal(row.Groups[2].Value, RoomCel.Environment.Compile(row.Groups[1].Value).Issue?.Hint));
    }

    [Fact]
    public void Examples_OfTheDocumentation_UseEveryFunctionAndMacro()
    {
        var text = string.Join('\n', Read().Examples.Select(e => e.Expression));
        var missing = FunctionTable.Standard.All.Select(f => (f.IsMethod ? "." : "") + f.Name)
            .Concat(s_macros)
            .Distinct()
            .Where(name => !Regex.IsMatch(text, (name[0] == '.' ? "" : @"\b") + Regex.Escape(name) + @"\(", RegexOptions.CultureInvariant));

        Assert.Empty(missing);
    }

    private static (string Json, List<(string Expression, string Expected)> Examples) Read()
    {
        var json = "";
        var examples = new List<(string, string)>();
        var block = "";
        foreach (var line in File.ReadLines(RepositoryFolder.At("docs", "cel.md")))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                block = block.Length == 0 ? line : "";
            }
            else if (block == "```json")
            {
                json += line + "\n";
            }
            else if (block == "```cel")
            {
                var at = line.LastIndexOf("  // ", StringComparison.Ordinal);
                Assert.True(at > 0, $"No result after `//`: {line}");
                examples.Add((line[..at], line[(at + 5)..]));
            }
        }

        return (json, examples);
    }
}
