using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Sync.Engine.Runtime;

/// <summary>A queue whose newest entries can be taken back. Not thread-safe.</summary>
/// <typeparam name="T">What stands in it.</typeparam>
internal sealed class RevocableQueue<T> : IEnumerable<T>
{
    // The queue is what stands from _first on.
    private readonly List<T> _entries = [];
    private int _first;

    public int Count => _entries.Count - _first;

    public void Enqueue(T entry) => _entries.Add(entry);

    public bool TryPeek([MaybeNullWhen(false)] out T oldest)
    {
        oldest = Count > 0 ? _entries[_first] : default;
        return Count > 0;
    }

    /// <summary>Removes the oldest entry.</summary>
    public void Dequeue()
    {
        _first++;
        if (_first > 16 && _first > _entries.Count / 2)
        {
            // Half of it is empty: each entry is moved once on average.
            _entries.RemoveRange(0, _first);
            _first = 0;
        }
    }

    /// <summary>Removes the newest entry; false when there is none.</summary>
    public bool TakeBack()
    {
        if (Count == 0)
        {
            return false;
        }

        _entries.RemoveAt(_entries.Count - 1);
        return true;
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var at = _first; at < _entries.Count; at++)
        {
            yield return _entries[at];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
