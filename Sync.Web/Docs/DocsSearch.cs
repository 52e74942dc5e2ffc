using System.Text;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Sync.Web.Docs;

/// <summary>
/// Finds sections of the documentation. The documents are few and fixed, so all their text is cut into sections once and a search looks through every one. Immutable.
/// </summary>
internal sealed class DocsSearch
{
    /// <summary>Longest query that is looked for.</summary>
    public const int MaxQuery = 200;

    private const int MaxWords = 8;
    private const int MaxFound = 30;
    private const int SnippetLength = 220;

    private readonly List<Section> _sections = [];

    public DocsSearch(DocsLibrary library)
    {
        foreach (var file in library.All)
        {
            Read(file);
        }
    }

    /// <summary>The sections that have every word of the query, best first.</summary>
    public IReadOnlyList<DocsHit> Find(string query)
    {
        var words = Words(query);
        return words.Length == 0
            ? []
            : [.. _sections
                .Select((section, place) => (Section: section, Score: Score(section, words), Location: place))
                .Where(found => found.Score > 0)
                .OrderByDescending(found => found.Score)
                .ThenBy(found => found.Location)
                .Take(MaxFound)
                .Select(found => new DocsHit(found.Section.File.Slug, found.Section.Anchor, found.Section.File.Title, found.Section.Heading, Snippet(found.Section.Text, words)))];
    }

    /// <summary>The words that are looked for.</summary>
    public static string[] Words(string query) =>
        [.. (query.Length > MaxQuery ? query[..MaxQuery] : query).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MaxWords)];

    private void Read(DocsFile file)
    {
        var section = new Section(file, null, null);
        foreach (var block in DocsRenderer.Parse(file.Markdown))
        {
            if (block is HeadingBlock heading)
            {
                Close(section);
                section = new Section(file, Text(heading), heading.Level == 1 ? null : heading.TryGetAttributes()?.Id);
            }
            else if (block is not Markdig.Extensions.Yaml.YamlFrontMatterBlock)
            {
                Append(block, section.Buffer);
            }
        }

        Close(section);
    }

    private void Close(Section section)
    {
        if (section.Heading is not null || section.Buffer.Length > 0)
        {
            section.Text = section.Buffer.ToString().Trim();
            _sections.Add(section);
        }
    }

    private static int Score(Section section, string[] words)
    {
        var score = 0;
        foreach (var word in words)
        {
            var worth = (Has(section.Heading, word) ? 12 : 0) + (Has(section.File.Title, word) ? 4 : 0) + Math.Min(Count(section.Text, word), 5);
            if (worth == 0)
            {
                return 0;
            }

            score += worth;
        }

        return score;
    }

    private static bool Has(string? text, string word) => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

    private static int Count(string text, string word)
    {
        var count = 0;
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0 && count < 5; at = text.IndexOf(word, at + word.Length, StringComparison.OrdinalIgnoreCase))
        {
            count++;
        }

        return count;
    }

    private static string Snippet(string text, string[] words)
    {
        var first = words.Select(word => text.IndexOf(word, StringComparison.OrdinalIgnoreCase)).Where(at => at >= 0).DefaultIfEmpty(0).Min();
        var begin = Math.Max(0, first - (SnippetLength / 3));
        while (begin > 0 && !char.IsWhiteSpace(text[begin - 1]))
        {
            begin--;
        }

        var length = Math.Min(SnippetLength, text.Length - begin);
        return (begin > 0 ? "… " : "") + text.Substring(begin, length).Trim() + (begin + length < text.Length ? " …" : "");
    }

    private static string Text(MarkdownObject block)
    {
        var text = new StringBuilder();
        Append(block, text);
        return text.ToString().Trim();
    }

    private static void Append(MarkdownObject part, StringBuilder text)
    {
        switch (part)
        {
            case CodeBlock code:
                text.Append(code.Lines.ToString()).Append(' ');
                break;
            case ContainerBlock blocks:
                foreach (var block in blocks)
                {
                    Append(block, text);
                }

                break;
            case LeafBlock { Inline: { } inline }:
                Append(inline, text);
                text.Append(' ');
                break;
            case ContainerInline inlines:
                foreach (var inner in inlines)
                {
                    Append(inner, text);
                }

                break;
            case LiteralInline literal:
                text.Append(literal.Content.AsSpan());
                break;
            case CodeInline code:
                text.Append(code.Content);
                break;
            case LineBreakInline:
                text.Append(' ');
                break;
        }
    }

    private sealed class Section(DocsFile file, string? heading, string? anchor)
    {
        public DocsFile File { get; } = file;

        public string? Heading { get; } = heading;

        public string? Anchor { get; } = anchor;

        public StringBuilder Buffer { get; } = new();

        public string Text { get; set; } = "";
    }
}

/// <summary>A section that was found.</summary>
/// <param name="Slug">Its document.</param>
/// <param name="Anchor">Its heading's id, or null at the top.</param>
/// <param name="Title">The document's title.</param>
/// <param name="Heading">The section's heading, or null before the first.</param>
/// <param name="Snippet">Some of its text, around what was looked for.</param>
internal sealed record DocsHit(string Slug, string? Anchor, string Title, string? Heading, string Snippet);
