using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;
using Sync.Web.Options;

namespace Sync.Web.Api.OpenApi;

/// <summary>
/// The API as an OpenAPI 3.1 document, made from the tables that also make the routes. The framework's generator reads method signatures, and these
/// operations read their requests themselves: it would see nothing. Immutable; built once per app.
/// </summary>
internal sealed class OpenApiDocument(SyncOptions options)
{
    private static readonly JsonSerializerOptions s_writing = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lazy<byte[]> _json = new(() => JsonSerializer.SerializeToUtf8Bytes(Build(ApiTable.All, options), s_writing));

    /// <summary>The document as UTF-8.</summary>
    public ReadOnlyMemory<byte> Json => _json.Value;

    private static JsonObject Build(ImmutableArray<ApiEndpoint> operations, SyncOptions options) => new()
    {
        ["openapi"] = "3.1.0",
        ["info"] = new JsonObject
        {
            ["title"] = "Sync",
            ["version"] = "1",
            ["summary"] = "Coordination substrate for multi-agent systems: read context, invoke actions.",
            ["description"] = "Agents and people share rooms. In a room there are two operations: read context and invoke actions. "
                + "A participant declares a write capability as an action, then invokes it, and declares a read capability as a view.",
            ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
        },
        ["servers"] = new JsonArray(new JsonObject { ["url"] = options.PublicUrl }),
        ["tags"] = new JsonArray([.. operations.Select(operation => operation.Group).Distinct().Select(group => (JsonNode)new JsonObject { ["name"] = group })]),
        ["paths"] = Paths(operations),
        ["components"] = new JsonObject
        {
            ["securitySchemes"] = new JsonObject
            {
                ["bearer"] = new JsonObject
                {
                    ["type"] = "http",
                    ["scheme"] = "bearer",
                    ["description"] = "A scoped token (`tok_…`), or a room's own: `room_…` (full access), `view_…` (read only), `as_…` (one agent).",
                },
            },
            ["schemas"] = ApiSchemas.All(),
        },
    };

    private static JsonObject Paths(ImmutableArray<ApiEndpoint> operations)
    {
        var paths = new JsonObject();
        foreach (var operation in operations)
        {
            var path = operation.Pattern.Replace("{**", "{", StringComparison.Ordinal);
            if (!paths.TryGetPropertyValue(path, out var item) || item is null)
            {
                paths[path] = item = new JsonObject();
            }

            item[(operation.Method ?? "GET").ToLowerInvariant()] = Describe(operation);
            if (operation.TakesHead)
            {
                item["head"] = DescribeHead(operation);
            }
        }

        return paths;
    }

    private static JsonObject Describe(ApiEndpoint operation)
    {
        var described = new JsonObject
        {
            ["operationId"] = operation.Name,
            ["tags"] = new JsonArray(operation.Group),
            ["summary"] = operation.Summary,
        };
        if (operation.Description is not null)
        {
            described["description"] = operation.Description;
        }

        var parameters = PathParameter.Of(operation.Pattern).Select(parameter => Parameter("path", new ApiParameter(parameter.Name, "string", PathText(parameter), Required: true)))
            .Concat(operation.Query.Select(parameter => Parameter("query", parameter)))
            .Concat(operation.Headers.Select(parameter => Parameter("header", parameter)))
            .ToArray();
        if (parameters.Length > 0)
        {
            described["parameters"] = new JsonArray(parameters);
        }

        if (operation.Body is not null)
        {
            described["requestBody"] = new JsonObject { ["content"] = Content("application/json", Reference(operation.Body)) };
        }

        described["responses"] = Responses(operation);
        described["security"] = operation.Authentication switch
        {
            Authentication.Required => new JsonArray(Bearer()),
            Authentication.Optional => new JsonArray(new JsonObject(), Bearer()),
            _ => new JsonArray(),
        };
        return described;
    }

