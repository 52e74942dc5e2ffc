using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Commands.Approvals;

/// <summary>
/// Which decided approvals go when one more is decided: those of whoever has most of them, oldest first, so that nobody who asks and lets decide over and over takes away what others still read. Guests have half of the room together.
/// </summary>
internal static class DecidedShares
{
    /// <summary>Those that go.</summary>
    /// <param name="moment">The room before the decision.</param>
    /// <param name="added">What is decided now: it stays, and counts.</param>
    public static IEnumerable<ApprovalRecord> Over(Moment moment, ApprovalRecord added)
    {
        var approvals = moment.State.Approvals;
        var over = approvals.DecidedCount + 1 - Asking.MaxDecided;
        if (over <= 0)
        {
            return [];
        }

        var all = approvals.Decided.Where(record => record.Number != added.Number).Append(added).Select(record => (Record: record, Party: PartyOf(record, moment))).ToList();
        var gone = new List<ApprovalRecord>();
        for (; over > 0; over--)
        {
            var guests = all.Where(static one => one.Party.IsGuest).ToList();
            var largest = (guests.Count > RoomQuota.Half(Asking.MaxDecided) ? guests : all).GroupBy(static one => one.Party).OrderByDescending(static share => share.Count()).First();
            var oldest = largest.Where(one => !ReferenceEquals(one.Record, added)).DefaultIfEmpty(all[0]).First();
            all.Remove(oldest);
            gone.Add(oldest.Record);
        }

        return gone;
    }

    // The user, whichever agent of theirs asked; an agent of nobody is one by itself.
    private static (bool IsGuest, string Who) PartyOf(ApprovalRecord record, Moment moment) =>
        (record.Details.Asked?.User ?? record.Details.Asked?.AgentUser) is { } user
            ? (moment.Record?.Members.GetValueOrDefault(user) is { ViaOpen: true }, $"user {user}")
            : (record.Agent is not null && moment.State.Agents.GetValueOrDefault(record.Agent)?.IsGuest != false, $"agent {record.Agent}");
}
