using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.Causality;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Reverts;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Actions;
using Sync.Engine.Runtime;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Actions;

/// <summary>Invoking and explaining actions.</summary>
public sealed class ActionService
{
    /// <summary>A call that stands in line brings so many bytes of parameters at most: they are held as long as it waits.</summary>
    public const int MaxParkedBytes = 16 * 1024;

    private const int RevertAttempts = 8;

    private readonly RoomAuthorizer _authorizer;
    private readonly RoomStore _store;
    private readonly AccessNotices _notices;
    private readonly Holdings _holdings;
    private readonly ApprovalIdentities _identities;
    private readonly RevertPlanner _reverts;

    internal ActionService(RoomAuthorizer authorizer, RoomStore store, AccessNotices notices, Holdings holdings, ApprovalIdentities identities, RevertPlanner reverts)
    {
        _reverts = reverts;
        _authorizer = authorizer;
        _store = store;
        _notices = notices;
        _holdings = holdings;
        _identities = identities;
    }

    /// <summary>Invokes an action, on a surface whose clients wait as long as is configured.</summary>
    public Task<Outcome<Invoked>> InvokeAsync(Caller caller, string room, string action, InvokeRequest request, CancellationToken cancellationToken) =>
        InvokeAsync(caller, room, action, request, longest: null, cancellationToken);

    /// <summary>Invokes a built-in or custom action. The order of checks is in docs/architecture.md.</summary>
    /// <param name="caller">Who invokes it.</param>
    /// <param name="room">The room.</param>
    /// <param name="action">The action's id.</param>
    /// <param name="request">With what, and how long it may wait in line.</param>
    /// <param name="longest">How long the surface lets a call wait; null for the configured limit.</param>
    /// <param name="cancellationToken">Gives up, in line too.</param>
    /// <remarks>
    /// Errors: <c>action_not_found action_expired action_disabled action_cooldown precondition_failed lease_required lease_lost lease_held lease_not_found unknown_param missing_param invalid_param invalid_param_type
    /// scope_denied not_readable consent_required action_changed version_conflict identity_mismatch read_only_token idempotency_conflict payload_too_large cel_error unavailable</c>, and those of the built-in actions.
    /// </remarks>
    public async Task<Outcome<Invoked>> InvokeAsync(Caller caller, string room, string action, InvokeRequest request, TimeSpan? longest, CancellationToken cancellationToken)
    {
        // Reading help is open to readers; the invocation itself asks for more where it writes.
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !request.For(action).Try(out request!, out error)) // Given where there is no error.
        {
            return error;
        }

        if (authorized.Access.Level < AccessLevel.Write && action != BuiltInIds.Help)
        {
            return _authorizer.Reauthorize(caller, room, AccessLevel.Write)!;
        }

        if (authorized is { User: { } user, Access: { Level: >= AccessLevel.Write, BoundAgent: null } } && Model.Agents.AgentIds.PlainOf(authorized.Room.Published, user) is null)
        {
            // Its agent comes to be with this act, under a name that must be nobody else's.
            await authorized.Ids.LearnAsync(cancellationToken).ConfigureAwait(false);
        }

        if (action == BuiltInIds.Decide)
        {
            await _identities.LearnAsync(authorized.Room, request.Params, cancellationToken).ConfigureAwait(false);
        }

