using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Engine.Reads.Context;

/// <summary>Writes <c>warnings</c> where there are any.</summary>
internal static class Warnings
{
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
