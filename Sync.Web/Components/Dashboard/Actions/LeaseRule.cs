using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What an action says of leases, as fields. Everything it does is a change of the JSON; what no field shows stays in it.</summary>
internal static class LeaseRule
{
    private const double PerMinute = 60_000;

    // How a lease is taken: of no use where none is.
    private static readonly string[] s_ofTaking = ["ttl_ms", "mode", "paths", "note", "on_lapse"];

    /// <summary>The rule as an object: a text alone is the key that the invoker must hold. New where there is none, null where the JSON is something else.</summary>
    public static JsonObject? Of(string text) =>
        JsonPick.Object(text) is { } found ? found
        : JsonInput.Read(text).Value is JsonValue key && key.GetValueKind() == JsonValueKind.String ? new JsonObject { ["need"] = key.DeepClone() }
        : null;

    /// <summary>As the definition has it: a key that is only needed is a text.</summary>
    public static string Text(JsonObject rule) => rule is { Count: 1 } && rule["need"] is JsonValue need ? JsonPick.Text(need) : JsonPick.Text(rule);

    /// <summary>Whether the action takes a lease, or says how.</summary>
    public static bool Takes(JsonObject rule) => rule.ContainsKey("take") || s_ofTaking.Any(rule.ContainsKey);

    /// <summary>One key as it is; several as a JSON list.</summary>
    public static string Keys(JsonObject rule, string member) => rule[member] switch
    {
        JsonValue key when key.GetValueKind() == JsonValueKind.String => key.GetValue<string>(),
        null => "",
        var several => JsonPick.ValueText(several),
    };

    /// <summary>Sets the keys from what was typed.</summary>
    public static void SetKeys(JsonObject rule, string member, string? typed)
    {
        if (typed?.TrimStart().StartsWith('[') == true && JsonPick.List(typed) is { Count: > 0 } several)
        {
            rule[member] = several;
        }
        else
        {
            WriteRow.SetText(rule, member, typed);
        }
    }

    /// <summary>For how many minutes it is taken; a placeholder as it is.</summary>
    public static string Minutes(JsonObject rule) => rule["ttl_ms"] switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<double>(out var ms) => (ms / PerMinute).ToString("0.####", CultureInfo.InvariantCulture),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => "",
    };

    /// <summary>Sets for how many minutes.</summary>
    public static void SetMinutes(JsonObject rule, string? typed)
    {
        if (double.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes))
        {
            rule["ttl_ms"] = minutes is > 0 and < 1e6 ? (long)Math.Round(minutes * PerMinute) : null;
        }
        else
        {
            WriteRow.SetText(rule, "ttl_ms", typed);
        }

        if (rule["ttl_ms"] is null)
        {
            rule.Remove("ttl_ms");
        }
    }

    /// <summary>Which action is invoked when it lapses, or nothing.</summary>
    public static string OnLapse(JsonObject rule) => rule["on_lapse"] switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonObject named when named["action"] is JsonValue action && action.GetValueKind() == JsonValueKind.String => action.GetValue<string>(),
        _ => "",
    };

    /// <summary>Sets it; the parameters that it is given stay.</summary>
    public static void SetOnLapse(JsonObject rule, string? action)
    {
        if (string.IsNullOrEmpty(action))
        {
            rule.Remove("on_lapse");
        }
        else if (rule["on_lapse"] is JsonObject named)
        {
            named["action"] = action;
        }
        else
        {
            rule["on_lapse"] = action;
        }
    }

    /// <summary>Whether others may hold it too.</summary>
    public static bool IsShared(JsonObject rule) => rule["mode"] is JsonValue mode && mode.GetValueKind() == JsonValueKind.String && mode.GetValue<string>() == "shared";

    /// <summary>Sets whether others may; alone is the default.</summary>
    public static void SetShared(JsonObject rule, bool isShared) => WriteRow.SetText(rule, "mode", isShared ? "shared" : null);

    /// <summary>The keys that an action's lease names.</summary>
    public static IEnumerable<string> KeysOf(JsonObject rule) => new[] { "need", "take", "end" }.SelectMany(member => rule[member] switch
    {
        JsonValue => [Keys(rule, member)],
        JsonArray several => several.OfType<JsonValue>().Where(static key => key.GetValueKind() == JsonValueKind.String).Select(static key => key.GetValue<string>()),
        _ => [],
    });
}
