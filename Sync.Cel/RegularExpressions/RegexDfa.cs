using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sync.Cel.RegularExpressions;

/// <summary>
/// The deterministic automaton of a program as far as texts have asked for it. States are made under the lock and read without; a
/// state once made never changes but for its transitions, each written once. When it is full the owner begins a new one; who still reads the old one may.
/// </summary>
internal sealed class RegexDfa
{
    private const int StateBytes = 136; // a state, its two arrays and its entry in the index, empty

    private readonly Lock _lock = new();
    private readonly RegexProgram _program;
    private readonly Dictionary<State, State> _states = new(Comparer.Instance);
    private int _bytes;

    public RegexDfa(RegexProgram program)
    {
        _program = program;
        lock (_lock)
        {
            var now = RegexScratch.Instance.Now;
            now.Reset(program);
            now.Add(program.Code, program.Start);
            Start = InternNeedsLock(now, RegexNeighbour.Edge);
            if (!Start.IsFinal && !now.HasAssertions && !program.Literal.AtBegin)
            {
                Idle = Start;
                Passed = program.Literal.Prefix.Length > 0 ? null : PassedBy(now);
            }
        }
    }

    public static State Matched { get; } = new([], RegexNeighbour.Other, 0, isMatch: true);

    /// <summary>Where a text begins.</summary>
    public State Start { get; }

    /// <summary>The state in which nothing is under way but what may begin at any place; null where the begin of the text differs from other places.</summary>
    public State? Idle { get; }

    /// <summary>Characters that lead from the idle state to itself, so that they can be passed over many at a time; null where they are few.</summary>
    public SearchValues<char>? Passed { get; }

    public bool IsFull => Volatile.Read(ref _bytes) > _program.MaxDfaBytes;

    /// <summary>The state of another automaton of this program, in this one.</summary>
    public State Adopt(State state)
    {
        lock (_lock)
        {
            var now = RegexScratch.Instance.Now;
            now.Load(_program, state.Members);
            return InternNeedsLock(now, state.Before);
        }
    }

    /// <summary>Makes the transition from a state by a class.</summary>
    public State Build(State from, int @class)
    {
        lock (_lock)
        {
            var (code, alphabet) = (_program.Code, _program.Alphabet);
            var (now, next) = (RegexScratch.Instance.Now, RegexScratch.Instance.Next);
            now.Load(_program, from.Members);
            now.Settle(code, from.Before, alphabet.KindOf(@class));
            State to;
            if (now.IsMatch)
            {
                to = Matched;
            }
            else
            {
                next.Reset(_program);
                now.Step(code, alphabet, @class, next);
                if (!_program.Literal.AtBegin)
                {
                    next.Add(code, _program.Start);
                }

                to = InternNeedsLock(next, alphabet.KindOf(@class));
            }

            Volatile.Write(ref from.Transitions[@class], to);
            return to;
        }
    }

    private SearchValues<char>? PassedBy(RegexThreads start)
    {
        const int Few = 64;
        Span<char> passed = stackalloc char[128];
        var count = 0;
        for (var c = '\0'; c < passed.Length; c++)
        {
            if (!start.Takes(_program.Code, _program.Alphabet, _program.Alphabet.ClassOf(c)))
            {
                passed[count++] = c;
            }
        }

        return count < Few ? null : SearchValues.Create(passed[..count]);
    }

    private State InternNeedsLock(RegexThreads threads, RegexNeighbour before)
    {
        if (threads.IsMatch)
        {
            return Matched;
        }

        // The order of members says nothing, and what stood before only matters to who waits for a place.
        threads.Members.Sort();
        var probe = new State(
            threads.Members.ToArray(),
            threads.HasAssertions ? before : RegexNeighbour.Other,
            threads.Count == 0 && _program.Literal.AtBegin ? 0 : _program.Alphabet.Count,
            isMatch: false);
        if (_states.TryGetValue(probe, out var known))
        {
            return known;
        }

        _states.Add(probe, probe);
        var bytes = StateBytes + probe.Members.Length * 2 + probe.Transitions.Length * 8;
        Volatile.Write(ref _bytes, _bytes + bytes);
        RegexMemory.Count(_program, bytes);
        return probe;
    }

    /// <summary>A set of threads. Without transitions it is final: a match, or no way to one.</summary>
    internal sealed class State(ushort[] members, RegexNeighbour before, int classes, bool isMatch)
    {
        private const int Unknown = 0;
        private const int Yes = 1;
        private const int No = 2;

        private int _atEnd;

        public readonly ushort[] Members = members;
        public readonly RegexNeighbour Before = before;
        public readonly State?[] Transitions = classes == 0 ? [] : new State?[classes];
        public readonly bool IsMatch = isMatch;

        public bool IsFinal => Transitions.Length == 0;

        /// <summary>Whether there is a match if the text ends here.</summary>
        public bool MatchesAtEnd(RegexProgram program)
        {
            if (_atEnd == Unknown)
            {
                var now = RegexScratch.Instance.Now;
                now.Load(program, Members);
                now.Settle(program.Code, Before, RegexNeighbour.Edge);
                _atEnd = IsMatch || now.IsMatch ? Yes : No;
            }

            return _atEnd == Yes;
        }
    }

    private sealed class Comparer : IEqualityComparer<State>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(State? x, State? y) => x!.Before == y!.Before && x.Members.AsSpan().SequenceEqual(y.Members);

        public int GetHashCode([DisallowNull] State state)
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(state.Members.AsSpan()));
            hash.Add((int)state.Before);
            return hash.ToHashCode();
        }
    }
}
