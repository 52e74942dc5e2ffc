namespace Sync.Cel.Values;

/// <summary>A list over an array nobody else changes.</summary>
/// <param name="items">The elements, the first <paramref name="count"/> of them.</param>
/// <param name="count">The number of elements.</param>
/// <param name="built">
/// Whether an evaluation made it. Such a list may hold one value many times over, so its text can be exponentially larger than
/// its memory; results are measured before they leave (<see cref="Results"/>). A list read from JSON is a tree and needs none.
/// </param>
internal sealed class ArrayList(CelValue[] items, int count, bool built) : CelList
{
    public static readonly ArrayList Empty = new([], 0, built: false);

    public bool Built => built;

    public override int Count => count;

    public override CelValue this[int index] => items[index];

    public ReadOnlySpan<CelValue> Span => items.AsSpan(0, count);
}
