using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.Causality;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Reverts;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Actions;

/// <summary>What an invocation does, decided: who acts, whether its request key knows it already, then the action itself, or that it waits in line. A pure function of the room, the command and the time.</summary>
internal static class InvocationDecision
{
    /// <summary>Decides a queued invocation.</summary>
    public static Decision Of(AuthorizedRoom authorized, InvokeCommand command, Moment moment, IRequestIndex requests, IApprovalIdentities identities) =>
        Of(authorized, command, command.IsMalformed ? ParamsForm.Check(authorized.Room.Limits, command.Action, command.Request.Params) : null, moment, requests, identities);

    /// <summary>Decides an invocation whose parameters have been looked at.</summary>
    /// <param name="authorized">Who invokes it, and where.</param>
    /// <param name="command">The invocation.</param>
    /// <param name="malformed">What is wrong with the form of its parameters, or null.</param>
    /// <param name="moment">The room.</param>
    /// <param name="requests">The request keys that count, and who stands in line; null for a dry run and for help, which leave both alone.</param>
    /// <param name="identities">Who the deciders of approvals are.</param>
    public static Decision Of(AuthorizedRoom authorized, InvokeCommand command, SyncError? malformed, Moment moment, IRequestIndex? requests, IApprovalIdentities identities)
    {
        var (action, request) = (command.Action, command.Request);
        if (authorized.Access.Level < AccessLevel.Write && action != BuiltInIds.Help)
        {
            // Narrowed while the call stood in line.
            return Decision.Refuse(RoomAuthorizer.ReadsOnly(authorized));
        }

        if (!RoomAuthorizer.ActAs(authorized, moment.State, request.Agent, moment.Now, authorized.Room.Limits).Try(out var actor, out var error))
        {
            return Decision.Refuse(error);
        }

        // Help changes nothing.
        if (actor.Agent is null && authorized.Caller.Session is not null && action != BuiltInIds.Help)
        {
            return Decision.Refuse(RoomAuthorizer.NotEmbodied(authorized));
        }

        if (malformed is not null)
        {
            // Its parameters cannot be in the log.
            return Decision.Refuse(malformed, request.DryRun ? null : new RefusalEntry(actor.Agent, Identifiers.Shown(action), malformed.Code.Name, malformed.Message, Params: null), actor.Agent);
        }

        var key = request is { RequestId: { } id, DryRun: false } ? RequestKey.Of(moment.State, actor, action, id) : null;
        if (key is not null && requests is not null && OfFirst(authorized, command, actor, key, moment, requests) is { } known)
        {
            return known;
        }

        return Run(authorized, command, moment, actor, key, requests, identities);
    }

    private static Decision Run(AuthorizedRoom authorized, InvokeCommand command, Moment moment, Actor actor, string? key, IRequestIndex? requests, IApprovalIdentities identities)
    {
        var (action, request) = (command.Action, command.Request);
        var cause = CauseOf(command, moment.State);
        var input = InputOf(authorized, action, request, moment, actor, identities) with
        {
            Because = command.Revert is { Parts: [.., var newest] } ? new Cause(CauseKind.Event, newest.Seq) { Seq = newest.Seq } : cause.Value,
            Revert = command.Revert,
            Line = requests is null ? null : new LeasesInLine(wanted => requests.FindAhead(wanted, command.Arrival)),
        };
        var error = cause.Refusal;
        if (error is null && request.Wait > TimeSpan.Zero)
        {
            error = WaitingLine.Check(moment.State, action);
        }

        if (error is not null || !Invocation.Run(input).Try(out var effect, out error))
        {
            return Refused(command, input, error, key, requests);
        }

        var answer = effect.WriteAnswer();
        if (request.DryRun || effect.Event is not { } made)
        {
            return Decision.Reply(answer, actor.Agent);
        }

        made = command.OldMessages.IsEmpty ? made : EventLinks.Complete(made, effect.After, command.OldMessages);
        return Decision.Commit(
            key is null ? made : made with { RequestKey = key, RequestHash = RequestKey.Hash(action, request), Answer = KeptAnswer.Of(answer, effect.Event!, effect.ResultReads, effect.Writes) },
            effect.After,
            answer,
            actor.Agent) with
        { Approval = effect.Approval };
    }

