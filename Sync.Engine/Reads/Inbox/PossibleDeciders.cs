using Sync.Engine.Commands.Agents;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Users;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Reads.Inbox;

/// <summary>Whether anybody is in a room who could decide on an approval as one of its rules asks. Nobody is asked whether they would.</summary>
internal sealed class PossibleDeciders(IUserNames users)
{
    public bool Has(ApprovalRule rule, ApprovalRecord approval, Moment moment) => rule.By.All.Any(approver => IsThere(approver, rule, approval, moment));

    private bool IsThere(Approver approver, ApprovalRule rule, ApprovalRecord approval, Moment moment) => approver.Kind switch
    {
        ApproverKind.Person => HasMember(moment, approval, static (_, member) => member is { ViaOpen: false, Role: not Role.Observer }),
        ApproverKind.Owner => HasMember(moment, approval, static (_, member) => member.Role == Role.Owner),
        ApproverKind.User => HasMember(moment, approval, (user, member) => member.Role != Role.Observer && string.Equals(users.UserById(user)?.Name, approver.Name, StringComparison.OrdinalIgnoreCase)),
        ApproverKind.Agent => approver.Name != approval.Agent && rule.Means(moment.State.Agents.GetValueOrDefault(approver.Name), approver.Name, moment.Record, approval.Number),
        _ => Roles.Declared(moment).Contains(approver.Name) && Roles.HolderOf(moment, approver.Name) is { } holder && holder != approval.Agent,
    };

    // Who invoked it on the page decides on it as nothing at all.
    private static bool HasMember(Moment moment, ApprovalRecord approval, Func<string, Member, bool> takes) =>
        moment.Record?.Members.Any(member => takes(member.Key, member.Value) && !(approval.Details.Asked is { InBrowser: true, User: { } asker } && asker == member.Key)) == true;
}
