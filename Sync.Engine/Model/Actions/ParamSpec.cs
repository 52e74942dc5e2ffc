using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.RegularExpressions;
using Sync.Cel.Syntax;
using Sync.Cel.Values.Limits;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>One declared parameter and the checks it asks for.</summary>
internal sealed record ParamSpec
{
    private static readonly string[] s_types = ["string", "number", "integer", "boolean", "array", "object", "any"];
    private static readonly string[] s_fields =
        ["type", "required", "default", "enum", "minimum", "maximum", "min_length", "max_length", "pattern", "items", "description", "secret"];

    public required string Name { get; init; }

    public string Type { get; init; } = "any";

    public bool Required { get; init; }

    public JsonElement? Default { get; init; }

    public ImmutableArray<JsonText> Enum { get; init; } = [];

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    /// <summary>
    /// A pattern of RE2's syntax that the text must contain a match of. Compiled when it is asked, at the asker's cost: what the log holds may be older than the
    /// syntax and is read all the same.
    /// </summary>
    public string? Pattern { get; init; }

    public string? ItemsType { get; init; }

    public string? Description { get; init; }

    /// <summary>Whether the log and messages show it redacted.</summary>
    public bool Secret { get; init; }

    public static Outcome<ParamSpec> Parse(string name, JsonElement json)
    {
        if (Identifiers.CheckStoredName("parameter name", name) is { } badName)
        {
            return badName;
        }

        if (json.ValueKind == JsonValueKind.String)
        {
            return IsType(json.GetString()!) ? new ParamSpec { Name = name, Type = json.GetString()! } : BadType(name, json.GetString()!);
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return Bad(name, "is declared by an object such as {\"type\": \"string\", \"required\": true}.");
        }

        var spec = new ParamSpec { Name = name };
        foreach (var field in json.EnumerateObject())
        {
            var value = field.Value;
            if (value.ValueKind == JsonValueKind.Null && field.Name != "default")
            {
                continue;
            }

            switch (field.Name)
            {
                case "type" when value.ValueKind == JsonValueKind.String:
                    if (!IsType(value.GetString()!))
                    {
                        return BadType(name, value.GetString()!);
                    }

                    spec = spec with { Type = value.GetString()! };
                    break;
                case "required" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    spec = spec with { Required = value.GetBoolean() };
                    break;
                case "secret" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    spec = spec with { Secret = value.GetBoolean() };
                    break;
                case "default":
                    spec = spec with { Default = value.ValueKind == JsonValueKind.Null ? null : value.Clone() };
                    break;
                case "enum" when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0:
                    spec = spec with { Enum = [.. value.EnumerateArray().Select(JsonText.Of)] };
                    break;
                case "minimum" when value.ValueKind == JsonValueKind.Number:
                    spec = spec with { Minimum = value.GetDouble() };
                    break;
                case "maximum" when value.ValueKind == JsonValueKind.Number:
                    spec = spec with { Maximum = value.GetDouble() };
                    break;
                case "min_length" when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var min) && min >= 0:
                    spec = spec with { MinLength = min };
                    break;
                case "max_length" when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var max) && max >= 0:
                    spec = spec with { MaxLength = max };
                    break;
                case "pattern" when value.ValueKind == JsonValueKind.String:
                    spec = spec with { Pattern = value.GetString() };
                    break;
                case "items" when value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out var items) && items.ValueKind == JsonValueKind.String:
                    if (!IsType(items.GetString()!))
                    {
                        return BadType(name, items.GetString()!);
                    }

                    spec = spec with { ItemsType = items.GetString() };
                    break;
                case "description" when value.ValueKind == JsonValueKind.String:
                    spec = spec with { Description = value.GetString() };
                    break;
                default:
                    if (s_fields.Contains(field.Name))
                    {
                        return Bad(name, $"has a '{field.Name}' that cannot be used.");
                    }

