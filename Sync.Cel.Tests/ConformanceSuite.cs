using System.Text.Json;

namespace Sync.Cel.Tests;

/// <summary>The public conformance suite as JSON files, wherever it lies beside the repository; see docs/cel.md.</summary>
internal static class ConformanceSuite
{
    /// <summary>The folder, or null when it is nowhere.</summary>
    public static string? Folder { get; } = Find();

    public static IEnumerable<ConformanceCase> Cases()
    {
        foreach (var file in Directory.EnumerateFiles(Folder ?? throw new InvalidOperationException("No suite."), "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var test in document.RootElement.GetProperty("tests").EnumerateArray())
            {
                if (!IsSet(test, "proto"))
                {
                    yield return new ConformanceCase(test.Clone());
                }
            }
        }
    }

    /// <summary>Whether a flag of a test is there and true.</summary>
    public static bool IsSet(JsonElement test, string flag) =>
        test.TryGetProperty(flag, out var value) && value.ValueKind == JsonValueKind.True;

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CEL_CONFORMANCE_DIR") is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"CEL_CONFORMANCE_DIR names {named}, which is no folder.");
        }

        var beside = Path.GetDirectoryName(RepositoryFolder.Find()) is { } parent ? Path.Combine(parent, "shared", "cel-conformance") : null;
        return Directory.Exists(beside) ? beside : null;
    }
}
