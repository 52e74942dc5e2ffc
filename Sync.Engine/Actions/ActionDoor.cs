using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Expressions;
using Sync.Engine.Json;
using Sync.Engine.Persistence;
using Sync.Engine.Rooms;

namespace Sync.Engine;

/// <summary>Invoking and explaining actions.</summary>
public sealed class ActionDoor
{
    private readonly RoomGate _gate;
    private readonly RoomStore _store;

    internal ActionDoor(RoomGate gate, RoomStore store)
    {
        _gate = gate;
        _store = store;
    }

    /// <summary>Invokes a built-in or custom action. The order of checks is in docs/architecture.md.</summary>
    /// <remarks>
    /// Errors: <c>action_not_found action_expired action_disabled action_cooldown precondition_failed unknown_param missing_param invalid_param invalid_param_type
    /// scope_denied version_conflict identity_mismatch read_only_token idempotency_conflict payload_too_large cel_error unavailable</c>, and those of the built-in actions.
    /// </remarks>
    public async Task<Outcome<Invoked>> InvokeAsync(Caller caller, string room, string action, InvokeRequest request, CancellationToken cancellationToken)
    {
        // Reading help is open to readers; the invocation itself asks for more where it writes.
        if (!(await _gate.EnterAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var entrance, out var error))
        {
            return error;
        }

        if (entrance.Access.Level < AccessLevel.Write && action != "help")
        {
            return _gate.Recheck(caller, room, AccessLevel.Write)!;
        }

        if (request.DryRun)
        {
            return await TryOutAsync(entrance, action, request, cancellationToken).ConfigureAwait(false);
        }

        var key = request.RequestId is { } id ? RequestKey.Of(entrance, id) : null;
        var hash = key is null ? null : RequestKey.Hash(action, request);
        while (true)
        {
            if (key is not null && await FindFirstAsync(entrance, key, cancellationToken).ConfigureAwait(false) is { } first)
            {
                return first.RequestHash == hash ? new Invoked(first.Answer!.Value.Memory, Replayed: true) : RequestKey.Conflict(request.RequestId!);
            }

            var underway = false;
            string? self = null;
            var outcome = await _gate.ExecuteAsync(
                entrance,
                (moment, now) =>
                {
                    // The first one came in between; it is answered from the log once it is durable.
                    underway = key is not null && now.Room.FindRequest(key) is not null;
                    return underway ? Decision.Reply(JsonText.Null) : Decide(now, action, request, moment, key, hash, out self);
                },
                cancellationToken).ConfigureAwait(false);
            entrance.Room.Touch(self);
            if (underway)
            {
                continue;
            }

            if (!outcome.Try(out var committed, out error))
            {
                return error;
            }

            return new Invoked(committed.Answer.Memory, Replayed: false);
        }
    }

    /// <summary>Why an action is or is not available to the caller: each part of <c>enabled</c> and <c>if</c> with the value it had.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> ExplainAsync(Caller caller, string room, string action, InvokeRequest request, CancellationToken cancellationToken)
    {
        if (!(await _gate.EnterAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var entrance, out var error))
        {
            return error;
        }

        var moment = entrance.Room.Now;
        if (!RoomGate.ActAs(entrance, moment.State, request.Agent, moment.Now, entrance.Room.Limits).Try(out var actor, out error))
        {
            return error;
        }

        return await entrance.EvaluateAsync(
            (entrance.Room, moment, actor, action, request.Params),
            static t => Actions.Explanation.Of(t.moment, t.actor, t.action, t.Params, t.Room.NewBudget()),
            cancellationToken).ConfigureAwait(false);
    }

