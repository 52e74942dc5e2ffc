using Sync.Engine.Authority;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Identity;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Approvals;
using Sync.Engine.Services.Actions;

namespace Sync.Engine.Services.Approvals;

/// <summary>Reading what waits for a decision, and what was decided. To decide is to invoke <c>_decide</c>.</summary>
public sealed class ApprovalService
{
    /// <summary>So many of those that are decided are listed.</summary>
    private const int MaxListed = 200;

    private readonly RoomAuthorizer _authorizer;
    private readonly ApprovalIdentities _identities;
    private readonly IdentityCache _access;

    internal ApprovalService(RoomAuthorizer authorizer, ApprovalIdentities identities, IdentityCache access)
    {
        _authorizer = authorizer;
        _identities = identities;
        _access = access;
    }

    /// <summary>The approvals of a room, those that are pending first, oldest first; then those decided last.</summary>
    /// <param name="caller">Who reads.</param>
    /// <param name="room">The room.</param>
    /// <param name="pendingOnly">Whether those that are decided are left out.</param>
    /// <remarks>Errors: those of access.</remarks>
    public async Task<Outcome<RoomApprovals>> ListAsync(Caller caller, string room, bool pendingOnly)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var moment = authorized.Room.Now;
        var reader = ReaderOf(authorized, moment);
        var approvals = moment.State.Approvals;
        return new RoomApprovals([.. approvals.Pending.Concat(pendingOnly ? [] : approvals.Decided.Reverse().Take(MaxListed)).Select(record => Of(record, moment, authorized, reader, preview: null))], authorized.Room.Limits.AnswerBytes);
    }

    /// <summary>One approval with what it would write now, as far as the reader may see it, and the answer for who asked.</summary>
    /// <remarks>Errors: those of access, <c>approval_not_found</c>.</remarks>
    public async Task<Outcome<RoomApproval>> ReadAsync(Caller caller, string room, string id, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if (authorized.Room.Published.Approvals.Find(id) is not { } known)
        {
            return new SyncError(ErrorCode.ApprovalNotFound, $"There is no approval '{Identifiers.Shown(id)}' in this room.") { Hint = "Those that are pending stand in the context's 'approvals'.", Help = "gates" }.With("approval", Identifiers.Shown(id));
        }

        if (known is { IsPending: true, Details.Asked: { } asked })
        {
            await _access.LearnAsync(asked.Caller, cancellationToken).ConfigureAwait(false);
        }

        return await authorized.EvaluateAsync(
            (authorized, id, Service: this),
            static t =>
            {
                var moment = t.authorized.Room.Now;
                var record = moment.State.Approvals.Find(t.id)!; // Kept a while after it is decided.
                var preview = record.IsPending ? Preview.Of(record, moment, t.Service._identities.For(t.authorized).InvokerOf(record, moment), t.authorized.Room.Limits) : null;
                return Outcome<RoomApproval>.Of(t.Service.Of(record, moment, t.authorized, ReaderOf(t.authorized, moment), preview));
            },
            cancellationToken).ConfigureAwait(false);
    }

    // Null for who only reads.
    private static Actor? ReaderOf(AuthorizedRoom authorized, Moment moment) =>
        authorized.Access.Level >= AccessLevel.Write && RoomAuthorizer.ActAs(authorized, moment.State, named: null, moment.Now, authorized.Room.Limits).Try(out var actor, out _) ? actor : null;

    private RoomApproval Of(ApprovalRecord record, Moment moment, AuthorizedRoom authorized, Actor? reader, Preview? preview)
    {
        // On what is decided nobody decides, and most of a list is that.
        var mayNot = !record.IsPending ? null
            : reader is null ? RoomAuthorizer.ReadsOnly(authorized)
            : new Decider(reader, new InvocationOrigin(authorized.Caller.IdentityIn(authorized.Record.Id), Named: null), moment, record, _identities.For(authorized).ConfirmedAt).Check();
        var isAsker = record.Agent is { } agent && agent == (reader?.Agent ?? authorized.Self(moment.State)) && moment.State.Agents.GetValueOrDefault(agent)?.Since == record.Details.Asked?.Since;
        return RoomApproval.Of(record, moment, authorized.VisibleScopes(moment.State), isAsker, mayNot, preview, authorized.Room.Limits.AnswerBytes);
    }
}
