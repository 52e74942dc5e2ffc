using System.Globalization;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands;

/// <summary>The share of a room's bounds that somebody may use.</summary>
internal enum Party
{
    /// <summary>Whom the open policy let in: an agent nobody's token joined, a user whose role comes from joining. They share half of everything.</summary>
    Guest,

    /// <summary>Everybody else below full access: up to the owners' reserve.</summary>
    Member,

    /// <summary>Full access: the whole.</summary>
    Owner,
}

/// <summary>
/// A room's bounds and who has how much of them: guests together half, everybody but owners all but a tenth, so that owners can always act and remove. Each refusal says which
/// bound it is, whose, and what to do. Pure. The table of all bounds is in docs/operations.md.
/// </summary>
internal static class RoomQuota
{
    private const string RequestKeyHint = "Send requests that need no retry without a request_id, or wait.";

    // One in so many of everything is the owners'.
    private const int Reserve = 10;

    /// <summary>How long a request key counts.</summary>
    public static readonly TimeSpan RequestKeyLife = TimeSpan.FromHours(24);

    /// <summary>Who somebody is who acts.</summary>
    public static Party PartyOf(Actor actor, Moment moment) => PartyOf(actor, moment.State, moment.Record);

    /// <summary>The same of a state.</summary>
    public static Party PartyOf(Actor actor, RoomState state, RoomRecord? record) =>
        actor.Level == AccessLevel.Admin ? Party.Owner
        : actor.User is { } user ? PartyOf(user, record)
        : actor.Agent is { } agent && state.Agents.TryGetValue(agent, out var found) && found.IsGuest ? Party.Guest
        : Party.Member;

    /// <summary>Who somebody is who calls in a room.</summary>
    public static Party PartyOf(RoomCaller caller, RoomState state) =>
        caller.Access.Level == AccessLevel.Admin || caller.Caller.IsSystem ? Party.Owner
        : (caller.User?.Id ?? caller.Caller.Token?.OnBehalfOf) is { } user ? PartyOf(user, caller.Record)
        : caller.Access.BoundAgent is { } agent && state.Agents.TryGetValue(agent, out var record) && record.IsGuest ? Party.Guest
        : Party.Member;

    /// <summary>Who a user is who joins, or nobody.</summary>
    public static Party PartyOfJoiner(RoomAccess access, string? user, RoomRecord? record) =>
        access.Level == AccessLevel.Admin ? Party.Owner
        : user is not null ? PartyOf(user, record)
        : access.Level >= AccessLevel.Write ? Party.Member
        : Party.Guest;

    /// <summary>How much of a bound somebody may fill; guests can fill no more than half of it among themselves besides.</summary>
    public static long Max(long whole, Party party) => party == Party.Owner ? whole : whole - Math.Max(1, whole / Reserve);

    /// <summary>What all guests may have of a bound together.</summary>
    public static long Half(long whole) => whole / 2;

    /// <summary>Null when one agent more fits.</summary>
    public static SyncError? CheckAgent(RoomState state, RoomRecord? record, Party party, string? user, RoomLimits limits)
    {
        var agents = state.Agents.Values;
        if (party != Party.Owner && user is not null && agents.Count(agent => agent.User == user) >= limits.AgentsPerUser)
        {
            return BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, "agents", "user", limits.AgentsPerUser, $"A user has at most {limits.AgentsPerUser:N0} agents in a room.", "Remove agents that are done.") with { Next = [NextStep.RemoveAgent()] };
        }

