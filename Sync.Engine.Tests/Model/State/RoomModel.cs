using System.Globalization;
using System.Text.Json.Nodes;

namespace Sync.Engine.Tests.Model.State;

/// <summary>
/// What a room should hold, kept in plain dictionaries and written from the documentation alone: nothing here calls the engine.
/// A command gives null when it is carried out, or the code of its refusal.
/// </summary>
internal sealed class RoomModel
{
    public sealed record Cell(JsonNode? Value, long Revision, string? Version, DateTimeOffset? DeletedAt = null, DateTimeOffset? EnabledAt = null);

    public sealed record Registered(string Template, string Registrant, long Count, DateTimeOffset? CoolUntil);

    public const int CooldownMs = 2_000;

    /// <summary>The templates that actions are registered with, by name.</summary>
    public static readonly IReadOnlyDictionary<string, string> Templates = new Dictionary<string, string>
    {
        ["set"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"},"scope":{"type":"string","default":"_shared"}},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":"${params.value}"}]}""",
        ["own"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"writes":[{"scope":"self","key":"${params.key}","value":"${params.value}"}]}""",
        ["merge"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"object"}},"writes":[{"key":"${params.key}","merge":"${params.value}"}]}""",
        ["increment"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"number"}},"writes":[{"key":"${params.key}","increment":"${params.value}"}]}""",
        ["append"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"writes":[{"key":"${params.key}","append":true,"value":"${params.value}"}]}""",
        ["row"] = """{"params":{"key":{"type":"string"},"value":{"type":"any"}},"writes":[{"scope":"_rows","append":true,"value":{"v":"${params.value}"}}]}""",
        ["delete"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"writes":[{"key":"${params.key}","delete":true}]}""",
        ["swap"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"},"version":{"type":"string","required":true}},"writes":[{"key":"${params.key}","value":"${params.value}","if_version":"${params.version}"}]}""",
        ["lease"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"writes":[{"key":"${params.key}","value":"${params.value}","timer":{"ms":1500,"effect":"delete"}}]}""",
        ["later"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"writes":[{"key":"${params.key}","value":"${params.value}","timer":{"ms":1500,"effect":"enable"}}]}""",
        ["path"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"writes":[{"key":"${params.key}","path":"a.b","value":"${params.value}"}]}""",
        ["pair"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"writes":[{"key":"log","append":true,"value":"${params.key}"},{"key":"${params.key}","increment":1}]}""",
        ["guarded"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"if":"state._shared.k0 == true","writes":[{"key":"${params.key}","value":"${params.value}"}]}""",
        ["cool"] = """{"params":{"key":{"type":"string","required":true},"value":{"type":"any"}},"writes":[{"key":"${params.key}","value":"${params.value}"}],"on_invoke":{"timer":{"ms":2000,"effect":"enable"}}}""",
    };

    /// <summary>Views by expression, with what the model says of each.</summary>
    public static readonly IReadOnlyDictionary<string, Func<RoomModel, JsonNode?>> Expressions = new Dictionary<string, Func<RoomModel, JsonNode?>>
    {
        ["size(state._shared)"] = m => m.Visible("_shared").Count(),
        ["state._shared.k1"] = m => m.VisibleValue("_shared", "k1"),
        ["state._shared.keys().exists(k, k == \"log\")"] = m => m.Visible("_shared").Any(c => c.Key == "log"),
        ["messages.count"] = m => m.Messages.Count,
        ["state._rows == null ? 0 : state._rows.values().size()"] = m => m.Visible("_rows").Count(),
    };

    public Dictionary<string, Dictionary<string, Cell>> Scopes { get; } = [];

    public Dictionary<string, long> NextRow { get; } = [];

    public Dictionary<string, Registered> Actions { get; } = [];

    public Dictionary<string, string> Views { get; } = [];

    public List<(string From, string Body)> Messages { get; } = [];

    public HashSet<string> Agents { get; } = [];

    public DateTimeOffset Now { get; set; }

    public IEnumerable<KeyValuePair<string, Cell>> Visible(string scope) =>
        Scopes.GetValueOrDefault(scope, []).Where(c => IsLive(c.Value) && !(c.Value.EnabledAt > Now));

    public JsonNode? VisibleValue(string scope, string key) => Visible(scope).FirstOrDefault(c => c.Key == key).Value?.Value?.DeepClone();

    public Cell? Stored(string scope, string key) =>
        Scopes.GetValueOrDefault(scope)?.GetValueOrDefault(key) is { } cell && IsLive(cell) ? cell : null;

    public string? Register(string id, string template, string agent, bool isOwner)
    {
        if (Actions.TryGetValue(id, out var old) && !isOwner && old.Registrant != agent)
        {
            return "action_owned";
        }

        Actions[id] = new Registered(template, agent, old?.Count ?? 0, old?.CoolUntil);
        return null;
    }

    public string? Delete(string id, string agent, bool isOwner)
    {
        if (!Actions.TryGetValue(id, out var old))
        {
            return "action_not_found";
        }

        if (!isOwner && old.Registrant != agent)
        {
            return "action_owned";
        }

        Actions.Remove(id);
        return null;
    }

    /// <param name="id">The action.</param>
    /// <param name="agent">Who acts.</param>
    /// <param name="parameters">As they are sent.</param>
    /// <param name="version">What the answer said of the version written, once it was carried out.</param>
    public string? Invoke(string id, string agent, JsonObject parameters, Func<string, string, string?> version)
    {
        if (!Actions.TryGetValue(id, out var action))
        {
            return "action_not_found";
        }

        if (action.CoolUntil > Now)
        {
            return "action_cooldown";
        }

        if (Check(action.Template, parameters) is { } wrong)
        {
            return wrong;
        }

        if (action.Template == "guarded" && !JsonNode.DeepEquals(VisibleValue("_shared", "k0"), JsonNode.Parse("true")))
        {
            return "precondition_failed";
        }

        var key = parameters["key"]?.GetValue<string>() ?? "";
        var scope = action.Template switch { "own" => agent, "set" => parameters["scope"]?.GetValue<string>() ?? "_shared", _ => "_shared" };
        var value = parameters["value"]?.DeepClone();
        var before = Stored(scope, key);
        switch (action.Template)
        {
            case "merge":
                Put(scope, key, Merge(before?.Value, value as JsonObject ?? []), version);
                break;
            case "increment":
                if (before is not null && !IsNumber(before.Value))
                {
                    return "invalid_param";
                }

                Put(scope, key, Sum(before?.Value, value), version);
                break;
            case "append":
                Put(scope, key, Append(before, value), version);
                break;
            case "row":
                var row = NextRow.GetValueOrDefault("_rows", 1).ToString(CultureInfo.InvariantCulture);
                Put("_rows", row, new JsonObject { ["v"] = value }, version);
                break;
            case "delete":
                Scopes.GetValueOrDefault(scope)?.Remove(key);
                break;
            case "swap":
                if ((before?.Version ?? "") != parameters["version"]!.GetValue<string>())
                {
                    return "version_conflict";
                }

                Put(scope, key, value, version);
                break;
            case "lease":
                Put(scope, key, value, version, deleted: Now.AddMilliseconds(1500));
                break;
            case "later":
                Put(scope, key, value, version, enabled: Now.AddMilliseconds(1500));
                break;
            case "path":
                if (!TryPath(before?.Value, value, out var edited))
                {
                    return "invalid_param";
                }

                Put(scope, key, edited, version);
                break;
            case "pair":
                // The second write is refused where the key holds no number, and then the first has not happened either.
                if (key == "log" || (before is not null && !IsNumber(before.Value)))
                {
                    return "invalid_param";
                }

                Put("_shared", "log", Append(Stored("_shared", "log"), key), version);
                Put(scope, key, Sum(before?.Value, 1), version);
                break;
            default:
                Put(scope, key, value, version);
                break;
        }

        var cool = action.Template == "cool" ? Now.AddMilliseconds(CooldownMs) : (DateTimeOffset?)null;
        Actions[id] = action with { Count = action.Count + 1, CoolUntil = cool };
        return null;
    }

    private static string? Check(string template, JsonObject parameters)
    {
        string[] known = template switch { "set" => ["key", "value", "scope"], "swap" => ["key", "value", "version"], _ => ["key", "value"] };
        if (parameters.Any(p => !known.Contains(p.Key)))
        {
            return "unknown_param";
        }

        if (parameters["key"] is not { } key)
        {
            return template == "row" ? null : "missing_param";
        }

        if (key.GetValueKind() != System.Text.Json.JsonValueKind.String)
        {
            return "invalid_param_type";
        }

        var given = parameters["value"];
        if (given is not null && ((template == "merge" && given is not JsonObject) || (template == "increment" && !IsNumber(given))))
        {
            return "invalid_param_type";
        }

        return template == "swap" && parameters["version"] is null ? "missing_param" : null;
    }

    private void Put(string scope, string key, JsonNode? value, Func<string, string, string?> version, DateTimeOffset? deleted = null, DateTimeOffset? enabled = null)
    {
        var revision = (Stored(scope, key)?.Revision ?? 0) + 1;
        if (!Scopes.TryGetValue(scope, out var cells))
        {
            Scopes[scope] = cells = [];
        }

        cells[key] = new Cell(value, revision, version(scope, key), deleted, enabled);
        if (long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var row) && row.ToString(CultureInfo.InvariantCulture) == key)
        {
            NextRow[scope] = Math.Max(NextRow.GetValueOrDefault(scope, 1), row + 1);
        }
    }

    private bool IsLive(Cell cell) => !(cell.DeletedAt <= Now);

    private static bool IsNumber(JsonNode? node) => node?.GetValueKind() == System.Text.Json.JsonValueKind.Number;

    private static decimal Decimal(JsonNode node) => decimal.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static JsonNode Sum(JsonNode? left, JsonNode? right) => JsonValue.Create((left is null ? 0 : Decimal(left)) + (right is null ? 1 : Decimal(right)));

    private static JsonArray Append(Cell? before, JsonNode? item)
    {
        JsonArray list = before is null ? [] : before.Value is JsonArray array ? array.DeepClone().AsArray() : [before.Value?.DeepClone()];
        list.Add(item?.DeepClone());
        return list;
    }

    private static JsonObject Merge(JsonNode? target, JsonObject patch)
    {
        var result = target is JsonObject members ? members.DeepClone().AsObject() : [];
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = value is JsonObject inner ? Merge(result[name], inner) : value.DeepClone();
            }
        }

        return result;
    }

    // Writes value at a.b; what is missing or null on the way becomes an object.
    private static bool TryPath(JsonNode? target, JsonNode? value, out JsonNode? edited)
    {
        edited = target?.DeepClone() ?? new JsonObject();
        if (edited is not JsonObject root)
        {
            return false;
        }

        root["a"] ??= new JsonObject();
        if (root["a"] is not JsonObject inner)
        {
            return false;
        }

        inner["b"] = value?.DeepClone();
        return true;
    }
}
