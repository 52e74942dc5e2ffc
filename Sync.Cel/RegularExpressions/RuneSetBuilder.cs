namespace Sync.Cel.RegularExpressions;

/// <summary>Collects a character class; every addition takes its work from the meter first.</summary>
internal ref struct RuneSetBuilder(ref RegexMeter meter)
{
    // Sorting n ranges costs about n times this.
    private const int SortSteps = 4;

    private readonly List<(int From, int To)> _ranges = [];
    private readonly ref RegexMeter _meter = ref meter;

    public readonly void Add(int from, int to)
    {
        if (_meter.Spend(SortSteps))
        {
            _ranges.Add((from, to));
        }
    }

    public readonly void Add(RuneSet set)
    {
        if (!_meter.Spend((long)set.RangeCount * SortSteps))
        {
            return;
        }

        var bounds = set.Bounds;
        for (var i = 0; i < bounds.Length; i += 2)
        {
            _ranges.Add((bounds[i], bounds[i + 1]));
        }
    }

    /// <summary>Adds a range and everything that differs from a member of it by case alone.</summary>
    public readonly void AddFolded(int from, int to)
    {
        Add(from, to);
        var (first, end) = CaseFolding.Cased(from, to);
        if (!_meter.Spend((long)(end - first) * SortSteps * 2))
        {
            return;
        }

        for (var i = first; i < end; i++)
        {
            foreach (var other in CaseFolding.Orbit(i))
            {
                _ranges.Add((other, other));
            }
        }
    }

    public readonly void AddFolded(RuneSet set)
    {
        var bounds = set.Bounds;
        for (var i = 0; i < bounds.Length && !_meter.IsOver; i += 2)
        {
            AddFolded(bounds[i], bounds[i + 1]);
        }
    }

    public readonly RuneSet Build() => _meter.IsOver ? RuneSet.Empty : RuneSet.Of(_ranges);
}
