using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>
/// What an action's <c>lease</c> says: which keys its invoker must hold, which it takes with its writes, and which end with them. Keys are templates, in which <c>${key}</c> is the key of the first write.
/// Immutable.
/// </summary>
internal sealed class LeaseSpec
{
    private const int MaxKeys = 16;

    private static readonly FieldTable<Draft> s_fields = new FieldTable<Draft>(static (_, problem) => problem.Kind switch
        {
            FieldProblemKind.NoObject => Bad("'lease' is a key, or an object.", "lease"),
            FieldProblemKind.Unknown => new SyncError(ErrorCode.UnknownParam, $"'lease' has no field '{problem.Name}'.") { Hint = problem.Hint }.With("param", $"lease.{problem.Name}"),
            _ => Bad($"'{problem.Name}' is {problem.Form}.", $"lease.{problem.Name}"),
        })
        .Add("need", Keys, static (draft, value) => draft.ReadKeys(value, "need", static (d, keys) => d.Need = keys))
        .Add("take", Keys, static (draft, value) => draft.ReadKeys(value, "take", static (d, keys) => d.Take = keys))
        .Add("end", Keys, static (draft, value) => draft.ReadKeys(value, "end", static (d, keys) => d.End = keys))
        .Add("paths", "a path pattern or a list of them", static (draft, value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Array ? draft.ReadTemplate(value, static (d, template) => d.Paths = template) : FieldReading.Unusable)
        .Add("ttl_ms", "a number of milliseconds, or a parameter: \"${params.ttl_ms}\"", static (draft, value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? draft.ReadTemplate(value, static (d, template) => d.Ttl = template) : FieldReading.Unusable)
        .Add("note", "a text", static (draft, value) => value.ValueKind != JsonValueKind.String ? FieldReading.Unusable : draft.ReadTemplate(value, static (d, template) => d.Note = template))
        .Add("mode", "\"exclusive\" or \"shared\"", static (draft, value) =>
        {
            draft.Mode = value.ValueKind == JsonValueKind.String ? LeaseModeWords.Parse(value.GetString()) : null;
            return draft.Mode is not null;
        })
        .Add("on_lapse", "the id of an action, or {\"action\": …, \"params\": {…}}", static (draft, value) => draft.ReadLapse(value));

    private const string Keys = "a key or a list of keys";

    private LeaseSpec(Draft draft)
    {
        (Need, Take, End) = (draft.Need, draft.Take, draft.End);
        (Paths, Ttl, Note, Mode, OnLapse, LapseParams) = (draft.Paths, draft.Ttl, draft.Note, draft.Mode, draft.OnLapse, draft.LapseParams);
    }

    /// <summary>Keys that the invoker must hold.</summary>
    public ImmutableArray<TextTemplate> Need { get; }

    /// <summary>Keys that it takes.</summary>
    public ImmutableArray<TextTemplate> Take { get; }

    /// <summary>Keys that the invoker must hold, and that end with it.</summary>
    public ImmutableArray<TextTemplate> End { get; }

    /// <summary>The paths that it reserves with what it takes.</summary>
    public ValueTemplate? Paths { get; }

    /// <summary>How long it takes it for.</summary>
    public ValueTemplate? Ttl { get; }

    public ValueTemplate? Note { get; }

    public LeaseMode? Mode { get; }

    /// <summary>What is invoked where a hold that it gave ends before its work is done.</summary>
    public string? OnLapse { get; }

    /// <summary>With what; null for the parameters of the invocation.</summary>
    public ValueTemplate? LapseParams { get; }

    /// <summary>The keys that the invoker must hold, ends included.</summary>
    public IEnumerable<TextTemplate> Held => Need.Concat(End);

    /// <summary>Everything in it that stands for something else.</summary>
    public IEnumerable<Placeholder> Placeholders =>
        Held.Concat(Take).SelectMany(static key => key.Placeholders)
            .Concat(new[] { Paths, Ttl, Note, LapseParams }.OfType<ValueTemplate>().SelectMany(static template => template.Placeholders));

    /// <summary>The keys that are known before any parameters are, for whoever would invoke it, each with whether it is taken; the others are needed.</summary>
    public IEnumerable<(string Key, bool IsTaken)> OpenKeys(string? self)
    {
        var inputs = new TemplateInputs(ImmutableDictionary<string, JsonElement>.Empty, self, default);
        return Held.Where(IsOpen).Select(key => (key.Expand(inputs), IsTaken: false)).Concat(Take.Where(IsOpen).Select(key => (key.Expand(inputs), IsTaken: true)));
    }

    /// <summary>Whether a template needs the key of the first write.</summary>
    public static bool UsesKey(TextTemplate template) => template.Placeholders.Any(static part => part.Root == Placeholder.KeyRoot);

    /// <summary>Whether a template is known before any parameters are.</summary>
    public static bool IsOpen(TextTemplate template) => template.Placeholders.All(static part => part.Root == "self");

    /// <summary>Reads it.</summary>
    public static Outcome<LeaseSpec> Parse(JsonElement json, IReadOnlyCollection<string> parameters, bool hasWrites)
    {
        var draft = new Draft(parameters);
        if (json.ValueKind == JsonValueKind.String)
        {
            if (draft.ReadKeys(json, "lease", static (d, keys) => d.Need = keys).Refusal is { } wrongKey)
            {
                return wrongKey;
            }
        }
        else if (s_fields.Read(json, draft) is { } refusal)
        {
            return refusal;
        }

        var spec = new LeaseSpec(draft);
        return spec.Check(hasWrites) is { } wrong ? wrong : spec;
    }

    private SyncError? Check(bool hasWrites)
    {
        if (Need.IsEmpty && Take.IsEmpty && End.IsEmpty)
        {
            return Bad("'lease' names a key that the action needs, takes or ends.", "lease") with { Hint = "Write {\"lease\": \"task:${params.id}\"}, or {\"lease\": {\"take\": \"task:${params.id}\"}}." };
        }

        if (Take.IsEmpty && (Paths is not null || Ttl is not null || Note is not null || Mode is not null || OnLapse is not null))
        {
            return Bad("'paths', 'ttl_ms', 'note', 'mode' and 'on_lapse' say how a lease is taken, and this action takes none.", "lease.take") with { Hint = "Name the key in 'take'." };
        }

        return !hasWrites && Placeholders.Any(static part => part.Root == Placeholder.KeyRoot)
            ? new SyncError(ErrorCode.InvalidTemplate, "${key} is the key of the action's first write, and it has none.") { Hint = "Name the key by a parameter: \"task:${params.id}\"." }.With("field", "lease")
            : null;
    }

    private static SyncError Bad(string message, string field) => new SyncError(ErrorCode.InvalidParamType, message)
    {
        Hint = "For example {\"lease\": {\"take\": \"task:${params.id}\", \"ttl_ms\": 600000, \"on_lapse\": \"reopen_task\"}}; a text alone is the key that the invoker must hold.",
    }.With("param", field);

    private sealed class Draft(IReadOnlyCollection<string> parameters)
    {
        public ImmutableArray<TextTemplate> Need { get; set; } = [];

        public ImmutableArray<TextTemplate> Take { get; set; } = [];

        public ImmutableArray<TextTemplate> End { get; set; } = [];

        public ValueTemplate? Paths { get; set; }

        public ValueTemplate? Ttl { get; set; }

        public ValueTemplate? Note { get; set; }

        public LeaseMode? Mode { get; set; }

        public string? OnLapse { get; private set; }

        public ValueTemplate? LapseParams { get; set; }

        public FieldReading ReadKeys(JsonElement value, string field, Action<Draft, ImmutableArray<TextTemplate>> take)
        {
            var items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
            if (items.Length is 0 or > MaxKeys || !Array.TrueForAll(items, static item => item.ValueKind == JsonValueKind.String))
            {
                return FieldReading.Unusable;
            }

            var keys = ImmutableArray.CreateBuilder<TextTemplate>(items.Length);
            foreach (var item in items)
            {
                if (!TextTemplate.Parse(item.GetString()!, parameters, withKey: true).Try(out var key, out var error)) // It is a text.
                {
                    return error;
                }

                if (key.Literal is { } literal && Identifiers.CheckStoredName("lease key", literal) is { } bad)
                {
                    return bad.With("field", field);
                }

                keys.Add(key);
            }

            take(this, keys.ToImmutable());
            return FieldReading.Taken;
        }

        public FieldReading ReadTemplate(JsonElement value, Action<Draft, ValueTemplate> take)
        {
            if (!ValueTemplate.Parse(value, parameters, withKey: true).Try(out var template, out var error))
            {
                return error;
            }

            take(this, template);
            return FieldReading.Taken;
        }

        public FieldReading ReadLapse(JsonElement value)
        {
            var named = value.ValueKind == JsonValueKind.String ? value
                : value.ValueKind == JsonValueKind.Object && value.TryGetProperty("action"u8, out var action) ? action
                : default;
            if (named.ValueKind != JsonValueKind.String || (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any(static member => member.Name is not ("action" or "params"))))
            {
                return FieldReading.Unusable;
            }

            OnLapse = named.GetString()!; // It is a text.
            if (OnLapse.Length == 0 || OnLapse.StartsWith('_') || BuiltInIds.Contains(OnLapse))
            {
                return Bad("'on_lapse' names an action of the room, none that is built in.", "lease.on_lapse");
            }

            return value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("params"u8, out var given) ? FieldReading.Taken
                : given.ValueKind != JsonValueKind.Object ? FieldReading.Unusable
                : ReadTemplate(given, static (draft, template) => draft.LapseParams = template);
        }
    }
}
