using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Rules;

/// <summary>The rules of a room about who writes where, as <c>_config.targets</c> has them. Immutable; nearly always empty.</summary>
/// <param name="All">The rules, in their order.</param>
internal sealed record TargetRules(ImmutableArray<TargetRule> All)
{
    /// <summary>The key of <c>_config</c> that holds them.</summary>
    public const string Key = "targets";

    private const int MaxRules = 100;

    public static TargetRules Empty { get; } = new([]);

    public bool IsEmpty => All.IsEmpty;

    /// <summary>Whether a place is where the rules stand.</summary>
    public static bool IsPlace(string scope, string key) => key == Key && scope == ReservedScopes.Config;

    /// <summary>The rules about a place. The engine's own scopes have rules of their own.</summary>
    public IEnumerable<TargetRule> Of(string scope, string key) => IsEmpty || ReservedScopes.IsEngineOnly(scope) ? [] : All.Where(rule => rule.Matches(scope, key));

    /// <summary>Whether these ask everything that others asked.</summary>
    public bool Cover(TargetRules others) => others.All.All(other => All.Any(rule => rule.Covers(other)));

    /// <summary>Reads the list.</summary>
    /// <remarks>Errors: <c>invalid_param invalid_cel</c>.</remarks>
    public static Outcome<TargetRules> Parse(JsonElement json, RoomLanguage language)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > MaxRules)
        {
            return new SyncError(ErrorCode.InvalidParam, string.Create(CultureInfo.InvariantCulture, $"'{Key}' is a list of at most {MaxRules} rules about who writes where."))
            {
                Hint = "Write [] for none, or [{\"scope\": \"_releases\", \"key\": \"*\", \"actions\": [\"publish\"]}].",
                Help = "gates",
            }.With("field", Key);
        }

        var rules = ImmutableArray.CreateBuilder<TargetRule>(json.GetArrayLength());
        foreach (var one in json.EnumerateArray())
        {
            if (!TargetRule.Parse(one, rules.Count, language).Try(out var rule, out var error))
            {
                return error;
            }

            rules.Add(rule);
        }

        return new TargetRules(rules.MoveToImmutable());
    }

    /// <summary>The rules of an entry that the log has accepted; none of one that never was a list of rules, in a room of before.</summary>
    public static TargetRules Read(Entry? entry, RoomLanguage language)
    {
        if (entry is null)
        {
            return Empty;
        }

        using var document = entry.Value.Parse();
        return Parse(document.RootElement, language.ForStored).Try(out var rules, out _) ? rules : Empty;
    }
}
