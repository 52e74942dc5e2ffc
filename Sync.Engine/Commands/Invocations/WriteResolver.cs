using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Cel.Values;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>Works out where the writes of an action go and what they bring: scope, key, value and the version that is expected, of templates and expressions over the state before. One invocation.</summary>
internal sealed class WriteResolver(InvocationInput input, ActionState action, RoomActivation inside, TemplateInputs inputs, WorkingCopy copy)
{
    /// <summary>Works out one write.</summary>
    /// <param name="template">The template.</param>
    /// <param name="field">Where it stands in the definition.</param>
    public Outcome<ResolvedWrite> Resolve(WriteTemplate template, string field)
    {
        if (input.Actor.Agent is null && (UsesSelf(template.Scope) || UsesSelf(template.Key)))
        {
            return NoAgent();
        }

        // One of both is there.
        if (!NameOf(template.Scope, template.ScopeExpr, $"{field}.scope_expr").Try(out var scope, out var error))
        {
            return error;
        }

        // A default is the registrant's word, and so is text around a parameter: only a whole one that was given is the invoker's. What a lease has kept nobody gives in this call.
        var isGiven = !input.IsLapse && template.Scope?.Single is { Parameter: { } parameter } && IsInvokers(parameter);
        if (isGiven && scope == ReservedScopes.Self)
        {
            if (input.Actor.Agent is null)
            {
                return NoAgent();
            }

            scope = input.Actor.Agent;
        }

        if (Identifiers.CheckScope(scope) is { } badScope)
        {
            return OfPlace(badScope, inside.TakeTouched(), field).With("field", $"{field}.scope");
        }

        if (template.Mode == WriteMode.AppendRow)
        {
            return Resolved(template, field, scope, copy.NextRow(scope), isGiven);
        }

        return NameOf(template.Key, template.KeyExpr, $"{field}.key_expr").Try(out var key, out error) ? Resolved(template, field, scope, key, isGiven) : error;
    }

    // Whoever decides on an approval with other parameters does not speak for the invoker.
    private bool IsInvokers(string parameter) =>
        input.Params.ValueKind == JsonValueKind.Object && input.Params.TryGetProperty(parameter, out var given)
        && (input.EditedFrom is not { } own || (own.ValueKind == JsonValueKind.Object && own.TryGetProperty(parameter, out var said) && JsonElement.DeepEquals(said, given)));

    private Outcome<ResolvedWrite> Resolved(WriteTemplate template, string field, string scope, string key, bool isGiven)
    {
        var chosenFrom = inside.TakeTouched();
        var known = input.Moment.State.Find(scope, key) is not null;
        if ((known ? Identifiers.CheckStoredName("key", key) : Identifiers.CheckName("key", key)) is { } badKey)
        {
            return OfPlace(badKey, chosenFrom, field).With("field", $"{field}.key");
        }

        if (!ValueOf(template, field).Try(out var value, out var error))
        {
            return error;
        }

        var ifVersion = VersionOf(template);
        var target = new WriteTarget(scope, key, NamesInvoker: isGiven || template.IsOwn, ProvesRead: ifVersion is not null);
        return new ResolvedWrite(template, field, target, value, inside.TakeTouched(), chosenFrom, ifVersion);
    }

    /// <summary>A refusal that is about a place: a scope or a key that an expression made of what the invoker may not read stands in no error, and one made of anything private in no log.</summary>
    public SyncError OfPlace(SyncError error, ImmutableArray<string> chosenFrom, string field) =>
        chosenFrom.IsEmpty ? error
        : ErrorRedaction.MayRead(input.Actor.VisibleScopes, chosenFrom) ? error with { LogMessage = null }
        : new SyncError(error.Code, "What is at the place that the expression gives cannot be written like this.").With("field", field);

