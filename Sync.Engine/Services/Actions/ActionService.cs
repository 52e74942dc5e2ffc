using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Causality;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Reverts;
using Sync.Engine.Identity;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Actions;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Actions;

/// <summary>Invoking and explaining actions.</summary>
public sealed class ActionService
{
    private const int RevertAttempts = 8;

    private readonly RoomAuthorizer _authorizer;
    private readonly RoomStore _store;
    private readonly CallsInLine _line;
    private readonly ApprovalIdentities _identities;
    private readonly RevertPlanner _reverts;

    internal ActionService(RoomAuthorizer authorizer, RoomStore store, CallsInLine line, ApprovalIdentities identities, RevertPlanner reverts)
    {
        _authorizer = authorizer;
        _store = store;
        _line = line;
        _identities = identities;
        _reverts = reverts;
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
            var outcome = await (command.Request.Wait > TimeSpan.Zero ? _line.ExecuteAsync(authorized, command, longest, cancellationToken) : authorized.Room.Writer.ExecuteAsync(command, cancellationToken)).ConfigureAwait(false);
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
            var lease = LiveLeases.Find(moment, key);
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
                var decision = InvocationDecision.Of(t.authorized, t.command, t.malformed, t.authorized.Room.Now, requests: null, t._identities.For(t.authorized));
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
}
