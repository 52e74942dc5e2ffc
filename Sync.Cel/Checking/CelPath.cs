using System.Collections.Immutable;

namespace Sync.Cel.Checking;

/// <summary>
/// A path an expression may read: everything at and under it. A change above it counts too, where it changes what is at the path.
/// A list is one value: a change inside it is a change at the list's own path.
/// </summary>
/// <param name="Root">The variable's name.</param>
/// <param name="Segments">Qualifiers from the root up to the first one that is not statically known.</param>
/// <param name="KeysOnly">
/// True when only the presence or the set of keys directly under the path matters (<c>size(m)</c>, <c>"k" in m</c> has its own longer path).
/// Where the value at the path is no map, or stops being one, every change of it matters.
/// </param>
public sealed record CelPath(string Root, ImmutableArray<CelSegment> Segments, bool KeysOnly)
{
    /// <summary>Same root, segments in order, and kind.</summary>
    public bool Equals(CelPath? other) =>
        other is not null && Root == other.Root && KeysOnly == other.KeysOnly && Segments.AsSpan().SequenceEqual(other.Segments.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Root, KeysOnly, Segments.Length, Segments.Length > 0 ? Segments[^1] : default);

    /// <summary>The path as it would be written: <c>state._tasks[self]</c>, with <c>.keys()</c> where only keys matter.</summary>
    public override string ToString() =>
        Root + string.Concat(Segments.Select(s => s.IsVariable ? $"[{s.Text}]" : $".{s.Text}")) + (KeysOnly ? ".keys()" : "");
}

/// <summary>One qualifier of a path.</summary>
/// <param name="Text">
/// The literal key; or, when <paramref name="IsVariable"/>, the name of a root variable whose (string) value is the key, such as
/// <c>self</c>. While that value is no string, the path ends before this segment.
/// </param>
/// <param name="IsVariable">Whether <paramref name="Text"/> names a variable to substitute when it is known.</param>
public readonly record struct CelSegment(string Text, bool IsVariable);
