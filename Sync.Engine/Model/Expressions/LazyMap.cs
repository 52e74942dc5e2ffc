using Sync.Cel.Values;

namespace Sync.Engine.Model.Expressions;

/// <summary>A map over names whose values are worked out at the look-up.</summary>
internal sealed class LazyMap(Func<IEnumerable<string>> names, Func<string, CelValue?> find) : CelMap
{
    private static readonly CelValue s_empty = CelValue.Of(new LazyMap(static () => [], static _ => null));

    /// <summary>Whether a name that is not there reads as an empty map instead of null.</summary>
    public bool AbsentIsEmpty { get; init; }

    public override CelValue Absent => AbsentIsEmpty ? s_empty : CelValue.Null;

    public override int Count => names().Count();

    public override IEnumerable<CelValue> Keys => names().Select(CelValue.Of);

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        value = default;
        return key.Kind == CelKind.String && TryGet(key.AsString, out value);
    }

    public override bool TryGet(string key, out CelValue value)
    {
        var found = find(key);
        value = found ?? default;
        return found is not null;
    }
}
