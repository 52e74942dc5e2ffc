using System.Text;
using System.Text.Encodings.Web;
using Sync.Web.Http.Pages;

namespace Sync.Web.Docs;

/// <summary>The documentation's pages: plain HTML without scripts, in the app's colours and type, readable without any of it.</summary>
internal static class DocsPage
{
    /// <summary>The stylesheet.</summary>
    public const string Stylesheet = """
        @font-face { font-family: "Geist"; src: url("../fonts/geist.woff2") format("woff2"); font-weight: 100 900; font-display: swap; }
        @font-face { font-family: "Geist Mono"; src: url("../fonts/geist-mono.woff2") format("woff2"); font-weight: 100 900; font-display: swap; }
        :root {
          color-scheme: light dark;
          --text: var(--mud-palette-text-primary); --quiet: var(--mud-palette-text-secondary); --line: var(--mud-palette-lines-default);
          --ground: var(--mud-palette-background); --raised: var(--mud-palette-surface); --accent: var(--mud-palette-primary);
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.6 "Geist", system-ui, sans-serif; overflow-wrap: break-word; }
        a { color: var(--accent); text-underline-offset: .15em; }
        a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .skip { position: absolute; left: -999rem; }
        .skip:focus { left: 1rem; top: .5rem; }
        header { display: flex; gap: 1.5rem; align-items: center; padding: .8rem 1.5rem; border-bottom: 1px solid var(--line); }
        header a { text-decoration: none; }
        header .home { display: inline-flex; gap: .6rem; align-items: center; font-weight: 650; color: var(--text); }
        header form { display: flex; gap: .5rem; margin-left: auto; min-width: 0; }
        input, button { font: inherit; font-size: .9rem; color: inherit; border: 1px solid var(--line); border-radius: .4rem; background: var(--raised); padding: .3rem .7rem; min-width: 0; }
        input { width: 15rem; border-color: var(--mud-palette-lines-inputs); }
        input:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .hits { list-style: none; margin: 0; padding: 0; }
        .hits li { margin: 0 0 1.4rem; }
        .hits a { font-weight: 600; }
        .hits p { margin: .2rem 0 0; font-size: .92rem; }
        .hits .from { color: var(--quiet); font-size: .85rem; }
        mark { background: color-mix(in srgb, var(--accent) 22%, transparent); color: inherit; border-radius: .2rem; }
        .columns { display: grid; grid-template-columns: 15rem minmax(0, 46rem); gap: 2.5rem; max-width: 68rem; margin: 0 auto; padding: 1.5rem; }
        nav ul { list-style: none; margin: 0; padding: 0; }
        nav li { margin: .3rem 0; }
        nav a { color: var(--quiet); text-decoration: none; }
        nav a[aria-current] { color: var(--text); font-weight: 600; }
        nav .part { margin-top: 1.2rem; font-size: .85rem; color: var(--quiet); }
        h1, h2, h3, h4 { line-height: 1.25; margin: 2em 0 .6em; }
        h1 { margin-top: 0; }
        pre, code { font: .875em/1.55 "Geist Mono", ui-monospace, Menlo, Consolas, monospace; }
        code { background: var(--raised); border-radius: .25rem; padding: .1em .3em; }
        pre { background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; }
        pre code { background: none; padding: 0; }
        table { border-collapse: collapse; display: block; overflow-x: auto; }
        th, td { border: 1px solid var(--line); padding: .35rem .7rem; text-align: left; vertical-align: top; }
        th { background: var(--raised); }
        blockquote { margin: 1em 0; padding: 0 1rem; border-left: 3px solid var(--line); color: var(--quiet); }
        img { display: block; max-width: 100%; max-height: 40rem; margin: 1.2em 0; border: 1px solid var(--line); border-radius: .5rem; }
        .summary { color: var(--quiet); margin: 0; }
        @media (max-width: 48rem) { header { flex-wrap: wrap; gap: .5rem 1rem; } header form { flex: 1 1 100%; } header input { flex: 1 1 auto; width: auto; } .columns { grid-template-columns: minmax(0, 1fr); gap: 1rem; } nav { order: 2; border-top: 1px solid var(--line); padding-top: 1rem; } }
        """;

