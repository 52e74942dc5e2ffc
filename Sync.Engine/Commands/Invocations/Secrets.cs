using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// The secret parameters of one invocation. Whatever leaves the engine goes by it: their values are taken out of answers and refusals, wherever an expression or a template has put them.
/// </summary>
internal sealed class Secrets
{
    // A shorter text stands in other words by chance; it is taken out only where it is the whole.
    private const int LeastInside = 4;

    private readonly List<string> _values;

    private Secrets(List<string> values) => _values = values;

    /// <summary>Those among the parameters as given; null when there are none.</summary>
    public static Secrets? Of(ParamSet specs, JsonElement given)
    {
        if (!specs.HasSecrets || given.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var values = new List<string>();
        foreach (var member in given.EnumerateObject().Where(member => specs.IsSecret(member.Name)))
        {
            Collect(member.Value, values);
        }

        return values.Count == 0 ? null : new Secrets([.. values.Distinct(StringComparer.Ordinal).OrderByDescending(static value => value.Length)]);
    }

    /// <summary>A value without them; the same value when none was in it.</summary>
    public JsonText TakeOut(JsonText value, out bool found)
    {
        found = false;
        var node = TakeOut(value.ToNode(), ref found);
        return found ? JsonText.Of(node) : value;
    }

    /// <summary>A list without them.</summary>
    public JsonArray TakeOut(JsonArray list)
    {
        var found = false;
        return (JsonArray)TakeOut((JsonNode)list, ref found)!; // A list stays one.
    }

    /// <summary>A text without them.</summary>
    public string TakeOut(string text)
    {
        var found = false;
        return TakeOut(text, ref found);
    }

    public SyncError TakeOut(SyncError error)
    {
        var found = false;
        return error with
        {
            Message = TakeOut(error.Message, ref found),
            Hint = error.Hint is null ? null : TakeOut(error.Hint, ref found),
            Details = error.Details is null ? null : (JsonObject)TakeOut(error.Details.DeepClone(), ref found)!, // An object stays one.
        };
    }

    private static void Collect(JsonElement value, List<string> values)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Collect(member.Value, values);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Collect(item, values);
                }

                break;
            case JsonValueKind.String when value.GetString() is { Length: > 0 } text:
                values.Add(text);
                break;
            case JsonValueKind.Number:
                values.Add(value.GetRawText());
                break;
        }
    }

    private JsonNode? TakeOut(JsonNode? node, ref bool found)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    members.Remove(name);
                    members[TakeOut(name, ref found)] = TakeOut(value, ref found);
                }

                return members;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    var item = items[i];
                    items[i] = null;
                    items[i] = TakeOut(item, ref found);
                }

                return items;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                var inside = false;
                var text = TakeOut(value.GetValue<string>(), ref inside);
                found |= inside;
                return inside ? JsonValue.Create(text) : value;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number && _values.Contains(value.ToJsonString()):
                found = true;
                return JsonValue.Create(ParamSet.Redacted);
            default:
                return node;
        }
    }

    private string TakeOut(string text, ref bool found)
    {
        foreach (var value in _values)
        {
            if (text == value || (value.Length >= LeastInside && text.Contains(value, StringComparison.Ordinal)))
            {
                found = true;
                text = text.Replace(value, ParamSet.Redacted, StringComparison.Ordinal);
            }
        }

        return text;
    }
}
