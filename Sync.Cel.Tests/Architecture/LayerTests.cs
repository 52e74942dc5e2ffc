namespace Sync.Cel.Tests.Architecture;

/// <summary>The folders of the expression language are layers: nothing refers to what is above it, and the language to nothing outside.</summary>
public sealed class LayerTests
{
    // The lowest first; "" is the language as its users see it.
    private static readonly string[] s_layers = ["Values", "Syntax", "RegularExpressions", "Library", "Checking", "Planning", "Repair", ""];

    private static readonly FolderGraph s_graph = new("Sync.Cel", CompiledUses.Of(typeof(CelEnvironment).Assembly));

    [Fact]
    public void Folders_AllArrows_GoDown() => Assert.Empty(s_graph.NotDown(s_layers));

    [Fact]
    public void Folders_AreThoseOfTheList() => Assert.Equal(s_layers.Order(StringComparer.Ordinal), s_graph.Folders);

    [Fact]
    public void References_AreTheRuntimeOnly() =>
        Assert.All(typeof(CelEnvironment).Assembly.GetReferencedAssemblies(), static reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));
}
