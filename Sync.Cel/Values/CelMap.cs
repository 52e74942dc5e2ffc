using Sync.Cel.Values.Limits;

namespace Sync.Cel.Values;

/// <summary>
/// A map value. Implementations must be immutable, or at least unchanging for the time of one evaluation; the engine
/// implements it over its own room state, so nothing is copied to evaluate an expression.
/// </summary>
public abstract class CelMap
{
    /// <summary>Number of entries.</summary>
    public abstract int Count { get; }

    /// <summary>Looks up a key; numeric keys match across int, uint and integral double.</summary>
    public abstract bool TryGet(in CelValue key, out CelValue value);

    /// <summary>Looks up a string key: what selection and <c>has()</c> use. Override to avoid the wrapping.</summary>
    public virtual bool TryGet(string key, out CelValue value) => TryGet(CelValue.Of(key), out value);

    /// <summary>What a key that is absent reads as, where the language lets it be read at all.</summary>
    public virtual CelValue Absent => CelValue.Null;

    /// <summary>
    /// Looks up within a budget, as evaluations do. Override it where reading a value converts it or works it out: that is charged before it is done, and alike whether it
    /// was done before or not. With nothing left the value is <see cref="CelBudget.Exceeded"/>.
    /// </summary>
    public virtual bool TryGet(in CelValue key, CelBudget budget, out CelValue value) => TryGet(key, out value);

    /// <summary>The same for a string key.</summary>
    public virtual bool TryGet(string key, CelBudget budget, out CelValue value) => TryGet(key, out value);

    /// <summary>The keys in iteration order.</summary>
    public abstract IEnumerable<CelValue> Keys { get; }
}
