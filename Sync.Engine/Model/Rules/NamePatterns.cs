using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sync.Engine.Model.Rules;

/// <summary>
/// A set of patterns of names. Immutable. Names that are written out are looked up; what has wildcards is tried one after another, and costs as much as it is long. Whoever matches pays <see cref="PriceOf"/> first.
/// </summary>
internal sealed class NamePatterns
{
    private readonly FrozenSet<string> _texts;
    private readonly FrozenSet<string> _names;
    private readonly ImmutableArray<NamePattern> _patterns;

    public NamePatterns(IEnumerable<string> texts)
    {
        _texts = texts.ToFrozenSet(StringComparer.Ordinal);
        _names = _texts.Where(static text => !new NamePattern(text).HasWildcards).ToFrozenSet(StringComparer.Ordinal);
        _patterns = [.. _texts.Where(static text => new NamePattern(text).HasWildcards).Order(StringComparer.Ordinal).Select(static text => new NamePattern(text))];
        Wildness = _patterns.Sum(static pattern => pattern.Text.Length);
    }

    /// <summary>Every name.</summary>
    public static NamePatterns All { get; } = new(["*"]);

    public int Count => _texts.Count;

    /// <summary>The names that are written out.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Whether no pattern has a wildcard.</summary>
    public bool IsLiteral => _patterns.IsEmpty;

    /// <summary>The characters of the patterns that have wildcards: what there is to try for each character of a name.</summary>
    public int Wildness { get; }

    /// <summary>What matching a name costs, in units of a budget: one for 16 steps.</summary>
    public long PriceOf(string name) => 1 + (((long)Wildness * (name.Length + 1)) >> 4);

    public bool Matches(string name)
    {
        if (_names.Contains(name))
        {
            return true;
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.Matches(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether every pattern of another set is in this one.</summary>
    public bool Covers(NamePatterns other) => other._texts.IsSubsetOf(_texts);
}
