using System.Collections;
using System.Collections.Immutable;

namespace Sync.Engine.Identity.Scopes;

/// <summary>The views of one room that a grant shows: ids in ordinal order, each once. Immutable, equal by content.</summary>
internal sealed class ViewSet : IReadOnlyList<string>, IEquatable<ViewSet>
{
    private readonly ImmutableArray<string> _ids;

    private ViewSet(ImmutableArray<string> ids) => _ids = ids;

    /// <summary>No view.</summary>
    public static ViewSet None { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _ids.Length;

    /// <inheritdoc/>
    public string this[int index] => _ids[index];

    public static ViewSet Of(IEnumerable<string> ids) => new([.. ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    public bool Contains(string id) => _ids.BinarySearch(id, StringComparer.Ordinal) >= 0;

    /// <summary>Whether every view of <paramref name="other"/> is one of these.</summary>
    public bool Covers(ViewSet other) => other.All(Contains);

    public ViewSet Union(ViewSet other) => Count == 0 ? other : other.Count == 0 ? this : Of(_ids.Concat(other._ids));

    /// <inheritdoc/>
    public bool Equals(ViewSet? other) => other is not null && _ids.AsSpan().SequenceEqual(other._ids.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ViewSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var id in _ids)
        {
            hash.Add(id, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_ids).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