    // On what readers see, beside the queue: nothing comes of it, so it need not take a turn.
    private async Task<Outcome<Invoked>> TryOutAsync(Entrance entrance, string action, InvokeRequest request, CancellationToken cancellationToken)
    {
        var outcome = await entrance.EvaluateAsync(
            (entrance, action, request),
            static t =>
            {
                var decision = Decide(t.entrance, t.action, t.request, t.entrance.Room.Now, key: null, hash: null, out var self);
                return decision.Refusal is { } refusal ? refusal : Outcome<(string?, JsonText)>.Of((self, decision.Answer));
            },
            cancellationToken).ConfigureAwait(false);
        if (!outcome.Try(out var tried, out var error))
        {
            return error;
        }

        entrance.Room.Touch(tried.Item1);
        return new Invoked(tried.Item2.Memory, Replayed: false);
    }

    private static Decision Decide(Entrance entrance, string action, InvokeRequest request, Moment moment, string? key, string? hash, out string? self)
    {
        self = null;
        if (entrance.Access.Level < AccessLevel.Write && action != "help")
        {
            // Narrowed while the call stood in line.
            return Decision.Refuse(new SyncError(ErrorCode.ReadOnlyToken, $"This token only reads the room '{entrance.Record.Id}'.") { Hint = "Use a token with write access to the room." }.With("room", entrance.Record.Id));
        }

        if (!RoomGate.ActAs(entrance, moment.State, request.Agent, moment.Now, entrance.Room.Limits).Try(out var actor, out var error))
        {
            return Decision.Refuse(error);
        }

        // Help changes nothing.
        if (actor.Agent is null && entrance.Caller.Session is not null && action != "help")
        {
            return Decision.Refuse(RoomGate.NotEmbodied(entrance.Record.Id));
        }

        self = actor.Agent;
        var input = new Actions.InvocationInput(moment, actor, action, request.Params, entrance.Room.Limits, entrance.Room.NewBudget()) { DryRun = request.DryRun };
        if (!Actions.Invocation.Run(input).Try(out var effect, out error))
        {
            return Decision.Refuse(error, request.DryRun ? null : Logged(input, error));
        }

        if (request.DryRun || effect.Event is null)
        {
            return Decision.Reply(effect.Answer);
        }

        return Decision.Commit(effect.Event with { RequestKey = key, RequestHash = hash, Answer = key is null ? null : effect.Answer }, effect.After, effect.Answer);
    }

    private static RefusalEntry Logged(Actions.InvocationInput input, SyncError error)
    {
        // What was tried is kept, within reason: a refusal must not be a way to fill the disk.
        var specs = input.Moment.State.Actions.GetValueOrDefault(input.Action)?.Definition.Params ?? Actions.ParamSet.None;
        var parameters = specs.Redact(input.Params);
        return new RefusalEntry(
            input.Actor.Agent,
            Names.Shown(input.Action),
            error.Code.Name,
            error.Message,
            parameters is { Length: <= 2048 } ? parameters : null);
    }

    private async Task<RoomEvent?> FindFirstAsync(Entrance entrance, string key, CancellationToken cancellationToken)
    {
        if (await entrance.Room.FindRecentRequestAsync(key).ConfigureAwait(false) is { } recent)
        {
            return recent.Event;
        }

        var row = await _store.FindRequestAsync(entrance.Record.Row, key, cancellationToken).ConfigureAwait(false);
        return row is null ? null : RoomEventJson.Read(row);
    }

    private static class RequestKey
    {
        // Kept apart by who asks, so that nobody can collect another's answer by guessing the id.
        public static string Of(Entrance entrance, string requestId)
        {
            var principal = entrance.User?.Id ?? entrance.Caller.TokenId ?? entrance.Caller.SystemName ?? "";
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{principal}\n{requestId}"))[..16]);
        }

        public static string Hash(string action, InvokeRequest request)
        {
            var body = CanonicalJson.Version(JsonText.Of(request.Params));
            return CanonicalJson.Version(JsonText.Of($"{action}\n{request.Agent}\n{body}"));
        }

        public static SyncError Conflict(string requestId) =>
            new SyncError(ErrorCode.IdempotencyConflict, "This request_id was used before, for another request.")
            {
                Hint = "Use a new request_id for a new request; repeat the same one only to retry the same request.",
            }.With("request_id", requestId);
    }
}
