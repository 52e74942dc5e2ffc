using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace Sync.Web.Docs;

/// <summary>A document as its page shows it. Immutable; made once (<see cref="DocsArticles"/>).</summary>
/// <param name="Title">Its first heading, as HTML.</param>
/// <param name="Html">The text after it, sanitised, with links that are under no path.</param>
/// <param name="Contents">Its headings of the second and third level.</param>
internal sealed partial record DocsArticle(string Title, string Html, IReadOnlyList<DocsHeading> Contents)
{
    public static DocsArticle Of(DocsFile file)
    {
        var contents = DocsRenderer.Parse(file.Markdown).OfType<HeadingBlock>()
            .Where(static heading => heading.Level is 2 or 3 && heading.TryGetAttributes()?.Id is not null)
            .Select(static heading => new DocsHeading(heading.TryGetAttributes()!.Id!, DocsText.Of(heading), heading.Level)) // It has one.
            .ToList();

        var html = Dress(DocsRenderer.ToHtml(file), file.Slug);
        var title = Top().Match(html);

        // An API of sixty endpoints has its parts in the contents, and not each of them.
        return new DocsArticle(title.Success ? title.Groups[1].Value : HtmlEncoder.Default.Encode(file.Title), title.Success ? html.Remove(title.Index, title.Length) : html, contents.Count > 40 ? [.. contents.Where(static heading => heading.Level == 2)] : contents);
    }

    // What a page adds to the text: pictures where they are served, headings that link to themselves, blocks that scroll by keyboard and are copied.
    private static string Dress(string html, string slug)
    {
        var number = 0;
        html = html.Replace("src=\"images/", "src=\"/docs/images/", StringComparison.Ordinal);
        html = Heading().Replace(html, static match => $"<{match.Groups[1].Value} id=\"{match.Groups[2].Value}\">{match.Groups[3].Value} <a class=\"docs-anchor\" href=\"#{match.Groups[2].Value}\" aria-label=\"Link to this section\">#</a></{match.Groups[1].Value}>");
        html = Table().Replace(html, static match => $"<div class=\"docs-scroll\" tabindex=\"0\">{match.Value}</div>");

        // The document's base is the site, so a bare fragment would lead to the front page.
        html = html.Replace("href=\"#", $"href=\"/docs/{slug}#", StringComparison.Ordinal);
        return Code().Replace(html, match =>
        {
            number++;
            return $"<div class=\"docs-code\"><pre tabindex=\"0\" id=\"code-{number}\">{match.Groups[1].Value}</pre><sync-copy from=\"code-{number}\" label=\"this block\"></sync-copy></div>";
        });
    }

    [GeneratedRegex("<h1[^>]*>(.*?)</h1>", RegexOptions.Singleline)]
    private static partial Regex Top();

    [GeneratedRegex("<(h[2-4]) id=\"([^\"]+)\">(.*?)</h[2-4]>", RegexOptions.Singleline)]
    private static partial Regex Heading();

    [GeneratedRegex("<table>.*?</table>", RegexOptions.Singleline)]
    private static partial Regex Table();

    [GeneratedRegex("<pre>(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Code();
}

/// <summary>A heading of a document.</summary>
/// <param name="Id">What links to it name.</param>
/// <param name="Text">What it says.</param>
/// <param name="Level">2 or 3.</param>
public sealed record DocsHeading(string Id, string Text, int Level);
