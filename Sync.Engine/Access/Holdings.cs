using System.Collections.Concurrent;
using System.Globalization;
using Sync.Engine.Rooms;

namespace Sync.Engine;

/// <summary>
/// What callers hold open at this moment, by who holds it: parked waits and streams by token, user and agent, and of what a room has, the part of those whom the open policy let in.
/// A full holder is refused what is new; nothing of anybody is ended for it. Any thread.
/// </summary>
internal sealed class Holdings
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string What, string Of, string Holder), int> _held = new();

    /// <summary>Holds one wait in a room until disposed.</summary>
    /// <remarks>Errors: <c>rate_limited</c>.</remarks>
    public Outcome<IDisposable> HoldWait(Entrance entrance, RoomState state)
    {
        var limits = entrance.Room.Limits;
        return Hold("waits", entrance, state, limits.Waits, limits.WaitsPerToken, limits.WaitsPerUser, limits.WaitsPerAgent, "one wait with a condition that says 'or' does for several");
    }

    /// <summary>Holds one stream, or open page, of a room until disposed.</summary>
    /// <remarks>Errors: <c>rate_limited</c>.</remarks>
    public Outcome<IDisposable> HoldStream(Entrance entrance, RoomState state)
    {
        var limits = entrance.Room.Limits;
        return Hold("streams", entrance, state, limits.Streams, limits.StreamsPerToken, limits.StreamsPerUser, perAgent: null, "one stream carries all of a room's events");
    }

    private Outcome<IDisposable> Hold(string what, Entrance entrance, RoomState state, int perRoom, int perToken, int perUser, int? perAgent, string remedy)
    {
        var row = entrance.Record.Row.ToString(CultureInfo.InvariantCulture);
        var party = RoomQuota.PartyOf(entrance, state);
        var holders = new List<(string Of, string Holder, long Most)>(5) { ("room", row, RoomQuota.Most(perRoom, party)) };
        if (party == Party.Guest)
        {
            holders.Add(("guests", row, RoomQuota.Half(perRoom)));
        }

        if (entrance.Caller.TokenId is { } token)
        {
            holders.Add(("token", token, perToken));
        }

        if (entrance.User is { } user)
        {
            holders.Add(("user", user.Id, perUser));
        }

        if (perAgent is { } most && entrance.Self(state) is { } agent)
        {
            holders.Add(("agent", $"{row}/{agent}", most));
        }

        for (var index = 0; index < holders.Count; index++)
        {
            var (of, holder, bound) = holders[index];
            if (_held.AddOrUpdate((what, of, holder), 1, static (_, count) => count + 1) > bound)
            {
                Release(what, holders[..(index + 1)]);
                return Full(what, of, bound, remedy);
            }
        }

        return new Held(() => Release(what, holders));
    }

    private void Release(string what, IEnumerable<(string Of, string Holder, long Most)> holders)
    {
        foreach (var (of, holder, _) in holders)
        {
            var key = (what, of, holder);
            while (_held.TryGetValue(key, out var count) && !(count == 1 ? _held.TryRemove(KeyValuePair.Create(key, 1)) : _held.TryUpdate(key, count - 1, count)))
            {
                // Another thread was faster.
            }
        }
    }

    private static SyncError Full(string what, string of, long most, string remedy)
    {
        var whose = of switch
        {
            "room" => "This room has as many open",
            "guests" => "All whom this room's open policy let in share half of what it takes, and have as many open",
            "token" => "This token has as many open",
            "user" => "Its user has as many open",
            _ => "This agent has as many open",
        };
        return BoundErrors.Exceeded(
            ErrorCode.RateLimited,
            what,
            of,
            most,
            string.Create(CultureInfo.InvariantCulture, $"{whose} {what} as it may: {most:N0}."),
            $"Close one first; {remedy}.") with
        { RetryAfter = s_retryAfter };
    }

    private sealed class Held(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
