using System.Runtime.InteropServices;
using System.Text.Json;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Engine.Model.Actions;

/// <summary>
/// Bound parameters as a map. Each is converted at its first reading and kept: a parameter may be large, and a guard may read it in a loop. One invocation, one thread.
/// </summary>
internal sealed class ParamsMap(IReadOnlyDictionary<string, JsonElement> bound) : CelMap
{
    private Dictionary<string, Converted>? _converted;

    public override int Count => bound.Count;

    public override IEnumerable<CelValue> Keys => bound.Keys.Select(CelValue.Of);

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        value = default;
        return key.Kind == CelKind.String && TryGet(key.AsString, out value);
    }

    public override bool TryGet(string key, out CelValue value)
    {
        var found = Find(key);
        value = found?.Value ?? default;
        return found is not null;
    }

    public override bool TryGet(in CelValue key, CelBudget budget, out CelValue value)
    {
        value = default;
        return key.Kind == CelKind.String && TryGet(key.AsString, budget, out value);
    }

    public override bool TryGet(string key, CelBudget budget, out CelValue value)
    {
        var found = Find(key);
        value = found is null ? default
            : budget.ChargeOnce(found, CelBudget.PriceOfJson(found.Length)) ? found.Value
            : CelBudget.Exceeded;
        return found is not null;
    }

    private Converted? Find(string key)
    {
        Converted? found = null;
        if (_converted?.TryGetValue(key, out found) != true && bound.TryGetValue(key, out var json))
        {
            _converted ??= new Dictionary<string, Converted>(StringComparer.Ordinal);
            _converted[key] = found = new Converted(json);
        }

        return found;
    }

    private sealed class Converted(JsonElement json)
    {
        private CelValue? _value;

        public int Length { get; } = JsonMarshal.GetRawUtf8Value(json).Length;

        public CelValue Value => _value ??= CelValue.FromJson(json);
    }
}
