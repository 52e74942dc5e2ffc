using System.Collections.Immutable;
using Sync.Engine.Model.Entries;

namespace Sync.Engine.Model.Approvals;

/// <summary>The approvals of a room: those that are pending, and those decided last. Derived from entries; immutable.</summary>
internal sealed class ApprovalTable
{
    private readonly ImmutableSortedDictionary<long, ApprovalRecord> _all;
    private readonly ImmutableSortedDictionary<long, ApprovalRecord> _pending;

    // In order of what is due first.
    private readonly ImmutableSortedSet<(DateTimeOffset Expires, long Number)> _due;

    private ApprovalTable(ImmutableSortedDictionary<long, ApprovalRecord> all, ImmutableSortedDictionary<long, ApprovalRecord> pending, ImmutableSortedSet<(DateTimeOffset Expires, long Number)> due)
    {
        _all = all;
        _pending = pending;
        _due = due;
    }

    public static ApprovalTable Empty { get; } = new(ImmutableSortedDictionary<long, ApprovalRecord>.Empty, ImmutableSortedDictionary<long, ApprovalRecord>.Empty, []);

    public bool IsEmpty => _all.IsEmpty;

    /// <summary>All, in the order in which they were asked for.</summary>
    public IEnumerable<ApprovalRecord> All => _all.Values;

    /// <summary>Those that nobody has decided yet, in the order in which they were asked for.</summary>
    public IEnumerable<ApprovalRecord> Pending => _pending.Values;

    public int PendingCount => _pending.Count;

    /// <summary>Those that are decided, oldest first.</summary>
    public IEnumerable<ApprovalRecord> Decided => _all.Values.Where(static record => !record.IsPending);

    public int DecidedCount => _all.Count - _pending.Count;

    public ApprovalRecord? Find(string id) => ApprovalId.Parse(id) is { } number ? _all.GetValueOrDefault(number) : null;

    /// <summary>Those of one agent that are pending.</summary>
    public IEnumerable<ApprovalRecord> PendingOf(string? agent) => _pending.Values.Where(record => record.Agent == agent);

    /// <summary>The time, of the clock that stands still in a pause, at which the next one expires; null where none is pending.</summary>
    public DateTimeOffset? NextDue => _due.IsEmpty ? null : _due.Min.Expires;

    /// <summary>Those that have expired by a moment of that clock.</summary>
    public IEnumerable<ApprovalRecord> DueBy(DateTimeOffset running) => _due.TakeWhile(due => due.Expires <= running).Select(due => _pending[due.Number]);

    /// <summary>The table with what one id stands for now.</summary>
    public ApprovalTable Derive(string id, Entry? entry, Entry? details)
    {
        if (ApprovalId.Parse(id) is not { } number)
        {
            return this;
        }

        var old = _all.GetValueOrDefault(number);
        var record = entry is null || details is null ? null : ApprovalRecord.Read(entry, details);
        if (old is null && record is null)
        {
            return this;
        }

        var due = old is { IsPending: true } ? _due.Remove((old.Expires, number)) : _due;
        return new ApprovalTable(
            record is null ? _all.Remove(number) : _all.SetItem(number, record),
            record is { IsPending: true } ? _pending.SetItem(number, record) : _pending.Remove(number),
            record is { IsPending: true } ? due.Add((record.Expires, number)) : due);
    }
}
