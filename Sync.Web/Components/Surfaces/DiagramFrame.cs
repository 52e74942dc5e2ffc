namespace Sync.Web.Components.Surfaces;

/// <summary>
/// The frame in which mermaid draws (diagrams.js). Mermaid puts style elements into the document it runs in and reads text that agents wrote, so it gets a document of its own: sandboxed without an
/// origin, without network, framed by this server's pages alone.
/// </summary>
internal static class DiagramFrame
{
    public const string Path = "/diagrams/frame";

    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts";

    private const string Document = """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Diagrams</title></head>
        <body>
        <script src="../lib/mermaid.min.js"></script>
        <script src="../js/diagram-frame.js"></script>
        </body>
        </html>
        """;

    public static void MapDiagramFrame(this WebApplication app) => app.MapMethods(Path, ["GET", "HEAD"], static (HttpContext http) =>
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XFrameOptions = "SAMEORIGIN";
        headers.CacheControl = "public, max-age=300";
        return Results.Content(Document, "text/html; charset=utf-8");
    }).ExcludeFromDescription();
}
