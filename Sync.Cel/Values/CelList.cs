namespace Sync.Cel.Values;

/// <summary>A list value. Implementations must be immutable.</summary>
public abstract class CelList
{
    /// <summary>Number of elements.</summary>
    public abstract int Count { get; }

    /// <summary>The element at a 0-based index within range.</summary>
    public abstract CelValue this[int index] { get; }
}
