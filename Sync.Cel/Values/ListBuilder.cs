namespace Sync.Cel.Values;

/// <summary>Grows the array of a list under construction.</summary>
internal struct ListBuilder(int capacity)
{
    private CelValue[] _items = capacity == 0 ? [] : new CelValue[capacity];
    private int _count;

    public readonly int Count => _count;

    public void Add(in CelValue item)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(4, _count * 2));
        }

        _items[_count++] = item;
    }

    public readonly CelValue ToValue() => CelValue.Of(_count == 0 ? ArrayList.Empty : new ArrayList(_items, _count, built: true));
}
