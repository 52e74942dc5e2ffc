using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>A declared write capability, compiled. Immutable.</summary>
internal sealed class ActionDefinition
{
    private static readonly FieldTable<Draft> s_fields = DefinitionFields.TableFor<Draft>("an action", "For example {\"id\": \"submit_result\", …}.")
        .Add("params", "an object from parameter names to declarations", static (draft, value) =>
        {
            if (!ParamSet.Parse(value, draft.Language.IsStored).Try(out var parameters, out var error))
            {
                return error;
            }

            draft.Params = parameters;
            return FieldReading.Taken;
        })
        .AddCondition("if", static (draft, expression) => draft.If = expression)
        .AddCel("result", static (draft, expression) => draft.Result = expression)
        .Add("writes", "a list of write templates", static (draft, value) =>
        {
            draft.Writes = value;
            return value.ValueKind == JsonValueKind.Array;
        })
        .Add("shares", "a list of the ids of actions that are meant to write the same places", static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.Array || !value.EnumerateArray().All(static id => id.ValueKind == JsonValueKind.String))
            {
                return FieldReading.Unusable;
            }

            draft.Shares = [.. value.EnumerateArray().Select(static id => id.GetString()!)]; // Each is a string.
            return FieldReading.Taken;
        })
        .Add("reach", "\"all\" or left out", static (draft, value) => draft.ReachAll = value.ValueKind == JsonValueKind.String && value.ValueEquals("all"u8))
        .Add("approve", "{\"by\": \"person\", …}", static (draft, value) =>
        {
            if (!ApprovalRule.Parse(value, "approve", draft.Language).Try(out var rule, out var error))
            {
                return error;
            }

            draft.Approve = rule;
            return FieldReading.Taken;
        })
        .Add("lease", "the key that its invoker must hold, or {\"need\" | \"take\" | \"end\": key, …}", static (draft, value) =>
        {
            draft.Lease = value;
            return value.ValueKind is JsonValueKind.String or JsonValueKind.Object;
        })
        .Add("on_invoke", "{\"timer\": {…}}", static (draft, value) => ReadOnInvoke(draft, value));

    public required string Id { get; init; }

    /// <summary><c>_shared</c>, or the agent whose authority its writes carry.</summary>
    public required string Scope { get; init; }

    public string? Description { get; init; }

    public required ParamSet Params { get; init; }

    public Expression? If { get; init; }

    public Expression? Enabled { get; init; }

    public Expression? Result { get; init; }

    public required ImmutableArray<WriteTemplate> Writes { get; init; }

    /// <summary>The leases that it needs, takes and ends; null where it has to do with none.</summary>
    public LeaseSpec? Lease { get; init; }

    /// <summary>Ids of actions that are meant to write the same places: with them it is not contested. Null where it names none, not even an empty list.</summary>
    public ImmutableHashSet<string>? Shares { get; init; }

    /// <summary>Whether it asks to read and write every scope. Only what an owner registers does; see <see cref="Authority.Standing"/>.</summary>
    public bool ReachAll { get; init; }

    /// <summary>Timer of the action itself, started when it is registered.</summary>
    public TimerSpec? Timer { get; init; }

    /// <summary>Cooldown, started by each invocation.</summary>
    public TimerSpec? OnInvoke { get; init; }

    /// <summary>Who has to decide before anything of it is written; null for nobody.</summary>
    public ApprovalRule? Approve { get; init; }

    /// <summary>The parameters that its <c>if</c> reads, as paths: before they are given, whether it is available is not all said.</summary>
    public ImmutableArray<string> DependsOn => If is null ? [] :
        [.. If.Paths.Where(static path => path.Root == "params").Select(static path => path.Segments is [{ IsVariable: false } first, ..] ? $"params.{first.Text}" : "params").Distinct(StringComparer.Ordinal)];

    /// <summary>The definition as registered.</summary>
    public required JsonText Source { get; init; }

    /// <summary>Why it cannot be used any more: the log has accepted it, and today it does not hold. Null for nearly all.</summary>
    public SyncError? Problem { get; init; }

    /// <summary>Expressions in it that do not compile any more; the rest of it may work.</summary>
    public IEnumerable<Expression> Broken =>
        new[] { If, Enabled, Result, Approve?.When }.OfType<Expression>().Concat(Writes.SelectMany(static write => write.Expressions).Select(static named => named.Expression)).Where(static e => e.Issue is not null);

    /// <summary>Stands in for a stored definition that cannot be read: it is kept, and the action is not available.</summary>
    public static ActionDefinition Unreadable(string id, JsonElement source, SyncError problem) => new()
    {
        Id = id,
        Scope = source.ValueKind == JsonValueKind.Object && source.TryGetProperty("scope", out var scope) && scope.ValueKind == JsonValueKind.String ? scope.GetString()! : ReservedScopes.Shared,
        Params = ParamSet.None,
        Writes = [],
        Source = JsonText.Of(source),
        Problem = problem,
    };

    /// <summary>
    /// Reads and compiles a definition. <paramref name="self"/> is what the scope <c>self</c> stands for.
    /// </summary>
    public static Outcome<ActionDefinition> Parse(JsonElement json, string? self, int maxWrites, RoomLanguage language)
    {
        var draft = new Draft(language);
        if (s_fields.Read(json, draft, language.IsStored) is { } refusal)
        {
            return refusal;
        }

        if (CheckId(draft.Id) is { } badId)
        {
            return badId;
        }

        // The templates of the writes come last, since they name the parameters, wherever those stand.
        if (!draft.ScopeFor(self).Try(out var scope, out var error) || !ParseWrites(draft, maxWrites).Try(out var writes, out error))
        {
            return error;
        }

        LeaseSpec? lease = null;
        if (draft.Lease.ValueKind != JsonValueKind.Undefined && !LeaseSpec.Parse(draft.Lease, draft.Params.Names, !writes.IsEmpty).Try(out lease, out error))
        {
            return error;
        }

        return new ActionDefinition
        {
            Id = draft.Id,
            Scope = scope,
            Description = draft.Description,
            Params = draft.Params,
            If = draft.If,
            Enabled = draft.Enabled,
            Result = draft.Result,
            Writes = writes,
            Lease = lease,
            Shares = draft.Shares,
            ReachAll = draft.ReachAll,
            Timer = draft.Timer,
            OnInvoke = draft.OnInvoke,
            Approve = draft.Approve,
            Source = JsonText.Of(json),
        };
    }

    /// <summary>The names in it against the rule for new ones, which is not asked of what stands in a log; null when they are fine.</summary>
    public SyncError? CheckNames()
    {
        if (Identifiers.CheckName("action id", Id) is { } badId)
        {
            return badId;
        }

        foreach (var (what, name) in Params.Names.Select(static name => ("parameter name", name))
            .Concat(Writes.Where(static write => write.Key?.Literal is not null).Select(static write => ("key", write.Key!.Literal!))))
        {
            if (Identifiers.CheckName(what, name) is { } bad)
            {
                return bad;
            }
        }

        return null;
    }

    private static SyncError? CheckId(string id) =>
        Identifiers.CheckStoredName("action id", id) is { } bad ? bad
        : !id.StartsWith('_') ? null
        : new SyncError(BuiltInIds.Contains(id) ? ErrorCode.ReservedId : ErrorCode.InvalidId, $"Action ids that begin with '_' are built in; '{Identifiers.Shown(id)}' cannot be registered.")
        {
            Hint = $"Use '{Identifiers.Shown(id.TrimStart('_'))}'.",
        };

    private static Outcome<ImmutableArray<WriteTemplate>> ParseWrites(Draft draft, int maxWrites)
    {
        if (draft.Writes.ValueKind == JsonValueKind.Undefined)
        {
            return ImmutableArray<WriteTemplate>.Empty;
        }

        if (draft.Writes.GetArrayLength() > maxWrites)
        {
            return DefinitionFields.Bad($"An action has at most {maxWrites} writes.", "writes");
        }

        var templates = ImmutableArray.CreateBuilder<WriteTemplate>(draft.Writes.GetArrayLength());
        foreach (var write in draft.Writes.EnumerateArray())
        {
            if (!WriteTemplate.Parse(write, draft.Params, $"writes[{templates.Count}]", draft.Language).Try(out var template, out var error))
            {
                return error;
            }

            templates.Add(template);
        }

        return templates.MoveToImmutable();
    }

    private static FieldReading ReadOnInvoke(Draft draft, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(static member => member.Name != "timer"))
        {
            return FieldReading.Unusable;
        }

        if (!value.TryGetProperty("timer", out var timer) || timer.ValueKind == JsonValueKind.Null)
        {
            return FieldReading.Taken;
        }

        if (!TimerSpec.Parse(timer, "on_invoke.timer", draft.Language.IsStored).Try(out var spec, out var error))
        {
            return error;
        }

        // Only a cooldown makes sense here.
        if (spec.Effect != TimerEffect.Enable)
        {
            return new SyncError(ErrorCode.InvalidTimer, "The timer of on_invoke is a cooldown; its effect is 'enable'.")
            {
                Hint = $"Write {{\"on_invoke\": {{\"timer\": {TimerSpec.WithEffect(timer, "enable")}}}}}.",
            }.With("field", "on_invoke.timer");
        }

        draft.OnInvoke = spec;
        return FieldReading.Taken;
    }

    private sealed class Draft(RoomLanguage language) : DefinitionDraft(language)
    {
        public ParamSet Params { get; set; } = ParamSet.None;

        public Expression? If { get; set; }

        public Expression? Result { get; set; }

        public JsonElement Writes { get; set; }

        public JsonElement Lease { get; set; }

        public ImmutableHashSet<string>? Shares { get; set; }

        public bool ReachAll { get; set; }

        public TimerSpec? OnInvoke { get; set; }

        public ApprovalRule? Approve { get; set; }
    }
}
