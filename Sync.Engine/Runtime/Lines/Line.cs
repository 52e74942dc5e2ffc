using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Runtime.Lines;

/// <summary>Those who stand before the same, in order of arrival. Guarded by the writer's lock.</summary>
internal sealed class Line
{
    private readonly LinkedList<ParkedCall> _calls = new();

    public Line(string id, long serial)
    {
        Id = id;
        Serial = serial;
        Due = new(this);
    }

    public string Id { get; }

    /// <summary>Tells it from others whose moment is the same.</summary>
    public long Serial { get; }

    public ParkedCall? Head => _calls.First?.Value;

    public bool IsEmpty => _calls.Count == 0;

    /// <summary>Its place among the lines whose heads are to be tried; in no list when it is none of them.</summary>
    public LinkedListNode<Line> Due { get; }

    /// <summary>Whether its head is to be tried.</summary>
    public bool IsDue => Due.List is not null;

    /// <summary>When its head is to be tried in any case; null where the clock alone changes nothing.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>What is to change before it is worth trying its head.</summary>
    public IReadOnlyList<StateKey> Reads { get; set; } = [];

    /// <summary>Puts a call at its place. True when that is the first.</summary>
    public bool Add(ParkedCall call)
    {
        // A call that has come to stand before something else keeps the place of its arrival.
        var before = _calls.Last;
        while (before is not null && before.Value.Arrival > call.Arrival)
        {
            before = before.Previous;
        }

        _ = before is null ? _calls.AddFirst(call) : _calls.AddAfter(before, call);
        call.Line = this;
        return before is null;
    }

    /// <summary>Takes a call out. True when it was the first.</summary>
    public bool Remove(ParkedCall call)
    {
        var wasHead = Head == call;
        _calls.Remove(call);
        call.Line = null;
        return wasHead;
    }
}
