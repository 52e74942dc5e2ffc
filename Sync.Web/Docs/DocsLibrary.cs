using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using Sync.Web.Options;

namespace Sync.Web.Docs;

/// <summary>
/// The product's documentation: the Markdown files of the repository's <c>docs</c> folder, <c>SKILL.md</c> and <c>llms.txt</c>, which the build puts into the assembly, so that
/// they are there however the app is installed. Immutable. The address the files use for examples is replaced by the server's own.
/// </summary>
internal sealed class DocsLibrary
{
    private const string Extension = ".md";
    private const string Prefix = "docs/";
    private const string ExampleUrl = "http://localhost:5080";

    private const string SkillName = "SKILL.md";
    private const string LlmsName = "llms.txt";

    private readonly FrozenDictionary<string, DocsFile> _files;

    public DocsLibrary(SyncOptions options)
    {
        var sources = Embedded();
        if (sources.Count == 0)
        {
            sources = InRepository();
        }

        var texts = sources.ToDictionary(source => source.Key, source => source.Value.Replace(ExampleUrl, options.PublicUrl, StringComparison.Ordinal));
        _files = texts.Where(text => text.Key.EndsWith(Extension, StringComparison.Ordinal) && text.Key != SkillName)
            .Select(text => DocsFile.Read(text.Key[..^Extension.Length], text.Value))
            .ToFrozenDictionary(file => file.Slug, StringComparer.OrdinalIgnoreCase);
        All = [.. _files.Values.OrderBy(file => file.Slug.Contains('/')).ThenBy(file => file.Order).ThenBy(file => file.Slug, StringComparer.Ordinal)];
        Parts = [.. All.Where(static file => file.Part is not null).GroupBy(static file => file.Part!).Select(static part => new DocsPart(part.Key, [.. part]))]; // Only those that stand in one.
        Reading = [.. Parts.SelectMany(static part => part.Files)];
        Skill = texts.GetValueOrDefault(SkillName);
        Llms = texts.GetValueOrDefault(LlmsName);
    }

    /// <summary>Every document, top-level ones first, in their order.</summary>
    public IReadOnlyList<DocsFile> All { get; }

    /// <summary>The documents for readers, by part, in their order.</summary>
    public IReadOnlyList<DocsPart> Parts { get; }

    /// <summary>The same as one after the other.</summary>
    public IReadOnlyList<DocsFile> Reading { get; }

    /// <summary>How an agent uses this server; null when the build had no such text.</summary>
    public string? Skill { get; }

    /// <summary>The documentation as a list, after llmstxt.org; null when the build had no such text.</summary>
    public string? Llms { get; }

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
                sources[name[Prefix.Length..].Replace('\\', '/')] = reader.ReadToEnd();
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
                sources[Path.GetRelativePath(docs, path)] = File.ReadAllText(path);
            }
        }

        foreach (var name in (string[])[SkillName, LlmsName])
        {
            if (Path.Combine(root.FullName, name) is var path && File.Exists(path))
            {
                sources[name] = File.ReadAllText(path);
            }
        }

        return sources;
    }
}

/// <summary>A part of the documentation.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Files">Its documents.</param>
internal sealed record DocsPart(string Title, IReadOnlyList<DocsFile> Files);
