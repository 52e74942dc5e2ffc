using System.Text.Json;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Context;

/// <summary>
/// Drops nulls and empty objects and lists from a context. What participants wrote stays as they wrote it, however empty: values of entries and views, message
/// bodies, parameters, definitions, meta.
/// </summary>
internal static class CompactContext
{
    private static readonly HashSet<string> s_given = ["value", "params", "writes", "timer", "on_invoke", "render", "meta", "body"];

    /// <summary>Writes <paramref name="context"/> without what is empty; <paramref name="meta"/> says whether entries carry metadata.</summary>
    public static void Write(Utf8JsonWriter writer, JsonText context, bool meta)
    {
        using var document = context.Parse();
        writer.WriteStartObject();
        foreach (var part in document.RootElement.EnumerateObject())
        {
            switch (ContextSections.Find(part.Name))
            {
                case ContextSection.State:
                    WriteState(writer, part, meta);
                    break;
                case ContextSection.Views or ContextSection.Agents or ContextSection.Actions or ContextSection.Leases:
                    WriteMap(writer, part, static (writer, item) => WriteFields(writer, item));
                    break;
                case ContextSection.Messages:
                case null when part.Name == ContextExtraNames.Activity:
                    WriteMessages(writer, part);
                    break;
                default:
                    WriteRest(writer, part);
                    break;
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter writer, JsonProperty state, bool meta)
    {
        var scopes = state.Value.EnumerateObject().Where(s => !IsEmpty(s.Value)).ToList();
        if (scopes.Count == 0)
        {
            return;
        }

        writer.WriteStartObject(state.Name);
        foreach (var scope in scopes)
        {
            if (scope.Value.ValueKind == JsonValueKind.Array)
            {
                WriteList(writer, scope);
            }
            else if (meta)
            {
                WriteMap(writer, scope, static (writer, entry) => WriteFields(writer, entry));
            }
            else
            {
                scope.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteMessages(Utf8JsonWriter writer, JsonProperty section)
    {
        writer.WriteStartObject(section.Name);
        foreach (var field in section.Value.EnumerateObject())
        {
            if (field.Value.ValueKind != JsonValueKind.Array)
            {
                WriteRest(writer, field);
            }
            else if (!IsEmpty(field.Value))
            {
                WriteList(writer, field);
            }
        }

        writer.WriteEndObject();
    }

    // Names in a map are given by participants; only what stands under them has fields the engine knows.
    private static void WriteMap(Utf8JsonWriter writer, JsonProperty map, Action<Utf8JsonWriter, JsonElement> write)
    {
        if (IsEmpty(map.Value))
        {
            return;
        }

        writer.WriteStartObject(map.Name);
        foreach (var item in map.Value.EnumerateObject())
        {
            writer.WritePropertyName(item.Name);
            write(writer, item.Value);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, JsonProperty list)
    {
        writer.WriteStartArray(list.Name);
        foreach (var item in list.Value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                WriteFields(writer, item);
            }
            else
            {
                item.WriteTo(writer);
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteFields(Utf8JsonWriter writer, JsonElement item)
    {
        writer.WriteStartObject();
        foreach (var field in item.EnumerateObject())
        {
            if (s_given.Contains(field.Name))
            {
                field.WriteTo(writer);
            }
            else
            {
                WriteRest(writer, field);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteRest(Utf8JsonWriter writer, JsonProperty property)
    {
        if (!IsEmpty(property.Value))
        {
            writer.WritePropertyName(property.Name);
            WriteRest(writer, property.Value);
        }
    }

    private static void WriteRest(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    WriteRest(writer, member);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteRest(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Object => !value.EnumerateObject().MoveNext(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };
}
