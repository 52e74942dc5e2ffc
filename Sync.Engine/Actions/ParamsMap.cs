using System.Text.Json;
using Sync.Cel;

namespace Sync.Engine.Actions;

/// <summary>Bound parameters as a map.</summary>
internal sealed class ParamsMap(IReadOnlyDictionary<string, JsonElement> bound) : CelMap
{
    public override int Count => bound.Count;

    public override IEnumerable<CelValue> Keys => bound.Keys.Select(CelValue.Of);

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        value = default;
        return key.Kind == CelKind.String && TryGet(key.AsString, out value);
    }

    public override bool TryGet(string key, out CelValue value)
    {
        var found = bound.TryGetValue(key, out var json);
        value = found ? CelValue.FromJson(json) : default;
        return found;
    }
}
