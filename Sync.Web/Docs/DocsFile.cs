using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Sync.Web.Docs;

/// <summary>One document.</summary>
/// <param name="Slug">Its path within the docs, without extension.</param>
/// <param name="Title">Its first heading, or its slug.</param>
/// <param name="Summary">The text of its first paragraph, or nothing.</param>
/// <param name="Markdown">The whole text.</param>
internal sealed record DocsFile(string Slug, string Title, string Summary, string Markdown)
{
    /// <summary>Reads title and summary out of the text.</summary>
    public static DocsFile Read(string slug, string markdown)
    {
        var document = DocsRenderer.Parse(markdown);
        var title = document.OfType<HeadingBlock>().FirstOrDefault();
        var paragraph = document.OfType<ParagraphBlock>().FirstOrDefault();
        return new DocsFile(slug, title is null ? slug : Text(title.Inline), Text(paragraph?.Inline), markdown);
    }

    private static string Text(ContainerInline? inline) => inline is null ? "" : string.Concat(inline.Descendants().Select(part => part switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        _ => "",
    })).Trim();
}
