using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Ganss.Xss;
using Markdig;
using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// GitHub-flavoured Markdown as HTML that can do nothing: raw HTML is escaped, and what Markdig makes goes through a sanitiser all the same. A block of mermaid becomes
/// <c>sync-diagram</c> around its text; the browser draws it (diagrams.js), and without scripts the text stays.
/// </summary>
internal static partial class MarkdownText
{
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseTaskLists().UseEmphasisExtras().UseAutoLinks().UseFootnotes().DisableHtml().Build();

    private static readonly HtmlSanitizer s_sanitizer = Sanitizer();

    public static MarkupString ToHtml(string markdown)
    {
        var html = MermaidBlock().Replace(Markdown.ToHtml(markdown, s_pipeline), "<sync-diagram><pre><code>$1</code></pre></sync-diagram>");
        return new(s_sanitizer.Sanitize(html));
    }

    private static HtmlSanitizer Sanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        sanitizer.AllowedTags.ExceptWith(["form", "button", "select", "option", "textarea", "img", "style"]);
        sanitizer.AllowedTags.Add("sync-diagram");
        sanitizer.AllowedAttributes.Remove("style");
        sanitizer.AllowedAttributes.Remove("id");
        sanitizer.AllowedAttributes.Remove("name");
        sanitizer.AllowedSchemes.Add("mailto");
        sanitizer.PostProcessNode += static (_, processed) =>
        {
            // A link written by an agent must not take the page away from who watches it, nor hand it over.
            if (processed.Node is IElement { LocalName: "a" } link)
            {
                link.SetAttribute("target", "_blank");
                link.SetAttribute("rel", "noopener noreferrer nofollow");
            }
            else if (processed.Node is IElement { LocalName: "input" } box)
            {
                // A task's mark; the text beside it is no label of it.
                box.SetAttribute("aria-label", box.HasAttribute("checked") ? "done" : "not done");
            }
        };
        return sanitizer;
    }

    // Raw HTML is escaped before this, so the tags are Markdig's own.
    [GeneratedRegex("<pre><code class=\"language-mermaid\">(.*?)</code></pre>", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex MermaidBlock();
}
