using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Mcp.Access;

namespace Sync.Web.Mcp;

/// <summary>The one mapping from refusals to MCP: the error object of the API as a tool's result, or as the data of a protocol error where a request has no such result.</summary>
internal static partial class McpErrors
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int InvalidParams = -32602;

    /// <summary>A session that is not there. Not of the standard, but clients know by it, with status 404, that they have to initialise again.</summary>
    public const int SessionNotFound = -32001;

    /// <summary>A header that says something else than the body, or nothing (MCP 2026-07-28, Transports).</summary>
    public const int HeaderMismatch = -32020;

    /// <summary>A protocol version that is not spoken here (MCP 2026-07-28, Versioning).</summary>
    public const int UnsupportedVersion = -32022;

    /// <summary>The answer to a client when the fault is the server's; the log says why.</summary>
    public static SyncError Failed { get; } = new(ErrorCode.Unavailable, "The server could not do this.") { Hint = "Try again in a moment; if it stays so, the server's log says why." };

    public static CallToolResult ToResult(SyncError error, IStepRenderer steps, string? room = null) => ToResult(ApiResponse.ToJson(error, steps, room), isError: true);

    public static CallToolResult ToResult(ReadOnlyMemory<byte> json, bool isError = false) => new()
    {
        // Both: clients from before structured content show their model the text alone.
        Content = [new TextContentBlock { Text = Encoding.UTF8.GetString(json.Span) }],
        StructuredContent = JsonElement.Parse(json.Span),
        IsError = isError ? true : null,
    };

    public static McpProtocolException ToException(SyncError error, IStepRenderer steps, string? protocolVersion, string? room = null)
    {
        // Until 2026-07-28 a resource that is not there had a code of its own.
        var isOld = string.CompareOrdinal(protocolVersion, ProtocolVersions.Stateless) < 0;
        var code = error.Code.Kind switch
        {
            ErrorKind.NotFound when isOld => McpErrorCode.ResourceNotFound,
            ErrorKind.Invalid or ErrorKind.NotFound => McpErrorCode.InvalidParams,
            ErrorKind.Unavailable => McpErrorCode.InternalError,
            _ => McpErrorCode.InvalidRequest,
        };
        var exception = new McpProtocolException(Sentence(error, steps, room), code);
        foreach (var (name, value) in error.ToJson(steps, room))
        {
            exception.Data[name] = JsonSerializer.SerializeToElement(value);
        }

        return exception;
    }

    /// <summary>Answers a request over HTTP that does not become a call: a JSON-RPC error beside the status, with the fix in its sentence, since most clients show nothing else.</summary>
    public static Task WriteAsync(HttpContext http, JsonElement id, int code, SyncError error, int status)
    {
        var steps = ApiResponse.StepsOf(http);
        ApiResponse.SetRetryAfter(http.Response, error);
        var answer = ToolJson.Write((id, code, error, steps), static (writer, t) =>
        {
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WritePropertyName("id"u8);
            if (t.id.ValueKind == JsonValueKind.Undefined)
            {
                writer.WriteNullValue();
            }
            else
            {
                t.id.WriteTo(writer);
            }

            writer.WriteStartObject("error"u8);
            writer.WriteNumber("code"u8, t.code);
            writer.WriteString("message"u8, Sentence(t.error, t.steps, room: null));
            writer.WritePropertyName("data"u8);
            t.error.WriteTo(writer, t.steps);
            writer.WriteEndObject();
        });
        return ApiResponse.WriteAsync(http, ApiAnswer.Of(answer, status));
    }

    private static string Sentence(SyncError error, IStepRenderer steps, string? room) => error.HintFor(steps, room) is { } hint ? $"{error.Message} {hint}" : error.Message;

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} failed over MCP")]
    public static partial void LogFailed(ILogger logger, string what, Exception exception);
}
