using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Primitives.Errors;

/// <summary>An argument of a <see cref="NextStep"/>.</summary>
/// <param name="Name">Its name, the same over HTTP and MCP.</param>
/// <param name="Value">A text, a whole number, a boolean, an <see cref="AccessLevel"/>, a <see cref="JsonElement"/> or arguments of its own; null is an argument that is not there.</param>
public readonly record struct StepArgument(string Name, object? Value)
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The value as one text: what stands in a path or a query, not escaped.</summary>
    public string AsText => Value switch
    {
        bool flag => flag ? "true" : "false",
        AccessLevel level => level.ToString().ToLowerInvariant(),
        JsonElement json => json.GetRawText(),
        IFormattable number => number.ToString(format: null, CultureInfo.InvariantCulture),
        _ => Value?.ToString() ?? "",
    };

    /// <summary>Arguments as a compact JSON object.</summary>
    public static string ObjectOf(IEnumerable<StepArgument> arguments)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_writing))
        {
            writer.WriteStartObject();
            foreach (var argument in arguments)
            {
                argument.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WritePropertyName(Name);
        switch (Value)
        {
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case JsonElement json:
                json.WriteTo(writer);
                break;
            case IEnumerable<StepArgument> members:
                writer.WriteStartObject();
                foreach (var member in members)
                {
                    member.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(AsText);
                break;
        }
    }
}
