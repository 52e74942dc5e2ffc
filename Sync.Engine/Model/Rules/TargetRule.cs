using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Rules;

/// <summary>One rule of <c>_config.targets</c>: which actions write some places, and who has to approve it. Immutable.</summary>
internal sealed class TargetRule
{
    private const int MaxPatterns = 100;

    private static readonly FieldTable<Draft> s_fields = new FieldTable<Draft>(static (draft, problem) => problem.Kind switch
        {
            FieldProblemKind.NoObject => Bad("A rule is an object.", draft.Field),
            FieldProblemKind.Unknown => Bad($"A rule has no field '{problem.Name}'.", $"{draft.Field}.{problem.Name}") with { Hint = problem.Hint },
            FieldProblemKind.Missing => Bad($"A rule needs '{problem.Name}'.", draft.Field),
            _ => Bad($"'{problem.Name}' is {problem.Form}.", $"{draft.Field}.{problem.Name}"),
        })
        .Add("scope", $"a pattern of scopes, or a list of up to {MaxPatterns}, each with at most {NamePattern.MaxRuns} '*'", static (draft, value) => (draft.Scopes = Patterns(value, draft.Language)) is not null, required: true)
        .Add("key", $"a pattern of keys, or a list of up to {MaxPatterns}, each with at most {NamePattern.MaxRuns} '*'", static (draft, value) => (draft.Keys = Patterns(value, draft.Language)) is not null)
        .Add("actions", "a list of the ids of actions", static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxPatterns || !value.EnumerateArray().All(static id => id.ValueKind == JsonValueKind.String))
            {
                return FieldReading.Unusable;
            }

