using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Rules;

/// <summary>The rules of a room about who writes where, as <c>_config.targets</c> has them. Immutable; nearly always empty.</summary>
internal sealed class TargetRules
{
    /// <summary>The key of <c>_config</c> that holds them.</summary>
    public const string Key = "targets";

    private const int MaxRules = 100;

    // Of all rules together. What a write costs at most follows from them: every pattern with a wildcard is tried on every place that is written.
    private const int MaxNames = 500;
    private const int MaxWildness = 4096;

    private readonly ImmutableArray<TargetRule> _all;

    // By scope, those that name all of theirs; the others are tried on every place.
    private readonly FrozenDictionary<string, ImmutableArray<TargetRule>> _byScope;
    private readonly ImmutableArray<TargetRule> _anywhere;

    private TargetRules(ImmutableArray<TargetRule> all)
    {
        _all = all;
        _anywhere = [.. all.Where(static rule => !rule.Scopes.IsLiteral)];
        _byScope = all.Where(static rule => rule.Scopes.IsLiteral)
            .SelectMany(static rule => rule.Scopes.Names.Select(scope => (Scope: scope, Rule: rule)))
            .GroupBy(static pair => pair.Scope, static pair => pair.Rule, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.ToImmutableArray(), StringComparer.Ordinal);
    }

    public static TargetRules Empty { get; } = new([]);

    public bool IsEmpty => _all.IsEmpty;

    /// <summary>Whether a place is where the rules stand.</summary>
    public static bool IsPlace(string scope, string key) => key == Key && scope == ReservedScopes.Config;

    /// <summary>
    /// The rules about a place; null where the budget does not reach to find them. The engine's own scopes have rules of their own, and so has this list: a rule about it would lock out who has to take it back.
    /// </summary>
    public IReadOnlyList<TargetRule>? Of(string scope, string key, CelBudget budget)
    {
        if (IsEmpty || ReservedScopes.IsEngineOnly(scope) || IsPlace(scope, key))
        {
            return [];
        }

        List<TargetRule>? found = null;
        foreach (var rule in _byScope.GetValueOrDefault(scope, []).Concat(_anywhere))
        {
            if (!budget.Charge(rule.PriceOf(scope, key)))
            {
                return null;
            }

            if (rule.Matches(scope, key))
            {
                (found ??= []).Add(rule);
            }
        }

        return found ?? [];
    }

    /// <summary>Whether these ask everything that others asked.</summary>
    public bool Cover(TargetRules others) => others._all.All(other => _all.Any(rule => rule.Covers(other)));

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

        if (!language.IsStored && (rules.Sum(static rule => rule.Count) > MaxNames || rules.Sum(static rule => rule.Wildness) > MaxWildness))
        {
            return new SyncError(ErrorCode.InvalidParam, string.Create(CultureInfo.InvariantCulture, $"All rules of '{Key}' together name at most {MaxNames} scopes, keys and actions, and their patterns with '*' or '?' have at most {MaxWildness} characters: each is looked at for each write."))
            {
                Hint = "Use fewer rules, or shorter patterns such as \"v*\".",
                Help = "gates",
            }.With("field", Key);
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
