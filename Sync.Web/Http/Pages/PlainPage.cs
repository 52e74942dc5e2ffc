using System.Text.Encodings.Web;

namespace Sync.Web.Http.Pages;

/// <summary>A page of plain HTML without scripts, in the app's colours and type: the documentation, and what a person sees where something cannot be shown.</summary>
internal static class PlainPage
{
    /// <summary>Where the app's colours are served.</summary>
    public const string ThemePath = "/theme.css";

    /// <summary>What these pages may load: their stylesheet and pictures, nothing else; the one form searches.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data: https:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>What a person sees at a path where nothing is.</summary>
    public static string NothingHere { get; } = Shell(
        "Nothing here",
        navigation: "",
        "<h1>Nothing here</h1><p>There is no page at this address. Start from the <a href=\"/\">front page</a> or the <a href=\"/docs\">documentation</a>.</p>");

    /// <summary>A page that says why something cannot be done.</summary>
    public static string Refusal(string title, string sentence) => Shell(title, navigation: "", $"<h1>{Text(title)}</h1><p>{Text(sentence)}</p>");

    /// <summary>The frame of every such page.</summary>
    public static string Shell(string title, string navigation, string main, string query = "") => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Text(title)} · Sync</title>
        <link rel="icon" type="image/svg+xml" href="/favicon.svg">
        <link rel="stylesheet" href="{ThemePath}">
        <link rel="stylesheet" href="/docs/style.css">
        </head>
        <body>
        <a class="skip" href="#main">Skip to the text</a>
        <header><a class="home" href="/"><img src="/favicon.svg" alt="" width="22" height="22"> Sync</a> <a href="/docs">Documentation</a>
        <form action="/docs" role="search"><input type="search" name="q" value="{Text(query)}" aria-label="Search the documentation" placeholder="Search" maxlength="200"><button>Search</button></form></header>
        <div class="columns">
        <nav aria-label="Documents">{navigation}</nav>
        <main id="main">{main}</main>
        </div>
        </body>
        </html>
        """;

    /// <summary>A page for a server that is reached under a path. A quote in a text is always escaped, so what is found are attributes.</summary>
    public static string Under(string html, PathString root) => root.HasValue ? html.Replace("=\"/", $"=\"{Text(root.ToUriComponent())}/", StringComparison.Ordinal) : html;

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
