using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Requests;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// What a message must be before the SDK reads it: JSON-RPC 2.0, and for the methods that are answered here parameters of the right types. What the SDK cannot read it answers as an error of the
/// server's own (-32603), or in the words of its own classes; by this table the client is told.
/// </summary>
internal static class JsonRpcMessage
{
    /// <summary>The request that begins a session.</summary>
    public const string Initialize = "initialize";

    private const string Cancelled = "notifications/cancelled";

    // An id comes back in the answer.
    private const int MaxIdLength = 256;

    private static readonly Member s_cursor = new("cursor", Shape.Text);
    private static readonly Member s_uri = new("uri", Shape.Text) { IsRequired = true };

    // What every request may carry beside its own (MCP, Basic protocol: General fields).
    private static readonly Member s_meta = new("_meta", Shape.Object) { Members = [new("progressToken", Shape.TextOrNumber)] };

    private static readonly Dictionary<string, ImmutableArray<Member>> s_methods = new(StringComparer.Ordinal)
    {
        [Initialize] =
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

    private static readonly HashSet<string> s_ofSessions = new([Initialize, "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"], StringComparer.Ordinal);

    // What is told without an answer (MCP, Schema: Notifications).
    private static readonly Dictionary<string, ImmutableArray<Member>> s_notifications = new(StringComparer.Ordinal)
    {
        [Cancelled] = [new("requestId", Shape.TextOrNumber), new("reason", Shape.Text)],
        ["notifications/progress"] =
        [
            new("progressToken", Shape.TextOrNumber) { IsRequired = true },
            new("progress", Shape.Number) { IsRequired = true },
            new("total", Shape.Number),
            new("message", Shape.Text),
        ],
        ["notifications/initialized"] = [],
        ["notifications/roots/list_changed"] = [],
    };

    private enum Shape
    {
        Text,
        TextOrNumber,
        Number,
        Object,
        ObjectOfTexts,
    }

    /// <summary>The refusal of no body at all.</summary>
    public static SyncError Empty => NoMessage("The body is empty.");

    /// <summary>JSON-RPC 2.0 §4, §5; null when it is a message.</summary>
    public static SyncError? Check(JsonElement message)
    {
        if (message.ValueKind == JsonValueKind.Array)
        {
            return new SyncError(ErrorCode.InvalidJson, "The body is an array, and MCP has no batches.") { Hint = "Send each message in a request of its own." };
        }

        if (message.ValueKind != JsonValueKind.Object)
        {
            return NoMessage($"The body must be one JSON-RPC message, an object, not {StrictJson.Describe(message.ValueKind)}.", ErrorCode.InvalidJson);
        }

        if (!message.TryGetProperty("jsonrpc", out var version) || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0"))
        {
            return NoMessage("""The body is no JSON-RPC 2.0 message: "jsonrpc" must be "2.0".""");
        }

        if (message.TryGetProperty("params", out var parameters) && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            return NoMessage($"'params' must be an object, not {StrictJson.Describe(parameters.ValueKind)}.");
        }

        return message.TryGetProperty("method", out var method) ? CheckCall(message, method) : CheckAnswer(message);
    }

    private static SyncError? CheckCall(JsonElement message, JsonElement method)
    {
        if (method.ValueKind != JsonValueKind.String)
        {
            return NoMessage($"'method' must be a string, not {StrictJson.Describe(method.ValueKind)}.");
        }

        if (message.TryGetProperty("id", out var id))
        {
            return IsId(id) ? null : NoMessage($"'id' must be a string of at most {MaxIdLength} characters, or a whole number of at most 64 bits.");
        }

        // Only what is told has no id. Who asks without one would wait for ever.
        return s_methods.ContainsKey(method.GetString() ?? "") ? NoMessage($"""A request of '{method.GetString()}' needs an "id", by which its answer is known.""") : null;
    }

    // What a client answers to a question of ours.
    private static SyncError? CheckAnswer(JsonElement message)
    {
        var isResult = message.TryGetProperty("result", out _);
        var isError = message.TryGetProperty("error", out var failure);
        if (isResult == isError)
        {
            return NoMessage("""The body is no JSON-RPC 2.0 message: it has no "method", nor one of "result" and "error".""");
        }

        if (!message.TryGetProperty("id", out var id) || !IsId(id))
        {
            return NoMessage("""An answer needs the "id" of its request, a string or a whole number.""");
        }

        return isResult
            || (failure.ValueKind == JsonValueKind.Object && failure.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out _)
                && failure.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String)
            ? null
            : NoMessage("""'error' must be an object with a "code", a whole number, and a "message", a string.""");
    }

    /// <summary>The refusal of parameters whose types the SDK could not read further down than this table goes.</summary>
    public static SyncError Unfit(JsonElement message) =>
        Wrong("params", $"A parameter of '{message.GetProperty("method").GetString()}' is not of the type that it takes.", "Send the parameters that the method has in the protocol's schema.");

    /// <summary>The id of a message that is a request; undefined for others.</summary>
    public static JsonElement IdOf(JsonElement message) => message.TryGetProperty("method", out _) && message.TryGetProperty("id", out var id) ? id : default;

    /// <summary>An id by which requests can be told apart: "1" is another than 1. Null for none.</summary>
    public static string? KeyOf(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => "\"" + id.GetString(),
        JsonValueKind.Number => id.GetRawText(),
        _ => null,
    };

    /// <summary>The method; null for an answer.</summary>
    public static string? MethodOf(JsonElement message) => message.TryGetProperty("method", out var method) ? method.GetString() : null;

    /// <summary>Whether the protocol without sessions has no such method: it is then not known, whatever its parameters are.</summary>
    public static bool NeedsSession(JsonElement message) => MethodOf(message) is { } method && s_ofSessions.Contains(method);

    /// <summary>The request that a message cancels, as <see cref="KeyOf"/> says it; null when it cancels none.</summary>
    public static string? CancelledBy(JsonElement message) =>
        MethodOf(message) == Cancelled && message.TryGetProperty("params", out var parameters) && parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("requestId", out var id) ? KeyOf(id) : null;

    /// <summary>Whether the parameters of a message are of the types that its method takes (JSON-RPC 2.0 §5.1, -32602); null when they are, and for methods and answers that are not known here.</summary>
    public static SyncError? CheckParams(JsonElement message)
    {
        if (MethodOf(message) is not { } method || !(s_methods.TryGetValue(method, out var members) || s_notifications.TryGetValue(method, out members)))
        {
            return null;
        }

        var parameters = message.TryGetProperty("params", out var given) ? given : default;
        return Check(parameters, "", s_meta) ?? CheckAll(parameters, "", members);
    }

    private static bool IsId(JsonElement id) =>
        (id.ValueKind == JsonValueKind.String && id.GetString() is { Length: <= MaxIdLength }) || (id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out _));

    private static SyncError NoMessage(string message, ErrorCode? code = null) =>
        new(code ?? ErrorCode.InvalidParameter, message) { Hint = """Send {"jsonrpc":"2.0","id":1,"method":"tools/list"}, for example.""" };

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
            Shape.Number => value.ValueKind == JsonValueKind.Number,
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
        Shape.Number => "a number",
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
