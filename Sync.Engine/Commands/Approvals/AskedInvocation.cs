using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Approvals;

/// <summary>The invocation that an approval was asked for, to be run anew. The preview and the decision both run this one: what is shown is what is accepted.</summary>
internal static class AskedInvocation
{
    /// <summary>It as it was sent, at this moment and with the rights that are left of the invoker's.</summary>
    /// <param name="record">The approval.</param>
    /// <param name="asked">What it was asked for with.</param>
    /// <param name="moment">The room.</param>
    /// <param name="invoker">Who asked, as they are now.</param>
    /// <param name="limits">The room's bounds.</param>
    /// <param name="budget">What its expressions may spend.</param>
    public static InvocationInput Of(ApprovalRecord record, ApprovalDetails.Invoker asked, Moment moment, Actor invoker, RoomLimits limits, CelBudget budget) =>
        new(moment, invoker, record.Action, asked.Params.ToElement(), limits, budget)
        {
            Consent = asked.Consents ? [Publishing.SelfState] : [],
            IfActionVersion = record.ActionVersion,
            Fence = asked.Fence,
        };
}
