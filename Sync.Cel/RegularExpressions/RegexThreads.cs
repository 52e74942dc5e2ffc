using System.Runtime.CompilerServices;

namespace Sync.Cel.RegularExpressions;

/// <summary>
/// The instructions at which a match in progress may stand, without order: those that take a code point and those that wait for a place.
/// Splits are followed as they are entered; assertions are followed only when the next code point is known.
/// </summary>
internal sealed class RegexThreads
{
    // Instructions fit in 16 bits (RegexProgram.MaxInstructions).
    private ushort[] _members = [];
    private ushort[] _stack = [];
    private ulong[] _seen = [];
    private int _words;

    /// <summary>Whether a match ends here. The rest of the set is then of no interest.</summary>
    public bool IsMatch { get; private set; }

    /// <summary>Whether some member waits for a place.</summary>
    public bool HasAssertions { get; private set; }

    public Span<ushort> Members => _members.AsSpan(0, Count);

    public int Count { get; private set; }

    public void Reset(RegexProgram program)
    {
        var size = program.Code.Length;
        if (_members.Length < size)
        {
            // Kept by the thread for its next match: at most some 70 KB.
            _members = new ushort[size];
            _stack = new ushort[size];
            _seen = new ulong[(size + 63) / 64];
        }

        _words = (size + 63) / 64;
        Array.Clear(_seen, 0, _words);
        (Count, IsMatch, HasAssertions) = (0, false, false);
    }

    /// <summary>Takes over what <see cref="Members"/> were before.</summary>
    public void Load(RegexProgram program, ReadOnlySpan<ushort> members)
    {
        Reset(program);
        foreach (var member in members)
        {
            _seen[member >> 6] |= 1ul << member;
            _members[Count++] = member;
            HasAssertions |= program.Code[member].Op == RegexOp.Assert;
        }
    }

    /// <summary>Adds an instruction and what it leads to without taking a code point.</summary>
    public void Add(RegexInstruction[] code, int at)
    {
        if (!Enter(at))
        {
            return;
        }

        var depth = 0;
        _stack[depth++] = (ushort)at;
        while (depth > 0)
        {
            at = _stack[--depth];
            ref readonly var instruction = ref code[at];
            switch (instruction.Op)
            {
                case RegexOp.Split:
                    if (Enter(instruction.Other))
                    {
                        _stack[depth++] = (ushort)instruction.Other;
                    }

                    goto case RegexOp.Save;
                case RegexOp.Save:
                    if (Enter(instruction.Next))
                    {
                        _stack[depth++] = (ushort)instruction.Next;
                    }

                    break;
                case RegexOp.Match:
                    IsMatch = true;
                    return;
                case RegexOp.Fail:
                    break;
                default:
                    HasAssertions |= instruction.Op == RegexOp.Assert;
                    _members[Count++] = (ushort)at;
                    break;
            }
        }
    }

    /// <summary>Follows the assertions that hold between two neighbours.</summary>
    public void Settle(RegexInstruction[] code, RegexNeighbour before, RegexNeighbour after)
    {
        // What is added here is examined in turn.
        for (var i = 0; HasAssertions && i < Count && !IsMatch; i++)
        {
            ref readonly var instruction = ref code[_members[i]];
            if (instruction.Op == RegexOp.Assert && RegexAssertions.Holds((RegexAssertion)instruction.Argument, before, after))
            {
                Add(code, instruction.Next);
            }
        }
    }

    /// <summary>Adds to <paramref name="next"/> where the members stand after a code point of the class.</summary>
    public void Step(RegexInstruction[] code, RegexAlphabet alphabet, int @class, RegexThreads next)
    {
        for (var i = 0; i < Count && !next.IsMatch; i++)
        {
            ref readonly var instruction = ref code[_members[i]];
            if (Takes(instruction, alphabet, @class))
            {
                next.Add(code, instruction.Next);
            }
        }
    }

    /// <summary>Whether a code point of the class leads anywhere.</summary>
    public bool Takes(RegexInstruction[] code, RegexAlphabet alphabet, int @class)
    {
        foreach (var member in Members)
        {
            if (Takes(code[member], alphabet, @class))
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Takes(in RegexInstruction instruction, RegexAlphabet alphabet, int @class) =>
        instruction.Op == RegexOp.Class ? instruction.Argument == @class : instruction.Op == RegexOp.Set && alphabet.Contains(instruction.Argument, @class);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Enter(int at)
    {
        ref var word = ref _seen[at >> 6];
        var bit = 1ul << at;
        if ((word & bit) != 0)
        {
            return false;
        }

        word |= bit;
        return true;
    }
}
