using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// The cells an invocation has touched so far, over the state before it. Several writes to one key end as one change and one revision. One invocation,
/// one thread.
/// </summary>
/// <param name="moment">The room before them.</param>
/// <param name="line">The leases that others stand in line for; null where nobody is asked.</param>
internal sealed class WorkingCopy(Moment moment, LeasesInLine? line = null)
{
    private readonly RoomState _state = moment.State;
    private readonly List<Cell> _cells = [];
    private Dictionary<string, long>? _rows;
    private LeaseEdit? _leases;

    /// <summary>The leases as the writes so far have left them.</summary>
    public LeaseEdit Leases => _leases ??= new LeaseEdit(moment, this, line);

    /// <summary>The holds of leases that the writes, and what goes with them, end before their work is done.</summary>
    public IReadOnlyCollection<EndedLease> EndedLeases => _leases?.Ended ?? [];

    /// <summary>The entry as it was before the invocation; null also when its timer has already taken it away.</summary>
    public Entry? Before(string scope, string key) =>
        _state.Find(scope, key) is { } entry && !(entry.Timer is { Effect: TimerEffect.Delete } timer && moment.HasFired(timer)) ? entry : null;

    /// <summary>The value as the writes so far have left it; null when absent.</summary>
    public JsonText? Current(string scope, string key) => Written(scope, key) is { } cell ? cell.Value : Before(scope, key)?.Value;

    /// <summary>The revision that a key has as the writes so far have left it; 0 when there is none.</summary>
    public long Revision(string scope, string key) => Written(scope, key) is { } cell
        ? cell.Value is null ? 0 : cell.Revision
        : Before(scope, key)?.Revision ?? 0;

