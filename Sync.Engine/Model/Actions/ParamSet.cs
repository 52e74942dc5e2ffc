using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Values.Limits;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>The declared parameters of an action.</summary>
internal sealed class ParamSet
{
    private readonly ImmutableArray<ParamSpec> _specs;
    private readonly HashSet<string> _names;

    private ParamSet(ImmutableArray<ParamSpec> specs)
    {
        _specs = specs;
        _names = [.. specs.Select(s => s.Name)];
    }

    // Words that say nothing of what they name.
    private static readonly HashSet<string> s_generic = new(StringComparer.Ordinal) { "name", "id", "key", "title", "label", "subject", "topic", "item", "identifier" };

    // Fields of an invocation, which stand beside its parameters, each with an example.
    private static readonly Dictionary<string, string> s_beside = new(StringComparer.Ordinal)
    {
        ["fence"] = "57",
        ["wait_ms"] = "60000",
        ["because"] = "{\"message\": 3}",
        ["request_id"] = "\"claim-3\"",
        ["dry_run"] = "true",
        ["if_action_version"] = "\"0123456789abcdef\"",
        ["consent"] = "[\"state.self\"]",
    };

    public static ParamSet None { get; } = new([]);

    public IReadOnlyCollection<string> Names => _names;

    /// <summary>The declared type of a parameter, or null.</summary>
    public string? TypeOf(string name) => _specs.FirstOrDefault(spec => spec.Name == name)?.Type;

    /// <summary>Whether a parameter is declared as a text that is empty unless something is given.</summary>
    public bool IsEmptyByDefault(string name) => _specs.FirstOrDefault(spec => spec.Name == name)?.Default is { ValueKind: JsonValueKind.String } text && text.ValueEquals(""u8);

    /// <summary>What stands where a secret was.</summary>
    public const string Redacted = "[secret]";

    public bool IsSecret(string name) => _specs.Any(s => s.Secret && s.Name == name);

    public bool HasSecrets => _specs.Any(s => s.Secret);

    /// <summary>Reads the declarations; <paramref name="stored"/> is whether the log has accepted them.</summary>
    public static Outcome<ParamSet> Parse(JsonElement json, bool stored = false)
    {
        if (json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return None;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return new SyncError(ErrorCode.InvalidParameter, "'params' is an object from parameter names to declarations.")
            {
                Hint = "For example {\"choice\": {\"type\": \"string\", \"required\": true}}.",
            }.With("field", "params");
        }

        if (!stored && JsonSchemaParams.Translate(json) is { } declared)
        {
            return new SyncError(ErrorCode.InvalidParameter, "'params' is a JSON Schema; here each parameter is declared by its name.")
            {
                Hint = $"Write {{\"params\": {declared}}}.",
            }.With("field", "params");
        }

        var specs = ImmutableArray.CreateBuilder<ParamSpec>();
        foreach (var member in json.EnumerateObject())
        {
            if (!ParamSpec.Parse(member.Name, member.Value, stored).Try(out var spec, out var error))
            {
                return error;
            }

            specs.Add(spec);
        }

        return new ParamSet(specs.ToImmutable());
    }

    /// <summary>What is wrong with the patterns, or null: asked when an action is registered, not of what the log holds.</summary>
    public SyncError? CheckPatterns(CelBudget budget)
    {
        foreach (var spec in _specs)
        {
            if (spec.CheckPattern(budget) is { } bad)
            {
                return bad;
            }
        }

        return null;
    }

    /// <summary>
    /// What is wrong with a pattern that an older log holds, or null: syntax of .NET that RE2 does not have. Looked at when the action is read, within a small
    /// budget, since nobody asks for it; what costs more was registered when patterns were checked already.
    /// </summary>
    public string? FindOutdatedPattern()
    {
        var budget = new CelBudget(5_000, TimeSpan.MaxValue);
        return _specs.Where(spec => spec.Pattern is not null).Select(spec => spec.CheckPattern(budget)).FirstOrDefault(error => error is not null && error.Code != ErrorCode.CelLimitExceeded)?.Message;
    }

