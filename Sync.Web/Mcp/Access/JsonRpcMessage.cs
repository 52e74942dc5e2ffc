using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Requests;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// What a message must be before the SDK reads it: JSON-RPC 2.0, and for the methods that are answered here parameters of the right types. What the SDK cannot read it answers as an error of the
/// server's own (-32603), without a word of what was wrong; by this table the client is told.
/// </summary>
internal static class JsonRpcMessage
{
    private static readonly Member s_cursor = new("cursor", Shape.Text);
    private static readonly Member s_uri = new("uri", Shape.Text) { IsRequired = true };

    // What every request may carry beside its own (MCP, Basic protocol: General fields).
    private static readonly Member s_meta = new("_meta", Shape.Object) { Members = [new("progressToken", Shape.TextOrNumber)] };

    private static readonly Dictionary<string, ImmutableArray<Member>> s_methods = new(StringComparer.Ordinal)
    {
        ["initialize"] =
        [
            new("protocolVersion", Shape.Text) { IsRequired = true },
            new("clientInfo", Shape.Object) { IsRequired = true, Members = [new("name", Shape.Text) { IsRequired = true }, new("version", Shape.Text) { IsRequired = true }, new("title", Shape.Text)] },
            new("capabilities", Shape.Object),
        ],
        ["ping"] = [],
        ["tools/list"] = [s_cursor],
        ["tools/call"] = [new("name", Shape.Text) { IsRequired = true }, new("arguments", Shape.Object)],
        ["prompts/list"] = [s_cursor],
        ["prompts/get"] = [new("name", Shape.Text) { IsRequired = true }, new("arguments", Shape.Object)],
        ["resources/list"] = [s_cursor],
        ["resources/templates/list"] = [s_cursor],
        ["resources/read"] = [s_uri],
        ["resources/subscribe"] = [s_uri],
        ["resources/unsubscribe"] = [s_uri],
        ["completion/complete"] =
        [
            new("ref", Shape.Object) { IsRequired = true, Members = [new("type", Shape.Text) { IsRequired = true, Words = ["ref/prompt", "ref/resource"], Needs = ["name", "uri"] }, new("name", Shape.Text), new("uri", Shape.Text)] },
            new("argument", Shape.Object) { IsRequired = true, Members = [new("name", Shape.Text) { IsRequired = true }, new("value", Shape.Text) { IsRequired = true }] },
            new("context", Shape.Object) { Members = [new("arguments", Shape.ObjectOfTexts)] },
        ],
        ["logging/setLevel"] =
        [
            new("level", Shape.Text) { IsRequired = true, Words = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] },
        ],
    };

    private enum Shape
    {
        Text,
        TextOrNumber,
        Object,
        ObjectOfTexts,
    }

    /// <summary>JSON-RPC 2.0 §4, §5; null when it is a message.</summary>
    public static SyncError? Check(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            return new SyncError(ErrorCode.InvalidJson, $"The body must be one JSON-RPC message, an object, not {StrictJson.Describe(message.ValueKind)}.") { Hint = "Send one message in a request; MCP has no batches." };
        }

        var isRequest = message.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String;
        var isAnswer = message.TryGetProperty("result", out _) || (message.TryGetProperty("error", out var failure) && failure.ValueKind == JsonValueKind.Object);
        var hasId = !message.TryGetProperty("id", out var id) ? isRequest : IsId(id);
        var hasParams = !message.TryGetProperty("params", out var parameters) || parameters.ValueKind is JsonValueKind.Object or JsonValueKind.Null;
        return message.TryGetProperty("jsonrpc", out var version) && version.ValueKind == JsonValueKind.String && version.ValueEquals("2.0") && (isRequest || isAnswer) && hasId && hasParams
            ? null
            : new SyncError(ErrorCode.InvalidParameter, "The body is not a JSON-RPC 2.0 message.") { Hint = """Send {"jsonrpc":"2.0","id":1,"method":"tools/list"}, for example.""" };
    }

    /// <summary>The refusal of parameters whose types the SDK could not read further down than this table goes.</summary>
    public static SyncError Unfit(JsonElement message) =>
        Wrong("params", $"A parameter of '{message.GetProperty("method").GetString()}' is not of the type that it takes.", "Send the parameters that the method has in the protocol's schema.");

    /// <summary>The id of a message that is a request; undefined for others.</summary>
    public static JsonElement IdOf(JsonElement message) => message.TryGetProperty("id", out var id) && IsId(id) ? id : default;

    /// <summary>Whether the parameters of a request are of the types that its method takes (JSON-RPC 2.0 §5.1, -32602); null when they are, and for methods and answers that are not known here.</summary>
    public static SyncError? CheckParams(JsonElement message)
    {
        if (!message.TryGetProperty("method", out var method) || !s_methods.TryGetValue(method.GetString() ?? "", out var members))
        {
            return null;
        }

        var parameters = message.TryGetProperty("params", out var given) ? given : default;
        return Check(parameters, "", s_meta) ?? CheckAll(parameters, "", members);
    }

    private static bool IsId(JsonElement id) => id.ValueKind is JsonValueKind.String || (id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out _));

    private static SyncError? CheckAll(JsonElement parent, string path, ImmutableArray<Member> members)
    {
        foreach (var member in members)
        {
            if (Check(parent, path, member) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static SyncError? Check(JsonElement parent, string path, Member member)
    {
        var name = path + member.Name;
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(member.Name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return member.IsRequired ? Wrong(name, $"'{name}' is missing.", $"Send it in 'params' as {Described(member.Shape)}.") : null;
        }

        var fits = member.Shape switch
        {
            Shape.Text => value.ValueKind == JsonValueKind.String,
            Shape.TextOrNumber => value.ValueKind == JsonValueKind.String || (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _)),
            Shape.Object => value.ValueKind == JsonValueKind.Object,
            _ => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(static item => item.Value.ValueKind == JsonValueKind.String),
        };
        return !fits ? Wrong(name, $"'{name}' must be {Described(member.Shape)}, not {StrictJson.Describe(value.ValueKind)}.", $"Send it in 'params' as {Described(member.Shape)}.")
            : member.Words.IsEmpty ? CheckAll(value, name + ".", member.Members)
            : member.Words.IndexOf(value.GetString() ?? "") is var word && word < 0 ? Wrong(name, $"'{name}' is none of the words it may be.", $"Use {string.Join(", ", member.Words)}.")
            : member.Needs.IsEmpty ? null
            : Check(parent, path, new Member(member.Needs[word], Shape.Text) { IsRequired = true });
    }

    private static SyncError Wrong(string name, string message, string hint) => new SyncError(ErrorCode.InvalidParameter, message) { Hint = hint }.With("parameter", name);

    private static string Described(Shape shape) => shape switch
    {
        Shape.Text => "a string",
        Shape.TextOrNumber => "a string or a whole number",
        Shape.Object => "an object",
        _ => "an object of strings",
    };

    private sealed record Member(string Name, Shape Shape)
    {
        public bool IsRequired { get; init; }

        public ImmutableArray<string> Words { get; init; } = [];

        // Of each word, the text that stands beside it.
        public ImmutableArray<string> Needs { get; init; } = [];

        public ImmutableArray<Member> Members { get; init; } = [];
    }
}