        // Told at the place of the parameters, and looked at here: it needs no room, and large ones must not keep others waiting.
        var malformed = ParamsForm.Check(authorized.Room.Limits, action, request.Params);
        return action == BuiltInIds.Revert && malformed is null
            ? await RevertAsync(authorized, request, longest, cancellationToken).ConfigureAwait(false)
            : await InvokeAsync(authorized, action, request, longest, malformed, plan: null, cancellationToken).ConfigureAwait(false);
    }

    // What the log says of it may be overtaken by writes that are decided first.
    private async Task<Outcome<Invoked>> RevertAsync(AuthorizedRoom authorized, InvokeRequest request, TimeSpan? longest, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (!(await _reverts.PlanAsync(authorized, request, cancellationToken).ConfigureAwait(false)).Try(out var plan, out var error))
            {
                return error;
            }

            var outcome = await InvokeAsync(authorized, BuiltInIds.Revert, request, longest, malformed: null, plan, cancellationToken).ConfigureAwait(false);
            if (attempt == RevertAttempts || outcome.Error?.Message != RevertPlan.Outdated.Message)
            {
                return outcome;
            }
        }
    }

    private async Task<Outcome<Invoked>> InvokeAsync(AuthorizedRoom authorized, string action, InvokeRequest request, TimeSpan? longest, SyncError? malformed, RevertPlan? plan, CancellationToken cancellationToken)
    {
        // Help writes nothing, so it need not take a turn either; and what it says is in the words of the surface that asks.
        if (request.DryRun || action == BuiltInIds.Help)
        {
            return request.Wait > TimeSpan.Zero ? AnsweredAtOnce(action, request.DryRun) : await TryOutAsync(authorized, action, request, malformed, plan, cancellationToken).ConfigureAwait(false);
        }

        var command = new InvokeCommand
        {
            Source = authorized.Source,
            Caller = authorized.Caller.IdentityIn(authorized.Record.Id),
            Action = action,
            Request = request,
            Revert = plan,
            IsMalformed = malformed is not null,
            OldMessages = await OldMessagesAsync(authorized, action, request, cancellationToken).ConfigureAwait(false),
        };
        var outcome = await ExecuteAsync(authorized, command, longest, cancellationToken).ConfigureAwait(false);
        if (!outcome.Try(out var committed, out var error))
        {
            return error;
        }

        if (committed.FirstSeq == 0)
        {
            return new Invoked(committed.Answer.Memory, Replayed: false) { Approval = committed.Approval };
        }

        return await ReplayAsync(authorized, committed, action, request, cancellationToken).ConfigureAwait(false);
    }

    // A retry joins the first call, and is answered when that is durable.
    private async Task<Outcome<Invoked>> ReplayAsync(AuthorizedRoom authorized, Committed committed, string action, InvokeRequest request, CancellationToken cancellationToken)
    {
        var (room, self) = (authorized.Room, committed.Self);
        var first = room.Feed.Find(committed.FirstSeq)
            ?? (await _store.EventAsync(authorized.Record.Row, committed.FirstSeq, cancellationToken).ConfigureAwait(false) is { } row ? RoomEventJson.Read(row) : null);
        if (first?.Answer is not { } answer || !RequestKey.IsSame(first, self, action, request))
        {
            return RequestKey.Conflict(request.RequestId!); // Only a call with one has a key.
        }

        if (LostLease(room.Now, self, answer) is { } lost)
        {
            return lost;
        }

        var visible = request.Agent is null || self is null ? authorized.VisibleScopes(room.Published) : VisibleScopes.Of(self, room.Published);
        return new Invoked(Commands.Invocations.KeptAnswer.Restore(answer, first, visible).Memory, Replayed: true) { Approval = first.Kind == EventKind.ApprovalAsked ? ApprovalId.Of(first.Seq) : null };
    }

    // A wake is used up by the event that follows from it.
    private async Task<Outcome<Committed>> ExecuteAsync(AuthorizedRoom authorized, InvokeCommand command, TimeSpan? longest, CancellationToken cancellationToken)
    {
        var published = authorized.Room.Published;
        var acting = command.Request.Agent ?? authorized.Self(published);
        var wake = authorized.Room.Wakes.Take(acting, authorized.Source.Account, published);
        command = command with { Wake = wake?.Seq };
        var isUsed = false;
        try
        {
            var outcome = await (command.Request.Wait > TimeSpan.Zero ? ExecuteInLineAsync(authorized, command, longest, cancellationToken) : authorized.Room.Writer.ExecuteAsync(command, cancellationToken)).ConfigureAwait(false);
            isUsed = outcome.Try(out var committed, out _) && committed.Seq > 0;
            return outcome;
        }
        finally
        {
            if (!isUsed && wake is not null && acting is not null)
            {
                authorized.Room.Wakes.PutBack(acting, wake);
            }
        }
    }

    // The room's memory of messages is bounded, and the log is read beside its queue.
    private async Task<ImmutableArray<OldMessage>> OldMessagesAsync(AuthorizedRoom authorized, string action, InvokeRequest request, CancellationToken cancellationToken)
    {
        var messages = authorized.Room.Published.Messages;
        var old = SaidCause.MessagesNamed(action, request).Where(number => number >= 1 && number < messages.Oldest).Distinct().Select(static number => number.ToString(CultureInfo.InvariantCulture)).ToList();
        return old.Count == 0
            ? []
            : [.. (await _store.IndexedSeqsAsync(authorized.Record.Row, ReservedScopes.Messages, old, cancellationToken).ConfigureAwait(false))
                .Select(static pair => new OldMessage(long.Parse(pair.Key, CultureInfo.InvariantCulture), pair.Value))];
    }

    // What an answer gave is told again only while it is so: whoever retries would go on with what another has by now.
    private static SyncError? LostLease(Moment moment, string? self, JsonText answer)
    {
        foreach (var (key, fence) in Commands.Invocations.KeptAnswer.LeasesOf(answer))
        {
            var lease = moment.State.Leases.Live(key, moment.Presence, moment.State.Running, moment.Running);
            if (lease?.Of(self)?.Fence != fence)
            {
                return Commands.Leases.LeaseErrors.Lost(moment, key, lease, self, fence);
            }
        }

        return null;
    }

    /// <summary>A sentence with what a definition says in place of a field that it does not have, such as <c>cooldown</c>; null where nothing is known of it.</summary>
    public static string? FieldMeant(string field) => DefinitionFields.Otherwise(field);

    /// <summary>The least access that may invoke a built-in action.</summary>
    public static AccessLevel LevelOf(string builtIn) => Commands.BuiltIns.BuiltIn.Find(builtIn)?.Needs ?? throw new ArgumentException($"There is no built-in action '{builtIn}'.", nameof(builtIn));

    /// <summary>Why an action is or is not available to the caller: each part of <c>enabled</c> and <c>if</c> with the value it had.</summary>
    public async Task<Outcome<Explanation>> ExplainAsync(Caller caller, string room, string action, InvokeRequest request, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if (ParamsForm.Check(authorized.Room.Limits, action, request.Params) is { } malformed)
        {
            return malformed;
        }

        var moment = authorized.Room.Now;
        if (!RoomAuthorizer.ActAs(authorized, moment.State, request.Agent, moment.Now, authorized.Room.Limits).Try(out var actor, out error))
        {
            return error;
        }

        return await authorized.EvaluateAsync(
            (authorized.Room, moment, actor, action, request.Params),
            static t => Reads.Actions.Explaining.Explain(t.moment, t.actor, t.action, t.Params, t.Room.NewBudget()),
            cancellationToken).ConfigureAwait(false);
    }

    // A call that may stand in line counts among the parked waits of whoever sends it, and ends with their access.
    private async Task<Outcome<Committed>> ExecuteInLineAsync(AuthorizedRoom authorized, InvokeCommand command, TimeSpan? longest, CancellationToken cancellationToken)
    {
        var (room, asked) = (authorized.Room, command.Request.Wait);
        var bytes = command.Request.Params.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(command.Request.Params).Length;
        if (bytes > MaxParkedBytes)
        {
            return BoundErrors.TooLong("The parameters of a call that waits", bytes, MaxParkedBytes) with { Hint = "Leave 'wait_ms' out, or write the large value by a call of its own." };
        }

        if (!_holdings.HoldWait(authorized, room.Published).Try(out var held, out var error))
        {
            return error;
        }

        using var releasing = held;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        SyncError? ended = null;
        using var access = _notices.Add(authorized.Caller, authorized.Record.Row, _ =>
        {
            if (_authorizer.Reauthorize(authorized.Caller, authorized.Record.Id, AccessLevel.Write) is { } refused)
            {
                ended = refused;
                ending.Cancel();
            }
        });

        var max = longest ?? room.Limits.MaxWaitTimeout;
        var isCapped = asked > max;
        Outcome<Committed> outcome;
        try
        {
            outcome = await room.Writer.ExecuteAsync(isCapped ? command with { Request = command.Request with { Wait = max } } : command, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended is not null && !cancellationToken.IsCancellationRequested)
        {
            return ended;
        }

        return outcome.Try(out _, out error) || !HasTimedOut(error)
            ? outcome.Error is { } refusal && _authorizer.Reauthorize(authorized.Caller, authorized.Record.Id, AccessLevel.Write) is { } gone && refusal.Code == ErrorCode.Unavailable ? gone : outcome
            : isCapped ? error.With("capped_to_ms", (long)max.TotalMilliseconds) : error;
    }

    private static bool HasTimedOut(SyncError error) => error.Details?["timeout"] is not null;

    private static SyncError AnsweredAtOnce(string action, bool dryRun) => new SyncError(ErrorCode.InvalidParameter, dryRun ? "A dry run is answered at once and waits for nothing." : $"'{action}' is answered at once and waits for nothing.")
    {
        Hint = "Leave 'wait_ms' out.",
    }.With("field", "wait_ms");

    // On what readers see, beside the queue: nothing comes of it, so it need not take a turn.
    private async Task<Outcome<Invoked>> TryOutAsync(AuthorizedRoom authorized, string action, InvokeRequest request, SyncError? malformed, RevertPlan? plan, CancellationToken cancellationToken)
    {
        var command = new InvokeCommand
        {
            Source = authorized.Source,
            Caller = authorized.Caller.IdentityIn(authorized.Record.Id),
            Action = action,
            Request = request,
            Revert = plan,
            OldMessages = await OldMessagesAsync(authorized, action, request, cancellationToken).ConfigureAwait(false),
        };
        var outcome = await authorized.EvaluateAsync(
            (authorized, command, malformed, _identities),
            static t =>
            {
                var decision = Decide(t.authorized, t.command, t.malformed, t.authorized.Room.Now, requests: null, t._identities.For(t.authorized));
                return decision.Refusal is { } refusal ? refusal : Outcome<(string?, JsonText)>.Of((decision.Self, decision.Answer));
            },
            cancellationToken).ConfigureAwait(false);
        if (!outcome.Try(out var tried, out var error))
        {
            return error;
        }

        authorized.Room.Touch(tried.Item1);
        return new Invoked(tried.Item2.Memory, Replayed: false);
    }

    internal static Decision Decide(AuthorizedRoom authorized, InvokeCommand command, Moment moment, IRequestIndex requests, IApprovalIdentities identities) =>
        Decide(authorized, command, command.IsMalformed ? ParamsForm.Check(authorized.Room.Limits, command.Action, command.Request.Params) : null, moment, requests, identities);

    private static Decision Decide(AuthorizedRoom authorized, InvokeCommand command, SyncError? malformed, Moment moment, IRequestIndex? requests, IApprovalIdentities identities)
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

    private static Decision Run(AuthorizedRoom authorized, InvokeCommand command, Moment moment, Model.Authority.Actor actor, string? key, IRequestIndex? requests, IApprovalIdentities identities)
    {
        var (action, request) = (command.Action, command.Request);
        var cause = CauseOf(command, moment.State);
        var input = InputOf(authorized, action, request, moment, actor, identities) with
        {
            Because = command.Revert is { Parts: [.., var newest] } ? new Cause(CauseKind.Event, newest.Seq) { Seq = newest.Seq } : cause.Value,
            Revert = command.Revert,
            Line = requests is null ? null : new Commands.Leases.LeasesInLine(wanted => requests.FindAhead(wanted, command.Arrival)),
        };
        var error = cause.Refusal;
        if (error is null && request.Wait > TimeSpan.Zero)
        {
            error = WaitingLine.Check(moment.State, action);
        }

        if (error is not null || !Commands.Invocations.Invocation.Run(input).Try(out var effect, out error))
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
            key is null ? made : made with { RequestKey = key, RequestHash = RequestKey.Hash(action, request), Answer = Commands.Invocations.KeptAnswer.Of(answer, effect.Event!, effect.ResultReads, effect.Writes) },
            effect.After,
            answer,
            actor.Agent) with
        { Approval = effect.Approval };
    }

    // What is decided already of a call with a request key: by its first call, by one that stands in line, or by how many its agent has.
    private static Decision? OfFirst(AuthorizedRoom authorized, InvokeCommand command, Model.Authority.Actor actor, string key, Moment moment, IRequestIndex requests)
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

    private static Decision Refused(InvokeCommand command, Commands.Invocations.InvocationInput input, SyncError error, string? key, IRequestIndex? requests)
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

    private static Commands.Invocations.InvocationInput InputOf(AuthorizedRoom authorized, string action, InvokeRequest request, Moment moment, Model.Authority.Actor actor, IApprovalIdentities identities) =>
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

    private static RefusalEntry Logged(Commands.Invocations.InvocationInput input, SyncError error)
    {
        // What was tried is kept, within reason: a refusal must not be a way to fill the disk.
        if (input.Action == BuiltInIds.Batch)
        {
            return Refusal(Commands.BuiltIns.Batch.NamesOf(input.Params));
        }

        var specs = input.Moment.State.Actions.GetValueOrDefault(input.Action)?.Definition.Params ?? Model.Actions.ParamSet.None;
        return Refusal(specs.RedactTried(input.Params));

        RefusalEntry Refusal(JsonText? parameters) => new(
            input.Actor.Agent,
            Identifiers.Shown(input.Action),
            error.Code.Name,
            error.LogMessage ?? "It was refused.",
            parameters is { Length: <= 2048 } ? parameters : null)
        {
            Because = input.Because,
        };
    }

    private static class RequestKey
    {
        // Of one agent and action: the agents of one user do not meet each other's, nor does an agent those of the one that had its id before.
        public static string Of(RoomState state, Model.Authority.Actor actor, string action, string requestId)
        {
            var holder = actor.Agent is { } agent
                ? string.Create(CultureInfo.InvariantCulture, $"{agent}\n{actor.Creates?.Since ?? state.Agents.GetValueOrDefault(agent)?.Since}")
                : $"\n{actor.Principal}";
            return Digest($"2\n{holder}\n{action}\n{requestId}");
        }

        /// <summary>The key that a call of before agents had keys of their own was logged with.</summary>
        public static string OfBefore(Model.Authority.Actor actor, string requestId) => Digest($"{actor.Principal}\n{requestId}");

        public static bool IsSame(RoomEvent first, string? agent, string action, InvokeRequest request) => first.Agent == agent && first.Action == action && first.RequestHash == Hash(action, request);

        private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))[..16]);

        public static string Hash(string action, InvokeRequest request)
        {
            var body = CanonicalJson.Version(JsonText.Of(request.Params));
            var agreed = request is { Consent.IsEmpty: true, IfActionVersion: null } ? "" : $"\n{string.Join(',', request.Consent)}\n{request.IfActionVersion}";
            agreed += request.Fence is { } fence ? string.Create(CultureInfo.InvariantCulture, $"\n{fence}") : "";
            return CanonicalJson.Version(JsonText.Of($"{action}\n{request.Agent}\n{body}{agreed}"));
        }

        public static SyncError Conflict(string requestId) =>
            new SyncError(ErrorCode.IdempotencyConflict, "This request_id was used before, for another request.")
            {
                Hint = "Use a new request_id for a new request; repeat the same one only to retry the same request.",
            }.With("request_id", requestId);
    }
}
