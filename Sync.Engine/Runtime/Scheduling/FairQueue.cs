using System.Runtime.InteropServices;
using Sync.Engine.Identity.Rooms;

namespace Sync.Engine.Runtime.Scheduling;

/// <summary>Why a queue did not take something.</summary>
internal enum QueueAnswer
{
    Taken,

    /// <summary>This agent has as much waiting as it may.</summary>
    AgentFull,

    /// <summary>All together have.</summary>
    Full,
}

/// <summary>
/// A bounded queue that serves payers in turn, and the agents of a payer in turn. What is full refuses; nothing that was taken is dropped. Adding, taking and
/// removing cost the same however much waits. Not thread-safe: its owner locks.
/// </summary>
internal sealed class FairQueue<T>(int max, int maxPerAgent)
    where T : class
{
    private readonly Dictionary<string, Payer> _payers = new(StringComparer.Ordinal);
    private readonly LinkedList<Payer> _turns = new();

    public int Count { get; private set; }

    public QueueAnswer TryAdd(WorkSource source, T item, out Place place)
    {
        place = default;
        if (Count >= max)
        {
            return QueueAnswer.Full;
        }

        ref var payer = ref CollectionsMarshal.GetValueRefOrAddDefault(_payers, source.Payer, out _);
        if (payer is null)
        {
            payer = new Payer(source.Payer);
            payer.Turn = _turns.AddLast(payer);
        }

        ref var lane = ref CollectionsMarshal.GetValueRefOrAddDefault(payer.Lanes, source.Agent, out _);
        if (lane is null)
        {
            lane = new Lane(payer, source.Agent);
            lane.Turn = payer.Turns.AddLast(lane);
        }

        if (lane.Items.Count >= maxPerAgent)
        {
            return QueueAnswer.AgentFull;
        }

        place = new Place(lane, lane.Items.AddLast(item));
        Count++;
        return QueueAnswer.Taken;
    }

    /// <summary>Takes the next; its payer and its agent go to the end of their lines.</summary>
    public bool TryTake(out T? item)
    {
        if (_turns.First is not { Value: var payer })
        {
            item = null;
            return false;
        }

        // Who stands in a line has something waiting.
        var lane = payer.Turns.First!.Value;
        item = lane.Items.First!.Value;
        lane.Items.RemoveFirst();
        Count--;
        if (!DropEmpty(lane))
        {
            payer.Turns.Remove(lane.Turn!);
            payer.Turns.AddLast(lane.Turn!);
        }

        if (payer.Lanes.Count > 0)
        {
            _turns.Remove(payer.Turn!);
            _turns.AddLast(payer.Turn!);
        }

        return true;
    }

    /// <summary>Takes one out of the line. False when it is no longer there.</summary>
    public bool TryRemove(Place place)
    {
        if (place.Lane is not { } lane || place.Node?.List != lane.Items)
        {
            return false;
        }

        lane.Items.Remove(place.Node);
        Count--;
        DropEmpty(lane);
        return true;
    }

    private bool DropEmpty(Lane lane)
    {
        if (lane.Items.Count > 0)
        {
            return false;
        }

        var payer = lane.Payer;
        payer.Lanes.Remove(lane.Agent);
        payer.Turns.Remove(lane.Turn!);
        if (payer.Lanes.Count == 0)
        {
            _payers.Remove(payer.Id);
            _turns.Remove(payer.Turn!);
        }

        return true;
    }

    /// <summary>Where something waits; good for taking it out again.</summary>
    public readonly struct Place
    {
        internal Place(Lane lane, LinkedListNode<T> node)
        {
            Lane = lane;
            Node = node;
        }

        internal Lane? Lane { get; }

        internal LinkedListNode<T>? Node { get; }
    }

    internal sealed class Payer(string id)
    {
        public string Id { get; } = id;

        public Dictionary<string, Lane> Lanes { get; } = new(StringComparer.Ordinal);

        public LinkedList<Lane> Turns { get; } = new();

        public LinkedListNode<Payer>? Turn { get; set; }
    }

    internal sealed class Lane(Payer payer, string agent)
    {
        public Payer Payer { get; } = payer;

        public string Agent { get; } = agent;

        public LinkedList<T> Items { get; } = new();

        public LinkedListNode<Lane>? Turn { get; set; }
    }
}
