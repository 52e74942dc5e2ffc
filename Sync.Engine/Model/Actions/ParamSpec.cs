using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.RegularExpressions;
using Sync.Cel.Syntax;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>One declared parameter and the checks it asks for.</summary>
internal sealed record ParamSpec
{
    private static readonly string[] s_types = ["string", "number", "integer", "boolean", "array", "object", "any"];
    private static readonly FieldTable<Draft> s_fields = new FieldTable<Draft>(static (draft, problem) => Refuse(draft.Spec.Name, problem))
        .Add("type", "the name of a type in a string", static (draft, value) => ReadType(draft, value, static (spec, type) => spec with { Type = type }))
        .AddSwitch("required", static (draft, required) => draft.Spec = draft.Spec with { Required = required })
        .Add("default", "any value", static (draft, value) =>
        {
            draft.Spec = draft.Spec with { Default = value.ValueKind == JsonValueKind.Null ? null : value.Clone() };
            return FieldReading.Taken;
        }, NullField.Read)
        .Add("enum", "a list of one value or more", static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
            {
                return FieldReading.Unusable;
            }

            draft.Spec = draft.Spec with { Enum = [.. value.EnumerateArray().Select(JsonText.Of)] };
            return FieldReading.Taken;
        })
        .Add("minimum", "a number", static (draft, value) => ReadNumber(draft, value, static (spec, number) => spec with { Minimum = number }))
        .Add("maximum", "a number", static (draft, value) => ReadNumber(draft, value, static (spec, number) => spec with { Maximum = number }))
        .Add("min_length", "a whole number of 0 or more", static (draft, value) => ReadCount(draft, value, static (spec, count) => spec with { MinLength = count }))
        .Add("max_length", "a whole number of 0 or more", static (draft, value) => ReadCount(draft, value, static (spec, count) => spec with { MaxLength = count }))
        .AddText("pattern", static (draft, text) => draft.Spec = draft.Spec with { Pattern = text })
        .Add("items", "an object such as {\"type\": \"string\"}", static (draft, value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out var type)
            ? ReadType(draft, type, static (spec, items) => spec with { ItemsType = items })
            : FieldReading.Unusable)
        .AddText("description", static (draft, text) => draft.Spec = draft.Spec with { Description = text })
        .AddSwitch("secret", static (draft, secret) => draft.Spec = draft.Spec with { Secret = secret });

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

    /// <summary>Reads a declaration: an object, or the name of a type. <paramref name="stored"/> is whether the log has accepted it.</summary>
    public static Outcome<ParamSpec> Parse(string name, JsonElement json, bool stored)
    {
        if (Identifiers.CheckStoredName("parameter name", name) is { } badName)
        {
            return badName;
        }

        var draft = new Draft { Spec = new ParamSpec { Name = name } };
        if (json.ValueKind == JsonValueKind.String)
        {
            return ReadType(draft, json, static (spec, type) => spec with { Type = type }).Refusal is { } badType ? badType : draft.Spec;
        }

        if (s_fields.Read(json, draft, stored) is { } refusal)
        {
            return refusal;
        }

        if (!stored && (Unfilled(draft.Spec.Default) ?? draft.Spec.Enum.Select(static choice => Unfilled(choice.ToElement())).FirstOrDefault(static found => found is not null)) is { } placeholder)
        {
            return Bad(name, $"holds the placeholder '{Identifiers.Shown(placeholder)}', and nothing fills it in: defaults and choices are fixed values.", draft.Spec.Default is null ? "enum" : "default") with
            {
                Hint = placeholder is "${self}" or "${now}"
                    ? $"Leave the parameter out and write \"{placeholder}\" in the write; or let CEL choose: {{\"value\": \"params.{Identifiers.Shown(name)} == null ? {(placeholder == "${self}" ? "self" : "string(now)")} : params.{Identifiers.Shown(name)}\", \"expr\": true}}."
                    : $"Leave 'default' out and let CEL choose in the write: {{\"value\": \"params.{Identifiers.Shown(name)} == null ? 'other' : params.{Identifiers.Shown(name)}\", \"expr\": true}}.",
            };
        }

        return draft.Spec.Default is { } given && draft.Spec.CheckDeclared(given) is { } wrong ? BadDefault(wrong) : draft.Spec;
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
                Hint = Instead(value) ?? Description,
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
                            return new SyncError(ErrorCode.InvalidParamType, $"Item {index} of parameter '{Name}' must be {Article(items)}; it is {Article(Named(item))}.") { Hint = Instead(value) }
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

    // What is sent instead and then fits. A secret stays out of errors, also before its own sender.
    private string? Instead(JsonElement value) =>
        !Secret && ParamLiteral.Of(value, Type, ItemsType) is { } literal && CheckDeclared(JsonElement.Parse(literal)) is null ? $"Send \"{Name}\": {literal}." : null;

    private SyncError? CheckLength(int length, string unit) =>
        MinLength is { } min && length < min ? Wrong($"must have at least {min} {unit}.")
        : MaxLength is { } max && length > max ? Wrong($"must have at most {max} {unit}.")
        : null;

    private SyncError Wrong(string rule, string? hint = null) =>
        new SyncError(ErrorCode.InvalidParam, $"Parameter '{Name}' {rule}") { Hint = hint ?? Description }.With("param", Name);

    private static FieldReading ReadType(Draft draft, JsonElement value, Func<ParamSpec, string, ParamSpec> with)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return FieldReading.Unusable;
        }

        var type = value.GetString()!; // It is a string.
        if (!s_types.Contains(type))
        {
            return BadType(draft.Spec.Name, type);
        }

        draft.Spec = with(draft.Spec, type);
        return FieldReading.Taken;
    }

    private static FieldReading ReadNumber(Draft draft, JsonElement value, Func<ParamSpec, double, ParamSpec> with)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            return FieldReading.Unusable;
        }

        draft.Spec = with(draft.Spec, value.GetDouble());
        return FieldReading.Taken;
    }

    private static FieldReading ReadCount(Draft draft, JsonElement value, Func<ParamSpec, int, ParamSpec> with)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var count) || count < 0)
        {
            return FieldReading.Unusable;
        }

        draft.Spec = with(draft.Spec, count);
        return FieldReading.Taken;
    }

    /// <summary>Whether a value is of a type.</summary>
    public static bool Fits(JsonElement value, string type) => type switch
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

    // The first placeholder in a value that has none.
    private static string? Unfilled(JsonElement? value)
    {
        switch (value?.ValueKind)
        {
            case JsonValueKind.String when value.Value.GetString()! is var text && text.IndexOf("${", StringComparison.Ordinal) is var at and >= 0 && text.IndexOf('}', at) is var end and >= 0:
                return text[at..(end + 1)];
            case JsonValueKind.Array:
                return value.Value.EnumerateArray().Select(static item => Unfilled(item)).FirstOrDefault(static found => found is not null);
            case JsonValueKind.Object:
                return value.Value.EnumerateObject().Select(static member => Unfilled(member.Value)).FirstOrDefault(static found => found is not null);
            default:
                return null;
        }
    }

    private static SyncError BadDefault(SyncError wrong) =>
        wrong with { Code = wrong.Code == ErrorCode.CelLimitExceeded ? wrong.Code : ErrorCode.InvalidParameter, Message = "The default does not fit its own declaration: " + wrong.Message };

    private static SyncError Refuse(string name, FieldProblem problem) => problem.Kind switch
    {
        FieldProblemKind.Unknown => Bad(name, $"has the unknown field '{problem.Name}'.") with { Hint = problem.Hint },
        FieldProblemKind.Unusable => Bad(name, $"has a '{problem.Name}' that cannot be used.", problem.Name) with { Hint = problem.Hint },
        _ => Bad(name, "is declared by an object such as {\"type\": \"string\", \"required\": true}."),
    };

    private static SyncError Bad(string name, string rest, string? field = null) =>
        new SyncError(ErrorCode.InvalidParameter, $"The declared parameter '{Identifiers.Shown(name)}' {rest}")
            .With("field", field is null ? $"params.{Identifiers.Shown(name)}" : $"params.{Identifiers.Shown(name)}.{field}");

    private static SyncError BadType(string name, string type)
    {
        var near = type.ToLowerInvariant() switch
        {
            "int" or "int32" or "int64" or "uint" or "long" => "integer",
            "bool" => "boolean",
            "float" or "double" or "decimal" or "numeric" => "number",
            "str" or "text" or "varchar" or "date" or "datetime" or "timestamp" or "uuid" or "enum" => "string",
            "list" or "tuple" or "set" => "array",
            "map" or "dict" or "json" or "struct" or "record" => "object",
            "mixed" or "dynamic" or "unknown" or "value" => "any",
            _ => DidYouMean.Nearest(type, s_types),
        };
        return Bad(name, $"has the unknown type '{Identifiers.Shown(type)}'.") with
        {
            Hint = near is null ? $"Types are {string.Join(", ", s_types)}." : $"Did you mean '{near}'?",
        };
    }

    private sealed class Draft
    {
        public required ParamSpec Spec { get; set; }
    }
}