    // What is decided already of a call with a request key: by its first call, by one that stands in line, or by how many its agent has.
    private static Decision? OfFirst(AuthorizedRoom authorized, InvokeCommand command, Actor actor, string key, Moment moment, IRequestIndex requests)
    {
        var requestId = command.Request.RequestId!; // It has a key.
        if ((requests.FindRequest(key, moment.Now) ?? requests.FindRequest(RequestKey.OfBefore(actor, requestId), moment.Now)) is { } first)
        {
            return new Decision { Self = actor.Agent, FirstSeq = first };
        }

        if (command is { Arrival: 0, HasWaited: false } && requests.FindParked(key) is { } parked)
        {
            return parked == RequestKey.Hash(command.Action, command.Request) ? new Decision { Self = actor.Agent, Joins = key } : Decision.Refuse(RequestKey.Conflict(requestId), logged: null, actor.Agent);
        }

        return RoomQuota.CheckRequestKey(moment, actor, authorized.Room.Limits, requests.RequestUse(actor.Agent, moment.Now), requests.RequestHolders, requests.RequestsOver) is { } full
            ? Decision.Refuse(full, logged: null, actor.Agent)
            : null;
    }

    private static Decision Refused(InvokeCommand command, InvocationInput input, SyncError error, string? key, IRequestIndex? requests)
    {
        var request = command.Request;
        var obstacle = request.Wait > TimeSpan.Zero ? WaitingLine.Of(input, error) ?? WaitingLine.OfPaused(error, requests?.FindObstacle(command.Arrival)) : null;
        if (obstacle is not null && !command.HasWaited)
        {
            return Decision.Park(error, new Parking(obstacle, key, key is null ? null : RequestKey.Hash(command.Action, request)), input.Actor.Agent) with { Spent = input.Budget.Spent };
        }

        if (command.HasWaited && (obstacle is not null || error.Code == ErrorCode.Paused))
        {
            error = error.With("timeout", value: true).With("elapsed_ms", (long)request.Wait.TotalMilliseconds);
        }

        return Decision.Refuse(error, request.DryRun || ReferenceEquals(error, RevertPlan.Outdated) ? null : Logged(input, error), input.Actor.Agent);
    }

    private static InvocationInput InputOf(AuthorizedRoom authorized, string action, InvokeRequest request, Moment moment, Actor actor, IApprovalIdentities identities) =>
        new(moment, actor, action, request.Params, authorized.Room.Limits, authorized.Room.NewBudget())
        {
            DryRun = request.DryRun,
            Consent = request.Consent,
            IfActionVersion = request.IfActionVersion,
            Fence = request.Fence,
            Steps = authorized.Caller.Steps,
            Origin = new InvocationOrigin(authorized.Caller.IdentityIn(authorized.Record.Id), request.Agent),
            Identities = identities,
        };

    // What the caller says, else the wake that came before.
    private static (Cause? Value, SyncError? Refusal) CauseOf(InvokeCommand command, RoomState state) =>
        command.Request.Because is not { } said ? (command.Wake is { } woken ? Cause.Wake(woken) : null, null)
        : SaidCause.Resolve(said, state, command.OldMessages).Try(out var cause, out var error) ? (cause, null)
        : (null, error);

    private static RefusalEntry Logged(InvocationInput input, SyncError error)
    {
        // What was tried is kept, within reason: a refusal must not be a way to fill the disk.
        if (input.Action == BuiltInIds.Batch)
        {
            return Refusal(Commands.BuiltIns.Batch.NamesOf(input.Params));
        }

        var specs = input.Moment.State.Actions.GetValueOrDefault(input.Action)?.Definition.Params ?? ParamSet.None;
        return Refusal(specs.RedactTried(input.Params));

        RefusalEntry Refusal(JsonText? parameters) => new(
            input.Actor.Agent,
            Identifiers.Shown(input.Action),
            error.Code.Name,
            error.LogMessage ?? SyncError.UntoldMessage,
            parameters is { Length: <= 2048 } ? parameters : null)
        {
            Because = input.Because,
        };
    }
}
