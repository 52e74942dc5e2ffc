using System.Text.RegularExpressions;
using Sync.Cel.Tests;

namespace Sync.Engine.Tests.Architecture;

/// <summary>
/// No method of the three projects is longer than 60 lines, from its first line to its last, unless it stands in the list below with a reason. The sources are read by their
/// indentation, which <c>dotnet format</c> keeps: a member's braces stand alone on their lines, below the first letter of its first line.
/// </summary>
public sealed partial class MethodLengthTests
{
    private const int MaxLines = 60;

    private static readonly string[] s_projects = ["Sync.Cel", "Sync.Engine", "Sync.Web"];

    private static readonly Dictionary<string, string> s_allowed = new(StringComparer.Ordinal)
    {
        ["Sync.Engine/Services/Rooms/RoomService.Activity.cs: ActivityAsync"] = "One merge of two ordered sources: each step moves the counters that the answer is made of, and apart they would be passed by reference.",
    };

    [Fact]
    public void Methods_AreShort_OrHaveAReason()
    {
        var methods = s_projects.SelectMany(Sources).SelectMany(static file => Methods(file.Name, file.Lines)).ToList();
        var isLong = methods.Where(static method => method.Length > MaxLines).ToList();

        // The reader must read, or nothing could fail.
        Assert.True(methods.Count > 2_000, $"Only {methods.Count} methods were found.");
        Assert.Empty(isLong.Where(static method => !s_allowed.ContainsKey(method.Name)).Select(static method => $"{method.Name} has {method.Length} lines"));
        Assert.Empty(s_allowed.Keys.Except(isLong.Select(static method => method.Name)));
        Assert.All(s_allowed.Values, static reason => Assert.NotEmpty(reason));
    }

    [Fact]
    public void Reader_MethodWithBlocks_IsMeasuredFromFirstLineToLast()
    {
        const string Source = """
            public sealed class Sample
            {
                private static readonly List<int> s_table = new(
                    capacity: 3)
                {
                    1,
                };

                public int Value
                {
                    get => 1;
                }

                /// <summary>Not counted.</summary>
                public void First(
                    int a)
                {
                    if (a > 0)
                    {
                        a++;
                    }
                }

                private int Second(int a) => a switch
                {
                    1 => 2,
                    _ => 3,
                };

                private sealed record Inner
                {
                    public void Third() { }

                    public void Fourth()
                    {
                    }
                }
            }
            """;

        Assert.Equal(
            [("Sample.cs: Value", 4), ("Sample.cs: First", 8), ("Sample.cs: Second", 5), ("Sample.cs: Fourth", 3)],
            Methods("Sample.cs", Source.ReplaceLineEndings("\n").Split('\n')));
    }

    private static IEnumerable<(string Name, string[] Lines)> Sources(string project)
    {
        var root = RepositoryFolder.At();
        var separator = Path.DirectorySeparatorChar;
        return Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: path, Name: Path.GetRelativePath(root, path)))
            .Where(file => !file.Name.Contains($"{separator}obj{separator}", StringComparison.Ordinal)
                && !file.Name.Contains($"{separator}bin{separator}", StringComparison.Ordinal)
                && !file.Name.Contains($"{separator}Migrations{separator}", StringComparison.Ordinal)) // Made by a tool.
            .Select(static file => (file.Name.Replace(Path.DirectorySeparatorChar, '/'), File.ReadAllLines(file.Path)));
    }

    private static IEnumerable<(string Name, int Length)> Methods(string file, string[] lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].TrimStart() != "{" || lines[i].Length < 5)
            {
                continue;
            }

            // What the block belongs to: up to the line that begins where the brace stands.
            var indent = lines[i].Length - 1;
            var first = i - 1;
            while (first > 0 && (lines[first].Length == 0 || Indent(lines[first]) > indent))
            {
                first--;
            }

            var header = string.Join(' ', lines[first..i].Select(static line => line.Trim()));
            var last = Array.FindIndex(lines, i, line => Indent(line) == indent && line.TrimStart().StartsWith('}'));
            if (Indent(lines[first]) != indent || Type().IsMatch(header) || Field().IsMatch(header) || last < 0)
            {
                continue;
            }

            yield return ($"{file}: {NameOf(header)}", last - first + 1);
            i = last;
        }
    }

    private static string NameOf(string header)
    {
        var declared = header.Split(" => ")[0];
        var called = BeforeParameters().Match(declared);
        return called.Success ? called.Groups[1].Value : declared.Split(' ')[^1];
    }

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    [GeneratedRegex(@"^[\w\s]*\b(class|struct|interface|enum|record|namespace|extension)\b")]
    private static partial Regex Type();

    // A table that a field begins with is no method.
    [GeneratedRegex(@"^[^(]*[^=!<>]=(?![=>])")]
    private static partial Regex Field();

    [GeneratedRegex(@"(\w+)(?:<[^()]*>)?\(")]
    private static partial Regex BeforeParameters();
}