        return Check("agents", party, state.Agents.Count, adds: 1, limits.Agents, () => agents.Count(agent => IsGuest(agent, record)), "Remove agents that are done");
    }

    /// <summary>Null when one definition more fits, of its registrant and of the room.</summary>
    public static SyncError? CheckAction(Moment moment, Actor actor, RoomLimits limits, int adds = 1)
    {
        var (state, party) = (moment.State, PartyOf(actor, moment));
        return CheckOwn("actions", party, state.Actions.Values.Count(action => actor.Agent is { } agent && state.RegistrantOf(action) == agent), adds, limits)
            ?? Check("actions", party, state.Actions.Count, adds, limits.Actions, () => state.Actions.Values.Count(action => IsGuests(moment, action.Registrant, state.RegistrantOf(action))), "Delete actions that are no longer used");
    }

    /// <summary>The same for views.</summary>
    public static SyncError? CheckView(Moment moment, Party party, string? agent, RoomLimits limits, int adds = 1)
    {
        var state = moment.State;
        return CheckOwn("views", party, state.Views.Values.Count(view => agent is not null && state.RegistrantOf(view) == agent), adds, limits)
            ?? Check("views", party, state.Views.Count, adds, limits.Views, () => state.Views.Values.Count(view => IsGuests(moment, view.Registrant, state.RegistrantOf(view))), "Delete views that are no longer used");
    }

    /// <summary>Null when one lease more may be held, by its holder and in the room.</summary>
    public static SyncError? CheckLease(Moment moment, Actor actor, int own, RoomLimits limits)
    {
        const string Remedy = "Release leases whose work is done";
        var party = PartyOf(actor, moment);
        return party != Party.Owner && own >= limits.LeasesPerAgent
            ? BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, "leases", "agent", limits.LeasesPerAgent, string.Create(CultureInfo.InvariantCulture, $"An agent holds at most {limits.LeasesPerAgent:N0} leases."), $"{Remedy}.")
            : Check("leases", party, moment.State.Leases.Count, adds: 1, limits.Leases, () => moment.State.Leases.All.Values.Count(lease => IsGuestHolder(moment, lease.First.Agent)), Remedy);
    }

    private static bool IsGuestHolder(Moment moment, string holder) => moment.State.Agents.TryGetValue(holder, out var agent) && IsGuest(agent, moment.Record);

    /// <summary>Null when what an event adds fits into the room, by number and by size. What adds nothing always does.</summary>
    public static SyncError? CheckGrowth(Moment moment, Party party, long entries, long bytes, RoomLimits limits)
    {
        var state = moment.State;
        return Fits(party, state.EntryCount, entries, limits.Entries) && Fits(party, state.Bytes, bytes, limits.RoomBytes) ? null : ExplainGrowth(moment, party, entries, bytes, limits);
    }

    // Apart: what counts the guests' part is not made for each write that fits.
    private static SyncError? ExplainGrowth(Moment moment, Party party, long entries, long bytes, RoomLimits limits)
    {
        var state = moment.State;
        return Check("entries", party, state.EntryCount, entries, limits.Entries, () => GuestUse(moment).Entries, "Delete entries that are no longer needed")
            ?? Check("bytes", party, state.Bytes, bytes, limits.RoomBytes, () => GuestUse(moment).Bytes, "Delete entries that are no longer needed");
    }

    /// <summary>Null when one request key more may count. None is given up before its time, so new ones have to wait.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="actor">Who acts.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="use">How many the actor has, and how many all have together.</param>
    /// <param name="holders">Who has how many; asked only where it decides.</param>
    /// <param name="over">When so many keys are over, of all or of some holders; asked only for a refusal.</param>
    public static SyncError? CheckRequestKey(
        Moment moment,
        Actor actor,
        RoomLimits limits,
        (int Own, int All) use,
        Func<IReadOnlyList<KeyValuePair<string, int>>> holders,
        Func<long, Func<string, bool>?, DateTimeOffset?> over)
    {
        var party = PartyOf(actor, moment);
        var (own, all) = use;
        if (own >= limits.RequestKeysPerAgent)
        {
            var holder = actor.Agent ?? "";
            return Later(
                BoundErrors.Exceeded(ErrorCode.RateLimited, "request_keys", "agent", limits.RequestKeysPerAgent, string.Create(CultureInfo.InvariantCulture, $"An agent has at most {limits.RequestKeysPerAgent:N0} request keys of the last 24 hours."), RequestKeyHint),
                over(own + 1L - limits.RequestKeysPerAgent, one => one == holder));
        }

        var guests = 0L;
        if (Check("request_keys", party, all, adds: 1, limits.RequestKeys, () => guests = holders().Where(holder => IsGuests(holder.Key)).Sum(static holder => (long)holder.Value), RequestKeyHint) is not { } full)
        {
            return null;
        }

        // What is full is the room, or the guests' half of it.
        return Later(
            full with { Code = ErrorCode.RateLimited, Hint = RequestKeyHint },
            all + 1 > Max(limits.RequestKeys, party)
                ? over(all + 1 - Max(limits.RequestKeys, party), null)
                : over(guests + 1 - Half(limits.RequestKeys), IsGuests));

        bool IsGuests(string holder) => moment.State.Agents.TryGetValue(holder, out var agent) && IsGuest(agent, moment.Record);

        // Where nobody has a key that could be over, none is free before a whole life.
        SyncError Later(SyncError error, DateTimeOffset? free) => error with { RetryAfter = free is { } at && at > moment.Now ? at - moment.Now : RequestKeyLife };
    }

    /// <summary>Whether the open policy let an agent in: as nobody's, or its user by joining.</summary>
    public static bool IsGuest(AgentRecord agent, RoomRecord? record) => agent.User is { } user ? PartyOf(user, record) == Party.Guest : agent.IsGuest;

    private static Party PartyOf(string user, RoomRecord? record) => record?.Members.GetValueOrDefault(user) is { ViaOpen: false } ? Party.Member : Party.Guest;

    private static SyncError? CheckOwn(string what, Party party, int own, int adds, RoomLimits limits) =>
        party == Party.Owner || own + adds <= limits.DefinitionsPerAgent ? null : BoundErrors.Exceeded(
            ErrorCode.PayloadTooLarge,
            what,
            "agent",
            limits.DefinitionsPerAgent,
            string.Create(CultureInfo.InvariantCulture, $"An agent has at most {limits.DefinitionsPerAgent:N0} {what} registered."),
            $"Delete {what} of yours that are no longer used; one action with parameters does for many.");

    private static bool Fits(Party party, long used, long adds, long whole) =>
        adds <= 0 || (used + adds <= Max(whole, party) && (party != Party.Guest || used + adds <= Half(whole)));

    private static SyncError? Check(string what, Party party, long used, long adds, long whole, Func<long> guests, string remedy)
    {
        if (adds <= 0)
        {
            return null;
        }

        if (used + adds > Max(whole, party))
        {
            return party == Party.Owner
                ? BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, what, "room", whole, string.Create(CultureInfo.InvariantCulture, $"The room holds at most {whole:N0} {what}."), $"{remedy}.")
                : BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, what, "room", Max(whole, party), string.Create(CultureInfo.InvariantCulture, $"The room holds at most {whole:N0} {what}, the last tenth of them for its owners."), $"{remedy}, or ask an owner of the room to.");
        }

        return party == Party.Guest && used + adds > Half(whole) && guests() + adds > Half(whole)
            ? BoundErrors.Exceeded(
                ErrorCode.PayloadTooLarge,
                what,
                "guests",
                Half(whole),
                string.Create(CultureInfo.InvariantCulture, $"All whom this room's open policy let in share half of its {whole:N0} {what}, and have used it."),
                $"{remedy}, or ask an owner of the room for a role in it.")
            : null;
    }

    // Of somebody who is not in the room any more it cannot be told; were it not the guests', they would go on by leaving and coming again.
    private static bool IsGuests(Moment moment, string? registrant, string? still) =>
        registrant is not null && (still is null || (moment.State.Agents.TryGetValue(still, out var agent) && IsGuest(agent, moment.Record)));

    private static RoomUse GuestUse(Moment moment)
    {
        var (entries, bytes) = (0L, 0L);
        foreach (var (writer, use) in moment.State.UseByWriter)
        {
            if (writer.Length > 0 && (!moment.State.Agents.TryGetValue(writer, out var agent) || IsGuest(agent, moment.Record)))
            {
                entries += use.Entries;
                bytes += use.Bytes;
            }
        }

        return new RoomUse(entries, bytes);
    }
}
