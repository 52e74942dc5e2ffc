using System.Text.Json;
using Sync.Engine.Authority;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Embodiments;

namespace Sync.Engine.Services.Actions;

/// <summary>Who stands behind approvals: what is left, when one is decided, of the rights that it was asked for with.</summary>
internal sealed class ApprovalIdentities(RoomAuthorizer authorizer, IdentityCache access, EmbodimentService embodiments)
{
    /// <summary>The same for the decisions of one caller.</summary>
    public IApprovalIdentities For(AuthorizedRoom decider) => new ForDecider(authorizer, embodiments, decider);

    /// <summary>Before a decision takes its turn: a token whose hour is over may be known to the database alone.</summary>
    public async Task LearnAsync(RoomReplica room, JsonElement parameters, CancellationToken cancellationToken)
    {
        if (parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("approval"u8, out var id) && id.ValueKind == JsonValueKind.String
            && room.Published.Approvals.Find(id.GetString()!) is { IsPending: true, Details.Asked.Caller: { } caller }) // It is a string.
        {
            await access.LearnAsync(caller, cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class ForDecider(RoomAuthorizer authorizer, EmbodimentService embodiments, AuthorizedRoom decider) : IApprovalIdentities
    {
        public DateTimeOffset? ConfirmedAt => authorizer.ConfirmedAt(decider.Caller);

        public Outcome<Actor> InvokerOf(ApprovalRecord record, Moment moment)
        {
            if (record.Details.Asked is not { } asked)
            {
                return Gone(record);
            }

            var caller = asked.Caller is { Session: { } sent } ? asked.Caller with { Session = embodiments.Narrowed(sent, decider.Record.Id) } : asked.Caller;
            if (authorizer.AuthorizeAsker(caller, decider.Room) is not { } asker
                || !RoomAuthorizer.ActAs(asker, moment.State, asked.Named, moment.Now, decider.Room.Limits).Try(out var actor, out _)
                || actor.Creates is not null || actor.Agent != record.Agent)
            {
                return Gone(record);
            }

            // The id alone may be another's by now.
            return actor.Agent is { } agent && moment.State.Agents.GetValueOrDefault(agent)?.Since != asked.Since ? Gone(record) : actor;
        }

        private static SyncError Gone(ApprovalRecord record) =>
            new SyncError(ErrorCode.ScopeDenied, $"Whoever asked for '{record.Id}' may not do it any more: the token, the role or the agent that it rests on is gone or has less.")
            {
                Hint = "Reject it. Who still may invokes the action again, which asks anew.",
                LogMessage = "Who asked for it may not do it any more.",
                Help = "gates",
            };
    }
}
