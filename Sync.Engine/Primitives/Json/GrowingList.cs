namespace Sync.Engine.Primitives.Json;

/// <summary>
/// A JSON array to which items are appended, as one of its states. The states of one array share a buffer: an append writes behind what the newest state holds and leaves the rest alone,
/// so it costs the item and not the array. Whoever reads the bytes as a whole gets a copy, which is kept.
/// <para>
/// Immutable to whoever holds it, any thread: bytes within a state's length never change. Of two appends to the same state (a dry run beside the real one) the first takes the buffer, and the other copies.
/// </para>
/// </summary>
internal sealed class GrowingList
{
    // Shorter arrays are cheaper to copy than to look after.
    public const int WorthIt = 4 * 1024;

    private readonly SharedBuffer _buffer;

    // Up to here the buffer holds this state: the opening bracket and the items, without the closing bracket.
    private readonly int _used;
    private byte[]? _utf8;

    private GrowingList(SharedBuffer buffer, int used, int count)
    {
        _buffer = buffer;
        _used = used;
        Count = count;
    }

    /// <summary>Items.</summary>
    public int Count { get; }

    /// <summary>Bytes as JSON.</summary>
    public int Length => _used + 1;

    /// <summary>The array as JSON.</summary>
    public byte[] Utf8
    {
        get
        {
            if (_utf8 is { } made)
            {
                return made;
            }

            var utf8 = new byte[Length];
            _buffer.Bytes.AsSpan(0, _used).CopyTo(utf8);
            utf8[^1] = (byte)']';
            return _utf8 = utf8;
        }
    }

    /// <summary>Begins with an array of <paramref name="count"/> items.</summary>
    public static GrowingList Of(ReadOnlySpan<byte> array, int count)
    {
        var buffer = new SharedBuffer(array.Length + (array.Length / 2));
        array[..^1].CopyTo(buffer.Bytes);
        buffer.Used = array.Length - 1;
        return new(buffer, array.Length - 1, count);
    }

    /// <summary>The array with one more item.</summary>
    public GrowingList Append(ReadOnlySpan<byte> item)
    {
        var comma = Count > 0 ? 1 : 0;
        var needed = _used + comma + item.Length;
        var buffer = _buffer;
        if (needed > buffer.Bytes.Length || Interlocked.CompareExchange(ref buffer.Used, needed, _used) != _used)
        {
            buffer = new SharedBuffer(needed + (needed / 2)) { Used = needed };
            _buffer.Bytes.AsSpan(0, _used).CopyTo(buffer.Bytes);
        }

        if (comma > 0)
        {
            buffer.Bytes[_used] = (byte)',';
        }

        item.CopyTo(buffer.Bytes.AsSpan(_used + comma));
        return new(buffer, needed, Count + 1);
    }

    private sealed class SharedBuffer(int capacity)
    {
        public byte[] Bytes { get; } = new byte[capacity];

        /// <summary>How far the newest state reaches. Whoever moves it owns the bytes it moved over.</summary>
        public int Used;
    }
}
