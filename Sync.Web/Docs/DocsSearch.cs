using System.Text;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Sync.Engine.Services.Documents;

namespace Sync.Web.Docs;

/// <summary>
/// Finds sections of the documentation: whole words and how they begin, words that mean the same (<see cref="DocsSynonyms"/>), best first, a document that is called so before all others, records of decisions after them.
/// Thread-safe.
/// </summary>
internal sealed class DocsSearch : IDisposable
{
    /// <summary>Longest query that is looked for.</summary>
    public const int MaxQuery = 200;

    private const int MaxFound = 30;
    private const int MaxRead = 200;
    private const int SnippetLength = 220;

    private readonly List<(DocsFile File, string? Heading, string? Anchor, string Text)> _sections = [];
    private readonly Lazy<DocumentSearch> _search;

    // Read when somebody searches first.
    public DocsSearch(DocsLibrary library) => _search = new(() =>
    {
        foreach (var file in library.All)
        {
            Read(file);
        }

        return new DocumentSearch(_sections.Select(static section => new DocumentSection(section.File.Title, section.Heading ?? "", section.Text)), DocsSynonyms.Groups);
    });

    public void Dispose()
    {
        if (_search.IsValueCreated)
        {
            _search.Value.Dispose();
        }
    }

    /// <summary>The sections that a query finds, best first.</summary>
    public DocsFound Find(string query, int limit = MaxFound)
    {
        var matches = _search.Value.Find(query.Length > MaxQuery ? query[..MaxQuery] : query, MaxRead);
        return new DocsFound(
            [
                .. matches.Sections.Select(place => _sections[place])
                    .OrderBy(static section => section.File.IsAppendix)
                    .ThenByDescending(section => section.Anchor is null && section.File.Title.Equals(query.Trim(), StringComparison.OrdinalIgnoreCase))
                    .Take(limit)
                    .Select(section => new DocsHit(section.File.Slug, section.Anchor, section.File.Title, section.Heading, Snippet(section.Text, matches.Words))),
            ],
            matches.HasAll,
            matches.Words);
    }

    private void Read(DocsFile file)
    {
        var (heading, anchor, text) = ((string?)null, (string?)null, new StringBuilder());
        foreach (var block in DocsRenderer.Parse(file.Markdown))
        {
            if (block is HeadingBlock next)
            {
                Close();
                (heading, anchor) = (DocsText.Of(next), next.Level == 1 ? null : next.TryGetAttributes()?.Id);
            }
            else if (block is not Markdig.Extensions.Yaml.YamlFrontMatterBlock)
            {
                DocsText.Append(block, text);
            }
        }

        Close();

        void Close()
        {
            if (heading is not null || text.Length > 0)
            {
                _sections.Add((file, heading, anchor, text.ToString().Trim()));
                text.Clear();
            }
        }
    }

    private static string Snippet(string text, IReadOnlyList<string> words)
    {
        var first = words.Select(word => DocsMarks.FirstOf(text, word)).Where(static at => at >= 0).DefaultIfEmpty(0).Min();
        var begin = Math.Max(0, first - (SnippetLength / 3));
        while (begin > 0 && !char.IsWhiteSpace(text[begin - 1]))
        {
            begin--;
        }

        var length = Math.Min(SnippetLength, text.Length - begin);
        return (begin > 0 ? "… " : "") + text.Substring(begin, length).Trim() + (begin + length < text.Length ? " …" : "");
    }
}

/// <summary>What a search found.</summary>
/// <param name="Hits">The sections, best first.</param>
/// <param name="HasAll">Whether they have all the words; otherwise some.</param>
/// <param name="Words">The words that may stand in them.</param>
internal sealed record DocsFound(IReadOnlyList<DocsHit> Hits, bool HasAll, IReadOnlyList<string> Words);

/// <summary>A section that was found.</summary>
/// <param name="Slug">Its document.</param>
/// <param name="Anchor">Its heading's id, or null at the top.</param>
/// <param name="Title">The document's title.</param>
/// <param name="Heading">The section's heading, or null before the first.</param>
/// <param name="Snippet">Some of its text, around what was looked for.</param>
internal sealed record DocsHit(string Slug, string? Anchor, string Title, string? Heading, string Snippet)
{
    /// <summary>Where it is read, within the site.</summary>
    public string Path => $"docs/{Slug}{(Anchor is null ? "" : "#" + Uri.EscapeDataString(Anchor))}";
}
