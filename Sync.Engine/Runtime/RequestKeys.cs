using System.Globalization;
using Sync.Engine.Commands;
using Sync.Engine.Model.Events;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Runtime;

/// <summary>
/// The request keys of a room that still count: where a retry finds the event of the first call. A key counts for <see cref="RoomQuota.RequestKeyLife"/> and is not given up before, whoever comes
/// after; how many one agent may have is asked before one is taken. What it remembers of a key is where its event is, never the answer. Called under the room's lock only.
/// </summary>
internal sealed class RequestKeys
{
    private readonly Dictionary<UInt128, Slot> _byKey = [];
    private readonly RevocableQueue<(UInt128 Key, long AtMs)> _order = new();
    private readonly Dictionary<string, RevocableQueue<long>> _byHolder = new(StringComparer.Ordinal);

    /// <summary>How many count, of all together.</summary>
    public int Count => _byKey.Count;

    /// <summary>Holders with how many each has.</summary>
    public IEnumerable<KeyValuePair<string, int>> Holders => _byHolder.Select(static holder => KeyValuePair.Create(holder.Key, holder.Value.Count));

    /// <summary>Takes in a key of the log, from before the room was loaded.</summary>
    public void Load(RequestRow row) => Add(row.Key, row.Agent, new Slot(row.Seq, row.At.ToUnixTimeMilliseconds()));

    /// <summary>The event of the first call of a key; null when there was none in its time.</summary>
    public long? Find(string key, DateTimeOffset now)
    {
        Expire(now);
        return TryParse(key, out var id) && _byKey.TryGetValue(id, out var slot) ? slot.Seq : null;
    }

    /// <summary>How many keys one has that still count.</summary>
    public int Of(string holder, DateTimeOffset now)
    {
        Expire(now);
        return _byHolder.TryGetValue(holder, out var held) ? held.Count : 0;
    }

    /// <summary>When so many of the keys that count are over, oldest first; null when there are not so many.</summary>
    public DateTimeOffset? Over(long count) =>
        _order.Where(place => _byKey.TryGetValue(place.Key, out var slot) && slot.AtMs == place.AtMs).Select(static place => place.AtMs).ElementAtOrDefault(Place(count)) is > 0 and var at
            ? DateTimeOffset.FromUnixTimeMilliseconds(at) + RoomQuota.RequestKeyLife
            : null;

    /// <summary>The same of the keys of some holders.</summary>
    public DateTimeOffset? Over(long count, Func<string, bool> isOne)
    {
        // Each holder's are in order already; more than the first is asked for only where a bound was lowered.
        var heads = new PriorityQueue<IEnumerator<long>, long>();
        foreach (var (_, held) in _byHolder.Where(holder => isOne(holder.Key)))
        {
            IEnumerator<long> times = held.GetEnumerator();
            if (times.MoveNext())
            {
                heads.Enqueue(times, times.Current);
            }
        }

        for (var left = count; heads.TryDequeue(out var times, out var at); left--)
        {
            if (left <= 1)
            {
                return DateTimeOffset.FromUnixTimeMilliseconds(at) + RoomQuota.RequestKeyLife;
            }

            if (times.MoveNext())
            {
                heads.Enqueue(times, times.Current);
            }
        }

        return null;
    }

    private static int Place(long count) => (int)Math.Clamp(count - 1, 0, int.MaxValue);

    /// <summary>Takes in the key of an event that is on its way.</summary>
    public void Add(RoomEvent e)
    {
        if (e.RequestKey is { } key)
        {
            Add(key, e.Agent, new Slot(e.Seq, e.At.ToUnixTimeMilliseconds()));
        }
    }

    /// <summary>Takes back the key of an event that was undone, as if it had never come. The newest first: what is undone is the end of the log.</summary>
    public void Remove(RoomEvent e)
    {
        if (e.RequestKey is not { } key || !TryParse(key, out var id))
        {
            return;
        }

        _byKey.Remove(id);
        _order.TakeBack();
        if (_byHolder.TryGetValue(e.Agent ?? "", out var held) && held.TakeBack() && held.Count == 0)
        {
            _byHolder.Remove(e.Agent ?? "");
        }
    }

    private void Add(string key, string? holder, Slot slot)
    {
        if (!TryParse(key, out var id))
        {
            return;
        }

        _byKey[id] = slot;
        _order.Enqueue((id, slot.AtMs));
        if (!_byHolder.TryGetValue(holder ?? "", out var held))
        {
            _byHolder[holder ?? ""] = held = new RevocableQueue<long>();
        }

        held.Enqueue(slot.AtMs);
    }

    private void Expire(DateTimeOffset now)
    {
        var over = (now - RoomQuota.RequestKeyLife).ToUnixTimeMilliseconds();
        if (!_order.TryPeek(out var oldest) || oldest.AtMs > over)
        {
            return;
        }

        while (_order.TryPeek(out oldest) && oldest.AtMs <= over)
        {
            _order.Dequeue();
            if (_byKey.TryGetValue(oldest.Key, out var slot) && slot.AtMs == oldest.AtMs)
            {
                _byKey.Remove(oldest.Key);
            }
        }

        foreach (var (holder, held) in _byHolder.ToList())
        {
            while (held.TryPeek(out var at) && at <= over)
            {
                held.Dequeue();
            }

            if (held.Count == 0)
            {
                _byHolder.Remove(holder);
            }
        }
    }

    // Keys are the hexadecimal digits of a hash.
    private static bool TryParse(string key, out UInt128 id) => UInt128.TryParse(key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id);

    private readonly record struct Slot(long Seq, long AtMs);
}
