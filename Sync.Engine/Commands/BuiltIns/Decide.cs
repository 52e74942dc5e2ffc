using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// <c>_decide</c>: somebody decides on an invocation that waits for it. To accept is to invoke at this moment, as who asked, with the rights that are left of theirs: everything is asked anew, and what was shown
/// must still be what is written. The invocation and the decision are one event, so it is decided at most once and run at most once.
/// </summary>
internal sealed class Decide : BuiltIn
{
    private const string Accept = "accept";
    private const string Edit = "edit";
    private const string Reject = "reject";

    // Of an answer kept with the approval; the log has the rest.
    private const int MaxAnswer = 32 * 1024;

    private static readonly ParamSet s_params = Declare("""
        {
          "approval": {"type": "string", "required": true},
          "decision": {"type": "string", "required": true, "enum": ["accept", "edit", "reject"]},
          "params": {"type": "object"},
          "note": {"type": "string", "max_length": 2000},
          "writes_version": {"type": "string"}
        }
        """);

    public override string Id => BuiltInIds.Decide;

    public override string Description => "Decide on an approval that somebody asked for: accept it, accept it with other params, or reject it.";

    public override JsonText ParamsJson { get; } = Json("""
        {
          "approval": {"type": "string", "required": true, "description": "its id, such as a12"},
          "decision": {"type": "string", "required": true, "enum": ["accept", "edit", "reject"]},
          "params": {"type": "object", "description": "with edit: the parameters to invoke it with instead"},
          "note": {"type": "string", "description": "what to tell who asked"},
          "writes_version": {"type": "string", "description": "of an answer approval_changed: accept these writes"}
        }
        """);

    public override bool IsOfUseIn(RoomState state) => !state.Approvals.IsEmpty || state.Actions.Values.Any(static action => action.Definition.Approve is not null);

    /// <summary>Whether parameters of <c>_decide</c> reject: that is done in a room that is paused, too.</summary>
    public static bool IsRejection(JsonElement parameters) =>
        parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("decision"u8, out var decision) && decision.ValueKind == JsonValueKind.String && decision.ValueEquals(Reject);

    /// <remarks>Errors: <c>approval_not_found approval_decided approval_changed person_required not_owner scope_denied confirmation_required</c>, and those of the invocation that is accepted.</remarks>
    public override Outcome<InvocationEffect> Invoke(InvocationInput input)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        var request = new Request(bound);
        if (input.Moment.State.Approvals.Find(request.Approval) is not { } record)
        {
            return NotFound(input, request.Approval);
        }

        if (request.CheckParams() is { } unfit)
        {
            return unfit;
        }

        var decider = new Decider(input.Actor, input.Origin, input.Moment, record, input.Identities?.ConfirmedAt);
        if (decider.Check() is { } mayNot)
        {
            return mayNot;
        }

        if (!record.IsPending)
        {
            return record.Details.Decision == request.Digest
                ? new InvocationEffect(Event: null, input.Moment.State, () => Answer(input, record, writes: []))
                : Decided(record);
        }

        if (record.Expires <= input.Moment.Running)
        {
            // Over at its time, logged or not.
            return Decided(record with { Status = ApprovalStatus.Expired });
        }

