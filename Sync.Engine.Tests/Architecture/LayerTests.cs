using Sync.Cel.Tests.Architecture;
using Sync.Engine.Services;

namespace Sync.Engine.Tests.Architecture;

/// <summary>The nine folders of the engine are layers: each uses those before it in the list, and commands and storage do not know each other.</summary>
public sealed class LayerTests
{
    private static readonly string[] s_layers = ["Primitives", "Identity", "Model", "Commands", "Storage", "Runtime", "Authority", "Reads", "Services"];

    private static readonly FolderGraph s_graph = new("Sync.Engine", CompiledUses.Of(typeof(SyncEngine).Assembly));

    [Fact]
    public void Folders_AllArrows_GoDown() => Assert.Empty(s_graph.NotDown(s_layers, ("Commands", "Storage")));

    [Fact]
    public void Folders_AreThoseOfTheList() => Assert.Equal(s_layers.Order(StringComparer.Ordinal), s_graph.Folders);

    [Fact]
    public void References_NoWeb() =>
        Assert.DoesNotContain(typeof(SyncEngine).Assembly.GetReferencedAssemblies(), static reference =>
            reference.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || reference.Name.StartsWith("Sync.Web", StringComparison.Ordinal));
}
