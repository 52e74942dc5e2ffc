using Sync.Engine.Commands;

namespace Sync.Engine.Runtime;

/// <summary>
/// Folds floods of equal refusals: the first of a kind is logged at once, what follows within <see cref="Window"/> is counted and logged as one event.
/// Called under the room's lock only.
/// </summary>
internal sealed class RefusalCoalescer
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private const int MaxKinds = 64;

    private readonly Dictionary<(string? Agent, string Action, string Code), Slot> _slots = [];

    /// <summary>When the oldest window ends, or null.</summary>
    public DateTimeOffset? NextDue => _slots.Count == 0 ? null : _slots.Values.Min(s => s.Until);

    /// <summary>Whether this refusal is to be logged now; otherwise it has been counted.</summary>
    public bool TakesNow(RefusalEntry entry, DateTimeOffset now)
    {
        var kind = (entry.Agent, entry.Action, entry.Code);
        if (_slots.TryGetValue(kind, out var slot))
        {
            slot.Count++;
            slot.Last = entry;
            return false;
        }

        if (_slots.Count < MaxKinds)
        {
            _slots[kind] = new Slot { Until = now + Window, Last = entry };
        }

        return true;
    }

    /// <summary>Takes what has been counted in windows that have ended.</summary>
    public IEnumerable<(RefusalEntry Entry, int Count)> Take(DateTimeOffset now, bool all = false)
    {
        foreach (var (kind, slot) in _slots.Where(s => all || s.Value.Until <= now).ToList())
        {
            if (slot.Count == 0)
            {
                _slots.Remove(kind);
                continue;
            }

            var taken = slot.Count;
            slot.Count = 0;
            slot.Until = now + Window;
            yield return (slot.Last, taken);
        }
    }

    private sealed class Slot
    {
        public required DateTimeOffset Until { get; set; }

        public required RefusalEntry Last { get; set; }

        public int Count { get; set; }
    }
}
