using System.Collections.Concurrent;
using System.Globalization;
using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Authority;

/// <summary>
/// What callers hold open at this moment, by who holds it: parked waits and streams by token, user and agent, and of what a room has, the part of those whom the open policy let in.
/// A full holder is refused what is new; nothing of anybody is ended for it. Any thread.
/// </summary>
internal sealed class Holdings
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string What, string Of, string Delegator), int> _held = new();

    /// <summary>Holds one wait in a room until disposed.</summary>
    /// <remarks>Errors: <c>rate_limited</c>.</remarks>
    public Outcome<IDisposable> HoldWait(AuthorizedRoom authorized, RoomState state)
    {
        var limits = authorized.Room.Limits;
        return Hold("waits", authorized, state, limits.Waits, limits.WaitsPerToken, limits.WaitsPerUser, limits.WaitsPerAgent, "one wait with a condition that says 'or' does for several");
    }

    /// <summary>Holds one stream, or open page, of a room until disposed.</summary>
    /// <remarks>Errors: <c>rate_limited</c>.</remarks>
    public Outcome<IDisposable> HoldStream(AuthorizedRoom authorized, RoomState state)
    {
        var limits = authorized.Room.Limits;
        return Hold("streams", authorized, state, limits.Streams, limits.StreamsPerToken, limits.StreamsPerUser, perAgent: null, "one stream carries all of a room's events");
    }

    /// <summary>Holds one entry that waits for a room until disposed. Whoever waits without a token shares with all others who do.</summary>
    /// <remarks>Errors: <c>rate_limited</c>.</remarks>
    public Outcome<IDisposable> HoldEntry(Caller caller, RoomLimits limits)
    {
        var holders = new List<(string Of, string Delegator, long Max)>(2);
        if (caller.TokenId is { } token)
        {
            holders.Add(("token", token, limits.WaitsPerToken));
        }

        if (caller.UserId is { } user)
        {
            holders.Add(("user", user, limits.WaitsPerUser));
        }

        if (caller.IsAnonymous)
        {
            holders.Add(("nobody", "", limits.WaitsPerUser));
        }

        return Hold("joins", holders, "one that waits is enough for each room");
    }

    /// <summary>How many streams and pages are open with a token in this process at this moment.</summary>
    public int StreamsOf(string tokenId) => _held.GetValueOrDefault(("streams", "token", tokenId));

    private Outcome<IDisposable> Hold(string what, AuthorizedRoom authorized, RoomState state, int perRoom, int perToken, int perUser, int? perAgent, string remedy)
    {
        var row = authorized.Record.Row.ToString(CultureInfo.InvariantCulture);
        var party = RoomQuota.PartyOf(authorized, state);
        var holders = new List<(string Of, string Delegator, long Max)>(5) { ("room", row, RoomQuota.Max(perRoom, party)) };
        if (party == Party.Guest)
        {
            holders.Add(("guests", row, RoomQuota.Half(perRoom)));
        }

        if (authorized.Caller.TokenId is { } token)
        {
            holders.Add(("token", token, perToken));
        }

        if (authorized.User is { } user)
        {
            holders.Add(("user", user.Id, perUser));
        }

        if (perAgent is { } max && authorized.Self(state) is { } agent)
        {
            holders.Add(("agent", $"{row}/{agent}", max));
        }

        return Hold(what, holders, remedy);
    }

    private Outcome<IDisposable> Hold(string what, List<(string Of, string Delegator, long Max)> holders, string remedy)
    {
        for (var index = 0; index < holders.Count; index++)
        {
            var (of, delegator, bound) = holders[index];
            if (_held.AddOrUpdate((what, of, delegator), 1, static (_, count) => count + 1) > bound)
            {
                Release(what, holders[..(index + 1)]);
                return Full(what, of, bound, remedy);
            }
        }

        return new Held(() => Release(what, holders));
    }

    private void Release(string what, IEnumerable<(string Of, string Delegator, long Max)> holders)
    {
        foreach (var (of, delegator, _) in holders)
        {
            var key = (what, of, delegator);
            while (_held.TryGetValue(key, out var count) && !(count == 1 ? _held.TryRemove(KeyValuePair.Create(key, 1)) : _held.TryUpdate(key, count - 1, count)))
            {
                // Another thread was faster.
            }
        }
    }

    private static SyncError Full(string what, string of, long max, string remedy)
    {
        var whose = of switch
        {
            "room" => "This room has as many open",
            "guests" => "All whom this room's open policy let in share half of what it takes, and have as many open",
            "token" => "This token has as many open",
            "user" => "Its user has as many open",
            "nobody" => "All who wait without a token have as many open",
            _ => "This agent has as many open",
        };
        return BoundErrors.Exceeded(
            ErrorCode.RateLimited,
            what,
            of,
            max,
            string.Create(CultureInfo.InvariantCulture, $"{whose} {what} as it may: {max:N0}."),
            $"Close one first; {remedy}.") with
        { RetryAfter = s_retryAfter };
    }

    private sealed class Held(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
