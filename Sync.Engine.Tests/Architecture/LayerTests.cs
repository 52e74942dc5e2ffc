using Sync.Cel.Tests;
using Sync.Cel.Tests.Architecture;
using Sync.Engine.Services;

namespace Sync.Engine.Tests.Architecture;

/// <summary>The nine folders of the engine are layers: each uses those before it in the list, and commands and storage do not know each other.</summary>
public sealed class LayerTests
{
    private static readonly string[] s_layers = ["Primitives", "Identity", "Model", "Commands", "Storage", "Runtime", "Authority", "Reads", "Services"];

    private static readonly FolderGraph s_graph = new("Sync.Engine", CompiledUses.Of(typeof(SyncEngine).Assembly));

    [Fact]
    public void Folders_AllArrows_GoDown() => Assert.Equal("", string.Join('\n', s_graph.NotDown(s_layers, ("Commands", "Storage"))));

    // What only a comment names leaves no trace in the compiled code.
    [Fact]
    public void Usings_GoDown()
    {
        var root = RepositoryFolder.At();
        var upward = new List<string>();
        foreach (var layer in s_layers)
        {
            var above = s_layers[(Array.IndexOf(s_layers, layer) + 1)..];
            foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "Sync.Engine", layer), "*.cs", SearchOption.AllDirectories))
            {
                upward.AddRange(File.ReadLines(file)
                    .Where(line => above.Any(name => line.StartsWith($"using Sync.Engine.{name}", StringComparison.Ordinal) && line[$"using Sync.Engine.{name}".Length] is '.' or ';'))
                    .Select(line => $"{Path.GetRelativePath(root, file)}: {line}"));
            }
        }

        Assert.Equal("", string.Join('\n', upward));
    }

    [Fact]
    public void Folders_AreThoseOfTheList() => Assert.Equal(s_layers.Order(StringComparer.Ordinal), s_graph.Folders);

    [Fact]
    public void References_NoWeb() =>
        Assert.DoesNotContain(typeof(SyncEngine).Assembly.GetReferencedAssemblies(), static reference =>
            reference.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || reference.Name.StartsWith("Sync.Web", StringComparison.Ordinal));
}
