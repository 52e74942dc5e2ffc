using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sync.Cel.RegularExpressions;

/// <summary>
/// What a program can tell apart: code points that all of its sets treat alike form a class, and the machines read classes, not code points.
/// Immutable.
/// </summary>
internal sealed class RegexAlphabet
{
    private const int MaxTableWords = 32 * 1024;

    private readonly ushort[] _ascii = new ushort[128];
    private readonly int[] _starts; // of the intervals, ascending from 0
    private readonly ushort[] _classes; // of the intervals
    private readonly int _firstBeyondAscii;
    private readonly RegexNeighbour[] _kinds;
    private readonly uint[] _rows; // a bit per set and class
    private readonly int[] _only;
    private readonly int _rowWords;

    private RegexAlphabet(int[] starts, ushort[] classes, List<int> members, List<RuneSet> sets, bool needsPlaces)
    {
        (_starts, _classes) = (starts, classes);
        for (var rune = 0; rune < _ascii.Length; rune++)
        {
            _ascii[rune] = classes[IntervalOf(rune, 0)];
        }

        _firstBeyondAscii = IntervalOf(_ascii.Length, 0);
        _kinds = [.. members.Select(rune => !needsPlaces ? RegexNeighbour.Other
            : rune == '\n' ? RegexNeighbour.Newline
            : RuneSet.Word.Contains(rune) ? RegexNeighbour.Word
            : RegexNeighbour.Other)];
        _rowWords = (members.Count + 31) / 32;
        _rows = new uint[_rowWords * sets.Count];
        _only = new int[sets.Count];
        for (var set = 0; set < sets.Count; set++)
        {
            var found = 0;
            for (var k = 0; k < members.Count; k++)
            {
                if (sets[set].Contains(members[k]))
                {
                    _rows[set * _rowWords + (k >> 5)] |= 1u << (k & 31);
                    _only[set] = found++ == 0 ? k : -1;
                }
            }

            _only[set] = found == 1 ? _only[set] : -1;
        }
    }

    /// <summary>How many classes there are.</summary>
    public int Count => _kinds.Length;

    /// <summary>About how many bytes it holds.</summary>
    public int Bytes => 512 + _starts.Length * 6 + _kinds.Length + (_rows.Length + _only.Length) * 4;

    /// <summary>The alphabet of a program; null where it would be too large or the meter ran out.</summary>
    /// <param name="sets">Its sets.</param>
    /// <param name="runes">Its single code points.</param>
    /// <param name="needsPlaces">Whether it asks what stands beside a position: then newline and word characters are classes of their own.</param>
    /// <param name="meter">Where the work is taken from.</param>
    public static RegexAlphabet? Build(List<RuneSet> sets, Dictionary<int, int> runes, bool needsPlaces, ref RegexMeter meter)
    {
        if (needsPlaces)
        {
            sets = [.. sets, RuneSet.Word, RuneSet.AnyButNewline];
        }

        var ranges = sets.Sum(set => set.RangeCount);
        var words = (sets.Count + 63) / 64;
        var boundaries = ranges * 2 + runes.Count * 2 + 1;
        if (!meter.Spend((long)boundaries * (16 + words * 2)))
        {
            return null;
        }

        var toggles = Toggles(sets, runes, boundaries);
        var starts = new List<int>(toggles.Count);
        var classes = new List<ushort>(toggles.Count);
        var members = new List<int>();
        var within = new ulong[words];
        var known = new Dictionary<string, ushort>();
        var lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i < toggles.Count;)
        {
            var start = toggles[i].Start;
            i = Apply(toggles, i, within);
            if (start > RuneSet.LastRune)
            {
                break;
            }

            // A code point that an instruction names is a class by itself; intervals that the same sets cover share one.
            var key = MemoryMarshal.Cast<ulong, char>(within.AsSpan());
            if (runes.ContainsKey(start))
            {
                classes.Add((ushort)members.Count);
                members.Add(start);
            }
            else if (lookup.TryGetValue(key, out var shared))
            {
                classes.Add(shared);
            }
            else
            {
                known.Add(key.ToString(), (ushort)members.Count);
                classes.Add((ushort)members.Count);
                members.Add(start);
            }

            starts.Add(start);
        }

        var rows = (long)sets.Count * members.Count;
        return rows / 32 <= MaxTableWords && meter.Spend(rows + sets.Count)
            ? new RegexAlphabet([.. starts], [.. classes], members, sets, needsPlaces)
            : null;
    }

    // Enters and leaves the sets that begin or end where a toggle stands; the toggle of the next start.
    private static int Apply(List<(int Start, int Set)> toggles, int at, ulong[] within)
    {
        var start = toggles[at].Start;
        for (; at < toggles.Count && toggles[at].Start == start; at++)
        {
            if (toggles[at].Set >= 0)
            {
                within[toggles[at].Set >> 6] ^= 1ul << (toggles[at].Set & 63);
            }
        }

        return at;
    }

    // At each start, the set that begins or ends there; -1 for the bounds of a single code point. In order.
    private static List<(int Start, int Set)> Toggles(List<RuneSet> sets, Dictionary<int, int> runes, int boundaries)
    {
        var toggles = new List<(int Start, int Set)>(boundaries) { (0, -1) };
        for (var set = 0; set < sets.Count; set++)
        {
            var bounds = sets[set].Bounds;
            for (var i = 0; i < bounds.Length; i += 2)
            {
                toggles.Add((bounds[i], set));
                toggles.Add((bounds[i + 1] + 1, set));
            }
        }

        foreach (var rune in runes.Keys)
        {
            toggles.Add((rune, -1));
            toggles.Add((rune + 1, -1));
        }

        toggles.Sort();
        return toggles;
    }

    /// <summary>The class that alone makes up a set, or -1.</summary>
    public int OnlyClassOf(int set) => _only[set];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(int set, int @class) => (_rows[set * _rowWords + (@class >> 5)] >> (@class & 31) & 1) != 0;

    /// <summary>What a code point of the class is to the positions beside it.</summary>
    public RegexNeighbour KindOf(int @class) => _kinds[@class];

    public int ClassOf(int rune) => rune < _ascii.Length ? _ascii[rune] : _classes[IntervalOf(rune, _firstBeyondAscii)];

    /// <summary>Reads the class of the code point at <paramref name="at"/> and moves past it. A lone surrogate reads as U+FFFD.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Read(string text, ref int at)
    {
        var c = text[at];
        if (c < 128)
        {
            at++;
            return _ascii[c];
        }

        return ReadBeyondAscii(text, ref at);
    }

    private int ReadBeyondAscii(string text, ref int at)
    {
        int rune = text[at++];
        if (char.IsSurrogate((char)rune))
        {
            if (char.IsHighSurrogate((char)rune) && at < text.Length && char.IsLowSurrogate(text[at]))
            {
                rune = char.ConvertToUtf32((char)rune, text[at++]);
            }
            else
            {
                rune = 0xFFFD;
            }
        }

        return _firstBeyondAscii == _starts.Length - 1 ? _classes[_firstBeyondAscii] : _classes[IntervalOf(rune, _firstBeyondAscii)];
    }

    // The last interval that begins at or before the code point.
    private int IntervalOf(int rune, int low)
    {
        var high = _starts.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (_starts[middle] <= rune)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
