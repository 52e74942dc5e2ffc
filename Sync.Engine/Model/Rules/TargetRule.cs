using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
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
        .Add("scope", "a pattern of scopes, or a list of them", static (draft, value) => (draft.Scopes = Patterns(value)) is not null, required: true)
        .Add("key", "a pattern of keys, or a list of them", static (draft, value) => (draft.Keys = Patterns(value)) is not null)
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

    private readonly ImmutableArray<NamePattern> _scopes;
    private readonly ImmutableArray<NamePattern> _keys;
    private readonly string? _approveText;

    private TargetRule(Draft draft)
    {
        Field = draft.Field;
        _scopes = draft.Scopes!.Value; // It is required.
        _keys = draft.Keys ?? [new NamePattern("*")];
        Actions = draft.Actions;
        Approve = draft.Approve;
        _approveText = draft.ApproveText;
    }

    /// <summary>Where it stands: <c>targets[0]</c>.</summary>
    public string Field { get; }

    /// <summary>The only actions that write there; null where all do.</summary>
    public ImmutableArray<string>? Actions { get; }

    /// <summary>What has to be approved; null for nothing.</summary>
    public ApprovalRule? Approve { get; }

    /// <summary>Whether it is about a place.</summary>
    public bool Matches(string scope, string key) => Any(_scopes, scope) && Any(_keys, key);

    /// <summary>Whether it asks everything that another rule asks, of all its places.</summary>
    public bool Covers(TargetRule other) =>
        other._scopes.All(_scopes.Contains) && other._keys.All(_keys.Contains)
        && (other.Actions is not { } allowed || (Actions is { } mine && mine.All(id => allowed.Contains(id, StringComparer.Ordinal))))
        && (other.Approve is null || other._approveText == _approveText);

    /// <summary>Reads <c>{scope, key?, actions?, approve?}</c>.</summary>
    /// <remarks>Errors: <c>invalid_param invalid_cel</c>.</remarks>
    public static Outcome<TargetRule> Parse(JsonElement json, int index, RoomLanguage language)
    {
        var draft = new Draft(string.Create(CultureInfo.InvariantCulture, $"targets[{index}]"), language);
        return s_fields.Read(json, draft, language.IsStored) is { } refusal ? refusal
            : draft.Actions is null && draft.Approve is null ? Bad("A rule without 'actions' and 'approve' asks nothing.", draft.Field)
            : new TargetRule(draft);
    }

    private static bool Any(ImmutableArray<NamePattern> patterns, string name)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(name))
            {
                return true;
            }
        }

        return false;
    }

    private static ImmutableArray<NamePattern>? Patterns(JsonElement value)
    {
        JsonElement[] texts = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return texts.Length is >= 1 and <= MaxPatterns && texts.All(static text => text.ValueKind == JsonValueKind.String && text.GetString() is { Length: >= 1 and <= NamePattern.MaxLength })
            ? [.. texts.Select(static text => new NamePattern(text.GetString()!))] // They are strings.
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

        public ImmutableArray<NamePattern>? Scopes { get; set; }

        public ImmutableArray<NamePattern>? Keys { get; set; }

        public ImmutableArray<string>? Actions { get; set; }

        public ApprovalRule? Approve { get; set; }

        public string? ApproveText { get; set; }
    }
}
