using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Engine.Primitives.Json;

/// <summary>The warnings beside an answer: what is doubtful about what was asked for.</summary>
internal static class Warnings
{
    /// <summary>One warning: <c>{code, field, message, hint}</c>.</summary>
    public static JsonObject Of(string code, string field, string message, string? hint) => new() { ["code"] = code, ["field"] = field, ["message"] = message, ["hint"] = hint };

    /// <summary>Writes <c>warnings</c> where there are any.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<JsonObject> warnings)
    {
        var any = false;
        foreach (var warning in warnings)
        {
            if (!any)
            {
                writer.WriteStartArray("warnings"u8);
                any = true;
            }

            warning.WriteTo(writer);
        }

        if (any)
        {
            writer.WriteEndArray();
        }
    }
}
