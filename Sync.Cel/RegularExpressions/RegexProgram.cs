namespace Sync.Cel.RegularExpressions;

/// <summary>
/// A compiled pattern. Immutable but for its automaton, which is only a memory of work done; thread-safe. Time is O(program × text), memory
/// O(program), whatever the pattern; <see cref="Cost"/> says what a match is charged, the same with the automaton warm or cold.
/// </summary>
internal sealed class RegexProgram
{
    /// <summary>RE2 bounds programs by memory, at about this many instructions for sets of Unicode.</summary>
    public const int MaxInstructions = 16 * 1024;

    private const int InstructionBytes = 16;
    private const int MinDfaBytes = 8 * 1024;
    private const int DfaBytesCap = 64 * 1024;
    private const int DfaBytesPerInstruction = 512;
    private const int MaxFlushes = 3;
    private const int StepsPerUnit = 64; // one thread, one code point

    private readonly Kind _kind;
    private RegexDfa? _dfa;

    public RegexProgram(RegexInstruction[] code, RegexAlphabet alphabet, int start, int groups, RegexLiteral literal)
    {
        (Code, Alphabet, Start, Groups, Literal) = (code, alphabet, start, groups, literal);
        _kind = !literal.IsWhole ? Kind.Search
            : (literal.AtBegin, literal.AtEnd) switch
            {
                (false, false) => Kind.Contains,
                (true, false) => Kind.StartsWith,
                (false, true) => Kind.EndsWith,
                (true, true) => Kind.Equals,
            };
        MaxDfaBytes = Math.Clamp(code.Length * DfaBytesPerInstruction, MinDfaBytes, DfaBytesCap);
        Bytes = 256 + code.Length * InstructionBytes + alphabet.Bytes + literal.Prefix.Length * 2;
    }

    private enum Kind
    {
        Search,
        Contains,
        StartsWith,
        EndsWith,
        Equals,
    }

    public RegexInstruction[] Code { get; }

    public RegexAlphabet Alphabet { get; }

    public int Start { get; }

    /// <summary>How many groups capture, the whole not counted.</summary>
    public int Groups { get; }

    public RegexLiteral Literal { get; }

    /// <summary>About how many bytes it holds, the automaton aside (<see cref="RegexMemory"/>).</summary>
    public int Bytes { get; }

    /// <summary>What the automaton may hold before it begins anew.</summary>
    public int MaxDfaBytes { get; }

    /// <summary>What matching a text of that length costs: program × text, in any case.</summary>
    public long Cost(int length) => 2 + (length >> 4) + (long)length * Code.Length / StepsPerUnit;

    /// <summary>Whether the text has a match anywhere. The caller has paid <see cref="Cost"/>.</summary>
    public bool IsMatch(string text) => _kind switch
    {
        Kind.Contains => text.Contains(Literal.Prefix, StringComparison.Ordinal),
        Kind.StartsWith => text.StartsWith(Literal.Prefix, StringComparison.Ordinal),
        Kind.EndsWith => text.EndsWith(Literal.Prefix, StringComparison.Ordinal),
        Kind.Equals => text == Literal.Prefix,
        _ => Search(text),
    };

    /// <summary>Forgets the automaton; a match that is using it goes on with it.</summary>
    public void DropDfa() => _dfa = null;

    private RegexDfa RenewDfa()
    {
        var dfa = new RegexDfa(this);
        if (Interlocked.Exchange(ref _dfa, dfa) is null)
        {
            RegexMemory.Enter(this);
        }

        return dfa;
    }

    private bool Search(string text)
    {
        var dfa = _dfa ?? RenewDfa();
        var state = dfa.Start;
        if (state.IsFinal)
        {
            return state.IsMatch;
        }

        var flushes = 0;
        for (var at = 0; at < text.Length;)
        {
            if (state == dfa.Idle)
            {
                // Where nothing is under way, what a match begins with can be looked for as text.
                var skipped = Literal.Prefix.Length > 0 ? text.AsSpan(at).IndexOf(Literal.Prefix, StringComparison.Ordinal)
                    : dfa.Passed is { } passed ? text.AsSpan(at).IndexOfAnyExcept(passed)
                    : 0;
                if (skipped < 0)
                {
                    return false;
                }

                at += skipped;
            }

            var before = at;
            var @class = Alphabet.Read(text, ref at);
            var next = Volatile.Read(ref state.Transitions[@class]);
            if (next is null)
            {
                if (dfa.IsFull)
                {
                    if (++flushes > MaxFlushes)
                    {
                        return Simulate(text, before, state);
                    }

                    dfa = RenewDfa();
                    state = dfa.Adopt(state);
                }

                next = dfa.Build(state, @class);
            }

            if (next.IsFinal)
            {
                return next.IsMatch;
            }

            state = next;
        }

        return state.MatchesAtEnd(this);
    }

    // Goes on without the automaton: nothing is remembered, so nothing grows.
    private bool Simulate(string text, int at, RegexDfa.State state)
    {
        var scratch = RegexScratch.Instance;
        scratch.Now.Load(this, state.Members);
        var before = state.Before;
        while (at < text.Length)
        {
            var @class = Alphabet.Read(text, ref at);
            var kind = Alphabet.KindOf(@class);
            scratch.Now.Settle(Code, before, kind);
            if (scratch.Now.IsMatch)
            {
                return true;
            }

            scratch.Next.Reset(this);
            scratch.Now.Step(Code, Alphabet, @class, scratch.Next);
            if (!Literal.AtBegin)
            {
                scratch.Next.Add(Code, Start);
            }

            if (scratch.Next.IsMatch)
            {
                return true;
            }

            if (scratch.Next.Count == 0)
            {
                return false;
            }

            scratch.Swap();
            before = kind;
        }

        scratch.Now.Settle(Code, before, RegexNeighbour.Edge);
        return scratch.Now.IsMatch;
    }
}
