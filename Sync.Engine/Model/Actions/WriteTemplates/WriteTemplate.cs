using System.Text.Json;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

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
    private const string TrueOrLeftOut = "true or left out";
    private const string Amount = "true (for 1), a number, or a placeholder that stands for one";

    private static readonly FieldTable<Draft> s_fields = new FieldTable<Draft>(static (draft, problem) => problem.Kind switch
        {
            FieldProblemKind.Unknown => Bad(draft.Path, $"A write has no field '{problem.Name}'.") with { Hint = problem.Hint },
            FieldProblemKind.Unusable => Bad($"{draft.Path}.{problem.Name}", $"'{problem.Name}' is {problem.Form}."),
            _ => Bad(draft.Path, "A write is an object with a scope, a key and one mode."),
        })
        .Add("scope", "a string", static (draft, value) => draft.ReadText(value, static (d, text) => d.Scope = text))
        .Add("key", "a string", static (draft, value) => draft.ReadText(value, static (d, text) => d.Key = text))
        .Add("value", "any value", static (draft, value) => draft.ReadMode(WriteMode.Value, value), NullField.Read)
        .Add("expr", "true or false", static (draft, value) =>
        {
            draft.IsExpression = value.ValueKind == JsonValueKind.True;

            // The log has accepted other values, and they say no.
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False || draft.Language.IsStored;
        })
        .Add("merge", "an object, or a placeholder that stands for one", static (draft, value) =>
            value.ValueKind is JsonValueKind.Object or JsonValueKind.String ? draft.ReadMode(WriteMode.Merge, value) : FieldReading.Unusable, NullField.Refused)
        .Add("increment", Amount, static (draft, value) => value.ValueKind switch
        {
            JsonValueKind.False => FieldReading.Taken,
            JsonValueKind.True or JsonValueKind.Number => draft.ReadMode(WriteMode.Increment, value),
            JsonValueKind.String when value.GetString()!.Contains("${", StringComparison.Ordinal) => draft.ReadMode(WriteMode.Increment, value), // It is a string.
            _ => FieldReading.Unusable,
        }, NullField.Refused)
        .Add("append", TrueOrLeftOut, static (draft, value) =>
        {
            draft.IsAppend = value.ValueKind == JsonValueKind.True;
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        }, NullField.Refused)
        .Add("delete", TrueOrLeftOut, static (draft, value) =>
        {
            draft.IsDelete = value.ValueKind == JsonValueKind.True;
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        }, NullField.Refused)
        .Add("path", "a string", static (draft, value) => draft.ReadText(value, static (d, text) => d.InnerPath = text))
        .Add("if_version", "a string", static (draft, value) => draft.ReadText(value, static (d, text) => d.IfVersion = text))
        .Add("timer", "a timer", static (draft, value) => draft.ReadTimer(value))
        .Add("enabled", "a CEL expression in a string", static (draft, value) => draft.ReadEnabled(value));

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

    /// <summary>Reads a write that stands at <paramref name="path"/> of a definition and may name the <paramref name="parameters"/>.</summary>
    public static Outcome<WriteTemplate> Parse(JsonElement json, IReadOnlyCollection<string> parameters, string path, RoomLanguage language)
    {
        var draft = new Draft(parameters, path, language);
        if (s_fields.Read(json, draft, language.IsStored) is { } refusal)
        {
            return refusal;
        }

        if (!ModeOf(draft).Try(out var mode, out var error)
            || !Operand(draft, mode).Try(out var operand, out error)
            || !TargetScope(draft.Scope, parameters).Try(out var target, out error))
        {
            return error;
        }

        if ((CheckTarget(target, draft) ?? CheckKey(draft, mode)) is { } wrong)
        {
            return wrong;
        }

        if (!ExpressionOf(draft, mode).Try(out var expr, out error))
        {
            return error;
        }

        return new WriteTemplate
        {
            Scope = target,
            Key = draft.Key,
            Mode = draft.InnerPath is not null && mode == WriteMode.Delete ? WriteMode.Remove : mode,
            Value = operand,
            Expr = expr,
            Path = draft.InnerPath,
            IfVersion = draft.IfVersion,
            Timer = draft.Timer,
            Enabled = draft.Enabled,
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

    private static SyncError? CheckTarget(TextTemplate target, Draft draft) =>
        target.Literal is { } literal ? Identifiers.CheckScope(literal) ?? EngineOnly(literal, draft.Path) : null;

    private static SyncError? CheckKey(Draft draft, WriteMode mode)
    {
        if (draft.Key is null && mode != WriteMode.AppendRow)
        {
            return Bad(draft.Path, "A write names the key it writes.") with { Hint = "Only append: true may leave the key out; it then makes a new row." };
        }

        if (draft.Key?.Literal is { } key && Identifiers.CheckStoredName("key", key) is { } bad)
        {
            return bad;
        }

        return draft.InnerPath is not null && mode == WriteMode.AppendRow
            ? Bad(draft.Path, "'path' does not go with a new row.") with { Hint = "Use path with value, merge, increment, append or delete on a key." }
            : null;
    }

    private static Outcome<WriteMode> ModeOf(Draft draft)
    {
        var hasValue = draft.Operands.ContainsKey(WriteMode.Value);
        var modes = draft.Operands.Count + (draft.IsAppend ? hasValue ? 0 : 1 : 0) + (draft.IsDelete ? 1 : 0);
        if (modes != 1 || (draft.IsAppend && !hasValue))
        {
            return Bad(draft.Path, draft.IsAppend && !hasValue ? "'append' pushes 'value', which is missing." : "A write has exactly one mode.") with
            {
                Hint = "Give one of: value, merge, increment, append: true with value, delete: true.",
            };
        }

        return draft.IsAppend ? draft.Key is null ? WriteMode.AppendRow : WriteMode.Append
            : draft.IsDelete ? WriteMode.Delete
            : draft.Operands.Keys.Single();
    }

    // The value, patch or amount; none for an expression and for deletions.
    private static Outcome<ValueTemplate?> Operand(Draft draft, WriteMode mode) =>
        mode == WriteMode.Delete || draft.IsExpression ? default(Outcome<ValueTemplate?>)
        : ValueTemplate.Parse(draft.Operands.Values.Single(), draft.Parameters).Try(out var template, out var error) ? template
        : error;

    private static Outcome<Expression?> ExpressionOf(Draft draft, WriteMode mode)
    {
        if (!draft.IsExpression)
        {
            return default(Outcome<Expression?>);
        }

        if (mode is not (WriteMode.Value or WriteMode.Append or WriteMode.AppendRow) || draft.Operands[WriteMode.Value] is not { ValueKind: JsonValueKind.String } source)
        {
            return Bad(draft.Path, "'expr': true needs a 'value' that is a CEL expression in a string.");
        }

        return draft.Language.Compile(source.GetString()!, $"{draft.Path}.value").Try(out var expression, out var error) ? expression : error; // It is a string.
    }

    private static Outcome<TextTemplate> TargetScope(TextTemplate? scope, IReadOnlyCollection<string> parameters) =>
        scope is null ? TextTemplate.Parse(ReservedScopes.Shared, parameters)
        : scope.Literal == ReservedScopes.Self ? TextTemplate.Parse("${self}", parameters)
        : scope;

    private static SyncError Bad(string path, string message) =>
        new SyncError(ErrorCode.InvalidTemplate, message)
        {
            Hint = "See the help key 'vocabulary_bootstrap' for write templates with examples.",
            Help = "vocabulary_bootstrap",
        }.With("field", path);

    private sealed class Draft(IReadOnlyCollection<string> parameters, string path, RoomLanguage language)
    {
        public IReadOnlyCollection<string> Parameters => parameters;

        /// <summary>Where the write stands in its definition.</summary>
        public string Path => path;

        public RoomLanguage Language => language;

        public TextTemplate? Scope { get; set; }

        public TextTemplate? Key { get; set; }

        /// <summary>The field <c>path</c>.</summary>
        public TextTemplate? InnerPath { get; set; }

        public TextTemplate? IfVersion { get; set; }

        /// <summary>What the modes with an operand are given.</summary>
        public Dictionary<WriteMode, JsonElement> Operands { get; } = [];

        public bool IsAppend { get; set; }

        public bool IsDelete { get; set; }

        public bool IsExpression { get; set; }

        public ValueTemplate? Timer { get; private set; }

        public Expression? Enabled { get; private set; }

        public FieldReading ReadText(JsonElement value, Action<Draft, TextTemplate> take)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            // It is a string.
            if (!TextTemplate.Parse(value.GetString()!, parameters).Try(out var template, out var error))
            {
                return error;
            }

            take(this, template);
            return FieldReading.Taken;
        }

        public FieldReading ReadMode(WriteMode mode, JsonElement operand)
        {
            Operands[mode] = operand;
            return FieldReading.Taken;
        }

        public FieldReading ReadTimer(JsonElement value)
        {
            if (!ValueTemplate.Parse(value, parameters).Try(out var timer, out var error)
                || (timer.Literal is not null && !TimerSpec.Parse(value, $"{path}.timer", language.IsStored).Try(out _, out error)))
            {
                return error;
            }

            Timer = timer;
            return FieldReading.Taken;
        }

        public FieldReading ReadEnabled(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            // It is a string.
            if (!language.Compile(value.GetString()!, $"{path}.enabled").Try(out var enabled, out var error))
            {
                return error;
            }

            Enabled = enabled;
            return FieldReading.Taken;
        }
    }
}
