using Microsoft.Net.Http.Headers;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// The headers of a request to <c>/mcp</c> that say what is sent and what may come back (MCP, Streamable HTTP, Sending Messages to the Server). What passes is afterwards written as the SDK reads it,
/// which throws at a content type that it does not know.
/// </summary>
internal static class McpHeaders
{
    /// <summary>The header that names the session of a request.</summary>
    public const string Session = "Mcp-Session-Id";

    private const string Json = "application/json";

    private static readonly MediaTypeHeaderValue s_json = new(Json);
    private static readonly MediaTypeHeaderValue s_events = new(EventStream.MediaType);

    // RFC 8259 §8.1: JSON between systems is UTF-8, of which ASCII is a part.
    private static readonly string[] s_charsets = ["utf-8", "utf8", "us-ascii", "ascii"];

    /// <summary>What is wrong with the content type of a body; null when nothing is.</summary>
    public static SyncError? CheckContentType(HttpRequest request)
    {
        var text = request.ContentType;
        if (string.IsNullOrWhiteSpace(text))
        {
            return Wrong("The request has no Content-Type.", "Send `Content-Type: application/json`.");
        }

        if (!MediaTypeHeaderValue.TryParse(text, out var type) || !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
        {
            return Wrong("The Content-Type is not that of JSON.", "Send `Content-Type: application/json`.");
        }

        if (HeaderUtilities.RemoveQuotes(type.Charset) is { HasValue: true, Length: > 0 } charset && !s_charsets.Any(known => charset.Equals(known, StringComparison.OrdinalIgnoreCase)))
        {
            return Wrong("The body is in another character set than UTF-8.", "Send UTF-8, with `Content-Type: application/json`.");
        }

        request.ContentType = Json;
        return null;
    }

    /// <summary>What is wrong with the media types that a client takes; null when nothing is.</summary>
    public static SyncError? CheckAccept(HttpRequest request)
    {
        var isPost = HttpMethods.IsPost(request.Method);
        var accepted = request.GetTypedHeaders().Accept;
        if (!Accepts(accepted, s_events) || (isPost && !Accepts(accepted, s_json)))
        {
            return isPost
                ? Wrong("The request does not accept both JSON and an event stream, and its answer may be either.", "Send `Accept: application/json, text/event-stream`.")
                : Wrong("The request does not accept an event stream, which is what GET gives.", "Send `Accept: text/event-stream`.");
        }

        request.Headers.Accept = $"{Json}, {EventStream.MediaType}";
        return null;
    }

    private static bool Accepts(IList<MediaTypeHeaderValue> accepted, MediaTypeHeaderValue type) => accepted.Any(range => range.Quality is not 0 && type.IsSubsetOf(WithoutParameters(range)));

    private static MediaTypeHeaderValue WithoutParameters(MediaTypeHeaderValue range) => new(range.MediaType);

    private static SyncError Wrong(string message, string hint) => new(ErrorCode.InvalidParameter, message) { Hint = hint };
}
