using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Commands.Approvals;

/// <summary>Who stands behind an approval at this moment, for the decision on it.</summary>
internal interface IApprovalIdentities
{
    /// <summary>When the decider last showed a passkey; null where they have none.</summary>
    DateTimeOffset? ConfirmedAt { get; }

    /// <summary>Who asked, with the rights of now: those that the token, the role and the agent have by now.</summary>
    /// <remarks>Errors: <c>scope_denied</c> where any of them is gone.</remarks>
    Outcome<Actor> InvokerOf(ApprovalRecord record, Moment moment);
}
