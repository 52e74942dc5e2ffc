using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Sync.Cel.Syntax;
using Sync.Engine.Services;

namespace Sync.Web.Tests.Architecture;

/// <summary>Dependencies point one way, and the web never sees the database.</summary>
public sealed class LayerTests
{
    private static readonly Assembly s_web = typeof(Program).Assembly;

    [Fact]
    public void Web_AnyType_KnowsNoPersistence()
    {
        var forbidden = TypeReferences(s_web).Where(name =>
            name.StartsWith("Sync.Engine.Persistence.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.EntityFrameworkCore.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Data.Sqlite.", StringComparison.Ordinal));

        Assert.Empty(forbidden);
    }

    [Fact]
    public void Web_TypeReferences_AreReadAtAll() => Assert.Contains("Sync.Engine.SyncEngine", TypeReferences(s_web));

    [Fact]
    public void Engine_References_NoWeb() =>
        Assert.DoesNotContain(References(typeof(SyncEngine).Assembly), name =>
            name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("Sync.Web", StringComparison.Ordinal));

    [Fact]
    public void Cel_References_TheRuntimeOnly() =>
        Assert.All(References(typeof(DidYouMean).Assembly), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(reference => reference.Name ?? "");

    private static HashSet<string> TypeReferences(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.TypeReferences.Select(metadata.GetTypeReference).Select(type =>
                $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}"),
        ];
    }
}