    // A scope or a key: a template's text, or what an expression gives.
    private Outcome<string> NameOf(TextTemplate? template, Expression? expression, string field)
    {
        if (expression is null)
        {
            return template!.Expand(inputs); // Without an expression there is one.
        }

        var value = expression.Evaluate(inside);
        if (value.Kind == CelKind.Optional)
        {
            value = value.AsOptional is { HasValue: true } held ? held.Value : CelValue.Null;
        }

        // The first of a list that is empty is as much nothing as null is.
        if (value.Kind == CelKind.Null || (value.IsError && value.AsError.IsOutOfRange))
        {
            var condition = $"({expression.Source}) != null";
            var refusal = new SyncError(ErrorCode.NothingToWrite, $"There is nothing to write: '{field}' of action '{action.Id}' gives no {(field.EndsWith("key_expr", StringComparison.Ordinal) ? "key" : "scope")} now.")
            {
                Hint = expression.UsesParams ? $"It is worked out by: {expression.Source}" : "Do something else, invoke it with \"wait_ms\": 45000 beside 'params' to stand in line, or wait until there is something:",
                Next = expression.UsesParams ? [] : [NextStep.Wait(room: null, condition)],
                LogMessage = $"Action '{action.Id}' had nothing to write.",
                Help = "expressions",
            }.With("field", field).With("expression", expression.Source);
            return expression.UsesParams ? refusal : refusal.With("condition", condition);
        }

        return value.Kind switch
        {
            CelKind.Error => Expression.Refusal(ErrorRedaction.For(input.Actor.VisibleScopes, value.AsError, inside.TakeTouched()), expression.Source, field),
            CelKind.String => value.AsString,
            CelKind.Int => value.AsInt.ToString(CultureInfo.InvariantCulture),
            CelKind.UInt => value.AsUInt.ToString(CultureInfo.InvariantCulture),
            _ => new SyncError(ErrorCode.InvalidParam, $"It names a place, and a name is text or a whole number; this expression gives {ValueTypes.Named(value)}.")
            {
                Hint = "Whoever registered the action can let it give the id of one thing.",
            }.With("field", field).With("expression", expression.Source),
        };
    }

    private SyncError NoAgent() => new(ErrorCode.IdentityMismatch, $"Action '{action.Id}' writes under the invoking agent's name, and this token acts as none.")
    {
        Hint = "Name one: {\"agent\": \"alice\", \"params\": {…}}.",
    };

    // The version that a write expects; null where it names none, or only by a parameter that was left out.
    private string? VersionOf(WriteTemplate template) =>
        template.IfVersion is not { } version || (version.Single is { Root: "params" } given && !given.TryResolve(inputs, out _)) ? null : version.Expand(inputs);

    private Outcome<JsonText?> ValueOf(WriteTemplate template, string field)
    {
        if (template.Expr is { } expression)
        {
            var result = expression.Evaluate(inside);
            return result.IsError
                ? Expression.Refusal(ErrorRedaction.For(input.Actor.VisibleScopes, result.AsError, inside.TakeTouched()), expression.Source, $"{field}.{template.OperandField}")
                : ExpressionValue.Of(result, input.Limits.JsonDepth).Try(out var made, out var unfit) ? made
                : (ErrorRedaction.MayRead(input.Actor.VisibleScopes, inside.TakeTouched()) ? unfit : new SyncError(unfit.Code, "The expression gives a value that cannot be stored."))
                    .With("field", $"{field}.{template.OperandField}").With("expression", expression.Source);
        }

        if (template.Value is null)
        {
            return default(Outcome<JsonText?>);
        }

        // An increment by a parameter that was left out counts one; a merge of one changes nothing.
        if (template.Value.Single is { } single && single.Root == "params" && !single.TryResolve(inputs, out _))
        {
            switch (template.Mode)
            {
                case WriteMode.Increment:
                    return JsonEdit.Number(1);
                case WriteMode.Merge:
                    return JsonText.Trusted("{}"u8.ToArray());
            }
        }

        var value = template.Value.Expand(inputs);
        if (template.Value.HasTemplatedNames && JsonRules.CheckForm(value.Span) is { } malformed)
        {
            return malformed.With("field", field);
        }

        return template.Mode == WriteMode.Increment && value.Kind == JsonValueKind.True ? JsonEdit.Number(1) : value;
    }

    private static bool UsesSelf(TextTemplate? template) => template?.Placeholders.Any(p => p.Root == "self") == true;
}