    /// <summary>A document's page.</summary>
    public static string Document(DocsLibrary library, DocsFile file) => PlainPage.Shell(file.Title, Navigation(library, file), DocsRenderer.ToHtml(file));

    /// <summary>The index of all documents.</summary>
    public static string Index(DocsLibrary library)
    {
        var main = new StringBuilder("<h1>Documentation</h1>");
        foreach (var file in library.All)
        {
            main.Append($"<h3><a href=\"/docs/{Text(file.Slug)}\">{Text(file.Title)}</a></h3><p class=\"summary\">{Text(file.Summary)}</p>");
        }

        main.Append("<h3><a href=\"/docs/design\">Design</a></h3><p class=\"summary\">The colours, type and components of the pages, as they are.</p>");
        main.Append("<h2>For programs</h2><ul>"
            + "<li><a href=\"/SKILL.md\">SKILL.md</a>: how an agent uses this server</li>"
            + "<li><a href=\"/llms.txt\">llms.txt</a>: these documents as a list</li>"
            + "<li><a href=\"/openapi/v1.json\">openapi/v1.json</a>: every endpoint</li></ul>");
        return PlainPage.Shell("Documentation", Navigation(library, current: null), main.ToString());
    }

    /// <summary>What a search finds.</summary>
    public static string Found(DocsLibrary library, string query, IReadOnlyList<DocsHit> hits)
    {
        var words = DocsSearch.Words(query);
        var main = new StringBuilder($"<h1>{(hits.Count == 0 ? "Nothing found" : "Found")}</h1>");
        main.Append(hits.Count == 0
            ? $"<p>No section has all of: {Text(query)}. Try fewer words, or see <a href=\"/docs\">all documents</a>.</p>"
            : $"<p class=\"summary\">{hits.Count} {(hits.Count == 1 ? "section" : "sections")} with {Text(query)}</p><ul class=\"hits\">");
        foreach (var hit in hits)
        {
            var anchor = hit.Anchor is null ? "" : "#" + Uri.EscapeDataString(hit.Anchor);
            main.Append($"<li><a href=\"/docs/{Text(hit.Slug)}{anchor}\">{Marked(hit.Heading ?? hit.Title, words)}</a> <span class=\"from\">{Text(hit.Title)}</span><p>{Marked(hit.Snippet, words)}</p></li>");
        }

        if (hits.Count > 0)
        {
            main.Append("</ul>");
        }

        return PlainPage.Shell(query, Navigation(library, current: null), main.ToString(), query);
    }

    private static string Navigation(DocsLibrary library, DocsFile? current)
    {
        var list = new StringBuilder("<ul>");
        var part = "";
        foreach (var file in library.All)
        {
            var folder = file.Slug.Contains('/') ? file.Slug[..file.Slug.LastIndexOf('/')] : "";
            if (folder != part)
            {
                part = folder;
                list.Append($"<li class=\"part\">{Text(part)}</li>");
            }

            var mark = file == current ? " aria-current=\"page\"" : "";
            list.Append($"<li><a href=\"/docs/{Text(file.Slug)}\"{mark}>{Text(file.Title)}</a></li>");
        }

        return list.Append("</ul>").ToString();
    }

    // The words stand out; everything is encoded piece by piece.
    private static string Marked(string text, string[] words)
    {
        var html = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var (next, length) = words
                .Select(word => (At: text.IndexOf(word, at, StringComparison.OrdinalIgnoreCase), word.Length))
                .Where(found => found.At >= 0)
                .OrderBy(found => found.At)
                .ThenByDescending(found => found.Length)
                .FirstOrDefault((text.Length, 0));
            html.Append(Text(text[at..next]));
            if (length > 0)
            {
                html.Append("<mark>").Append(Text(text.Substring(next, length))).Append("</mark>");
            }

            at = next + length;
        }

        return html.ToString();
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
