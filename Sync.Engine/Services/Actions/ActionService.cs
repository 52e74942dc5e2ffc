using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Actions;
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
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Actions;

/// <summary>Invoking and explaining actions.</summary>
public sealed class ActionService
{
    private readonly RoomAuthorizer _authorizer;
    private readonly RoomStore _store;

    internal ActionService(RoomAuthorizer authorizer, RoomStore store)
    {
        _authorizer = authorizer;
        _store = store;
    }

    /// <summary>Invokes a built-in or custom action. The order of checks is in docs/architecture.md.</summary>
    /// <remarks>
    /// Errors: <c>action_not_found action_expired action_disabled action_cooldown precondition_failed unknown_param missing_param invalid_param invalid_param_type
    /// scope_denied not_readable consent_required action_changed version_conflict identity_mismatch read_only_token idempotency_conflict payload_too_large cel_error unavailable</c>, and those of the built-in actions.
    /// </remarks>
    public async Task<Outcome<Invoked>> InvokeAsync(Caller caller, string room, string action, InvokeRequest request, CancellationToken cancellationToken)
    {
        // Reading help is open to readers; the invocation itself asks for more where it writes.
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
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

        // Told at the place of the parameters, and looked at here: it needs no room, and large ones must not keep others waiting.
        var malformed = ParamsForm.Check(authorized.Room.Limits, action, request.Params);
        // Help writes nothing, so it need not take a turn either; and what it says is in the words of the surface that asks.
        if (request.DryRun || action == BuiltInIds.Help)
        {
            return await TryOutAsync(authorized, action, request, malformed, cancellationToken).ConfigureAwait(false);
        }

        var outcome = await authorized.Room.Writer.ExecuteAsync(
            new InvokeCommand { Source = authorized.Source, Caller = caller.IdentityIn(room), Action = action, Request = request, IsMalformed = malformed is not null },
            cancellationToken).ConfigureAwait(false);
        if (!outcome.Try(out var committed, out error))
        {
            return error;
        }

        if (committed.FirstSeq == 0)
        {
            return new Invoked(committed.Answer.Memory, Replayed: false);
        }

        // A retry joins the first call, and is answered when that is durable.
        var self = committed.Self;
        var first = authorized.Room.Feed.Find(committed.FirstSeq)
            ?? (await _store.EventAsync(authorized.Record.Row, committed.FirstSeq, cancellationToken).ConfigureAwait(false) is { } row ? RoomEventJson.Read(row) : null);
        return first?.Answer is { } answer && RequestKey.IsSame(first, self, action, request)
            ? new Invoked(Commands.Invocations.KeptAnswer.Restore(answer, first, request.Agent is null || self is null ? authorized.VisibleScopes(authorized.Room.Published) : VisibleScopes.Of(self, authorized.Room.Published)).Memory, Replayed: true)
            : RequestKey.Conflict(request.RequestId!); // Only a call with one has a key.
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

    // On what readers see, beside the queue: nothing comes of it, so it need not take a turn.
    private async Task<Outcome<Invoked>> TryOutAsync(AuthorizedRoom authorized, string action, InvokeRequest request, SyncError? malformed, CancellationToken cancellationToken)
    {
        var outcome = await authorized.EvaluateAsync(
            (authorized, action, request, malformed),
            static t =>
            {
                var decision = Decide(t.authorized, t.action, t.request, t.malformed, t.authorized.Room.Now, requests: null);
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

    internal static Decision Decide(AuthorizedRoom authorized, InvokeCommand command, Moment moment, IRequestIndex requests) =>
        Decide(authorized, command.Action, command.Request, command.IsMalformed ? ParamsForm.Check(authorized.Room.Limits, command.Action, command.Request.Params) : null, moment, requests);

    private static Decision Decide(AuthorizedRoom authorized, string action, InvokeRequest request, SyncError? malformed, Moment moment, IRequestIndex? requests)
    {
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
        if (key is not null && requests is not null)
        {
            if ((requests.FindRequest(key, moment.Now) ?? requests.FindRequest(RequestKey.OfBefore(actor, request.RequestId!), moment.Now)) is { } first)
            {
                return new Decision { Self = actor.Agent, FirstSeq = first };
            }

            if (RoomQuota.CheckRequestKey(moment, actor, authorized.Room.Limits, requests.RequestUse(actor.Agent, moment.Now), requests.RequestHolders, requests.RequestsOver) is { } full)
            {
                return Decision.Refuse(full, logged: null, actor.Agent);
            }
        }

        var input = new Commands.Invocations.InvocationInput(moment, actor, action, request.Params, authorized.Room.Limits, authorized.Room.NewBudget()) { DryRun = request.DryRun, Consent = request.Consent, IfActionVersion = request.IfActionVersion, Fence = request.Fence, Because = request.Because, Steps = authorized.Caller.Steps };
        if (!Commands.Invocations.Invocation.Run(input).Try(out var effect, out error))
        {
            return Decision.Refuse(error, request.DryRun ? null : Logged(input, error), actor.Agent);
        }

        var answer = effect.WriteAnswer();
        if (request.DryRun || effect.Event is null)
        {
            return Decision.Reply(answer, actor.Agent);
        }

        return Decision.Commit(
            key is null ? effect.Event : effect.Event with { RequestKey = key, RequestHash = RequestKey.Hash(action, request), Answer = Commands.Invocations.KeptAnswer.Of(answer, effect.Event, effect.ResultReads) },
            effect.After,
            answer,
            actor.Agent);
    }

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
            parameters is { Length: <= 2048 } ? parameters : null);
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
