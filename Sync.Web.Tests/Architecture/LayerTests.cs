using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Sync.Cel.Tests.Architecture;

namespace Sync.Web.Tests.Architecture;

/// <summary>The folders of the app form no circle, and the app never sees the database.</summary>
public sealed class LayerTests
{
    private static readonly FolderGraph s_graph = new("Sync.Web", CompiledUses.Of(typeof(Program).Assembly));

    [Fact]
    public void Folders_FormNoCircle() => Assert.Empty(s_graph.Circles());

    [Fact]
    public void Folders_AreThoseOfTheList() =>
        Assert.Equal(
            ["Accounts", "Api", "Commands", "Components", "Demo", "Docs", "Hosting", "Http", "Mcp", "OAuth", "Options", "Passkeys", "Webhooks"],
            s_graph.Folders);

    [Fact]
    public void Types_OfTheDatabase_AreNotReferenced()
    {
        var forbidden = TypeReferences().Where(static name =>
            name.StartsWith("Sync.Engine.Storage.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.EntityFrameworkCore.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Data.Sqlite.", StringComparison.Ordinal));

        Assert.Empty(forbidden);
    }

    [Fact]
    public void Types_OfTheEngine_AreReadAtAll() => Assert.Contains("Sync.Engine.Services.SyncEngine", TypeReferences());

    private static HashSet<string> TypeReferences()
    {
        using var file = new PEReader(File.OpenRead(typeof(Program).Assembly.Location));
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.TypeReferences.Select(metadata.GetTypeReference).Select(type =>
                $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}"),
        ];
    }
}
