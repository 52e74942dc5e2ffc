using Sync.Cel.Values.Limits;

namespace Sync.Cel.Values;

/// <summary>A map over a dictionary nobody changes any more; keys iterate in the order of insertion.</summary>
internal sealed class HashMap : CelMap
{
    public static readonly HashMap Empty = new(0, built: false);

    // Almost every map has string keys only, and those skip wrapping and the comparison across numeric types.
    private readonly Dictionary<string, CelValue> _byText;
    private Dictionary<CelValue, CelValue>? _byKey;

    public HashMap(int capacity, bool built)
    {
        _byText = new Dictionary<string, CelValue>(capacity);
        Built = built;
    }

    /// <summary>Whether an evaluation made it; see <see cref="ArrayList"/>.</summary>
    public bool Built { get; }

    public override int Count => _byKey?.Count ?? _byText.Count;

    public override IEnumerable<CelValue> Keys => _byKey is not null ? _byKey.Keys : TextKeys();

    /// <summary>While building only: adds an entry; false when the key is there already.</summary>
    public bool TryAdd(in CelValue key, in CelValue value)
    {
        if (_byKey is null && key.Kind == CelKind.String)
        {
            return _byText.TryAdd(key.AsString, value);
        }

        _byKey ??= Widen();
        return _byKey.TryAdd(key, value);
    }

    /// <summary>While building only: adds or replaces, as JSON readers do.</summary>
    public void Set(string key, in CelValue value) => _byText[key] = value;

    public override bool TryGet(string key, out CelValue value) =>
        _byKey is null ? _byText.TryGetValue(key, out value) : _byKey.TryGetValue(CelValue.Of(key), out value);

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        if (_byKey is null)
        {
            value = default;
            return key.Kind == CelKind.String && _byText.TryGetValue(key.AsString, out value);
        }

        return _byKey.TryGetValue(key, out value);
    }

    // What lies here is converted: looking it up costs no more than the look-up itself.
    public override bool TryGet(string key, CelBudget budget, out CelValue value) =>
        _byKey is null ? _byText.TryGetValue(key, out value) : _byKey.TryGetValue(CelValue.Of(key), out value);

    private IEnumerable<CelValue> TextKeys()
    {
        foreach (var key in _byText.Keys)
        {
            yield return CelValue.Of(key);
        }
    }

    private Dictionary<CelValue, CelValue> Widen()
    {
        var wide = new Dictionary<CelValue, CelValue>(_byText.Count + 1);
        foreach (var (key, value) in _byText)
        {
            wide.Add(CelValue.Of(key), value);
        }

        return wide;
    }
}