    /// <summary>Checks what was given and fills in defaults; patterns cost. A null counts as left out unless the parameter takes anything.</summary>
    public Outcome<IReadOnlyDictionary<string, JsonElement>> Bind(JsonElement given, string action, CelBudget budget)
    {
        var bound = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (given.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            if (given.ValueKind != JsonValueKind.Object)
            {
                return new SyncError(ErrorCode.InvalidParameter, "'params' is an object.") { Hint = "Send {\"params\": {\"name\": value}}." };
            }

            foreach (var member in given.EnumerateObject())
            {
                if (!_names.Contains(member.Name))
                {
                    return Unknown(member.Name, given, action);
                }

                bound[member.Name] = member.Value;
            }
        }

        foreach (var spec in _specs)
        {
            if (bound.TryGetValue(spec.Name, out var value) && !(value.ValueKind == JsonValueKind.Null && spec.Type != "any"))
            {
                if (spec.Check(value, budget) is { } wrong)
                {
                    return wrong.With("action", action);
                }

                continue;
            }

            bound.Remove(spec.Name);
            if (spec.Default is { } standard)
            {
                bound[spec.Name] = standard;
            }
            else if (spec.Required)
            {
                return new SyncError(ErrorCode.MissingParam, $"Action '{action}' needs the parameter '{spec.Name}'.")
                {
                    Hint = $"Send {{\"params\": {{\"{spec.Name}\": …}}}}" + (spec.Description is null ? "." : $": {spec.Description}"),
                }.With("param", spec.Name).With("expected", spec.Type).With("action", action);
            }
        }

        return bound;
    }

    /// <summary>The parameters as the log keeps them.</summary>
    public JsonText? Redact(JsonElement given) => Redact(given, IsSecret);

    /// <summary>Those of a refused call: what was given under a name that is not declared may be a secret misspelt.</summary>
    public JsonText? RedactTried(JsonElement given) => Redact(given, name => IsSecret(name) || !_names.Contains(name));

    private JsonText? Redact(JsonElement given, Func<string, bool> isHidden)
    {
        if (given.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (!HasSecrets)
        {
            return JsonText.Of(given);
        }

        return JsonText.Write((given, isHidden), static (writer, t) =>
        {
            writer.WriteStartObject();
            foreach (var member in t.given.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (t.isHidden(member.Name))
                {
                    writer.WriteStringValue(Redacted);
                }
                else
                {
                    member.Value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        });
    }

    // role_name is role, and a name without anything more is what the action is about: the first parameter that it asks for and was not given.
    private string? MeantBy(string name, JsonElement given)
    {
        var words = Synonyms.WordsOf(name);
        return words is [var only]
            ? s_generic.Contains(only) ? _specs.FirstOrDefault(spec => spec is { Required: true, Type: "string" or "any" } && !given.TryGetProperty(spec.Name, out _))?.Name : null
            : _specs.FirstOrDefault(spec => words.Contains(spec.Name))?.Name;
    }

    private SyncError Unknown(string name, JsonElement given, string action)
    {
        if (s_beside.TryGetValue(name, out var example))
        {
            return new SyncError(ErrorCode.UnknownParam, $"Action '{action}' has no parameter '{name}': it is a field of the call.")
            {
                Hint = $"Send it beside 'params': {{\"params\": {{…}}, \"{name}\": {example}}}.",
            }.With("param", name).With("action", action);
        }

        var near = NearestName.Of(name, _names) ?? MeantBy(name, given);
        return new SyncError(ErrorCode.UnknownParam, $"Action '{action}' has no parameter '{Primitives.Ids.Identifiers.Shown(name)}'.")
        {
            Hint = near is not null ? $"Did you mean '{near}'?"
                : _names.Count == 0 ? "It takes no parameters."
                : $"It takes {string.Join(", ", _specs.Select(s => s.Name))}.",
        }.With("param", Primitives.Ids.Identifiers.Shown(name)).With("action", action).WithSuggestion(near);
    }
}