            draft.Actions = [.. value.EnumerateArray().Select(static id => id.GetString()!)]; // They are strings.
            return FieldReading.Taken;
        })
        .Add("approve", "an object", static (draft, value) =>
        {
            if (!ApprovalRule.Parse(value, $"{draft.Field}.approve", draft.Language).Try(out var approve, out var error))
            {
                return error;
            }

            (draft.Approve, draft.ApproveText) = (approve, CanonicalJson.Version(JsonText.Of(value)));
            return FieldReading.Taken;
        });

    private readonly NamePatterns _keys;
    private readonly FrozenSet<string>? _actions;
    private readonly string? _approveText;

    private TargetRule(Draft draft)
    {
        Field = draft.Field;
        Scopes = draft.Scopes!; // It is required.
        _keys = draft.Keys ?? NamePatterns.All;
        Actions = draft.Actions;
        _actions = draft.Actions?.ToFrozenSet(StringComparer.Ordinal);
        Approve = draft.Approve;
        _approveText = draft.ApproveText;
    }

    /// <summary>Where it stands: <c>targets[0]</c>.</summary>
    public string Field { get; }

    /// <summary>The scopes that it is about.</summary>
    public NamePatterns Scopes { get; }

    /// <summary>The only actions that write there; null where all do.</summary>
    public ImmutableArray<string>? Actions { get; }

    /// <summary>What has to be approved; null for nothing.</summary>
    public ApprovalRule? Approve { get; }

    /// <summary>How many patterns and actions it names.</summary>
    public int Count => Scopes.Count + _keys.Count + (_actions?.Count ?? 0);

    /// <summary>The characters of its patterns that have wildcards.</summary>
    public int Wildness => Scopes.Wildness + _keys.Wildness;

    /// <summary>What finding out costs whether it is about a place, in units of a budget.</summary>
    public long PriceOf(string scope, string key) => Scopes.PriceOf(scope) + _keys.PriceOf(key);

    /// <summary>Whether it is about a place. Whoever asks has paid <see cref="PriceOf"/>.</summary>
    public bool Matches(string scope, string key) => Scopes.Matches(scope) && _keys.Matches(key);

    /// <summary>Whether it lets an action of this id write.</summary>
    public bool Names(string action) => _actions is null || _actions.Contains(action);

    /// <summary>Whether it asks everything that another rule asks, of all its places.</summary>
    public bool Covers(TargetRule other) =>
        Scopes.Covers(other.Scopes) && _keys.Covers(other._keys)
        && (other._actions is null || _actions?.IsSubsetOf(other._actions) == true)
        && (other.Approve is null || other._approveText == _approveText);

    /// <summary>Reads <c>{scope, key?, actions?, approve?}</c>.</summary>
    /// <remarks>Errors: <c>invalid_param invalid_cel</c>.</remarks>
    public static Outcome<TargetRule> Parse(JsonElement json, int index, RoomLanguage language)
    {
        var draft = new Draft(string.Create(CultureInfo.InvariantCulture, $"targets[{index}]"), language);
        return s_fields.Read(json, draft, language.IsStored) is { } refusal ? refusal
            : draft.Actions is null && draft.Approve is null ? Bad("A rule without 'actions' and 'approve' asks nothing.", draft.Field)
            : !language.IsStored && CheckMeaning(draft) is { } meaningless ? meaningless
            : new TargetRule(draft);
    }

    // A rule that is never asked, or that whoever it is about could steer, passes for protection.
    private static SyncError? CheckMeaning(Draft draft)
    {
        var scopes = draft.Scopes!; // It is required.
        if (scopes.Names.FirstOrDefault(ReservedScopes.IsEngineOnly) is { } engines)
        {
            return Bad($"No rule is about '{engines}': the engine alone writes there.", $"{draft.Field}.scope") with
            {
                Hint = "Leave that scope out. What registers, sends, joins, claims or decides is stopped with _pause {\"what\": \"action:ID\"}; 'approve' in a definition keeps it from being changed by others than an owner.",
            };
        }

        if (scopes.Names.FirstOrDefault(static name => name == ReservedScopes.Self || name.Contains("${", StringComparison.Ordinal)) is { } template)
        {
            return Bad($"No scope is called '{Identifiers.Shown(template)}': a rule is about scopes as they are resolved.", $"{draft.Field}.scope") with
            {
                Hint = "Name the agent whose scope it is, by its id, or write \"*\" for every scope.",
            };
        }

        if (scopes is { IsLiteral: true } && draft.Keys is { IsLiteral: true } keys && scopes.Names.All(static name => name == ReservedScopes.Config) && keys.Names.All(static name => name == TargetRules.Key))
        {
            return Bad("No rule is about the rules themselves: owners alone write them.", draft.Field) with
            {
                Hint = "Leave this rule out. Set the list on the room's page: then no token takes one of its rules away or asks less.",
            };
        }

        if (draft is not { Actions: null, Approve.When: { UsesParams: true } when })
        {
            return null;
        }

        var steered = Bad("'when' reads 'params' in a rule without 'actions': whoever writes there would choose an action whose parameters say what they like.", $"{draft.Field}.approve.when") with
        {
            Hint = "Add \"actions\" with the ids of the actions whose parameters are meant, or let 'when' read the room alone, such as \"state._shared.phase == 'live'\".",
        };
        return steered.With("expression", when.Source);
    }

    private static NamePatterns? Patterns(JsonElement value, RoomLanguage language)
    {
        JsonElement[] texts = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return texts.Length is >= 1 and <= MaxPatterns && texts.All(text => text.ValueKind == JsonValueKind.String && text.GetString() is { Length: >= 1 and <= NamePattern.MaxLength } pattern
                && (language.IsStored || new NamePattern(pattern).Runs <= NamePattern.MaxRuns))
            ? new NamePatterns(texts.Select(static text => text.GetString()!)) // They are strings.
            : null;
    }

    private static SyncError Bad(string message, string field) => new SyncError(ErrorCode.InvalidParam, message)
    {
        Hint = "Write [{\"scope\": \"_releases\", \"key\": \"*\", \"actions\": [\"publish\"]}], with 'approve' as in an action where somebody has to decide.",
        Help = "gates",
    }.With("field", field);

    private sealed class Draft(string place, RoomLanguage language)
    {
        public string Field => place;

        public RoomLanguage Language => language;

        public NamePatterns? Scopes { get; set; }

        public NamePatterns? Keys { get; set; }

        public ImmutableArray<string>? Actions { get; set; }

        public ApprovalRule? Approve { get; set; }

        public string? ApproveText { get; set; }
    }
}
