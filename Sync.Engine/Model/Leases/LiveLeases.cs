using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// The leases of a room at a moment, without what is over. Of the past nobody knows the signs of life of then; but what was over had been logged before each event, so whatever stood there was held.
/// </summary>
internal static class LiveLeases
{
    /// <summary>The lease of a key, or null.</summary>
    public static LeaseRecord? Find(Moment moment, string key) => moment.State.Leases.Find(key) is { } lease ? At(moment, lease) : null;

    /// <summary>All leases in the order of their keys.</summary>
    public static IEnumerable<LeaseRecord> All(Moment moment) => moment.State.Leases.All.Values.Select(lease => At(moment, lease)).OfType<LeaseRecord>();

    /// <summary>An agent's leases in the order of their keys.</summary>
    public static IEnumerable<LeaseRecord> Of(Moment moment, string? agent) =>
        agent is null ? [] : moment.State.Leases.KeysOf(agent).Select(key => Find(moment, key)).OfType<LeaseRecord>().Where(lease => lease.Of(agent) is not null);

    /// <summary>The leases that an agent has no part in, in the order of their keys.</summary>
    public static IEnumerable<LeaseRecord> OfOthers(Moment moment, string? agent) => All(moment).Where(lease => lease.Of(agent) is null);

    /// <summary>All leases: the agent's own first, then the others.</summary>
    public static IEnumerable<LeaseRecord> OwnFirst(Moment moment, string? agent) => Of(moment, agent).Concat(OfOthers(moment, agent));

    /// <summary>When a hold ends as things stand, by the room's clock; null while its clock stands still, and where that is not known any more.</summary>
    public static DateTimeOffset? EndOf(Moment moment, LeaseHold hold) => IsOpen(moment, hold) ? null : RoomTimeOf(moment, hold.EndAt(moment.Presence, moment.State.Running));

    /// <summary>The first moment of the room's clock at which one of the holds of a lease ends as things stand, or null.</summary>
    public static DateTimeOffset? NextEndOf(Moment moment, LeaseRecord lease) => lease.Holds.Min(hold => EndOf(moment, hold));

    /// <summary>The same of all leases.</summary>
    public static DateTimeOffset? NextEnd(Moment moment) => moment.Present is not null ? null : RoomTimeOf(moment, moment.State.Leases.NextEnd(moment.Presence, moment.State.Running));

    private static LeaseRecord? At(Moment moment, LeaseRecord lease) => moment.Present is not null ? lease : lease.Live(moment.Presence, moment.State.Running, moment.Running);

    private static bool IsOpen(Moment moment, LeaseHold hold) => moment.Present is not null && hold.Ttl is null;

    private static DateTimeOffset? RoomTimeOf(Moment moment, DateTimeOffset? running) => running is { } at ? moment.State.Running.RoomTimeOf(at) : null;
}
