using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel.Values;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Rules;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// Turns an action's templates into writes on the working copy, step by step, each step for all writes before the next: resolve targets and values, ask for authority, apply the modes one after
/// another, ask for the invoker's word, check versions. The value of a target is read only after authority over it is certain. One invocation.
/// </summary>
internal sealed class WriteBuilder(
    InvocationInput input,
    ActionState action,
    RoomActivation inside,
    IReadOnlyDictionary<string, JsonElement> bound,
    WorkingCopy copy,
    Secrets? secrets)
{
    private readonly TemplateInputs _inputs = new(bound, input.Actor.Agent, input.Moment.Said);
    private readonly Standing _standing = action.StandingIn(input.Moment);
    private readonly List<JsonObject> _warnings = [];
    private ResolvedWrite? _first;

    /// <summary>What the invoker may have meant otherwise.</summary>
    public IReadOnlyList<JsonObject> Warnings => _warnings;

    /// <summary>What the rules of the places that it writes ask to be decided first.</summary>
    public ImmutableArray<ApprovalRule> RequiredApprovals { get; private set; } = [];

    public Outcome<IReadOnlyList<AnswerWrite>> Build() =>
        BuildAll().Try(out var writes, out var error) ? Outcome<IReadOnlyList<AnswerWrite>>.Of(writes) : error.With("action", action.Id);

    /// <summary>Takes and ends leases, when the writes are built; null when that could be done.</summary>
    public SyncError? Apply(LeaseStep leases)
    {
        if (leases.Apply(_first?.Target.Key, isOpen: _first is not { } place || ReservedScopes.IsPublic(place.Target.Scope)) is not { } refused)
        {
            return null;
        }

        // Which key the action has chosen is not told to who may not read what it was chosen from.
        return _first is { } first && !ErrorRedaction.MayRead(input.Actor.VisibleScopes, first.ChosenFrom)
            ? new SyncError(refused.Code, $"Action '{action.Id}' cannot have the lease that goes with what it has chosen.") { Hint = "It is chosen from what you may not read: ask whoever registered the action, or try again later." }.With("action", action.Id)
            : refused;
    }

    private Outcome<IReadOnlyList<AnswerWrite>> BuildAll()
    {
        var templates = action.Definition.Writes;
        var resolved = new ResolvedWrite[templates.Length];
        for (var i = 0; i < resolved.Length; i++)
        {
            if (!Resolve(templates[i], $"writes[{i}]").Try(out resolved[i], out var error))
            {
                return error;
            }
        }

        foreach (var write in resolved)
        {
            if (WriteAuthority.Check(input, action, _standing, write.Target) is { } denied)
            {
                return OfPlace(denied, write.ChosenFrom, write.Field);
            }
        }

        _first = resolved is [var first, ..] ? first : null;
        var asked = new List<ApprovalRule>();
        foreach (var write in resolved)
        {
            if (TargetCheck.Check(input, write.Target.Scope, write.Target.Key, inside.Params, asked) is { } ruled)
            {
                return OfPlace(ruled, write.ChosenFrom, write.Field);
            }
        }

        RequiredApprovals = [.. asked];
        var writes = new AnswerWrite[resolved.Length];
        for (var i = 0; i < resolved.Length; i++)
        {
            if (!Apply(resolved[i]).Try(out writes[i]!, out var error)) // Set where there is no error.
            {
                return OfPlace(error, resolved[i].ChosenFrom, resolved[i].Field);
            }

            writes[i] = writes[i] with { MadeOf = resolved[i].Touched, ChosenFrom = resolved[i].ChosenFrom };
        }

        return (TargetCheck.CheckList(input, copy) ?? CheckConsent(resolved, writes) ?? CheckVersions(resolved)) is { } refused ? refused : writes;
    }

    private Outcome<ResolvedWrite> Resolve(WriteTemplate template, string field)
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

        var target = new WriteTarget(scope, key, NamesInvoker: isGiven || template.IsOwn, ProvesRead: VersionOf(template) is not null);
        return new ResolvedWrite(template, field, target, value, inside.TakeTouched(), chosenFrom);
    }

    // A scope or a key that an expression made of what the invoker may not read stands in no error, and one made of anything private in no log.
    private SyncError OfPlace(SyncError error, ImmutableArray<string> chosenFrom, string field) =>
        chosenFrom.IsEmpty ? error
        : ErrorRedaction.MayRead(input.Actor.VisibleScopes, chosenFrom) ? error with { LogMessage = null }
        : new SyncError(error.Code, "What is at the place that the expression gives cannot be written like this.").With("field", field);

    // A scope or a key: a template's text, or what an expression gives.
    private Outcome<string> NameOf(TextTemplate? template, Expression? expression, string field)
    {
        if (expression is null)
        {
            return template!.Expand(_inputs); // Without an expression there is one.
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

    private Outcome<AnswerWrite> Apply(in ResolvedWrite write)
    {
        var (template, field, (scope, key, _, _), value, touched, chosenFrom) = write;

        // A key that was chosen from what the invoker may not read is theirs to know once it stands where they read; a dry run would tell it for nothing.
        var isClosed = !input.Actor.VisibleScopes.Sees(scope);
        var isHidden = (input.DryRun || isClosed) && !ErrorRedaction.MayRead(input.Actor.VisibleScopes, chosenFrom);
        if (template.Mode == WriteMode.Delete || IsOfWhole(template))
        {
            return Delete(write, isHidden);
        }

        if (value is { } written && ShowsSecret(template, scope, written, field) is { } shown)
        {
            return shown;
        }

        // Every other mode has a value.
        if (!(template.Mode == WriteMode.Remove ? Removal(template, scope, key, field) : Edit(template, scope, key, value!.Value, field)).Try(out var edited, out var error))
        {
            return error;
        }

        if (edited is { Edit: { Kind: EditKind.Remove } nothing } && copy.Current(scope, key) is var there && (there is null || there.Value.Equals(edited.Value)))
        {
            // It was not there: nothing is written. Of a closed scope that is not told.
            WarnOfMissing(write, nothing.Path ?? "", isHidden);
            return new AnswerWrite(scope, key, Value: null, Version: null, copy.Revision(scope, key) + (isClosed ? 1 : 0)) { Edit = nothing, IsUnchanged = !isClosed, IsClosed = isClosed, IsPlaceWithheld = isHidden, IsScopeChosen = template.ScopeExpr is not null };
        }

        if (!TimerOf(template, scope, field).Try(out var timer, out error))
        {
            return error;
        }

        var (final, edit) = edited;
        if (final.Length > input.Limits.ValueBytes)
        {
            return new SyncError(ErrorCode.PayloadTooLarge, $"The value of '{Identifiers.Shown(key)}' would have {final.Length} bytes; at most {input.Limits.ValueBytes} are kept.")
            {
                Hint = "Spread it over several keys, or store a reference to it.",
            }.With("scope", scope).With("key", key);
        }

        var answer = Put(scope, key, final, edit, timer, template.Enabled?.Source);
        var isSecret = false;
        secrets?.TakeOut(JsonText.Write(answer, static (writer, w) => w.WriteTo(writer)), out isSecret);
        return answer with
        {
            IsPlaceWithheld = isHidden,
            IsScopeChosen = template.ScopeExpr is not null,
            IsClosed = isClosed,

            // Once it is written to a place that the invoker reads, it is read there; a dry run would reveal it without the write.
            IsWithheld = isSecret || (input.DryRun && !ErrorRedaction.MayRead(input.Actor.VisibleScopes, touched)),
            IsRow = template.Mode == WriteMode.AppendRow,
        };
    }

    private AnswerWrite Delete(in ResolvedWrite write, bool isHidden)
    {
        var isDeleted = copy.Delete(write.Target.Scope, write.Target.Key);
        if (!isDeleted)
        {
            WarnOfMissing(write, path: "", isHidden);
        }

        return new AnswerWrite(write.Target.Scope, write.Target.Key, Value: null, Version: null, Revision: 0)
        {
            // Of a closed scope it is not told whether there was anything.
            IsUnchanged = !isDeleted && input.Actor.VisibleScopes.Sees(write.Target.Scope),
            IsPlaceWithheld = isHidden,
            IsScopeChosen = write.Template.ScopeExpr is not null,
        };
    }

    // A path that is a parameter declared with "" as its default is one that may be left out. Any other must not be empty: a whole entry is not deleted because something was forgotten.
    private bool IsOfWhole(WriteTemplate template) =>
        template is { Mode: WriteMode.Remove, Path: { Single: { Parameter: { } parameter, IsWhole: true } } path }
        && action.Definition.Params.IsEmptyByDefault(parameter)
        && path.Expand(_inputs).Length == 0;

    private void WarnOfMissing(in ResolvedWrite write, string path, bool isHidden)
    {
        // Where the place was chosen from what the invoker may not read, its name is not for them.
        if (!isHidden && secrets is null && input.Actor.VisibleScopes.Sees(write.Target.Scope) && ErrorRedaction.MayRead(input.Actor.VisibleScopes, write.ChosenFrom))
        {
            _warnings.Add(new MissedDeletion(input, _inputs, write.Template, copy).Warning(write.Field, write.Target.Scope, write.Target.Key, path));
        }
    }

    private AnswerWrite Put(string scope, string key, JsonText value, ValueEdit? edit, EntryTimer? timer, string? enabled)
    {
        if (edit is null)
        {
            var (version, revision) = copy.Put(scope, key, value, timer, enabled);
            return new AnswerWrite(scope, key, value, version, revision);
        }
        else
        {
            var (version, revision) = copy.Put(scope, key, value, edit, timer, enabled);
            return AnswerWrite.Of(scope, key, edit, value, version, revision);
        }
    }

    private SyncError? CheckConsent(ResolvedWrite[] resolved, AnswerWrite[] writes)
    {
        var state = input.Moment.State;
        var asking = new List<AnswerWrite>();
        for (var i = 0; i < resolved.Length; i++)
        {
            if (Publishing.NeedsWord(resolved[i].Template, state, input.Actor.Agent, resolved[i].Target))
            {
                var (visible, write) = (input.Actor.VisibleScopes, resolved[i]);
                asking.Add(writes[i] with
                {
                    IsWithheld = writes[i].IsWithheld || !ErrorRedaction.MayRead(visible, write.Touched),
                    IsPlaceWithheld = writes[i].IsPlaceWithheld || !ErrorRedaction.MayRead(visible, write.ChosenFrom),
                });
            }
        }

        if (asking.Count > 0 && input.EditedFrom is not null)
        {
            // Neither trust nor an owner's word was about what somebody else picks.
            return new SyncError(ErrorCode.ConsentRequired, $"With other parameters, action '{action.Id}' would show to others what '{input.Actor.Agent}' keeps private, and only they can agree to that.")
            {
                Hint = "Reject it, with a note that says which parameters to use: who asked then invokes it anew with these.",
                LogMessage = $"Action '{action.Id}' asks for its invoker's consent.",
                Help = "gates",
            }.With("publishes", new JsonArray(Publishing.SelfState));
        }

        if (asking.Count == 0 || input.Consent.Contains(Publishing.SelfState) || Publishing.GoesWithout(input.Moment, action, _standing, input.Actor))
        {
            return null;
        }

        return new SyncError(ErrorCode.ConsentRequired, $"Action '{action.Id}' would show to others what '{input.Actor.Agent}' keeps private.")
        {
            Hint = $"To agree to just this, repeat the call with \"consent\": [\"{Publishing.SelfState}\"], \"if_action_version\": \"{action.Entry.Version}\". To agree always, put its registrant into your agent's 'trusts'.",
            LogMessage = $"Action '{action.Id}' asks for its invoker's consent.",
        }
            .With("publishes", new JsonArray(Publishing.SelfState))
            .With("registered_by", action.Registrant)
            .With("writes", new JsonArray([.. asking.Select(static write => JsonText.Write(write, static (writer, w) => w.WriteTo(writer)).ToNode())]))
            .With("consent", new JsonArray(Publishing.SelfState))
            .With("if_action_version", action.Entry.Version);
    }

    private SyncError? CheckVersions(ResolvedWrite[] resolved)
    {
        foreach (var write in resolved)
        {
            var (scope, key, _, _) = write.Target;
            if (VersionOf(write.Template) is { } expected
                && VersionCheck.Check(expected, copy.Before(scope, key), scope, key, mayRead: input.Actor.VisibleScopes.Sees(scope)) is { } conflict)
            {
                return ErrorRedaction.MayRead(input.Actor.VisibleScopes, write.ChosenFrom) ? conflict
                    : new SyncError(conflict.Code, "The entry that the action chose has another version than was expected.") { Hint = "It is chosen from what you may not read: ask whoever registered the action.", Help = "if_version" };
            }
        }

        return null;
    }

    // The version that a write expects; null where it names none, or only by a parameter that was left out.
    private string? VersionOf(WriteTemplate template) =>
        template.IfVersion is not { } version || (version.Single is { Root: "params" } given && !given.TryResolve(_inputs, out _)) ? null : version.Expand(_inputs);

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
        if (template.Value.Single is { } single && single.Root == "params" && !single.TryResolve(_inputs, out _))
        {
            switch (template.Mode)
            {
                case WriteMode.Increment:
                    return JsonEdit.Number(1);
                case WriteMode.Merge:
                    return JsonText.Trusted("{}"u8.ToArray());
            }
        }

        var value = template.Value.Expand(_inputs);
        if (template.Value.HasTemplatedNames && JsonRules.CheckForm(value.Span) is { } malformed)
        {
            return malformed.With("field", field);
        }

        return template.Mode == WriteMode.Increment && value.Kind == JsonValueKind.True ? JsonEdit.Number(1) : value;
    }

    // What everybody reads is in the log, in streams and in exports for everybody too, and there no secret may be. What an expression makes of one is its registrant's affair.
    private SyncError? ShowsSecret(WriteTemplate template, string scope, JsonText value, string field)
    {
        if (secrets is null || !ReservedScopes.IsPublic(scope) || !template.MayHoldSecret(action.Definition.Params.IsSecret))
        {
            return null;
        }

        secrets.TakeOut(value, out var isInIt);
        return isInIt
            ? new SyncError(ErrorCode.ScopeDenied, $"A secret parameter would stand in '{Identifiers.Shown(scope)}', which everybody in the room reads.")
            {
                Hint = "The action has to write it to \"${self}\", or to an agent's own scope: whoever registered it can change that.",
                LogMessage = "A secret parameter would have been shown to everybody.",
            }.With("field", $"{field}.value").With("scope", scope)
            : null;
    }

    private Outcome<Edited> Removal(WriteTemplate template, string scope, string key, string field)
    {
        var path = template.Path!.Expand(_inputs); // The mode has one.
        var edit = new ValueEdit { Kind = EditKind.Remove, Path = path, Operand = JsonText.Null };
        var current = copy.Current(scope, key) ?? JsonText.Null;
        var (left, sentence) = JsonEdit.Remove(current, path);
        return sentence is null ? new Edited(left ?? current, edit) : Wrong(sentence, field);
    }

    private Outcome<Edited> Edit(WriteTemplate template, string scope, string key, JsonText value, string field)
    {
        var current = copy.Current(scope, key);
        var path = template.Path?.Expand(_inputs) is { Length: > 0 } given ? given : null;
        var levels = (path is null ? 0 : path.Count('.') + 1) + (template.Mode == WriteMode.Append ? 1 : 0);
        if (Deeper(levels + JsonRules.Depth(value.Span), key, field) is { } tooDeep)
        {
            return tooDeep;
        }

        if (path is null && template.Mode is WriteMode.Value or WriteMode.AppendRow)
        {
            return new Edited(value, Edit: null);
        }

        SyncError? problem = null;
        ValueEdit? edit = null;
        var (edited, sentence) = path is null ? (Apply(current), null) : JsonEdit.At(current, path, Apply);
        return (problem ?? (sentence is not null ? Wrong(sentence, field) : null)) is { } wrong ? wrong : new Edited(edited!.Value, edit!);

        JsonText? Apply(JsonText? at)
        {
            problem = Problem(template.Mode, at, value, key, field)
                ?? (template.Mode == WriteMode.Append && at is { } wrapped && wrapped.Kind != JsonValueKind.Array ? Deeper(levels + JsonRules.Depth(wrapped.Span), key, field) : null);
            edit = problem is not null ? null : template.Mode switch
            {
                WriteMode.Append => new ValueEdit { Kind = EditKind.Append, Path = path, Operand = value, Index = JsonEdit.Count(at) },
                WriteMode.Merge => new ValueEdit { Kind = EditKind.Merge, Path = path, Operand = value },
                WriteMode.Increment => new ValueEdit { Kind = EditKind.Increment, Path = path, Operand = value, Sum = JsonEdit.Add(at, value) },
                _ => new ValueEdit { Kind = EditKind.Set, Path = path, Operand = value },
            };
            return edit?.ApplyTo(at);
        }
    }

    private SyncError? Deeper(int levels, string key, string field) =>
        levels <= input.Limits.JsonDepth ? null : JsonRules.TooDeep($"The value of '{Identifiers.Shown(key)}'", levels, input.Limits.JsonDepth).With("field", field);

    private static SyncError? Problem(WriteMode mode, JsonText? at, JsonText value, string key, string field) => mode switch
    {
        WriteMode.Merge when value.Kind != JsonValueKind.Object => Wrong("'merge' needs an object.", field),
        WriteMode.Increment when at is { } old && old.Kind != JsonValueKind.Number => Wrong($"'{Identifiers.Shown(key)}' holds {Kind(old)}, which cannot be incremented.", field),
        WriteMode.Increment when JsonEdit.Add(at, value) is null =>
            Wrong($"'{Identifiers.Shown(key)}' cannot be incremented by {(value.Kind == JsonValueKind.Number ? "so much" : Kind(value))}.", field),
        _ => null,
    };

    private Outcome<EntryTimer?> TimerOf(WriteTemplate template, string scope, string field)
    {
        if (template.Timer is null)
        {
            return default(Outcome<EntryTimer?>);
        }

        if (!TimerSpec.Parse(template.Timer.Expand(_inputs).ToElement(), $"{field}.timer", stored: true).Try(out var spec, out var error))
        {
            return error;
        }

        return spec.CheckVisibleScopes(_standing.VisibleScopes(input.Moment).Plus(scope)) is { } blind ? blind.With("field", $"{field}.timer") : spec.Start(input.Moment.Now);
    }

    private static bool UsesSelf(TextTemplate? template) => template?.Placeholders.Any(p => p.Root == "self") == true;

    // The kind and not the value: it may be private, or secret, and the log shows the sentence to all.
    private static string Kind(JsonText value) => value.Kind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        JsonValueKind.Number => "a number",
        _ => "a boolean",
    };

    private static SyncError Wrong(string message, string field) =>
        new SyncError(ErrorCode.InvalidParam, message) { Hint = "Read the key's value first; 'value' replaces whatever is there." }.With("field", field);

    private readonly record struct Edited(JsonText Value, ValueEdit? Edit);

    /// <summary>A write whose target and value are known, and whose mode is not applied yet.</summary>
    /// <param name="Template">What it was made of.</param>
    /// <param name="Field">Where that stands in the definition.</param>
    /// <param name="Target">Where it goes.</param>
    /// <param name="Value">The value, patch or amount; null for a deletion.</param>
    /// <param name="Touched">The private scopes that the value was made of.</param>
    /// <param name="ChosenFrom">The private scopes that its scope and key were made of.</param>
    private readonly record struct ResolvedWrite(WriteTemplate Template, string Field, WriteTarget Target, JsonText? Value, ImmutableArray<string> Touched, ImmutableArray<string> ChosenFrom);
}