        return request.Decision == Reject
            ? Commit(input, record, request, accepted: null)
            : decider.CheckConfirmed() is { } unconfirmed ? unconfirmed : RunAccepted(input, record, request, decider);
    }

    private static Outcome<InvocationEffect> RunAccepted(InvocationInput input, ApprovalRecord record, Request request, Decider decider)
    {
        if (input.Identities is not { } identities || record.Details.Asked is not { } asked)
        {
            return new SyncError(ErrorCode.ScopeDenied, "Who asked for it is not known any more.").With("approval", record.Id);
        }

        if (!identities.InvokerOf(record, input.Moment).Try(out var invoker, out var error))
        {
            return error.With("approval", record.Id);
        }

        var isEdited = request.Decision == Edit;
        var accepted = AskedInvocation.Of(record, asked, input.Moment, invoker, input.Limits, input.Budget) with
        {
            DryRun = input.DryRun,
            EventSeq = input.EventSeq,
            Steps = input.Steps,
            AcceptedBy = decider,
            Line = input.Line,
        };
        if (isEdited)
        {
            // The word of who asked was about their own parameters.
            accepted = accepted with { Params = request.Params, EditedFrom = accepted.Params, Consent = [] };
        }

        if (!Invocation.Run(accepted).Try(out var effect, out error))
        {
            return Refused(error, input, invoker, record);
        }

        var version = ShownWrites.VersionNow(accepted, effect.Body!.Writes, record, asked); // What is approved writes.
        return !isEdited && Changed(input, effect, record, asked, request, version) is { } changed ? changed : Meet(input, record, request, decider, effect, $"{request.Digest} {version}");
    }

    // Each rule is met by somebody, and all of them by who accepted the same: whoever saw other writes, or other parameters, has not accepted these. What is asked by now counts besides what was asked first.
    private static Outcome<InvocationEffect> Meet(InvocationInput input, ApprovalRecord record, Request request, Decider decider, InvocationEffect effect, string what)
    {
        ImmutableArray<ApprovalRule> rules = [.. record.Rules.Concat(effect.RequiredApprovals).DistinctBy(static rule => rule.Key)];
        var mine = rules.Where(rule => decider.Accepts(rule) is null).ToList();
        if (mine.Count == 0)
        {
            return rules.Select(decider.Accepts).First()!; // None accepts.
        }

        var by = input.Actor.Agent ?? "room";
        var missing = rules.Except(mine).Where(rule => record.Details.AcceptedOf(rule) != what).ToList();
        var isSaid = mine.TrueForAll(rule => record.Details.AcceptedOf(rule) == what && record.Acceptances.Any(acceptance => acceptance.Rule == rule.Key));
        if (missing.Count > 0 && isSaid)
        {
            return new InvocationEffect(Event: null, input.Moment.State, () => Answer(input, record, writes: []));
        }

        var keys = mine.Select(static rule => rule.Key).ToHashSet(StringComparer.Ordinal);
        var others = record.Acceptances.Where(acceptance => !keys.Contains(acceptance.Rule) && missing.TrueForAll(rule => rule.Key != acceptance.Rule));
        var met = record with { Rules = rules, Acceptances = rules.Length == 1 ? [] : [.. others, .. mine.Select(rule => new Acceptance(rule.Key, by, input.Actor.InBrowser, input.EventSeq))] };
        if (missing.Count == 0)
        {
            return Commit(input, met, request, effect);
        }

        var copy = new WorkingCopy(input.Moment);
        Invocation.Join(copy, input.Actor);
        copy.Put(ReservedScopes.Approvals, met.Id, met.ToEntry());
        copy.Put(ReservedScopes.ApprovalDetails, met.Id, record.Details.With("accepted", new JsonObject([.. met.Acceptances.Select(acceptance => KeyValuePair.Create(acceptance.Rule, (JsonNode?)what))])));
        if (Invocation.CheckRoomSize(input, copy) is { } full)
        {
            return full;
        }

        var e = input.Head(JsonText.Of(input.Params)) with { Changes = copy.ToChanges() };
        return new InvocationEffect(e, input.Moment.State.Apply(e), () => Answer(input, met, writes: []));
    }

    // What is written is compared, as of now: an expression may turn on the time.
    private static SyncError? Changed(InvocationInput input, InvocationEffect effect, ApprovalRecord record, ApprovalDetails.Invoker asked, Request request, string version)
    {
        var writes = effect.Body!.Writes; // What is approved writes.
        if (version == asked.WritesVersion || version == request.WritesVersion)
        {
            return null;
        }

        var (shown, hidden) = ShownWrites.For(writes, input.Actor.VisibleScopes);
        var error = new SyncError(ErrorCode.ApprovalChanged, $"What '{Identifiers.Shown(record.Action)}' would write now is not what was shown.")
        {
            Hint = $"Look at the new writes. To accept them, decide again with \"writes_version\": \"{version}\".",
            LogMessage = "What it would write had changed since it was shown.",
            Help = "gates",
        }.With("approval", record.Id).With("writes", shown.ToNode()).With("writes_version", version);
        return hidden > 0 ? error.With("private_writes", hidden) : error;
    }

    private static Outcome<InvocationEffect> Commit(InvocationInput input, ApprovalRecord record, Request request, InvocationEffect? accepted)
    {
        var moment = accepted is null ? input.Moment : input.Moment with { State = accepted.After };
        var isEdited = request.Decision == Edit;
        var decided = record with
        {
            Status = accepted is null ? ApprovalStatus.Rejected : ApprovalStatus.Accepted,
            DecidedBy = input.Actor.Agent ?? "room",
            ByPerson = input.Actor.InBrowser,
            DecidedAt = input.Moment.Now,
            Note = request.Note,
            Seq = input.EventSeq,
            Edited = isEdited,
        };
        if (accepted is not null && ShownWrites.For(accepted.Body!.Writes, VisibleScopes.Public) is var (shown, hidden)) // What is approved writes.
        {
            decided = decided with { Writes = shown, PrivateWrites = hidden, Params = isEdited ? null : record.Params };
        }

        var details = new ApprovalDetails(record.Details.With("decision", request.Digest));
        if (accepted is not null)
        {
            var body = accepted.Body!;
            var answer = InvocationAnswer.Write(body with { Input = body.Input with { Limits = input.Limits with { AnswerBytes = Math.Min(MaxAnswer, input.Limits.AnswerBytes) } } }, input.EventSeq);
            details = new ApprovalDetails(details.With("answer", KeptAnswer.WithReads(answer, accepted.ResultReads).ToNode()));
        }

        var copy = new WorkingCopy(moment);
        Invocation.Join(copy, input.Actor);
        Closing.Close(copy, moment, decided, details.Json);
        if (Invocation.CheckRoomSize(input with { Moment = moment }, copy) is { } full)
        {
            return full;
        }

        var head = input.Head(JsonText.Of(input.Params));
        var decision = head with { Changes = copy.ToChanges() };
        var e = accepted is null ? decision : CombinedEvent.Of(head, [accepted.Event!, decision]); // What is approved writes.
        var after = moment.State.Apply(decision);
        return new InvocationEffect(e, after, () => Answer(input, decided, accepted?.Body!.Writes ?? []));
    }

    private static JsonText Answer(InvocationInput input, ApprovalRecord record, IReadOnlyList<AnswerWrite> writes) => JsonText.Write((input, record, writes), static (writer, t) =>
    {
        var (input, record) = (t.input, t.record);
        writer.WriteStartObject();
        writer.WriteBoolean("invoked"u8, value: true);
        if (input.DryRun)
        {
            writer.WriteBoolean("dry_run"u8, value: true);
        }

        writer.WriteString("action"u8, BuiltInIds.Decide);
        writer.WriteString("agent"u8, input.Actor.Agent);
        writer.WriteString("approval"u8, record.Id);
        writer.WriteString("status"u8, record.Status);
        if (record.Edited)
        {
            writer.WriteBoolean("edited"u8, value: true);
        }

        if (record.IsPending)
        {
            record.WriteAcceptances(writer);
            writer.WriteString("hint"u8, $"Your word is kept, and nothing is written yet: {ApprovalRule.Deciders(record.Needs)} decides, too.");
        }
        else
        {
            writer.WriteString("decided_by"u8, record.DecidedBy);
        }

        if (record.Note is not null)
        {
            writer.WriteString("note"u8, record.Note);
        }

        InvocationAnswer.WriteWrites(writer, [.. t.writes.Select(write => write.ShownTo(input.Actor.VisibleScopes)).Where(static write => !write.IsClosed)], input.Limits.AnswerBytes);
        writer.WriteNumber("seq"u8, record.Seq ?? input.EventSeq);
        writer.WriteEndObject();
    });

    private static SyncError NotFound(InvocationInput input, string id)
    {
        var approvals = input.Moment.State.Approvals;
        var pending = string.Join(", ", approvals.Pending.Take(20).Select(static record => record.Id));
        return new SyncError(ErrorCode.ApprovalNotFound, $"There is no approval '{Identifiers.Shown(id)}' in this room.")
        {
            Hint = pending.Length > 0 ? $"Pending are {pending}." : "None is pending.",
            LogMessage = "There is no such approval in this room.",
            Help = "gates",
        }.With("approval", Identifiers.Shown(id));
    }

    private static SyncError Decided(ApprovalRecord record) =>
        new SyncError(ErrorCode.ApprovalDecided, record.Status switch
        {
            ApprovalStatus.Expired => $"Approval '{record.Id}' has expired: nobody decided in time, which rejects it.",
            ApprovalStatus.Withdrawn => $"Approval '{record.Id}' is withdrawn: who asked for it is gone.",
            _ => $"Approval '{record.Id}' was {record.Status} by '{record.DecidedBy}' already.",
        })
        {
            Hint = record.Status == ApprovalStatus.Accepted ? "The first decision stands. What it wrote can be changed by further invocations." : "The first decision stands. If it is still wanted, the action is invoked again, which asks anew.",
            Help = "gates",
        }.With("approval", record.Id).With("status", record.Status).With("decided_by", record.DecidedBy).With("seq", record.Seq);

    // Refusals are worded for who invokes; a decider who does not see all that the invoker sees is told what everybody may know.
    private static SyncError Refused(SyncError error, InvocationInput input, Actor invoker, ApprovalRecord record)
    {
        var seesAll = input.Actor.VisibleScopes.All || (!invoker.VisibleScopes.All && invoker.VisibleScopes.Private.All(input.Actor.VisibleScopes.Sees));
        var told = seesAll || error.Code == ErrorCode.ConsentRequired ? error : new SyncError(error.Code, error.LogMessage ?? $"'{Identifiers.Shown(record.Action)}' is refused as things stand now.")
        {
            LogMessage = error.LogMessage,
            Hint = "It stays pending until it is decided or expires: accept it later, or reject it.",
            Help = error.Help,
        };
        return told.With("approval", record.Id);
    }

    private sealed class Request(IReadOnlyDictionary<string, JsonElement> bound)
    {
        public string Approval { get; } = bound["approval"].GetString()!; // Required, and a text.

        public string Decision { get; } = bound["decision"].GetString()!; // The same.

        public JsonElement Params { get; } = bound.GetValueOrDefault("params");

        public string? Note { get; } = bound.TryGetValue("note", out var note) && note.ValueKind == JsonValueKind.String ? note.GetString() : null;

        public string? WritesVersion { get; } = bound.TryGetValue("writes_version", out var version) && version.ValueKind == JsonValueKind.String ? version.GetString() : null;

        /// <summary>What tells the same decision from another one.</summary>
        public string Digest => Decision == Edit ? $"{Edit} {CanonicalJson.Version(JsonText.Of(Params))}" : Decision;

        public SyncError? CheckParams()
        {
            var isGiven = Params.ValueKind == JsonValueKind.Object;
            return Decision == Edit && !isGiven
                ? new SyncError(ErrorCode.MissingParam, "To edit is to accept with other parameters: 'params' is missing.") { Hint = "Send {\"approval\": \"a12\", \"decision\": \"edit\", \"params\": {…}} with all parameters of the action.", Help = "gates" }.With("param", "params")
                : Decision != Edit && isGiven
                    ? new SyncError(ErrorCode.InvalidParam, "'params' goes with the decision \"edit\" alone.") { Hint = "Send \"decision\": \"edit\" to accept with these, or leave 'params' out.", Help = "gates" }.With("param", "params")
                    : null;
        }
    }
}
