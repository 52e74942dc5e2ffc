using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>A declared write capability, compiled. Immutable.</summary>
internal sealed class ActionDefinition
{
    private static readonly string[] s_fields =
        ["id", "scope", "description", "params", "if", "enabled", "result", "writes", "reach", "timer", "on_invoke"];

    public required string Id { get; init; }

    /// <summary><c>_shared</c>, or the agent whose authority its writes carry.</summary>
    public required string Scope { get; init; }

    public string? Description { get; init; }

    public required ParamSet Params { get; init; }

    public Expression? If { get; init; }

    public Expression? Enabled { get; init; }

    public Expression? Result { get; init; }

    public required ImmutableArray<WriteTemplate> Writes { get; init; }

    /// <summary>Whether it asks to read and write every scope. Only what an owner registers does; see <see cref="Authority.Standing"/>.</summary>
    public bool ReachAll { get; init; }

    /// <summary>Timer of the action itself, started when it is registered.</summary>
    public TimerSpec? Timer { get; init; }

    /// <summary>Cooldown, started by each invocation.</summary>
    public TimerSpec? OnInvoke { get; init; }

    /// <summary>The parameters that its <c>if</c> reads, as paths: before they are given, whether it is available is not all said.</summary>
    public ImmutableArray<string> DependsOn => If is null ? [] :
        [.. If.Paths.Where(static path => path.Root == "params").Select(static path => path.Segments is [{ IsVariable: false } first, ..] ? $"params.{first.Text}" : "params").Distinct(StringComparer.Ordinal)];

    /// <summary>The definition as registered.</summary>
    public required JsonText Source { get; init; }

    /// <summary>Why it cannot be used any more: the log has accepted it, and today it does not hold. Null for nearly all.</summary>
    public SyncError? Problem { get; init; }

    /// <summary>Expressions in it that do not compile any more; the rest of it may work.</summary>
    public IEnumerable<Expression> Broken =>
        new[] { If, Enabled, Result }.Concat(Writes.SelectMany(static write => new[] { write.Expr, write.Enabled })).OfType<Expression>().Where(static e => e.Issue is not null);

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
        if (json.ValueKind != JsonValueKind.Object)
        {
            return DefinitionFields.Bad("An action definition is an object.", "params");
        }

        foreach (var member in json.EnumerateObject())
        {
            if (!s_fields.Contains(member.Name))
            {
                var near = DidYouMean.Nearest(member.Name, s_fields);
                return new SyncError(ErrorCode.UnknownParam, $"An action definition has no field '{Identifiers.Shown(member.Name)}'.")
                {
                    Hint = near is null ? $"Known are {string.Join(", ", s_fields)}." : $"Did you mean '{near}'?",
                }.With("param", Identifiers.Shown(member.Name));
            }
        }

        if (!DefinitionFields.Text(json, "id").Try(out var id, out var error)
            || !DefinitionFields.Text(json, "scope").Try(out var scope, out error)
            || !DefinitionFields.Text(json, "description").Try(out var description, out error))
        {
            return error;
        }

        if (id is null)
        {
            return new SyncError(ErrorCode.MissingParam, "An action needs an id.") { Hint = "For example {\"id\": \"submit_result\", …}." }.With("param", "id");
        }

        if (Identifiers.CheckStoredName("action id", id) is { } badId)
        {
            return badId;
        }

        if (id.StartsWith('_'))
        {
            return new SyncError(BuiltInIds.Contains(id) ? ErrorCode.ReservedId : ErrorCode.InvalidId, $"Action ids that begin with '_' are built in; '{Identifiers.Shown(id)}' cannot be registered.") { Hint = $"Use '{Identifiers.Shown(id.TrimStart('_'))}'." };
        }

        scope = scope switch { null => ReservedScopes.Shared, ReservedScopes.Self => self, _ => scope };
        if (scope is null)
        {
            return DefinitionFields.Bad("The scope 'self' needs an agent to stand for.", "scope");
        }

        if ((Identifiers.CheckScope(scope) ?? WriteTemplate.EngineOnly(scope, "scope")) is { } badScope)
        {
            return badScope;
        }

        if (!DefinitionFields.Text(json, "reach").Try(out var reach, out error))
        {
            return error;
        }

        if (reach is not (null or "all"))
        {
            return DefinitionFields.Bad("'reach' is \"all\" or left out.", "reach");
        }

        if (!ParamSet.Parse(json.TryGetProperty("params", out var declared) ? declared : default).Try(out var parameters, out error)
            || !DefinitionFields.Cel(json, "if", language).Try(out var guard, out error)
            || !DefinitionFields.Cel(json, "enabled", language).Try(out var enabled, out error)
            || !DefinitionFields.Cel(json, "result", language).Try(out var result, out error)
            || !ParseWrites(json, parameters, maxWrites, language).Try(out var writes, out error)
            || !DefinitionFields.Timer(json, "timer").Try(out var timer, out error)
            || !ParseOnInvoke(json).Try(out var onInvoke, out error))
        {
            return error;
        }

        return new ActionDefinition
        {
            Id = id,
            Scope = scope,
            Description = description,
            Params = parameters,
            If = guard,
            Enabled = enabled,
            Result = result,
            Writes = writes,
            ReachAll = reach is not null,
            Timer = timer,
            OnInvoke = onInvoke,
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

    private static Outcome<ImmutableArray<WriteTemplate>> ParseWrites(JsonElement json, ParamSet parameters, int maxWrites, RoomLanguage language)
    {
        if (!json.TryGetProperty("writes", out var writes) || writes.ValueKind == JsonValueKind.Null)
        {
            return ImmutableArray<WriteTemplate>.Empty;
        }

        if (writes.ValueKind != JsonValueKind.Array)
        {
            return DefinitionFields.Bad("'writes' is a list of write templates.", "writes");
        }

        if (writes.GetArrayLength() > maxWrites)
        {
            return DefinitionFields.Bad($"An action has at most {maxWrites} writes.", "writes");
        }

        var templates = ImmutableArray.CreateBuilder<WriteTemplate>(writes.GetArrayLength());
        foreach (var write in writes.EnumerateArray())
        {
            if (!WriteTemplate.Parse(write, parameters.Names, $"writes[{templates.Count}]", language).Try(out var template, out var error))
            {
                return error;
            }

            templates.Add(template);
        }

        return templates.MoveToImmutable();
    }

    private static Outcome<TimerSpec?> ParseOnInvoke(JsonElement json)
    {
        if (!json.TryGetProperty("on_invoke", out var onInvoke) || onInvoke.ValueKind == JsonValueKind.Null)
        {
            return default(Outcome<TimerSpec?>);
        }

        if (onInvoke.ValueKind != JsonValueKind.Object || onInvoke.EnumerateObject().Any(m => m.Name != "timer"))
        {
            return DefinitionFields.Bad("'on_invoke' is {\"timer\": {…}}.", "on_invoke");
        }

        if (!DefinitionFields.Timer(onInvoke, "timer").Try(out var timer, out var error))
        {
            return error;
        }

        // A timer without an effect deletes by default; here only a cooldown makes sense.
        return timer is { } spec && spec.Effect != TimerEffect.Enable
            ? new SyncError(ErrorCode.InvalidTimer, "The timer of on_invoke is a cooldown; its effect is 'enable'.")
            {
                Hint = "Write {\"on_invoke\": {\"timer\": {\"ms\": 5000, \"effect\": \"enable\"}}}.",
            }.With("field", "on_invoke.timer")
            : timer;
    }
}