    /// <summary>The next free row of a scope.</summary>
    public string NextRow(string scope)
    {
        _rows ??= new Dictionary<string, long>(StringComparer.Ordinal);
        var row = _rows.GetValueOrDefault(scope, _state.Scope(scope)?.NextRow ?? 1);
        _rows[scope] = row + 1;
        return row.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Writes a whole value.</summary>
    public (string Version, long Revision) Put(string scope, string key, JsonText value, EntryTimer? timer = null, string? enabled = null)
    {
        var cell = CellOf(scope, key);
        cell.Value = value;
        cell.Edits = null;
        cell.Timer = timer;
        cell.Enabled = enabled;
        cell.Version = CanonicalJson.Version(value);
        return (cell.Version, cell.Revision);
    }

    /// <summary>Writes what an edit has made of the current value. The version is null where the value is too long to make it at once.</summary>
    public (string? Version, long Revision) Put(string scope, string key, JsonText value, ValueEdit edit, EntryTimer? timer, string? enabled)
    {
        var cell = CellOf(scope, key);
        cell.Value = value;
        cell.Edits?.Add(edit);
        cell.Timer = timer;
        cell.Enabled = enabled;
        cell.Version = value.Length <= Entry.CheapBytes ? CanonicalJson.Version(value) : null;
        return (cell.Version, cell.Revision);
    }

    /// <summary>Removes an entry; false when there was none.</summary>
    public bool Delete(string scope, string key)
    {
        if (Current(scope, key) is null)
        {
            return false;
        }

        var cell = CellOf(scope, key);
        cell.Value = null;
        cell.Edits = null;
        return true;
    }

    /// <summary>What has been written or removed so far.</summary>
    public IEnumerable<(string Scope, string Key)> Places => _cells.Select(static cell => (cell.Scope, cell.Key));

    /// <summary>Whether a key has been written or removed so far.</summary>
    public bool HasWritten(string scope, string key) => Written(scope, key) is not null;

    /// <summary>What a key that was written holds now; nulls where it was removed.</summary>
    public (JsonText? Value, EntryTimer? Timer, string? Enabled) Content(string scope, string key) =>
        Written(scope, key) is { Value: { } value } cell ? ((JsonText?)value, cell.Timer, cell.Enabled) : default;

    /// <summary>How many entries the room would gain.</summary>
    public int Growth => _cells.Sum(c => (c.Value is null ? 0 : 1) - (c.Stored is null ? 0 : 1));

    /// <summary>How many bytes the room would gain.</summary>
    public long ByteGrowth => _cells.Sum(c => (c.Value is { } value ? Entry.SizeOf(c.Key, value, c.Enabled) : 0) - (c.Stored?.Size ?? 0));

    public ImmutableArray<EntryChange> ToChanges()
    {
        var changes = ImmutableArray.CreateBuilder<EntryChange>(_cells.Count);
        foreach (var cell in _cells)
        {
            if (cell.Value is null && cell.Stored is null)
            {
                continue;
            }

            changes.Add(new EntryChange
            {
                Kind = cell.Value is null ? ChangeKind.Delete : ChangeKind.Put,
                Scope = cell.Scope,
                Key = cell.Key,
                Value = cell.Value,
                Edits = cell.Value is null ? [] : [.. cell.Edits ?? []],
                HoldsValue = HoldsValue(cell),
                KnownVersion = cell.Value is null ? null : cell.Version,
                Revision = cell.Value is null ? 0 : cell.Revision,
                Timer = cell.Value is null ? null : cell.Timer,
                Enabled = cell.Value is null ? null : cell.Enabled,
                PreviousSeq = cell.Stored?.Seq,
                PreviousVersion = cell.Stored?.CheapVersion,
            });
        }

        if (_state.Timers.IsTicking)
        {
            AddFired(changes);
        }

        return changes.ToImmutable();
    }

    // Logical timers that these writes bring to zero fire within the same event.
    private void AddFired(ImmutableArray<EntryChange>.Builder changes)
    {
        var written = changes.Count;
        List<AgentRecord> ended = [];
        for (var i = 0; i < written; i++)
        {
            foreach (var target in _state.Timers.TickingOn(changes[i].Scope, changes[i].Key))
            {
                var entry = _state.Find(target.Scope, target.Key);
                var timer = target.Cooldown ? _state.Use(target.Key).Cooldown : entry?.Timer;
                if (timer is not { TicksLeft: <= 1 } || (!target.Cooldown && HasWritten(target.Scope, target.Key)))
                {
                    continue;
                }

                if (target is { Cooldown: false, Scope: ReservedScopes.Agents } && timer.Effect == TimerEffect.Delete)
                {
                    ended.Add(_state.Agents[target.Key]);
                    continue;
                }

                changes.Add(new EntryChange
                {
                    Kind = target.Cooldown ? ChangeKind.Cooldown : timer.Effect == TimerEffect.Delete ? ChangeKind.Delete : ChangeKind.Timer,
                    Scope = target.Scope,
                    Key = target.Key,
                    Fired = true,
                    PreviousSeq = target.Cooldown ? null : entry?.Seq,
                    PreviousVersion = target.Cooldown ? null : entry?.CheapVersion,
                });
            }
        }

        if (ended.Count > 0)
        {
            Leases.NoteEnded(LeaseChanges.Of(_state, ended.Select(static agent => agent.Id)));
        }

        AgentRemoval.AddTo(changes, _state, ended);
    }

    private static bool HoldsValue(Cell cell)
    {
        if (cell.Value is not { } value || cell.Edits is not { Count: > 0 } edits)
        {
            return true;
        }

        long bytes = edits.Sum(edit => edit.Bytes);
        return cell.Stored!.Edits.With(edits.Count, bytes).AsksForWhole(bytes, value.Length);
    }

    private Cell? Written(string scope, string key)
    {
        foreach (var cell in _cells)
        {
            if (cell.Key == key && cell.Scope == scope)
            {
                return cell;
            }
        }

        return null;
    }

    private Cell CellOf(string scope, string key)
    {
        if (Written(scope, key) is { } cell)
        {
            return cell;
        }

        // What is not there, or is gone by its timer though the projection still holds it, cannot be edited by who replays: that value is written as a whole.
        var before = Before(scope, key);
        var made = new Cell
        {
            Scope = scope,
            Key = key,
            Stored = _state.Find(scope, key),
            Revision = (before?.Revision ?? 0) + 1,
            Edits = before is null ? null : [],
        };
        _cells.Add(made);
        return made;
    }

    private sealed class Cell
    {
        public required string Scope { get; init; }

        public required string Key { get; init; }

        /// <summary>What the projection holds, even if its timer has run out: the link of the history chain.</summary>
        public required Entry? Stored { get; init; }

        public required long Revision { get; init; }

        public JsonText? Value { get; set; }

        /// <summary>How the stored value became this one; null when it was replaced as a whole.</summary>
        public List<ValueEdit>? Edits { get; set; }

        public string? Version { get; set; }

        public EntryTimer? Timer { get; set; }

        public string? Enabled { get; set; }
    }
}
