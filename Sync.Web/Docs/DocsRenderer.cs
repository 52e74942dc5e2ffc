using Ganss.Xss;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Sync.Web.Docs;

/// <summary>
/// Markdown to HTML: rendered by Markdig, then put through an allow-list sanitiser, so that no document can carry a script into a page. Thread-safe.
/// </summary>
internal static class DocsRenderer
{
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .UseYamlFrontMatter()
        .UsePipeTables()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub)
        .UseTaskLists()
        .UseEmphasisExtras()
        .UseAutoLinks()
        .UseFootnotes()
        .Build();

    private static readonly HtmlSanitizer s_sanitizer = Sanitizer();

    /// <summary>The syntax tree.</summary>
    public static MarkdownDocument Parse(string markdown) => Markdown.Parse(markdown, s_pipeline);

    /// <summary>A document as safe HTML; links to other documents lead to their pages.</summary>
    public static string ToHtml(DocsFile file)
    {
        var document = Parse(file.Markdown);
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.Url = Resolve(link.Url, file.Slug);
        }

        return s_sanitizer.Sanitize(document.ToHtml(s_pipeline));
    }

    // "views.md#render" in docs/cel.md leads to /docs/views#render; what leads out of the folder other than to SKILL.md stays as it is.
    private static string? Resolve(string? url, string slug)
    {
        if (url is null || url.Length == 0 || url[0] is '#' or '/' || url.Contains(':', StringComparison.Ordinal))
        {
            return url;
        }

        var hash = url.IndexOf('#', StringComparison.Ordinal);
        var (path, fragment) = hash < 0 ? (url, "") : (url[..hash], url[hash..]);
        if (!path.EndsWith(".md", StringComparison.OrdinalIgnoreCase))
        {
            return url;
        }

        var target = new Uri(new Uri("http://docs/docs/" + slug), path).AbsolutePath;
        return target == "/SKILL.md" ? target + fragment
            : target.StartsWith("/docs/", StringComparison.Ordinal) ? target[..^3] + fragment
            : url;
    }

    private static HtmlSanitizer Sanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        sanitizer.AllowedAttributes.Add("id");
        sanitizer.AllowedAttributes.Add("class");
        sanitizer.AllowedAttributes.Remove("style");
        sanitizer.AllowedTags.Remove("form");
        sanitizer.AllowedTags.Remove("button");
        sanitizer.AllowedTags.Remove("textarea");
        sanitizer.AllowedTags.Remove("select");
        return sanitizer;
    }
}
