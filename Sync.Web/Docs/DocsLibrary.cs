using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using Sync.Web.Options;

namespace Sync.Web.Docs;

/// <summary>
/// The product's documentation: the Markdown files of the repository's <c>docs</c> folder and <c>SKILL.md</c>, which the build puts into the assembly, so that
/// they are there however the app is installed. Immutable. The address the files use for examples is replaced by the server's own.
/// </summary>
internal sealed class DocsLibrary
{
    private const string Extension = ".md";
    private const string Prefix = "docs/";
    private const string ExampleUrl = "http://localhost:5080";

    private readonly FrozenDictionary<string, DocsFile> _files;

    public DocsLibrary(SyncOptions options)
    {
        var sources = Embedded();
        if (sources.Count == 0)
        {
            sources = InRepository();
        }

        _files = sources.Select(source => DocsFile.Read(source.Key, source.Value.Replace(ExampleUrl, options.PublicUrl, StringComparison.Ordinal)))
            .ToFrozenDictionary(file => file.Slug, StringComparer.OrdinalIgnoreCase);
        All = [.. _files.Values.OrderBy(file => file.Slug.Contains('/')).ThenBy(file => file.Slug, StringComparer.Ordinal)];
        Skill = _files.GetValueOrDefault("SKILL");
    }

    /// <summary>Every document by its slug, top-level ones first.</summary>
    public IReadOnlyList<DocsFile> All { get; }

    /// <summary>The orchestrator's skill document, or null when the build had none.</summary>
    public DocsFile? Skill { get; }

    /// <summary>A document by slug, with or without <c>.md</c>.</summary>
    public DocsFile? Find(string name) =>
        _files.GetValueOrDefault(name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? name[..^Extension.Length] : name);

    private static Dictionary<string, string> Embedded()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name);
            if (stream is not null)
            {
                using var reader = new StreamReader(stream, Encoding.UTF8);
                sources[Slug(name[Prefix.Length..])] = reader.ReadToEnd();
            }
        }

        return sources;
    }

    // A build without the files in it, run inside the repository: take them from where they are.
    private static Dictionary<string, string> InRepository()
    {
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Sync.sln")))
        {
            root = root.Parent;
        }

        if (root is null)
        {
            return sources;
        }

        var docs = Path.Combine(root.FullName, "docs");
        if (Directory.Exists(docs))
        {
            foreach (var path in Directory.EnumerateFiles(docs, "*" + Extension, SearchOption.AllDirectories))
            {
                sources[Slug(Path.GetRelativePath(docs, path))] = File.ReadAllText(path);
            }
        }

        var skill = Path.Combine(root.FullName, "SKILL.md");
        if (File.Exists(skill))
        {
            sources["SKILL"] = File.ReadAllText(skill);
        }

        return sources;
    }

    private static string Slug(string path) => path.Replace('\\', '/')[..^Extension.Length];
}
