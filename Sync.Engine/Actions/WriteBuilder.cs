using System.Text.Json;
using Sync.Engine.Actions.WriteTemplates;
using Sync.Engine.Expressions;
using Sync.Engine.Json;
using Sync.Engine.Rooms;
using Sync.Engine.Timers;

namespace Sync.Engine.Actions;

/// <summary>
/// Turns an action's templates into writes on the working copy: resolve, check authority, check the version, apply the mode. One invocation.
/// </summary>
internal sealed class WriteBuilder(
    InvocationInput input,
    ActionState action,
    RoomActivation inside,
    IReadOnlyDictionary<string, JsonElement> bound,
    WorkingCopy copy)
{
    private readonly TemplateInputs _inputs = new(bound, input.Actor.Agent, input.Moment.Now);

    public Outcome<IReadOnlyList<AnswerWrite>> Build()
    {
        var writes = new List<AnswerWrite>(action.Definition.Writes.Length);
        for (var i = 0; i < action.Definition.Writes.Length; i++)
        {
            if (!Build(action.Definition.Writes[i], $"writes[{i}]").Try(out var write, out var error))
            {
                return error.With("action", action.Id);
            }

            writes.Add(write);
        }

        return writes;
    }

    private Outcome<AnswerWrite> Build(WriteTemplate template, string field)
    {
        var scope = template.Scope.Expand(_inputs);
        if (input.Actor.Agent is null && (UsesSelf(template.Scope) || (template.Key is not null && UsesSelf(template.Key))))
        {
            return new SyncError(ErrorCode.IdentityMismatch, $"Action '{action.Id}' writes under the invoking agent's name, and this token acts as none.")
            {
                Hint = "Name one: {\"agent\": \"alice\", \"params\": {…}}.",
            };
        }

        if (Names.CheckScope(scope) is { } badScope)
        {
            return badScope.With("field", $"{field}.scope");
        }

        var key = template.Key?.Expand(_inputs) ?? copy.NextRow(scope);
        var known = input.Moment.State.Find(scope, key) is not null;
        if ((known ? Names.CheckStoredName("key", key) : Names.CheckName("key", key)) is { } badKey)
        {
            return badKey.With("field", $"{field}.key");
        }

        if (!ValueOf(template, field).Try(out var value, out var error)
            || (error = WriteAuthority.Check(input, action, scope, template.IfVersion is not null)) is not null
            || (error = CheckVersion(template, scope, key)) is not null)
        {
            return error;
        }

        if (template.Mode == WriteMode.Delete)
        {
            copy.Delete(scope, key);
            return new AnswerWrite(scope, key, Value: null, Version: null, Revision: 0);
        }

        if (!Edit(template, scope, key, value!.Value, field).Try(out var edited, out error)
            || !TimerOf(template, field).Try(out var timer, out error))
        {
            return error;
        }

        var (final, edit) = edited;
        if (final.Length > input.Limits.ValueBytes)
        {
            return new SyncError(ErrorCode.PayloadTooLarge, $"The value of '{Names.Shown(key)}' would have {final.Length} bytes; at most {input.Limits.ValueBytes} are kept.")
            {
                Hint = "Spread it over several keys, or store a reference to it.",
            }.With("scope", scope).With("key", key);
        }

        if (edit is null)
        {
            var (made, number) = copy.Put(scope, key, final, timer, template.Enabled?.Source);
            return new AnswerWrite(scope, key, final, made, number);
        }

        var (version, revision) = copy.Put(scope, key, final, edit, timer, template.Enabled?.Source);
        return AnswerWrite.Of(scope, key, edit, final, version, revision);
    }

    private Outcome<JsonText?> ValueOf(WriteTemplate template, string field)
    {
        if (template.Expr is { } expression)
        {
            var result = expression.Evaluate(inside);
            return result.IsError
                ? Expression.Refusal(result.AsError, expression.Source, $"{field}.value")
                : ExpressionValue.Of(result, input.Limits.JsonDepth).Try(out var made, out var unfit) ? made : unfit.With("field", $"{field}.value").With("expression", expression.Source);
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
        levels <= input.Limits.JsonDepth ? null : JsonRules.TooDeep($"The value of '{Names.Shown(key)}'", levels, input.Limits.JsonDepth).With("field", field);

    private static SyncError? Problem(WriteMode mode, JsonText? at, JsonText value, string key, string field) => mode switch
    {
        WriteMode.Merge when value.Kind != JsonValueKind.Object => Wrong("'merge' needs an object.", field),
        WriteMode.Increment when at is { } old && old.Kind != JsonValueKind.Number => Wrong($"'{Names.Shown(key)}' holds {Kind(old)}, which cannot be incremented.", field),
        WriteMode.Increment when JsonEdit.Add(at, value) is null =>
            Wrong($"'{Names.Shown(key)}' cannot be incremented by {(value.Kind == JsonValueKind.Number ? "so much" : Kind(value))}.", field),
        _ => null,
    };

    private Outcome<EntryTimer?> TimerOf(WriteTemplate template, string field)
    {
        if (template.Timer is null)
        {
            return default(Outcome<EntryTimer?>);
        }

        return TimerSpec.Parse(template.Timer.Expand(_inputs).ToElement()).Try(out var spec, out var error)
            ? spec.Start(input.Moment.Now)
            : error.With("field", $"{field}.timer");
    }

    private SyncError? CheckVersion(WriteTemplate template, string scope, string key)
    {
        if (template.IfVersion is null || (template.IfVersion.Single is { Root: "params" } given && !given.TryResolve(_inputs, out _)))
        {
            return null;
        }

        return VersionCheck.Check(template.IfVersion.Expand(_inputs), copy.Before(scope, key), scope, key, mayRead: new Sight(All: false, input.Actor.Agent is { } self ? [self] : []).Sees(scope));
    }

    private static bool UsesSelf(TextTemplate template) => template.Placeholders.Any(p => p.Root == "self");

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
}
