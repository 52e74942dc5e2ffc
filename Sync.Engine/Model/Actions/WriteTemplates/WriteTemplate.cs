using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Actions.WriteTemplates;

internal enum WriteMode
{
    /// <summary>Replace.</summary>
    Value,

    /// <summary>Deep merge of objects.</summary>
    Merge,

    /// <summary>Add a number.</summary>
    Increment,

    /// <summary>Push to the array at the key.</summary>
    Append,

    /// <summary>A new row of the scope.</summary>
    AppendRow,

    /// <summary>Remove the entry.</summary>
    Delete,

    /// <summary>Remove a member of its value.</summary>
    Remove,
}

/// <summary>One declared write of an action.</summary>
internal sealed class WriteTemplate
{
    private static readonly string[] s_fields =
        ["scope", "key", "value", "expr", "merge", "increment", "append", "delete", "path", "if_version", "timer", "enabled"];

    public required TextTemplate Scope { get; init; }

    /// <summary>Null for <see cref="WriteMode.AppendRow"/>.</summary>
    public TextTemplate? Key { get; init; }

    public required WriteMode Mode { get; init; }

    /// <summary>The value, patch or amount; null for an expression and for deletions.</summary>
    public ValueTemplate? Value { get; init; }

    /// <summary>The value as an expression over the state before the invocation.</summary>
    public Expression? Expr { get; init; }

    /// <summary>A dotted path inside the entry's value.</summary>
    public TextTemplate? Path { get; init; }

    public TextTemplate? IfVersion { get; init; }

    public ValueTemplate? Timer { get; init; }

    public Expression? Enabled { get; init; }

    /// <summary><c>scope:key</c> as written: what conflict detection compares. Null for rows, which never collide.</summary>
    public string? Target => Key is null ? null : $"{Scope.Source}:{Key.Source}";

