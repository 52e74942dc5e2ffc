using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Timers;

/// <summary>A timer as declared: <c>{ms | at | ticks + tick_on, effect}</c>. It starts to run when it is committed.</summary>
internal sealed record TimerSpec(TimerEffect Effect, TimeSpan? After, DateTimeOffset? At, long Ticks, string? TickScope, string? TickKey)
{
    private const string Grammar = "Write {\"ms\": n} or {\"at\": \"2026-01-31T12:00:00Z\"} or {\"ticks\": n, \"tick_on\": \"scope.key\"}, with \"effect\": \"delete\" or \"enable\".";

    private static readonly FieldTable<Draft> s_fields = new FieldTable<Draft>(static (draft, problem) => problem.Kind switch
        {
            FieldProblemKind.Unknown => Bad($"A timer has no field '{problem.Name}'.", draft.Path) with { Hint = problem.Nearest is null ? Grammar : problem.Hint },
            FieldProblemKind.Unusable => Bad($"The timer's '{problem.Name}' has a value that cannot be used.", $"{draft.Path}.{problem.Name}"),
            _ => Bad("A timer is an object.", draft.Path),
        })
        .Add("ms", "a number of milliseconds", static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var ms) || ms is not (> 0 and <= 3.2e12))
            {
                return FieldReading.Unusable;
            }

            draft.After = TimeSpan.FromMilliseconds(ms);
            return FieldReading.Taken;
        }, NullField.Refused)
        .Add("at", "an instant", static (draft, value) =>
        {
            draft.At = value.ValueKind == JsonValueKind.String
                && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
            return draft.At is not null;
        }, NullField.Refused)
        .Add("ticks", "a count", static (draft, value) =>
        {
            draft.Ticks = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) ? count : 0;
            return draft.Ticks > 0;
        }, NullField.Refused)
        .AddText("tick_on", static (draft, text) => draft.TickOn = text, NullField.Refused)
        .Add("effect", "\"delete\" or \"enable\"", static (draft, value) =>
        {
            draft.Effect = value.ValueKind != JsonValueKind.String ? null
                : value.ValueEquals("delete"u8) ? TimerEffect.Delete
                : value.ValueEquals("enable"u8) ? TimerEffect.Enable
                : null;
            return draft.Effect is not null;
        }, NullField.Refused);

    /// <summary>The timer, running from now by the room's clock.</summary>
    public EntryTimer Start(DateTimeOffset now) =>
        new(Effect, At ?? (After is { } after ? now + after : null), TickScope, TickKey, Ticks) { After = After };

    /// <summary>Null when its author may see what it ticks on: the moment at which an entry comes or goes reveals the writes that the timer counts.</summary>
    public SyncError? CheckVisibleScopes(VisibleScopes visible) => TickScope is null || visible.Sees(TickScope) ? null
        : TickScope.Contains("${", StringComparison.Ordinal) ? new SyncError(ErrorCode.InvalidTimer, "'tick_on' holds a placeholder, and nothing fills it in here: only timers of writes have them.") { Hint = "Name the scope and the key: \"_shared.turn\"." }.With("field", "tick_on")
        : TickScope == ReservedScopes.Self ? new SyncError(ErrorCode.NotReadable, "'self' is nobody in 'tick_on': the timer runs for everybody.") { Hint = "Name a shared scope, \"_shared.turn\", or an agent by its id; in the timer of a write \"${self}.turn\" is the invoker's." }.With("field", "tick_on")
        : new SyncError(ErrorCode.NotReadable, $"A timer cannot tick on the private scope '{Identifiers.Shown(TickScope)}'.") { Hint = "Let it tick on a key of a shared scope, or of a scope that its registrant may read, by its agent's id." }.With("field", "tick_on");

    /// <summary>Reads a timer that stands in the field <paramref name="path"/>. <paramref name="stored"/> is whether the log has accepted it.</summary>
    public static Outcome<TimerSpec> Parse(JsonElement json, string path, bool stored = false)
    {
        var draft = new Draft(path);
        if (s_fields.Read(json, draft, stored) is { } refusal)
        {
            return refusal;
        }

        if (draft.Effect is null && !stored && CheckEffect(json, path) is { } silent)
        {
            return silent;
        }

        var clocks = (draft.After is null ? 0 : 1) + (draft.At is null ? 0 : 1) + (draft.Ticks == 0 ? 0 : 1);
        if (clocks != 1)
        {
            return Bad(clocks == 0 ? "A timer needs a clock." : "A timer has exactly one clock.", path);
        }

        if (draft.Ticks > 0 != draft.TickOn is not null)
        {
            return Bad("'ticks' and 'tick_on' belong together.", path);
        }

        var (scope, key) = draft.TickOn is null ? default : SplitTarget(draft.TickOn);
        return draft.TickOn is not null && key.Length == 0
            ? Bad("'tick_on' names a scope and a key: \"_shared.turn\".", $"{path}.tick_on")
            : new TimerSpec(draft.Effect ?? TimerEffect.Delete, draft.After, draft.At, draft.Ticks, scope, key);
    }

    /// <summary>
    /// The refusal for a timer that does not say what it does when it fires, or null. What the log has accepted deletes by default; whoever forgets the field today may mean either.
    /// </summary>
    public static SyncError? CheckEffect(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object || json.TryGetProperty("effect"u8, out _))
        {
            return null;
        }

        return Bad("A timer says what happens when it fires, and 'effect' is missing.", path) with
        {
            Hint = path == "on_invoke.timer" ? $"Write {{\"on_invoke\": {{\"timer\": {WithEffect(json, "enable")}}}}}: a cooldown."
                : $"Write {WithEffect(json, "delete")} for what is there until then, {WithEffect(json, "enable")} for what begins then.",
        };
    }

    /// <summary>A timer as text, with another effect.</summary>
    public static string WithEffect(JsonElement json, string effect)
    {
        var node = (JsonObject)JsonText.Of(json).ToNode()!; // The callers have an object.
        node["effect"] = effect;
        return JsonText.Of(node).ToString();
    }

    /// <summary>Splits <c>scope.key</c> at the first dot; a leading <c>state.</c> is optional.</summary>
    public static (string Scope, string Key) SplitTarget(string text)
    {
        var rest = text.StartsWith("state.", StringComparison.Ordinal) ? text["state.".Length..] : text;
        var dot = rest.IndexOf('.');
        return dot <= 0 ? (rest, "") : (rest[..dot], rest[(dot + 1)..]);
    }

    private static SyncError Bad(string message, string path) => new SyncError(ErrorCode.InvalidTimer, message) { Hint = Grammar }.With("field", path);

    private sealed class Draft(string path)
    {
        public string Path => path;

        public TimeSpan? After { get; set; }

        public DateTimeOffset? At { get; set; }

        public long Ticks { get; set; }

        public string? TickOn { get; set; }

        public TimerEffect? Effect { get; set; }
    }
}
