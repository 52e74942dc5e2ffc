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
    private const string Amount = "true (for 1), a number, a placeholder that stands for one, or with \"expr\": true CEL that gives one";
    private const string CelText = "a CEL expression in a string";

    private static readonly FieldTable<Draft> s_fields = new FieldTable<Draft>(static (draft, problem) => problem.Kind switch
        {
            FieldProblemKind.Unknown => Bad(draft.Path, $"A write has no field '{problem.Name}'.") with { Hint = problem.Hint },
            FieldProblemKind.Unusable => Bad($"{draft.Path}.{problem.Name}", $"'{problem.Name}' is {problem.Form}."),
            _ => Bad(draft.Path, "A write is an object with a scope, a key and one mode."),
        })
        .Add("scope", "a string", static (draft, value) => draft.ReadText("scope", value, static (d, text) => d.Scope = text))
        .Add("scope_expr", CelText, static (draft, value) => draft.ReadName(value, "scope_expr", static (d, expression) => d.ScopeExpr = expression))
        .Add("key", "a string", static (draft, value) => draft.ReadText("key", value, static (d, text) => d.Key = text))
        .Add("key_expr", CelText, static (draft, value) => draft.ReadName(value, "key_expr", static (d, expression) => d.KeyExpr = expression))
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
            JsonValueKind.True or JsonValueKind.Number or JsonValueKind.String => draft.ReadMode(WriteMode.Increment, value),
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
        .Add("path", "a string", static (draft, value) => draft.ReadText("path", value, static (d, text) => d.InnerPath = text))
        .Add("if_version", "a string", static (draft, value) => draft.ReadText("if_version", value, static (d, text) => d.IfVersion = text))
        .Add("timer", "a timer", static (draft, value) => draft.ReadTimer(value))
        .Add("enabled", CelText, static (draft, value) => draft.ReadEnabled(value));

    /// <summary>Null where <see cref="ScopeExpr"/> gives it.</summary>
    public TextTemplate? Scope { get; init; }

    /// <summary>The scope as an expression over the state before the invocation.</summary>
    public Expression? ScopeExpr { get; init; }

    /// <summary>Null for <see cref="WriteMode.AppendRow"/>, and where <see cref="KeyExpr"/> gives it.</summary>
    public TextTemplate? Key { get; init; }

    /// <summary>The key as an expression over the state before the invocation.</summary>
    public Expression? KeyExpr { get; init; }

    public required WriteMode Mode { get; init; }

    /// <summary>The value, patch or amount; null for an expression and for deletions.</summary>
    public ValueTemplate? Value { get; init; }

    /// <summary>A merge's patch as written; null for other modes.</summary>
    public JsonText? PatchSource { get; private init; }

    /// <summary>The value as an expression over the state before the invocation.</summary>
    public Expression? Expr { get; init; }

    /// <summary>A dotted path inside the entry's value.</summary>
    public TextTemplate? Path { get; init; }

    public TextTemplate? IfVersion { get; init; }

    public ValueTemplate? Timer { get; init; }

    public Expression? Enabled { get; init; }

    /// <summary>The scope as written; an expression stands like a placeholder.</summary>
    public string ScopeText => Scope?.Source ?? $"${{{ScopeExpr!.Source}}}"; // One of both is there.

    /// <summary>The same of the key; null for a new row.</summary>
    public string? KeyText => Key?.Source ?? (KeyExpr is null ? null : $"${{{KeyExpr.Source}}}");

    /// <summary><c>scope:key</c> as written: what conflict detection compares. Null for rows, which never collide.</summary>
    public string? Target => KeyText is { } key ? $"{ScopeText}:{key}" : null;

    /// <summary>The field that the value, patch or amount stands in.</summary>
    public string OperandField => FieldOf(Mode);

    /// <summary>Whether the scope is said to be the invoker's own.</summary>
    public bool IsOwn => Scope?.Single is { Root: "self" };

    /// <summary>The scope where it is the same in each invocation, or null.</summary>
    public string? FixedScope => Scope?.Literal;

    /// <summary>The expressions in it, each with the field that it stands in.</summary>
    public IEnumerable<(Expression Expression, string Field)> Expressions =>
        new (Expression? Expression, string Field)[] { (ScopeExpr, "scope_expr"), (KeyExpr, "key_expr"), (Expr, OperandField), (Enabled, "enabled") }
            .Where(static named => named.Expression is not null).Select(static named => (named.Expression!, named.Field));

    /// <summary>Reads a write that stands at <paramref name="path"/> of a definition and may name the <paramref name="parameters"/>.</summary>
    public static Outcome<WriteTemplate> Parse(JsonElement json, ParamSet parameters, string path, RoomLanguage language)
    {
        var draft = new Draft(parameters, path, language);
        if (s_fields.Read(json, draft, language.IsStored) is { } refusal)
        {
            return refusal;
        }

        if (!ModeOf(draft).Try(out var mode, out var error)
            || !Operand(draft, mode).Try(out var operand, out error)
            || !TargetScope(draft).Try(out var target, out error))
        {
            return error;
        }

        if ((CheckTarget(target, draft) ?? CheckKey(draft, mode) ?? (language.IsStored ? null : WriteOperand.Check(operand, mode, draft.Params, draft.Path, language))) is { } wrong)
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
            ScopeExpr = draft.ScopeExpr,
            Key = draft.Key,
            KeyExpr = draft.KeyExpr,
            Mode = draft.InnerPath is not null && mode == WriteMode.Delete ? WriteMode.Remove : mode,
            Value = operand,
            PatchSource = mode == WriteMode.Merge ? JsonText.Of(draft.Operands[mode]) : null,
            Expr = expr,
            Path = draft.InnerPath,
            IfVersion = draft.IfVersion,
            Timer = draft.Timer,
            Enabled = draft.Enabled,
        };
    }

    /// <summary>Whether what it writes may be made of a secret parameter.</summary>
    public bool MayHoldSecret(Func<string, bool> isSecret) => HoldsSecret(isSecret) || ReadsSecret(Expr, isSecret);

    /// <summary>Whether an expression reads a secret parameter, or may.</summary>
    public static bool ReadsSecret(Expression? expression, Func<string, bool> isSecret) =>
        expression?.Paths.Any(path => path.Root == "params" && (path.Segments is not [{ IsVariable: false } parameter, ..] || isSecret(parameter.Text))) == true;

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

    private static string FieldOf(WriteMode mode) => mode switch { WriteMode.Increment => "increment", WriteMode.Merge => "merge", _ => "value" };

    private static SyncError? CheckTarget(TextTemplate? target, Draft draft) =>
        target?.Literal is not { } literal ? null
        : draft.Language.IsStored && literal == ReservedScopes.Approvals ? null // Of before that scope was the engine's: the library's 'approve' wrote there.
        : Identifiers.CheckScope(literal) ?? EngineOnly(literal, draft.Path);

    private static SyncError? CheckKey(Draft draft, WriteMode mode)
    {
        if (draft.Key is not null && draft.KeyExpr is not null)
        {
            return Bad(draft.Path, "A write has a 'key' or a 'key_expr', not both.");
        }

        if (!draft.HasKey && mode != WriteMode.AppendRow)
        {
            return Bad(draft.Path, "A write names the key it writes.") with { Hint = "Give a \"key\", or a \"key_expr\" that works it out. Only append: true may leave the key out; it then makes a new row." };
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

        return draft.IsAppend ? draft.HasKey ? WriteMode.Append : WriteMode.AppendRow
            : draft.IsDelete ? WriteMode.Delete
            : draft.Operands.Keys.Single();
    }

    // The value, patch or amount; none for an expression and for deletions.
    private static Outcome<ValueTemplate?> Operand(Draft draft, WriteMode mode)
    {
        if (mode == WriteMode.Delete || draft.IsExpression)
        {
            return default(Outcome<ValueTemplate?>);
        }

        var (kind, operand) = draft.Operands.Single();
        var field = FieldOf(kind);
        return ValueTemplate.Parse(operand, draft.Params.Names).Try(out var template, out var error) ? template : MeantAsExpression(error, field, operand, draft.Language).With("field", $"{draft.Path}.{field}");
    }

    // CEL in a placeholder: the hint says where CEL goes.
    private static SyncError MeantAsExpression(SyncError error, string field, JsonElement template, RoomLanguage language)
    {
        if (language.IsStored || error.Details?[Placeholder.Detail]?.GetValue<string>() is not { } placeholder || TemplateExpression.Read(placeholder, language) is not { } read
            || (read.Paths is [{ Root: "params" }] && placeholder.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.')))
        {
            return error;
        }

        return error with
        {
            Hint = (field, TemplateExpression.OfValue(template, static _ => false, language)) switch
            {
                ("key", { } cel) => $"A placeholder is no expression. CEL gives a key in 'key_expr', in place of 'key': {{\"key_expr\": {JsonText.Of(cel)}}}.",
                ("scope", { } cel) => $"A placeholder is no expression. CEL gives a scope in 'scope_expr', in place of 'scope': {{\"scope_expr\": {JsonText.Of(cel)}}}.",
                ("value" or "increment", { } cel) => $"A placeholder is no expression. With \"expr\": true the whole is CEL: {{\"{field}\": {JsonText.Of(cel)}, \"expr\": true}}.",
                _ => $"A placeholder is no expression. Let the caller send it as a parameter, or write it by itself: {{\"path\": \"member\", \"value\": {JsonText.Of(placeholder)}, \"expr\": true}}.",
            },
        };
    }

    private static Outcome<Expression?> ExpressionOf(Draft draft, WriteMode mode)
    {
        if (!draft.IsExpression)
        {
            return default(Outcome<Expression?>);
        }

        var field = FieldOf(mode);
        if (mode is WriteMode.Merge or WriteMode.Delete || draft.Operands[mode == WriteMode.Increment ? mode : WriteMode.Value] is not { ValueKind: JsonValueKind.String } source)
        {
            return Bad(draft.Path, "'expr': true needs a 'value' or an 'increment' that is a CEL expression in a string.") with
            {
                Hint = mode == WriteMode.Merge
                    ? "Write one member by its path, {\"key\": \"k\", \"path\": \"member\", \"value\": \"params.x\", \"expr\": true}, or leave 'expr' out."
                    : "For example {\"key\": \"k\", \"value\": \"params.x\", \"expr\": true}. Leave 'expr' out where it is no expression.",
            };
        }

        if (!draft.Language.Compile(source.GetString()!, $"{draft.Path}.{field}").Try(out var expression, out var error)) // It is a string.
        {
            return error;
        }

        return mode == WriteMode.Increment && !draft.Language.IsStored ? expression.Expect(["int", "uint", "double", "number"], $"{draft.Path}.{field}", "An increment adds a number") is { } wrong ? wrong : expression : expression;
    }

    private static Outcome<TextTemplate?> TargetScope(Draft draft) =>
        draft.ScopeExpr is not null ? draft.Scope is null ? default(Outcome<TextTemplate?>) : Bad(draft.Path, "A write has a 'scope' or a 'scope_expr', not both.")
        : draft.Scope is null ? TextTemplate.Parse(ReservedScopes.Shared, draft.Params.Names).Value
        : draft.Scope.Literal == ReservedScopes.Self ? TextTemplate.Parse("${self}", draft.Params.Names).Value
        : draft.Scope;

    private static SyncError Bad(string path, string message) =>
        new SyncError(ErrorCode.InvalidTemplate, message)
        {
            Hint = "See the help key 'vocabulary_bootstrap' for write templates with examples.",
            Help = "vocabulary_bootstrap",
        }.With("field", path);

    private sealed class Draft(ParamSet parameters, string path, RoomLanguage language)
    {
        public ParamSet Params => parameters;

        /// <summary>Where the write stands in its definition.</summary>
        public string Path => path;

        public RoomLanguage Language => language;

        public TextTemplate? Scope { get; set; }

        public Expression? ScopeExpr { get; set; }

        public TextTemplate? Key { get; set; }

        public Expression? KeyExpr { get; set; }

        public bool HasKey => Key is not null || KeyExpr is not null;

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

        public FieldReading ReadText(string field, JsonElement value, Action<Draft, TextTemplate> take)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            // It is a string.
            if (!TextTemplate.Parse(value.GetString()!, parameters.Names).Try(out var template, out var error))
            {
                return MeantAsExpression(error, field, value, language).With("field", $"{path}.{field}");
            }

            take(this, template);
            return FieldReading.Taken;
        }

        // What names a place: text, or a whole number, which becomes text.
        public FieldReading ReadName(JsonElement value, string field, Action<Draft, Expression> take)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            // It is a string.
            if (!language.Compile(value.GetString()!, $"{path}.{field}").Try(out var expression, out var error)
                || (!language.IsStored && (error = expression.Expect(["string", "int", "uint", "optional"], $"{path}.{field}", "It names a place, and a name is text or a whole number")) is not null))
            {
                return error;
            }

            take(this, expression);
            return FieldReading.Taken;
        }

        public FieldReading ReadMode(WriteMode mode, JsonElement operand)
        {
            Operands[mode] = operand;
            return FieldReading.Taken;
        }

        public FieldReading ReadTimer(JsonElement value)
        {
            if (!ValueTemplate.Parse(value, parameters.Names).Try(out var timer, out var error)
                || (timer.Literal is not null && !TimerSpec.Parse(value, $"{path}.timer", language.IsStored).Try(out _, out error)))
            {
                return error;
            }

            // What placeholders make of it is checked when it is invoked; that it says what it does is known before.
            if (!language.IsStored && TimerSpec.CheckEffect(value, $"{path}.timer") is { } silent)
            {
                return silent;
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
            if (!language.CompileCondition(value.GetString()!, $"{path}.enabled").Try(out var enabled, out var error))
            {
                return error;
            }

            Enabled = enabled;
            return FieldReading.Taken;
        }
    }
}