    public static Outcome<WriteTemplate> Parse(JsonElement json, IReadOnlyCollection<string> parameters, string field, RoomLanguage language)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Bad(field, "A write is an object with a scope, a key and one mode.");
        }

        foreach (var member in json.EnumerateObject())
        {
            if (!s_fields.Contains(member.Name))
            {
                var near = DidYouMean.Nearest(member.Name, s_fields);
                return Bad(field, $"A write has no field '{Identifiers.Shown(member.Name)}'.") with
                {
                    Hint = near is null ? $"Known are {string.Join(", ", s_fields)}." : $"Did you mean '{near}'?",
                };
            }
        }

        if (!Text(json, "scope", parameters, field).Try(out var scope, out var error)
            || !Text(json, "key", parameters, field).Try(out var key, out error)
            || !Text(json, "path", parameters, field).Try(out var path, out error)
            || !Text(json, "if_version", parameters, field).Try(out var ifVersion, out error)
            || !ModeOf(json, key is not null, field).Try(out var mode, out error)
            || !Operand(json, mode, parameters, field).Try(out var operand, out error))
        {
            return error;
        }

        if (!Default(scope, parameters).Try(out var target, out error))
        {
            return error;
        }

        if (target.Literal is { } literal && (Identifiers.CheckScope(literal) ?? EngineOnly(literal, field)) is { } wrong)
        {
            return wrong;
        }

        if (key is null && mode != WriteMode.AppendRow)
        {
            return Bad(field, "A write names the key it writes.") with { Hint = "Only append: true may leave the key out; it then makes a new row." };
        }

        if (key?.Literal is { } fixedKey && Identifiers.CheckStoredName("key", fixedKey) is { } badKey)
        {
            return badKey;
        }

        if (path is not null && mode == WriteMode.AppendRow)
        {
            return Bad(field, "'path' does not go with a new row.") with { Hint = "Use path with value, merge, increment, append or delete on a key." };
        }

        mode = path is not null && mode == WriteMode.Delete ? WriteMode.Remove : mode;

        Expression? expr = null;
        if (json.TryGetProperty("expr", out var isExpr) && isExpr.ValueKind == JsonValueKind.True)
        {
            if (mode is not (WriteMode.Value or WriteMode.Append or WriteMode.AppendRow) || !json.TryGetProperty("value", out var source) || source.ValueKind != JsonValueKind.String)
            {
                return Bad(field, "'expr': true needs a 'value' that is a CEL expression in a string.");
            }

            if (!language.Compile(source.GetString()!, $"{field}.value").Try(out expr, out error))
            {
                return error;
            }
        }

        ValueTemplate? timer = null;
        if (json.TryGetProperty("timer", out var timerJson) && timerJson.ValueKind != JsonValueKind.Null)
        {
            if (!ValueTemplate.Parse(timerJson, parameters).Try(out timer, out error))
            {
                return error;
            }

            if (timer.Literal is not null && !TimerSpec.Parse(timerJson).Try(out _, out error))
            {
                return error;
            }
        }

        Expression? enabled = null;
        if (json.TryGetProperty("enabled", out var enabledJson) && enabledJson.ValueKind != JsonValueKind.Null)
        {
            if (enabledJson.ValueKind != JsonValueKind.String)
            {
                return Bad(field, "'enabled' is a CEL expression in a string.");
            }

            if (!language.Compile(enabledJson.GetString()!, $"{field}.enabled").Try(out enabled, out error))
            {
                return error;
            }
        }

        return new WriteTemplate
        {
            Scope = target,
            Key = key,
            Mode = mode,
            Value = expr is null ? operand : null,
            Expr = expr,
            Path = path,
            IfVersion = ifVersion,
            Timer = timer,
            Enabled = enabled,
        };
    }

    /// <summary>Whether what it writes may be made of a secret parameter.</summary>
    public bool MayHoldSecret(Func<string, bool> isSecret) => HoldsSecret(isSecret)
        || Expr?.Paths.Any(path => path.Root == "params" && (path.Segments is not [{ IsVariable: false } parameter, ..] || isSecret(parameter.Text))) == true;

    /// <summary>Whether a secret parameter stands in what it writes.</summary>
    public bool HoldsSecret(Func<string, bool> isSecret) => Value?.Placeholders.Any(part => part.Parameter is { } parameter && isSecret(parameter)) == true;

    /// <summary>The refusal for a write to a scope that only the engine writes.</summary>
    public static SyncError? EngineOnly(string scope, string field) => !ReservedScopes.IsEngineOnly(scope) ? null :
        new SyncError(ErrorCode.ScopeDenied, $"The scope '{scope}' is written by the engine only.")
        {
            Hint = scope switch
            {
                ReservedScopes.Messages => "Send messages with _send_message.",
                ReservedScopes.Actions => "Register actions with _register_action.",
                ReservedScopes.Views => "Register views with _register_view.",
                _ => "Write to _shared, another scope beginning with '_', or your own scope.",
            },
        }.With("field", field).With("scope", scope);

    private static Outcome<WriteMode> ModeOf(JsonElement json, bool hasKey, string field)
    {
        var append = json.TryGetProperty("append", out var a) && a.ValueKind != JsonValueKind.False;
        var delete = json.TryGetProperty("delete", out var d) && d.ValueKind != JsonValueKind.False;
        var merge = json.TryGetProperty("merge", out _);
        var increment = json.TryGetProperty("increment", out var i) && i.ValueKind != JsonValueKind.False;
        var value = json.TryGetProperty("value", out _);
        var modes = (append ? 1 : 0) + (delete ? 1 : 0) + (merge ? 1 : 0) + (increment ? 1 : 0) + (value && !append ? 1 : 0);
        if (modes != 1 || (append && !value))
        {
            return Bad(field, append && !value ? "'append' pushes 'value', which is missing." : "A write has exactly one mode.") with
            {
                Hint = "Give one of: value, merge, increment, append: true with value, delete: true.",
            };
        }

        if ((append && a.ValueKind != JsonValueKind.True) || (delete && d.ValueKind != JsonValueKind.True))
        {
            return Bad(field, "'append' and 'delete' are true or left out.");
        }

        return append ? hasKey ? WriteMode.Append : WriteMode.AppendRow
            : delete ? WriteMode.Delete
            : merge ? WriteMode.Merge
            : increment ? WriteMode.Increment
            : WriteMode.Value;
    }

    private static Outcome<ValueTemplate?> Operand(JsonElement json, WriteMode mode, IReadOnlyCollection<string> parameters, string field)
    {
        if (mode == WriteMode.Delete)
        {
            return default(Outcome<ValueTemplate?>);
        }

        var json2 = json.GetProperty(mode switch
        {
            WriteMode.Merge => "merge",
            WriteMode.Increment => "increment",
            _ => "value",
        });
        if (mode == WriteMode.Merge && json2.ValueKind is not (JsonValueKind.Object or JsonValueKind.String))
        {
            return Bad(field, "'merge' is an object, or a placeholder that stands for one.");
        }

        if (mode == WriteMode.Increment && json2.ValueKind is not (JsonValueKind.True or JsonValueKind.Number or JsonValueKind.String))
        {
            return Bad(field, "'increment' is true (for 1), a number, or a placeholder that stands for one.");
        }

        if (mode == WriteMode.Increment && json2.ValueKind == JsonValueKind.String && !json2.GetString()!.Contains("${", StringComparison.Ordinal))
        {
            return Bad(field, "'increment' is true (for 1), a number, or a placeholder that stands for one.");
        }

        if (json.TryGetProperty("expr", out var expr) && expr.ValueKind == JsonValueKind.True)
        {
            return default(Outcome<ValueTemplate?>);
        }

        return ValueTemplate.Parse(json2, parameters).Try(out var template, out var error) ? template : error;
    }

    private static Outcome<TextTemplate?> Text(JsonElement json, string name, IReadOnlyCollection<string> parameters, string field)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return default(Outcome<TextTemplate?>);
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return Bad(field, $"'{name}' is a string.");
        }

        return TextTemplate.Parse(value.GetString()!, parameters).Try(out var template, out var error) ? template : error;
    }

    private static Outcome<TextTemplate> Default(TextTemplate? scope, IReadOnlyCollection<string> parameters) =>
        scope is null ? TextTemplate.Parse(ReservedScopes.Shared, parameters)
        : scope.Literal == ReservedScopes.Self ? TextTemplate.Parse("${self}", parameters)
        : scope;

    private static SyncError Bad(string field, string message) =>
        new SyncError(ErrorCode.InvalidTemplate, message)
        {
            Hint = "See the help key 'vocabulary_bootstrap' for write templates with examples.",
            Help = "vocabulary_bootstrap",
        }.With("field", field);
}
