using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Ganss.Xss;
using Markdig;
using Markdig.Syntax;
using Microsoft.AspNetCore.Components;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// GitHub-flavoured Markdown as HTML that can do nothing: raw HTML is escaped, and what Markdig makes goes through a sanitiser all the same. A block of mermaid becomes
/// <c>sync-diagram</c> around its text; the browser draws it (diagrams.js), and without scripts the text stays.
/// <para>
/// Bounded: what is long shows its beginning; what is nested deep, or would make Markdig or the sanitiser work out of proportion (they are quadratic in unmatched marks, and a table's
/// cells are rows × columns), is shown as plain text.
/// </para>
/// </summary>
internal static partial class MarkdownText
{
    private const int MaxCharacters = 16_384;
    private const int MaxNesting = 32;
    private const int MaxMarks = 2_000;
    private const int MaxBrackets = 1_000;
    private const int MaxCells = 4_000;

    private static readonly SearchValues<char> s_marks = SearchValues.Create("*_~`");

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseTaskLists().UseEmphasisExtras().UseAutoLinks().UseFootnotes().DisableHtml().Build();

    private static readonly HtmlSanitizer s_sanitizer = Sanitizer();

    // Everybody who watches a room draws the same texts: what was drawn lately is kept, in two halves of which the older is dropped.
    private const int MaxKept = 2_000_000; // characters, in each half

    private static ConcurrentDictionary<string, MarkdownDrawing> s_recent = new(StringComparer.Ordinal);
    private static ConcurrentDictionary<string, MarkdownDrawing> s_older = new(StringComparer.Ordinal);
    private static int s_kept;

    /// <summary>Draws a text.</summary>
    public static MarkdownDrawing Draw(string markdown)
    {
        // A text of any length is drawn from its beginning and told by its length.
        var key = markdown.Length <= MaxCharacters ? markdown : $"{markdown.Length}:{markdown.AsSpan(0, Clip.End(markdown, MaxCharacters))}";
        if (s_recent.TryGetValue(key, out var drawing))
        {
            return drawing;
        }

        if (!s_older.TryGetValue(key, out drawing))
        {
            drawing = DrawAnew(markdown);
        }

        var size = key.Length + drawing.Html.Value.Length + 200;
        if (Interlocked.Add(ref s_kept, size) > MaxKept)
        {
            // Racing threads may both do this; the worst of it is a text drawn again.
            s_older = s_recent;
            s_recent = new ConcurrentDictionary<string, MarkdownDrawing>(StringComparer.Ordinal);
            Interlocked.Exchange(ref s_kept, size);
        }

        s_recent.TryAdd(key, drawing);
        return drawing;
    }

    private static MarkdownDrawing DrawAnew(string markdown)
    {
        var text = markdown[..Clip.End(markdown, MaxCharacters)];
        var cut = text.Length < markdown.Length ? $"The text has {markdown.Length:N0} characters; its beginning is shown." : null;
        if (IsOutOfProportion(text))
        {
            return Plain(text);
        }

        try
        {
            return new MarkdownDrawing(ToHtml(text), cut);
        }
        catch (ArgumentException)
        {
            // Markdig says so of what nests deeper than it follows, by lists or brackets.
            return Plain(text);
        }

        MarkdownDrawing Plain(string shown) => new(
            new MarkupString(LineBreaks.InHtml($"<pre>{WebUtility.HtmlEncode(Clip.Text(shown, Clip.Block * 2))}</pre>")),
            "Shown as plain text: as Markdown it is nested too deeply, or has too many marks or table cells.");
    }

    private static MarkupString ToHtml(string markdown)
    {
        var document = Markdown.Parse(markdown, s_pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>())
        {
            // It stands on a card, whose own heading is of the third level.
            heading.Level = Math.Min(heading.Level + 3, 6);
        }

        var html = MermaidBlock().Replace(document.ToHtml(s_pipeline), "<sync-diagram><pre><code>$1</code></pre></sync-diagram>");
        return new(LineBreaks.InHtml(s_sanitizer.Sanitize(html)));
    }

    private static bool IsOutOfProportion(string text)
    {
        var (marks, brackets, columns, rows) = (0, 0, 0, 0);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (Nesting(line) > MaxNesting)
            {
                return true;
            }

            for (var rest = line; rest.IndexOfAny(s_marks) is var at and >= 0; rest = rest[(at + 1)..])
            {
                marks++;
            }

            brackets += line.Count('[');
            var bars = line.Count('|');
            columns = Math.Max(columns, bars + 1);
            rows += bars > 0 ? 1 : 0;
        }

        return marks > MaxMarks || brackets > MaxBrackets || (rows > 0 && (long)columns * rows > MaxCells);
    }

    // How many quotes and lists the line begins: `> - 1. > text` begins four.
    private static int Nesting(ReadOnlySpan<char> line)
    {
        var depth = 0;
        for (var i = 0; i < line.Length && depth <= MaxNesting; i++)
        {
            if (line[i] is '>' or '-' or '+' or '*')
            {
                depth++;
            }
            else if (line[i] is not (' ' or '\t' or '.' or ')') && !char.IsAsciiDigit(line[i]))
            {
                break;
            }
            else if (line[i] is '.' or ')')
            {
                depth++;
            }
        }

        // A rule (`-----`) or a table's separator begins nothing.
        return line.Trim().ContainsAnyExcept("-*+_ |:=") ? depth : 0;
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

/// <summary>A text as it stands on a page, and what is to be said of it.</summary>
internal readonly record struct MarkdownDrawing(MarkupString Html, string? Note);
