using System.Text.Json;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>The fields that definitions of actions and of views have alike.</summary>
internal static class DefinitionFields
{
    // What other systems have as a field, and is said by another one here.
    private static readonly Dictionary<string, string> s_otherwise = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cooldown"] = Rest,
        ["cooldown_ms"] = Rest,
        ["rate_limit"] = Rest,
        ["throttle"] = Rest,
        ["ttl"] = End,
        ["expires"] = End,
        ["expires_in"] = End,
        ["ttl_ms"] = End,
    };

    private const string Rest = "An action rests after each use by {\"on_invoke\": {\"timer\": {\"ms\": 60000, \"effect\": \"enable\"}}}.";
    private const string End = "It ends by itself by {\"timer\": {\"ms\": 60000, \"effect\": \"delete\"}}.";

    /// <summary>What is said in place of a field that other systems have, as a sentence; null where nothing is known of it.</summary>
    public static string? Otherwise(string field) => s_otherwise.GetValueOrDefault(field);

    /// <summary>The table with the fields that both have: id, scope, description, enabled and timer.</summary>
    /// <param name="what">What is defined, with its article: "a view".</param>
    /// <param name="example">A hint for a definition that lacks something.</param>
    public static FieldTable<TDraft> TableFor<TDraft>(string what, string example)
        where TDraft : DefinitionDraft
    {
        var subject = char.ToUpperInvariant(what[0]) + what[1..];
        return new FieldTable<TDraft>((_, problem) => problem.Kind switch
            {
                FieldProblemKind.NoObject => Bad($"{subject} definition is an object.", "params"),
                FieldProblemKind.Unknown => new SyncError(ErrorCode.UnknownParam, $"{subject} definition has no field '{problem.Name}'.") { Hint = Otherwise(problem.Name) ?? problem.Hint }.With("param", problem.Name),
                FieldProblemKind.Missing => new SyncError(ErrorCode.MissingParam, $"{subject} needs '{problem.Name}'.") { Hint = example }.With("param", problem.Name),
                _ => Bad($"'{problem.Name}' is {problem.Form}.", problem.Name),
            })
            .AddText("id", static (draft, text) => draft.Id = text, required: true)
            .AddText("scope", static (draft, text) => draft.Scope = text)
            .AddText("description", static (draft, text) => draft.Description = text)
            .AddCondition("enabled", static (draft, expression) => draft.Enabled = expression)
            .AddTimer("timer", static (draft, timer) => draft.Timer = timer);
    }

    /// <summary>A field that holds an expression.</summary>
    public static FieldTable<TDraft> AddCel<TDraft>(this FieldTable<TDraft> table, string name, Action<TDraft, Expression> take, bool required = false, params ReadOnlySpan<string> aliases)
        where TDraft : DefinitionDraft => AddCel(table, name, take, static (language, source, field) => language.Compile(source, field), required, aliases);

    /// <summary>A field that holds an expression which is true or false.</summary>
    public static FieldTable<TDraft> AddCondition<TDraft>(this FieldTable<TDraft> table, string name, Action<TDraft, Expression> take)
        where TDraft : DefinitionDraft => AddCel(table, name, take, static (language, source, field) => language.CompileCondition(source, field), required: false, aliases: []);

    /// <summary>A field that holds a timer.</summary>
    public static FieldTable<TDraft> AddTimer<TDraft>(this FieldTable<TDraft> table, string name, Action<TDraft, TimerSpec> take)
        where TDraft : DefinitionDraft
    {
        FieldReading Read(TDraft draft, JsonElement value)
        {
            if (!TimerSpec.Parse(value, name, draft.Language.IsStored).Try(out var timer, out var error))
            {
                return error;
            }

            take(draft, timer);
            return FieldReading.Taken;
        }

        return table.Add(name, "a timer", Read);
    }

    private static FieldTable<TDraft> AddCel<TDraft>(
        FieldTable<TDraft> table, string name, Action<TDraft, Expression> take, Func<RoomLanguage, string, string, Outcome<Expression>> compile, bool required, ReadOnlySpan<string> aliases)
        where TDraft : DefinitionDraft
    {
        FieldReading Read(TDraft draft, JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            // It is a string.
            if (!compile(draft.Language, value.GetString()!, name).Try(out var expression, out var error))
            {
                return error;
            }

            take(draft, expression);
            return FieldReading.Taken;
        }

        return table.Add(name, "a CEL expression in a string", Read, required: required, aliases: aliases);
    }

    /// <summary>The refusal for a field of the wrong form.</summary>
    public static SyncError Bad(string message, string field) =>
        new SyncError(ErrorCode.InvalidParamType, message) { Hint = "See the help key 'vocabulary_bootstrap'.", Help = "vocabulary_bootstrap" }.With("param", field);
}
