using System.Text.Encodings.Web;

namespace Sync.Web.Http.Pages;

/// <summary>A page of plain HTML without scripts, in the app's colours and type: what a person sees where something cannot be shown.</summary>
internal static class PlainPage
{
    /// <summary>Where the app's colours are served.</summary>
    public const string ThemePath = "/theme.css";

    /// <summary>What these pages may load: their stylesheets and pictures, nothing else; the one form searches.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data: https:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>What a person sees at a path where nothing is.</summary>
    public static string NothingHere { get; } = Message("404", "Nothing here", "There is no page at this address. It may have been moved, or the link was cut short.");

    /// <summary>A page that says why something cannot be done.</summary>
    public static string Refusal(string title, string sentence) => Message("", title, sentence);

    // Nobody is left at a page that leads nowhere: the ways out are the same wherever one got lost.
    private static string Message(string status, string title, string sentence) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{Text(title)} · Sync</title>
        <link rel="icon" type="image/svg+xml" href="/favicon.svg">
        <link rel="preload" as="font" type="font/woff2" href="/fonts/geist.woff2" crossorigin>
        <link rel="stylesheet" href="{ThemePath}">
        <link rel="stylesheet" href="/css/base.css">
        <link rel="stylesheet" href="/css/account.css">
        <link rel="stylesheet" href="/css/connect.css">
        </head>
        <body>
        <a class="skip-link" href="#main">Skip to the text</a>
        <header class="site-header"><a class="brand" href="/"><img src="/favicon.svg" alt="" width="26" height="26"> Sync</a>
        <nav class="site-nav" aria-label="Site"><a href="/rooms">Rooms</a> <a href="/docs">Docs</a></nav></header>
        <main id="main" class="lost">
        {(status.Length == 0 ? "" : $"<p class=\"lost-status\">{status}</p>")}
        <h1>{Text(title)}</h1>
        <p>{Text(sentence)}</p>
        <p class="way-out"><a class="primary-button" href="/rooms">Your rooms</a> <a class="quiet-button" href="/">Front page</a> <a class="quiet-button" href="/docs">Documentation</a></p>
        <form action="/docs" role="search"><input type="search" name="q" aria-label="Search the documentation" placeholder="Search the documentation" maxlength="200"><button class="quiet-button">Search</button></form>
        </main>
        </body>
        </html>
        """;

    /// <summary>A page for a server that is reached under a path. A quote in a text is always escaped, so what is found are attributes.</summary>
    public static string Under(string html, PathString root) => root.HasValue ? html.Replace("=\"/", $"=\"{Text(root.ToUriComponent())}/", StringComparison.Ordinal) : html;

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