    // The same request and statuses; no answer has a body.
    private static JsonObject DescribeHead(ApiEndpoint operation)
    {
        var described = Describe(operation);
        described["operationId"] = operation.Name + "Head";
        described["summary"] = "The status and headers of `GET`, without a body";
        described.Remove("description");
        foreach (var (_, response) in described["responses"]!.AsObject())
        {
            response!.AsObject().Remove("content");
        }

        return described;
    }

    private static JsonObject Responses(ApiEndpoint operation)
    {
        var responses = new JsonObject();
        if (operation.Success < StatusCodes.Status300MultipleChoices)
        {
            responses[Text(operation.Success)] = Answer(operation, operation.Summary);
        }

        if (operation.AlsoSuccess is { } also)
        {
            responses[Text(also.Status)] = Answer(operation, also.When);
        }

        if (operation.IsTagged)
        {
            responses[Text(StatusCodes.Status304NotModified)] = new JsonObject { ["description"] = "What the sender has, by the tag in `If-None-Match`, is what it would get; no body." };
        }

        foreach (var status in Errors(operation).Distinct().GroupBy(code => ErrorStatus.Of(code.Kind)).OrderBy(group => group.Key))
        {
            responses[Text(status.Key)] = new JsonObject
            {
                ["description"] = string.Join(", ", status.Select(code => $"`{code.Name}`")),
                ["content"] = Content("application/json", Reference("Error")),
            };
        }

        return responses;
    }

    /// <summary>Every refusal an operation may give: those its traits imply and its own.</summary>
    internal static IEnumerable<ErrorCode> Errors(ApiEndpoint operation)
    {
        var implied = new List<ErrorCode>();
        if (operation.Success == StatusCodes.Status410Gone)
        {
            return [ErrorCode.VaultDeprecated];
        }

        if (operation.Authentication != Authentication.None)
        {
            implied.AddRange([ErrorCode.AuthenticationRequired, ErrorCode.InvalidToken, ErrorCode.InvalidParameter]);
            if (operation.Pattern.StartsWith("/rooms/{room}", StringComparison.Ordinal))
            {
                implied.AddRange([ErrorCode.ScopeDenied, ErrorCode.RoomNotFound, ErrorCode.InvalidId]);
            }
        }

        if (operation.Body is not null)
        {
            implied.AddRange([ErrorCode.InvalidJson, ErrorCode.UnknownField, ErrorCode.PayloadTooLarge]);
        }

        implied.AddRange([ErrorCode.RateLimited, ErrorCode.Unavailable]);
        return implied.Concat(operation.Errors);
    }

    private static JsonObject Answer(ApiEndpoint operation, string description) => new()
    {
        ["description"] = description,
        ["content"] = Content(operation.MediaType, operation.Answer is { } schema ? Reference(schema) : new JsonObject { ["type"] = "string" }),
    };

    private static JsonObject Content(string mediaType, JsonObject schema) => new() { [mediaType] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Parameter(string place, ApiParameter parameter) => new()
    {
        ["name"] = parameter.Name,
        ["in"] = place,
        ["required"] = parameter.Required,
        ["description"] = parameter.Description,
        ["schema"] = new JsonObject { ["type"] = parameter.Type },
    };

    private static string PathText(PathParameter parameter) => parameter.Name switch
    {
        "room" => "The room's id.",
        "agent" => "The agent's id.",
        "action" => "The action's id, percent-encoded; a slash in it is `%2F`.",
        "scope" => "The scope: `_shared`, another shared one, or an agent's id.",
        "key" => "The key, percent-encoded; slashes in it may be written as they are.",
        "seq" => "The event: a cursor, or its number.",
        "doc" or "slug" => "The document's name.",
        _ => "Anything.",
    };

    private static JsonObject Reference(string schema) => new() { ["$ref"] = "#/components/schemas/" + schema };

    private static JsonObject Bearer() => new() { ["bearer"] = new JsonArray() };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
