namespace Sync.Cel.RegularExpressions;

/// <summary>
/// Turns the tree into instructions (Thompson's construction as in RE2 and Go), counted repetitions expanded. What would grow beyond
/// <see cref="RegexProgram.MaxInstructions"/> is given up as soon as it does.
/// </summary>
internal ref struct RegexCompiler
{
    private const int InstructionSteps = 2;

    private readonly ref RegexMeter _meter;
    private readonly List<RegexInstruction> _code = [];
    private readonly List<RuneSet> _sets = [];
    private readonly Dictionary<RuneSet, int> _setIndex = [];
    private readonly Dictionary<int, int> _runeIndex = [];

    public RegexCompiler(ref RegexMeter meter) => _meter = ref meter;

    /// <summary>Whether the pattern's program would be too large.</summary>
    public bool IsTooLarge { get; private set; }

    private readonly bool IsOver => IsTooLarge || _meter.IsOver;

    /// <summary>The program; null where the meter ran out or it would be too large.</summary>
    public RegexProgram? Compile(RegexNode tree, int groups)
    {
        var whole = Capture(0, tree);
        var match = Emit(RegexOp.Match, 0);
        Patch(whole.Out, match);
        if (IsOver)
        {
            return null;
        }

        var alphabet = RegexAlphabet.Build(_sets, _runeIndex, NeedsPlaces(), ref _meter);
        if (alphabet is null)
        {
            IsTooLarge = !_meter.IsOver;
            return null;
        }

        // Until here the argument of Class is a code point and that of Set an index of _sets.
        var code = _code.ToArray();
        foreach (ref var instruction in code.AsSpan())
        {
            switch (instruction.Op)
            {
                case RegexOp.Class:
                    instruction.Argument = alphabet.ClassOf(instruction.Argument);
                    break;
                case RegexOp.Set when alphabet.OnlyClassOf(instruction.Argument) is var only and >= 0:
                    instruction.Op = RegexOp.Class;
                    instruction.Argument = only;
                    break;
                case RegexOp.Set when _sets[instruction.Argument].RangeCount == 0:
                    instruction.Op = RegexOp.Fail;
                    break;
                default:
                    break;
            }
        }

        return new RegexProgram(code, alphabet, whole.In, groups, RegexLiteral.Of(tree));
    }

    private readonly bool NeedsPlaces() => _code.Exists(i => i.Op == RegexOp.Assert);

    private int Emit(RegexOp op, int argument, int next = 0, int other = 0)
    {
        if (_code.Count >= RegexProgram.MaxInstructions)
        {
            IsTooLarge = true;
        }

        if (!IsOver && _meter.Spend(InstructionSteps))
        {
            _code.Add(new RegexInstruction { Op = op, Argument = argument, Next = next, Other = other });
        }

        return Math.Max(_code.Count - 1, 0);
    }

    private Fragment Make(RegexNode node)
    {
        if (IsOver || !_meter.Spend(1))
        {
            return default;
        }

        switch (node)
        {
            case RegexRune { Rune: var rune }:
                _runeIndex.TryAdd(rune, _runeIndex.Count);
                return Single(Emit(RegexOp.Class, rune), isNullable: false);
            case RegexSet { Set: var set }:
                if (!_setIndex.TryGetValue(set, out var index))
                {
                    _setIndex[set] = index = _sets.Count;
                    _sets.Add(set);
                }

                return Single(Emit(RegexOp.Set, index), isNullable: false);
            case RegexPlace { Kind: var kind }:
                return Single(Emit(RegexOp.Assert, (int)kind), isNullable: true);
            case RegexCapture capture:
                return Capture(capture.Index, capture.Body);
            case RegexConcat concat:
                return Sequence(concat.Parts);
            case RegexAlternate alternate:
                return Alternate(alternate.Choices);
            case RegexRepeat repeat:
                return Repeat(repeat);
            default:
                // Something to enter: a split whose ways are the same.
                return Nothing();
        }
    }

    private Fragment Nothing()
    {
        var at = Emit(RegexOp.Split, 0);
        return new Fragment(at, Joined(HoleOfNext(at), HoleOfOther(at)), IsNullable: true);
    }

    private readonly Fragment Single(int at, bool isNullable) => new(at, new Holes(HoleOfNext(at), HoleOfNext(at)), isNullable);

    private Fragment Capture(int index, RegexNode body)
    {
        var open = Emit(RegexOp.Save, index * 2);
        var inner = Make(body);
        var close = Emit(RegexOp.Save, index * 2 + 1);
        Patch(new Holes(HoleOfNext(open), HoleOfNext(open)), inner.In);
        Patch(inner.Out, close);
        return new Fragment(open, new Holes(HoleOfNext(close), HoleOfNext(close)), inner.IsNullable);
    }

    private Fragment Sequence(RegexNode[] parts)
    {
        var whole = Make(parts[0]);
        foreach (var part in parts.AsSpan(1))
        {
            whole = Concat(whole, Make(part));
        }

        return whole;
    }

    private readonly Fragment Concat(Fragment first, Fragment second)
    {
        Patch(first.Out, second.In);
        return new Fragment(first.In, second.Out, first.IsNullable && second.IsNullable);
    }

    private Fragment Alternate(RegexNode[] choices)
    {
        // A chain of splits, each preferring its choice to those that follow.
        var first = -1;
        var before = -1;
        var ends = default(Holes);
        var nullable = false;
        for (var i = 0; i < choices.Length && !IsOver; i++)
        {
            var split = i < choices.Length - 1 ? Emit(RegexOp.Split, 0) : -1;
            var choice = Make(choices[i]);
            var entry = split >= 0 ? split : choice.In;
            if (split >= 0)
            {
                Patch(new Holes(HoleOfNext(split), HoleOfNext(split)), choice.In);
            }

            if (before >= 0)
            {
                Patch(new Holes(HoleOfOther(before), HoleOfOther(before)), entry);
            }

            first = first < 0 ? entry : first;
            before = split;
            ends = Joined(ends, choice.Out);
            nullable |= choice.IsNullable;
        }

        return new Fragment(Math.Max(first, 0), ends, nullable);
    }

    private Fragment Repeat(RegexRepeat repeat)
    {
        var (min, max) = (repeat.Min, repeat.Max);
        if (max == 0)
        {
            return Nothing();
        }

        if (max < 0)
        {
            var tail = min == 0 ? Star(repeat) : Plus(repeat);
            if (min <= 1)
            {
                return tail;
            }

            // The copies before stand in front of the loop: what they remember is overwritten by it.
            var copies = Times(repeat.Body, min - 1);
            return Concat(copies, tail);
        }

        Fragment? whole = min > 0 ? Times(repeat.Body, min) : null;
        if (max == min)
        {
            return whole!.Value;
        }

        // x{0,3} is (x(x(x)?)?)?: leaving any of the splits leaves all.
        var exits = default(Holes);
        var optional = default(Fragment);
        for (var i = min; i < max && !IsOver; i++)
        {
            var split = Emit(RegexOp.Split, 0);
            var body = Make(repeat.Body);
            var (go, leave) = Ways(split, repeat.IsGreedy);
            Patch(new Holes(go, go), body.In);
            exits = Joined(exits, new Holes(leave, leave));
            if (i == min)
            {
                optional = new Fragment(split, body.Out, true);
            }
            else
            {
                Patch(optional.Out, split);
                optional = optional with { Out = body.Out };
            }
        }

        optional = optional with { Out = Joined(exits, optional.Out) };
        return whole is { } required ? Concat(required, optional) : optional;
    }

    private Fragment Times(RegexNode body, int count)
    {
        var whole = Make(body);
        for (var i = 1; i < count && !IsOver; i++)
        {
            whole = Concat(whole, Make(body));
        }

        return whole;
    }

    private Fragment Plus(RegexRepeat repeat)
    {
        var body = Make(repeat.Body);
        var split = Emit(RegexOp.Split, 0);
        var (again, leave) = Ways(split, repeat.IsGreedy);
        Patch(new Holes(again, again), body.In);
        Patch(body.Out, split);
        return new Fragment(body.In, new Holes(leave, leave), body.IsNullable);
    }

    private Fragment Star(RegexRepeat repeat)
    {
        var split = Emit(RegexOp.Split, 0);
        var body = Make(repeat.Body);
        var (again, leave) = Ways(split, repeat.IsGreedy);
        if (!body.IsNullable)
        {
            Patch(new Holes(again, again), body.In);
            Patch(body.Out, split);
            return new Fragment(split, new Holes(leave, leave), true);
        }

        // The star of something that may be empty is (x+)?, so that the empty turn keeps its place among the choices (Go issue 46123).
        var loop = Emit(RegexOp.Split, 0);
        var (more, done) = Ways(loop, repeat.IsGreedy);
        Patch(new Holes(again, again), body.In);
        Patch(body.Out, loop);
        Patch(new Holes(more, more), body.In);
        return new Fragment(split, Joined(new Holes(leave, leave), new Holes(done, done)), true);
    }

    private static (int First, int Second) Ways(int split, bool isGreedy) =>
        isGreedy ? (HoleOfNext(split), HoleOfOther(split)) : (HoleOfOther(split), HoleOfNext(split));

    // Holes are targets not known yet: 2 × instruction + 2 for Next, + 3 for Other. They are chained through the fields they will fill; 0 ends a chain.
    private static int HoleOfNext(int at) => at * 2 + 2;

    private static int HoleOfOther(int at) => at * 2 + 3;

    private readonly int Swap(int hole, int value)
    {
        var at = hole / 2 - 1;
        if (at >= _code.Count)
        {
            return 0; // given up already
        }

        var instruction = _code[at];
        var old = (hole & 1) == 0 ? instruction.Next : instruction.Other;
        if ((hole & 1) == 0)
        {
            instruction.Next = value;
        }
        else
        {
            instruction.Other = value;
        }

        _code[at] = instruction;
        return old;
    }

    private readonly Holes Joined(Holes first, Holes second)
    {
        if (first.Head == 0)
        {
            return second;
        }

        if (second.Head == 0)
        {
            return first;
        }

        Swap(first.Tail, second.Head);
        return new Holes(first.Head, second.Tail);
    }

    private readonly Holes Joined(int first, int second) => Joined(new Holes(first, first), new Holes(second, second));

    private readonly void Patch(Holes holes, int target)
    {
        for (var hole = holes.Head; hole != 0 && !IsOver;)
        {
            hole = Swap(hole, target);
        }
    }

    private readonly record struct Holes(int Head, int Tail);

    private readonly record struct Fragment(int In, Holes Out, bool IsNullable);
}
