using Ganss.Xss;
using Markdig;
using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Surfaces;

/// <summary>Markdown as HTML that can do nothing: raw HTML is escaped, and what Markdig makes goes through a sanitiser all the same.</summary>
internal static class MarkdownText
{
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseTaskLists().UseEmphasisExtras().UseAutoLinks().DisableHtml().Build();
    private static readonly HtmlSanitizer s_sanitizer = Sanitizer();

    public static MarkupString ToHtml(string markdown) => new(s_sanitizer.Sanitize(Markdown.ToHtml(markdown, s_pipeline)));

    private static HtmlSanitizer Sanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        sanitizer.AllowedTags.ExceptWith(["form", "button", "select", "option", "textarea", "img", "style"]);
        sanitizer.AllowedAttributes.Remove("style");
        sanitizer.AllowedAttributes.Remove("id");
        sanitizer.AllowedSchemes.Add("mailto");
        return sanitizer;
    }
}
