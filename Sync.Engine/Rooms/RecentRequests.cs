namespace Sync.Engine.Rooms;

/// <summary>
/// Idempotency keys accepted since the room was loaded, newest <see cref="Capacity"/> of them; older ones are found in the log. It closes the gap between
/// acceptance and durability, in which the log cannot answer yet. Called under the room's lock only.
/// </summary>
internal sealed class RecentRequests
{
    public const int Capacity = 16_384;

    private readonly Dictionary<string, PendingEvent> _byKey = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public PendingEvent? Find(string key) => _byKey.GetValueOrDefault(key);

    public void Add(string key, PendingEvent pending)
    {
        _byKey[key] = pending;
        _order.Enqueue(key);
        while (_order.Count > Capacity)
        {
            _byKey.Remove(_order.Dequeue());
        }
    }

    public void Remove(string key) => _byKey.Remove(key);
}
