using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Approvals;

/// <summary>What an approval would write if it were accepted now, worked out anew for a reader. Nothing comes of it.</summary>
/// <param name="Writes">The writes; empty where it would be refused.</param>
/// <param name="WritesVersion">Names exactly these writes in a decision; null where it would be refused.</param>
/// <param name="Refusal">The code of the refusal that it would meet, or null.</param>
internal sealed record Preview(IReadOnlyList<AnswerWrite> Writes, string? WritesVersion, ErrorCode? Refusal)
{
    /// <summary>Works it out, as the invoker.</summary>
    /// <param name="record">The approval, which is pending.</param>
    /// <param name="moment">The room.</param>
    /// <param name="invoker">Who asked, as they are now.</param>
    /// <param name="limits">The room's bounds.</param>
    public static Preview Of(ApprovalRecord record, Moment moment, Outcome<Actor> invoker, RoomLimits limits)
    {
        if (!invoker.Try(out var actor, out var error) || record.Details.Asked is not { } asked)
        {
            return new Preview([], WritesVersion: null, error?.Code ?? ErrorCode.ScopeDenied);
        }

        var input = AskedInvocation.Of(record, asked, moment, actor, limits, moment.State.Language.NewBudget()) with { DryRun = true };
        if (!Invocation.Run(input).Try(out var effect, out error) || effect.Body is not { } body)
        {
            return new Preview([], WritesVersion: null, error?.Code ?? ErrorCode.ScopeDenied);
        }

        return new Preview(body.Writes, ShownWrites.VersionNow(input, body.Writes, record, asked), Refusal: null);
    }
}
