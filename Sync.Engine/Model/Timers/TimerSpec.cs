using System.Globalization;
using System.Text.Json;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Timers;

/// <summary>A timer as declared: <c>{ms | at | ticks + tick_on, effect}</c>. It starts to run when it is committed.</summary>
internal sealed record TimerSpec(TimerEffect Effect, TimeSpan? After, DateTimeOffset? At, long Ticks, string? TickScope, string? TickKey)
{
    private const string Grammar = "Write {\"ms\": n} or {\"at\": \"2026-01-31T12:00:00Z\"} or {\"ticks\": n, \"tick_on\": \"scope.key\"}, with \"effect\": \"delete\" or \"enable\".";
    private static readonly string[] s_fields = ["ms", "at", "ticks", "tick_on", "effect"];

    /// <summary>The timer, running from now by the room's clock.</summary>
    public EntryTimer Start(DateTimeOffset now) =>
        new(Effect, At ?? (After is { } after ? now + after : null), TickScope, TickKey, Ticks) { After = After };

    /// <summary>Null when who sets it may see what it ticks on: when an entry comes or goes tells of the writes it counts.</summary>
    public SyncError? CheckVisibleScopes(VisibleScopes visible) => TickScope is null || visible.Sees(TickScope) ? null
        : TickScope.Contains("${", StringComparison.Ordinal) ? new SyncError(ErrorCode.InvalidTimer, "'tick_on' holds a placeholder, and nothing fills it in here: only timers of writes have them.") { Hint = "Name the scope and the key: \"_shared.turn\"." }.With("field", "tick_on")
        : TickScope == ReservedScopes.Self ? new SyncError(ErrorCode.NotReadable, "'self' is nobody in 'tick_on': the timer runs for everybody.") { Hint = "Name a shared scope, \"_shared.turn\", or an agent by its id; in the timer of a write \"${self}.turn\" is the invoker's." }.With("field", "tick_on")
        : new SyncError(ErrorCode.NotReadable, $"A timer cannot tick on the private scope '{Identifiers.Shown(TickScope)}'.") { Hint = "Let it tick on a key of a shared scope, or of a scope that its registrant may read, by its agent's id." }.With("field", "tick_on");

    public static Outcome<TimerSpec> Parse(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Bad("A timer is an object.");
        }

        TimeSpan? after = null;
        DateTimeOffset? at = null;
        long ticks = 0;
        string? tickOn = null;
        TimerEffect? effect = null;
        foreach (var field in json.EnumerateObject())
        {
            switch (field.Name)
            {
                case "ms" when field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetDouble(out var ms) && ms is > 0 and <= 3.2e12:
                    after = TimeSpan.FromMilliseconds(ms);
                    break;
                case "at" when field.Value.ValueKind == JsonValueKind.String
                    && DateTimeOffset.TryParse(field.Value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment):
                    at = moment;
                    break;
                case "ticks" when field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt64(out var count) && count > 0:
                    ticks = count;
                    break;
                case "tick_on" when field.Value.ValueKind == JsonValueKind.String:
                    tickOn = field.Value.GetString();
                    break;
                case "effect" when field.Value.ValueKind == JsonValueKind.String && field.Value.GetString() is "delete" or "enable":
                    effect = field.Value.ValueEquals("delete"u8) ? TimerEffect.Delete : TimerEffect.Enable;
                    break;
                default:
                    return s_fields.Contains(field.Name)
                        ? Bad($"The timer's '{field.Name}' has a value that cannot be used.")
                        : Bad($"A timer has no field '{Identifiers.Shown(field.Name)}'.");
            }
        }

        var clocks = (after is null ? 0 : 1) + (at is null ? 0 : 1) + (ticks == 0 ? 0 : 1);
        if (clocks != 1)
        {
            return Bad(clocks == 0 ? "A timer needs a clock." : "A timer has exactly one clock.");
        }

        if (ticks > 0 != tickOn is not null)
        {
            return Bad("'ticks' and 'tick_on' belong together.");
        }

        var (scope, key) = tickOn is null ? default : SplitTarget(tickOn);
        if (tickOn is not null && key.Length == 0)
        {
            return Bad("'tick_on' names a scope and a key: \"_shared.turn\".");
        }

        return new TimerSpec(effect ?? TimerEffect.Delete, after, at, ticks, scope, key);
    }

    /// <summary>Splits <c>scope.key</c> at the first dot; a leading <c>state.</c> is optional.</summary>
    public static (string Scope, string Key) SplitTarget(string text)
    {
        var rest = text.StartsWith("state.", StringComparison.Ordinal) ? text["state.".Length..] : text;
        var dot = rest.IndexOf('.');
        return dot <= 0 ? (rest, "") : (rest[..dot], rest[(dot + 1)..]);
    }

    private static SyncError Bad(string message) => new(ErrorCode.InvalidTimer, message) { Hint = Grammar };
}
