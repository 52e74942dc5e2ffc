namespace Sync.Engine.Runtime;

/// <summary>
/// What waits for a room by its id, be the room there or not: told whenever the catalogue's record of that id changes, and of nothing else. Told on the thread that made the change, which
/// must not wait: a signal only completes a task. Any thread.
/// </summary>
internal sealed class RoomArrivals
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HashSet<RoomArrival>> _parked = new(StringComparer.Ordinal);

    /// <summary>What is parked, for tests.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _parked.Values.Sum(static parked => parked.Count);
            }
        }
    }

    /// <summary>Parks until it is disposed.</summary>
    public RoomArrival Park(string room)
    {
        var arrival = new RoomArrival(this, room);
        lock (_lock)
        {
            ref var parked = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_parked, room, out _);
            (parked ??= []).Add(arrival);
        }

        return arrival;
    }

    public void Notify(string room)
    {
        RoomArrival[] told;
        lock (_lock)
        {
            if (!_parked.TryGetValue(room, out var parked))
            {
                return;
            }

            told = [.. parked];
        }

        foreach (var arrival in told)
        {
            arrival.Signal();
        }
    }

    internal void Unpark(RoomArrival arrival)
    {
        lock (_lock)
        {
            if (_parked.TryGetValue(arrival.Room, out var parked) && parked.Remove(arrival) && parked.Count == 0)
            {
                _parked.Remove(arrival.Room);
            }
        }
    }
}

/// <summary>One that waits for a room. Take <see cref="Next"/> first and look then: what changes in between is not missed.</summary>
internal sealed class RoomArrival(RoomArrivals arrivals, string room) : IDisposable
{
    private TaskCompletionSource _next = New();

    public string Room { get; } = room;

    /// <summary>Completes with the first signal after this call.</summary>
    public Task Next()
    {
        var next = New();
        Volatile.Write(ref _next, next);
        return next.Task;
    }

    public void Signal() => Volatile.Read(ref _next).TrySetResult();

    public void Dispose() => arrivals.Unpark(this);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
