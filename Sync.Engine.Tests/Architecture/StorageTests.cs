using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Sync.Engine.Tests.Architecture;

/// <summary>What is stored and how is known in the storage folder alone.</summary>
public sealed partial class StorageTests
{
    [Fact]
    public void Sql_StandsInTheStorageFolderOnly()
    {
        var root = Path.GetFullPath(Path.Combine(Here(), "..", ".."));
        var sources = ((string[])["Sync.Engine", "Sync.Web", "Sync.Cel"])
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories))
            .Where(static file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToList();
        var storage = Path.Combine("Sync.Engine", "Storage") + Path.DirectorySeparatorChar;

        Assert.Contains(sources, file => file.Contains(storage, StringComparison.Ordinal) && Sql().IsMatch(File.ReadAllText(file)));
        Assert.Empty(sources.Where(file => !file.Contains(storage, StringComparison.Ordinal) && Sql().IsMatch(File.ReadAllText(file))).Select(file => Path.GetRelativePath(root, file)));
    }

    [GeneratedRegex(@"\b(SELECT\s+[\w*(].{0,400}?\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX)|PRAGMA\s+\w|VACUUM\s+INTO)\b", RegexOptions.Singleline)]
    private static partial Regex Sql();

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
