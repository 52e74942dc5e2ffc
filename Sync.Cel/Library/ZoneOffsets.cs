using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Sync.Cel.Library;

/// <summary>
/// A time zone's offsets from UTC, to the second. .NET keeps whole minutes, but local mean times had seconds (Amsterdam was at +00:19:32 until 1937), so the changes are read
/// from the zone's own file (RFC 8536) where the system has it. After the last of them, and on systems without such files, .NET answers. Immutable.
/// </summary>
internal sealed class ZoneOffsets
{
    private const int HeaderBytes = 44;
    private const int TypeBytes = 6;
    private const int MaxFileBytes = 64 * 1024; // the largest has 4 KB

    // Holds zones that the system knows, some six hundred with all their aliases.
    private static readonly ConcurrentDictionary<string, ZoneOffsets> s_known = new(StringComparer.Ordinal);

    private readonly TimeZoneInfo _zone;
    private readonly long[] _changes; // in seconds since 1970, ascending
    private readonly int[] _offsets; // the first before the first change, then those after each

    private ZoneOffsets(TimeZoneInfo zone, long[] changes, int[] offsets) => (_zone, _changes, _offsets) = (zone, changes, offsets);

    /// <summary>The zone of that name, or null.</summary>
    public static ZoneOffsets? Find(string name)
    {
        if (s_known.TryGetValue(name, out var known))
        {
            return known;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            return null;
        }

        var (changes, offsets) = Parse(Read(name));
        return s_known.GetOrAdd(name, new ZoneOffsets(zone, changes, offsets));
    }

    /// <summary>The offset in seconds at a time in seconds since 1970.</summary>
    public long At(long seconds)
    {
        if (_changes.Length > 0 && seconds < _changes[^1])
        {
            var at = Array.BinarySearch(_changes, seconds);
            return _offsets[at >= 0 ? at + 1 : ~at];
        }

        // An offset must not lead out of .NET's range; no zone changes on its last days.
        var time = Math.Clamp(seconds, Values.TimeText.MinSeconds + 86400, Values.TimeText.MaxSeconds - 86400);
        return (long)_zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(time)).TotalSeconds;
    }

    private static byte[] Read(string name)
    {
        var path = Path.Combine(Environment.GetEnvironmentVariable("TZDIR") is { Length: > 0 } folder ? folder : "/usr/share/zoneinfo", name);
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxFileBytes } ? File.ReadAllBytes(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The second block of a file of version 2 or later has times of 64 bits. What is no such file gives no changes.
    internal static (long[] Changes, int[] Offsets) Parse(ReadOnlySpan<byte> file)
    {
        if (!TryCounts(file, out _, out _, out var first) || file[4] < (byte)'2' || first > file.Length)
        {
            return ([], []);
        }

        var block = file[first..];
        if (!TryCounts(block, out var times, out var types, out _) || types == 0 || block.Length < HeaderBytes + times * 9 + types * TypeBytes)
        {
            return ([], []);
        }

        var rows = block[HeaderBytes..];
        var changes = new long[times];
        var offsets = new int[times + 1];
        var infos = rows[(times * 9)..];
        offsets[0] = BinaryPrimitives.ReadInt32BigEndian(infos);
        for (var i = 0; i < times; i++)
        {
            changes[i] = BinaryPrimitives.ReadInt64BigEndian(rows[(i * 8)..]);
            var type = rows[times * 8 + i];
            if (type >= types)
            {
                return ([], []);
            }

            offsets[i + 1] = BinaryPrimitives.ReadInt32BigEndian(infos[(type * TypeBytes)..]);
        }

        return (changes, offsets);
    }

    // The counts of a block, and the bytes it takes where times have 32 bits.
    private static bool TryCounts(ReadOnlySpan<byte> block, out int times, out int types, out int bytes)
    {
        (times, types, bytes) = (0, 0, 0);
        if (block.Length < HeaderBytes || !block.StartsWith("TZif"u8))
        {
            return false;
        }

        Span<int> counts = stackalloc int[6];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = BinaryPrimitives.ReadInt32BigEndian(block[(20 + i * 4)..]);
            if (counts[i] is < 0 or > MaxFileBytes)
            {
                return false;
            }
        }

        (times, types) = (counts[3], counts[4]);
        bytes = HeaderBytes + times * 5 + types * TypeBytes + counts[5] + counts[2] * 8 + counts[1] + counts[0];
        return true;
    }
}
