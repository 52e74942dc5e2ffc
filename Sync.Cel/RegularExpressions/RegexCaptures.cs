namespace Sync.Cel.RegularExpressions;

/// <summary>
/// Finds where the leftmost match and its groups stand, by the preferences that Perl, RE2 and Go share: earlier choices first, as much or as little as
/// each repetition asks. Threads run in order of preference, one for each instruction at most (Pike's machine).
/// </summary>
internal sealed class RegexCaptures
{
    private readonly RegexProgram _program;
    private readonly int _slots;
    private readonly Stack<(int At, int Slot, int Old)> _stack = new();
    private Queue _now;
    private Queue _next;

    private RegexCaptures(RegexProgram program)
    {
        _program = program;
        _slots = (program.Groups + 1) * 2;
        _now = new Queue(program.Code.Length, _slots);
        _next = new Queue(program.Code.Length, _slots);
    }

    /// <summary>What finding costs: as matching, and the positions that threads carry with them.</summary>
    public static long Cost(RegexProgram program, int length) => program.Cost(length) * (program.Groups + 2);

    /// <summary>Begin and end of the match and of each group, -1 where a group took no part; null without a match.</summary>
    public static int[]? Find(RegexProgram program, string text) => new RegexCaptures(program).Run(text);

    private int[]? Run(string text)
    {
        int[]? found = null;
        var slots = new int[_slots];
        var before = RegexNeighbour.Edge;
        var at = 0;
        while (true)
        {
            var position = at;
            var @class = -1;
            var after = RegexNeighbour.Edge;
            if (at < text.Length)
            {
                @class = _program.Alphabet.Read(text, ref at);
                after = _program.Alphabet.KindOf(@class);
            }

            // The threads that stand here entered when what follows was not known; now it is.
            if (found is null && (position == 0 || !_program.Literal.AtBegin))
            {
                Array.Fill(slots, -1);
                Add(_now, _program.Start, slots, position, before, after);
            }

            found = Step(@class, text, at, found, after);
            if (@class < 0 || (_next.Count == 0 && (found is not null || _program.Literal.AtBegin)))
            {
                return found;
            }

            (_now, _next) = (_next, _now);
            _next.Clear();
            before = after;
        }
    }

    private int[]? Step(int @class, string text, int at, int[]? found, RegexNeighbour before)
    {
        var after = RegexNeighbour.Edge;
        if (at < text.Length)
        {
            var ahead = at;
            after = _program.Alphabet.KindOf(_program.Alphabet.Read(text, ref ahead));
        }

        for (var i = 0; i < _now.Count; i++)
        {
            ref readonly var instruction = ref _program.Code[_now.At(i)];
            if (instruction.Op == RegexOp.Match)
            {
                // What stands behind in the queue is preferred less.
                return _now.Slots(i).ToArray();
            }

            var takes = @class >= 0 && (instruction.Op == RegexOp.Class ? instruction.Argument == @class : _program.Alphabet.Contains(instruction.Argument, @class));
            if (takes)
            {
                Add(_next, instruction.Next, _now.Slots(i), at, before, after);
            }
        }

        return found;
    }

    private void Add(Queue queue, int start, Span<int> slots, int position, RegexNeighbour before, RegexNeighbour after)
    {
        _stack.Push((start, -1, 0));
        while (_stack.TryPop(out var entry))
        {
            if (entry.Slot >= 0)
            {
                slots[entry.Slot] = entry.Old;
                continue;
            }

            if (!queue.Enter(entry.At))
            {
                continue;
            }

            ref readonly var instruction = ref _program.Code[entry.At];
            switch (instruction.Op)
            {
                case RegexOp.Split:
                    _stack.Push((instruction.Other, -1, 0));
                    _stack.Push((instruction.Next, -1, 0));
                    break;
                case RegexOp.Save:
                    _stack.Push((0, instruction.Argument, slots[instruction.Argument]));
                    slots[instruction.Argument] = position;
                    _stack.Push((instruction.Next, -1, 0));
                    break;
                case RegexOp.Assert when RegexAssertions.Holds((RegexAssertion)instruction.Argument, before, after):
                    _stack.Push((instruction.Next, -1, 0));
                    break;
                case RegexOp.Assert or RegexOp.Fail:
                    break;
                default:
                    queue.Append(entry.At, slots);
                    break;
            }
        }
    }

    /// <summary>Threads in order of preference, each with its positions.</summary>
    private sealed class Queue(int size, int slots)
    {
        private readonly int[] _members = new int[size];
        private readonly int[] _slots = new int[size * slots];
        private readonly bool[] _seen = new bool[size];

        public int Count { get; private set; }

        public int At(int i) => _members[i];

        public Span<int> Slots(int i) => _slots.AsSpan(i * slots, slots);

        public bool Enter(int at) => !_seen[at] && (_seen[at] = true);

        public void Append(int at, ReadOnlySpan<int> positions)
        {
            positions.CopyTo(Slots(Count));
            _members[Count++] = at;
        }

        public void Clear()
        {
            Array.Clear(_seen);
            Count = 0;
        }
    }
}
