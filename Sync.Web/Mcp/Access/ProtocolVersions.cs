using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Mcp.Access;

/// <summary>The versions of the protocol that are spoken here, and what becomes of others.</summary>
internal static class ProtocolVersions
{
    /// <summary>The first without sessions: each request says its version for itself.</summary>
    public const string Stateless = "2026-07-28";

    /// <summary>The header that names the version of a request.</summary>
    public const string Header = "MCP-Protocol-Version";

    /// <summary>The same in the <c>_meta</c> of a request without session.</summary>
    public const string MetaName = "io.modelcontextprotocol/protocolVersion";

    private static readonly JsonSerializerOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Those that initialize agrees on, oldest first.</summary>
    public static IReadOnlyList<string> WithSessions { get; } = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    /// <summary>All, oldest first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. WithSessions, Stateless];

    /// <summary>
    /// An <c>initialize</c> as the SDK takes it: with a version that has sessions, the newest where the client asks for one that is not known (MCP, Lifecycle, Version Negotiation: the server answers with
    /// another version that it supports). The SDK refuses every newer one. Null when nothing is to be changed.
    /// </summary>
    public static byte[]? Negotiate(JsonElement initialize)
    {
        var parameters = initialize.GetProperty("params");
        var isKnown = WithSessions.Contains(parameters.GetProperty("protocolVersion").GetString() ?? "", StringComparer.Ordinal);
        var isInMeta = parameters.TryGetProperty("_meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty(MetaName, out _);
        if (isKnown && !isInMeta)
        {
            return null;
        }

        var changed = JsonNode.Parse(initialize.GetRawText())!.AsObject(); // It is an object, as its check has seen.
        var own = changed["params"]!.AsObject();
        own["protocolVersion"] = isKnown ? own["protocolVersion"]!.DeepClone() : WithSessions[^1];
        (own["_meta"] as JsonObject)?.Remove(MetaName);
        return JsonSerializer.SerializeToUtf8Bytes<JsonNode>(changed, s_writing);
    }

    /// <summary>The version that a request says in its <c>_meta</c>; null when it says none.</summary>
    public static string? InMeta(JsonElement message) =>
        message.TryGetProperty("params", out var parameters) && parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty("_meta", out var meta) && meta.ValueKind == JsonValueKind.Object
        && meta.TryGetProperty(MetaName, out var version) && version.ValueKind == JsonValueKind.String ? version.GetString() : null;
}
