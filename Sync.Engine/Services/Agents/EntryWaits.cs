using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Agents;

/// <summary>
/// Entries into a room that may wait for it: joins and embodiments. One that waits is parked by the room's id, woken by what is told of rooms, roles and tokens, and ends with its time, its
/// token or its request. Until it is let in nothing tells a room that does not exist from one that is for others: not what is answered, nor when.
/// </summary>
internal sealed class EntryWaits(RoomDirectory directory, IdentityCache access, Holdings holdings, RoomLimits limits, TimeProvider time)
{
    /// <summary>An entry waits so long at most.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>An entry that waits brings so many bytes at most: they are held as long as it waits, by whoever asks, and for a room that may never be.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Enters a room, now or within a time.</summary>
    /// <param name="caller">Who enters.</param>
    /// <param name="room">The room.</param>
    /// <param name="wait">How long it may take; null or zero for now.</param>
    /// <param name="bytes">What it brings along, as JSON.</param>
    /// <param name="admit">Asks whether the room lets the caller in.</param>
    /// <param name="enter">Enters. What it refuses while the caller is let in is the answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Outcome<T>> EnterAsync<T>(
        Caller caller,
        string room,
        TimeSpan? wait,
        int bytes,
        Func<Caller, string, Outcome<Admission>> admit,
        Func<Admission, Task<Outcome<T>>> enter,
        CancellationToken cancellationToken)
    {
        if (wait is not { } span || span == TimeSpan.Zero)
        {
            return admit(caller, room).Try(out var admission, out var refused) ? await enter(admission).ConfigureAwait(false) : refused;
        }

        if (CheckRequest(room, bytes) is { } unfit)
        {
            return unfit;
        }

        if (!holdings.HoldEntry(caller, limits).Try(out var held, out var error))
        {
            return error;
        }

        using var releasing = held;
        using var arrival = directory.Arrivals.Park(room);
        using var dependent = access.Notices.Add(caller, room: null, _ => arrival.Signal());
        var began = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = arrival.Next();
            if (!caller.IsAnonymous && !caller.IsSystem && access.Current(caller) is null)
            {
                return AccessErrors.UnknownToken;
            }

            if (admit(caller, room).Try(out var admission, out _))
            {
                var outcome = await enter(admission).ConfigureAwait(false);

                // Refused while it was let in no more, it waits on.
                if (outcome.Error is null || admit(caller, room).Error is null)
                {
                    return outcome;
                }
            }

            var left = span - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return AccessRefusals.NotLetIn(room);
            }

            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(next, Task.Delay(left, time, ended.Token)).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private static SyncError? CheckRequest(string room, int bytes) =>
        Identifiers.CheckRoomId(room)
        ?? (bytes <= MaxBytes ? null : BoundErrors.TooLong("An entry that waits", bytes, MaxBytes) with { Hint = "Leave out 'state', 'meta' and 'views' while it waits, and write them when you are in." });
}
