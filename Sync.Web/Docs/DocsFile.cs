using System.Globalization;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;

namespace Sync.Web.Docs;

/// <summary>One document. What it says of itself in its front matter comes first, then what its text gives.</summary>
/// <param name="Slug">Its path within the docs, without extension.</param>
/// <param name="Title">Its title: from the front matter, or the first heading, or the slug.</param>
/// <param name="Summary">One line: from the front matter, or the first paragraph, or nothing.</param>
/// <param name="Order">Its place in lists; documents without one come last.</param>
/// <param name="Markdown">The whole text.</param>
public sealed record DocsFile(string Slug, string Title, string Summary, int Order, string Markdown)
{
    private const string Records = "decisions/";

    /// <summary>The part of the documentation that it stands in; null for what stands in none.</summary>
    public string? Part { get; private init; }

    /// <summary>Whether it is one of the records behind the documentation, and not read by who uses the product.</summary>
    public bool IsAppendix => Slug.StartsWith(Records, StringComparison.Ordinal);

    /// <summary>Reads a document's text.</summary>
    public static DocsFile Read(string slug, string markdown)
    {
        var document = DocsRenderer.Parse(markdown);
        var front = document.OfType<YamlFrontMatterBlock>().FirstOrDefault();
        var heading = document.OfType<HeadingBlock>().FirstOrDefault();
        var paragraph = document.OfType<ParagraphBlock>().FirstOrDefault();
        return new DocsFile(
            slug,
            Field(front, "title") ?? (heading is null ? slug : DocsText.Of(heading)),
            Field(front, "summary") ?? Field(front, "description") ?? (paragraph is null ? "" : DocsText.Of(paragraph)),
            int.TryParse(Field(front, "order"), NumberStyles.None, CultureInfo.InvariantCulture, out var order) ? order : int.MaxValue,
            markdown)
        {
            Part = Field(front, "part"),
        };
    }

    // Front matter here is lines of "name: text"; nothing in it needs more of YAML.
    private static string? Field(YamlFrontMatterBlock? front, string name)
    {
        foreach (var line in front?.Lines.Lines.Take(front.Lines.Count) ?? [])
        {
            var text = line.ToString();
            if (text.StartsWith(name + ":", StringComparison.Ordinal))
            {
                return text[(name.Length + 1)..].Trim().Trim('"') is { Length: > 0 } value ? value : null;
            }
        }

        return null;
    }
}