                    var near = DidYouMean.Nearest(field.Name, s_fields);
                    return Bad(name, $"has the unknown field '{Identifiers.Shown(field.Name)}'.") with
                    {
                        Hint = near is null ? $"Known are {string.Join(", ", s_fields)}." : $"Did you mean '{near}'?",
                    };
            }
        }

        return spec.Default is { } given && spec.CheckDeclared(given) is { } wrong ? BadDefault(wrong) : spec;
    }

    /// <summary>Whether the pattern is one, and the default fits it: asked when an action is registered, not of what the log holds.</summary>
    public SyncError? CheckPattern(CelBudget budget)
    {
        if (Pattern is null)
        {
            return null;
        }

        if (CelPattern.TryCompile(Pattern, budget, out var problem) is null)
        {
            return problem is null ? TooCostly(Pattern) : Bad(Name, $"has a 'pattern' that cannot be used. {problem}") with { Hint = "Patterns are RE2." };
        }

        return Default is { } given && CheckPattern(given, budget) is { } wrong ? BadDefault(wrong) : null;
    }

    /// <summary>Checks a given value; null when it fits.</summary>
    public SyncError? Check(JsonElement value, CelBudget budget) => CheckDeclared(value) ?? CheckPattern(value, budget);

    private SyncError? CheckPattern(JsonElement value, CelBudget budget)
    {
        if (Pattern is null || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        if (CelPattern.TryCompile(Pattern, budget, out var problem) is not { } pattern)
        {
            return problem is null ? TooCostly(Pattern) : Wrong($"cannot be checked: its pattern is of an older syntax. {problem}", "Register the action again with a pattern of RE2's syntax.");
        }

        return pattern.IsMatch(value.GetString()!, budget) switch
        {
            null => TooCostly(Pattern),
            false => Wrong($"must match the pattern {Pattern}."),
            true => null,
        };
    }

    private SyncError TooCostly(string pattern) => Expression.Refusal(CelBudget.Exceeded.AsError, pattern, $"params.{Name}.pattern") with
    {
        Message = $"Checking the pattern of parameter '{Name}' costs more than one request may.",
        Hint = "Send a shorter text, or register the action with a smaller pattern or a max_length.",
    };

    // What needs no pattern to be run.
    private SyncError? CheckDeclared(JsonElement value)
    {
        if (!Fits(value, Type))
        {
            return new SyncError(ErrorCode.InvalidParamType, $"Parameter '{Name}' must be {Article(Type)}; it is {Article(Named(value))}.")
            {
                Hint = Type is "number" or "integer" && value.ValueKind == JsonValueKind.String ? "Send the number without quotes." : Description,
            }.With("param", Name).With("expected", Type);
        }

        if (!Enum.IsEmpty)
        {
            // Compared by canonical form, so that 1 and 1.0 are the same choice.
            var version = CanonicalJson.Version(JsonText.Of(value));
            if (!Enum.Any(e => CanonicalJson.Version(e) == version))
            {
                var choices = Enum.Select(e => e.ToString()).ToArray();
                var near = value.ValueKind == JsonValueKind.String
                    ? DidYouMean.Nearest(value.GetString()!, Enum.Where(e => e.Kind == JsonValueKind.String).Select(e => e.ToElement().GetString()!))
                    : null;
                return Wrong($"must be one of {string.Join(", ", choices)}.", near is null ? null : $"Did you mean \"{near}\"?");
            }
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Number when Minimum is { } minimum && value.GetDouble() < minimum:
                return Wrong(FormattableString.Invariant($"must be at least {minimum}."));
            case JsonValueKind.Number when Maximum is { } maximum && value.GetDouble() > maximum:
                return Wrong(FormattableString.Invariant($"must be at most {maximum}."));
            case JsonValueKind.String:
                return CheckLength(value.GetString()!.Length, "characters");
            case JsonValueKind.Array:
                if (ItemsType is { } items)
                {
                    var index = 0;
                    foreach (var item in value.EnumerateArray())
                    {
                        if (!Fits(item, items))
                        {
                            return new SyncError(ErrorCode.InvalidParamType, $"Item {index} of parameter '{Name}' must be {Article(items)}; it is {Article(Named(item))}.")
                                .With("param", Name).With("expected", $"array of {items}");
                        }

                        index++;
                    }
                }

                return CheckLength(value.GetArrayLength(), "items");
            default:
                return null;
        }
    }

    private SyncError? CheckLength(int length, string unit) =>
        MinLength is { } min && length < min ? Wrong($"must have at least {min} {unit}.")
        : MaxLength is { } max && length > max ? Wrong($"must have at most {max} {unit}.")
        : null;

    private SyncError Wrong(string rule, string? hint = null) =>
        new SyncError(ErrorCode.InvalidParam, $"Parameter '{Name}' {rule}") { Hint = hint ?? Description }.With("param", Name);

    private static bool IsType(string type) => s_types.Contains(type);

    private static bool Fits(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() is var d && Math.Floor(d) == d && !double.IsInfinity(d),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => true,
    };

    private static string Named(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    private static string Article(string type) => type switch
    {
        "array" or "object" or "integer" => $"an {type}",
        "null" or "any" => type,
        _ => $"a {type}",
    };

    private static SyncError BadDefault(SyncError wrong) =>
        wrong with { Code = wrong.Code == ErrorCode.CelLimitExceeded ? wrong.Code : ErrorCode.InvalidParameter, Message = "The default does not fit its own declaration: " + wrong.Message };

    private static SyncError Bad(string name, string rest) =>
        new SyncError(ErrorCode.InvalidParameter, $"The declared parameter '{Identifiers.Shown(name)}' {rest}").With("field", $"params.{Identifiers.Shown(name)}");

    private static SyncError BadType(string name, string type)
    {
        var near = type switch { "int" => "integer", "bool" => "boolean", "float" or "double" => "number", "str" => "string", "list" => "array", "map" or "dict" => "object", _ => DidYouMean.Nearest(type, s_types) };
        return Bad(name, $"has the unknown type '{Identifiers.Shown(type)}'.") with
        {
            Hint = near is null ? $"Types are {string.Join(", ", s_types)}." : $"Did you mean '{near}'?",
        };
    }
}
