using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Rules;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// Turns an action's templates into writes on the working copy, step by step, each step for all writes before the next: resolve targets and values, ask for authority, apply the modes one after
/// another, ask for the invoker's word, check versions. The value of a target is read only after authority over it is certain. One invocation.
/// </summary>
internal sealed class WriteBuilder(
    InvocationInput input,
    ActionState action,
    RoomActivation inside,
    TemplateInputs inputs,
    WorkingCopy copy,
    Secrets? secrets)
{
    private readonly WriteResolver _resolver = new(input, action, inside, inputs, copy);
    private readonly WriteEditor _editor = new(inputs, copy, input.Limits.JsonDepth);
    private readonly Standing _standing = action.StandingIn(input.Moment);
    private readonly List<JsonObject> _warnings = [];
    private ResolvedWrite? _first;

    /// <summary>What the invoker may have meant otherwise.</summary>
    public IReadOnlyList<JsonObject> Warnings => _warnings;

    /// <summary>What the rules of the places that it writes ask to be decided first.</summary>
    public ImmutableArray<ApprovalRule> RequiredApprovals { get; private set; } = [];

    public Outcome<IReadOnlyList<AnswerWrite>> Build() =>
        BuildAll().Try(out var writes, out var error) ? Outcome<IReadOnlyList<AnswerWrite>>.Of(writes) : error.With("action", action.Id);

    /// <summary>Takes and ends leases, when the writes are built; null when that could be done.</summary>
    public SyncError? Apply(LeaseStep leases)
    {
        if (leases.Apply(_first?.Target.Key, isOpen: _first is not { } place || ReservedScopes.IsPublic(place.Target.Scope)) is not { } refused)
        {
            return null;
        }

        // Which key the action has chosen is not told to who may not read what it was chosen from.
        return _first is { } first && !ErrorRedaction.MayRead(input.Actor.VisibleScopes, first.ChosenFrom)
            ? new SyncError(refused.Code, $"Action '{action.Id}' cannot have the lease that goes with what it has chosen.") { Hint = "It is chosen from what you may not read: ask whoever registered the action, or try again later." }.With("action", action.Id)
            : refused;
    }

    private Outcome<IReadOnlyList<AnswerWrite>> BuildAll()
    {
        var templates = action.Definition.Writes;
        var resolved = new ResolvedWrite[templates.Length];
        for (var i = 0; i < resolved.Length; i++)
        {
            if (!_resolver.Resolve(templates[i], $"writes[{i}]").Try(out resolved[i], out var error))
            {
                return error;
            }
        }

        foreach (var write in resolved)
        {
            if (WriteAuthority.Check(input, action, _standing, write.Target) is { } denied)
            {
                return _resolver.OfPlace(denied, write.ChosenFrom, write.Field);
            }
        }

        _first = resolved is [var first, ..] ? first : null;
        if (CheckRules(resolved) is { } ruled)
        {
            return ruled;
        }

        var writes = new AnswerWrite[resolved.Length];
        for (var i = 0; i < resolved.Length; i++)
        {
            if (!Apply(resolved[i]).Try(out writes[i]!, out var error)) // Set where there is no error.
            {
                return _resolver.OfPlace(error, resolved[i].ChosenFrom, resolved[i].Field);
            }

            writes[i] = writes[i] with { MadeOf = resolved[i].Touched, ChosenFrom = resolved[i].ChosenFrom };
        }

        return (TargetCheck.CheckList(input, copy) ?? CheckConsent(resolved, writes) ?? CheckVersions(resolved)) is { } refused ? refused : writes;
    }

    private SyncError? CheckRules(ResolvedWrite[] resolved)
    {
        if (input.Moment.State.TargetRules.IsEmpty)
        {
            return null;
        }

        var asked = new List<ApprovalRule>();
        foreach (var write in resolved)
        {
            if (TargetCheck.Check(input, write.Target.Scope, write.Target.Key, inside.Params, asked) is { } ruled)
            {
                return _resolver.OfPlace(ruled, write.ChosenFrom, write.Field);
            }
        }

        RequiredApprovals = [.. asked];
        return null;
    }

    private Outcome<AnswerWrite> Apply(in ResolvedWrite write)
    {
        var (template, field, (scope, key, _, _), value, touched, chosenFrom, _) = write;

        // A key that was chosen from what the invoker may not read is theirs to know once it stands where they read; a dry run would tell it for nothing.
        var isClosed = !input.Actor.VisibleScopes.Sees(scope);
        var isHidden = (input.DryRun || isClosed) && !ErrorRedaction.MayRead(input.Actor.VisibleScopes, chosenFrom);
        if (template.Mode == WriteMode.Delete || IsOfWhole(template))
        {
            return Delete(write, isHidden);
        }

        if (value is { } written && ShowsSecret(template, scope, written, field) is { } shown)
        {
            return shown;
        }

        if (!_editor.Edit(template, scope, key, value, field).Try(out var edited, out var error))
        {
            return error;
        }

        if (edited is { Edit: { Kind: EditKind.Remove } nothing } && copy.Current(scope, key) is var there && (there is null || there.Value.Equals(edited.Value)))
        {
            // It was not there: nothing is written. Of a closed scope that is not told.
            WarnOfMissing(write, nothing.Path ?? "", isHidden);
            return new AnswerWrite(scope, key, Value: null, Version: null, copy.Revision(scope, key) + (isClosed ? 1 : 0)) { Edit = nothing, IsUnchanged = !isClosed, IsClosed = isClosed, IsPlaceWithheld = isHidden, IsScopeChosen = template.ScopeExpr is not null };
        }

        if (!TimerOf(template, scope, field).Try(out var timer, out error))
        {
            return error;
        }

        var (final, edit) = edited;
        if (final.Length > input.Limits.ValueBytes)
        {
            return new SyncError(ErrorCode.PayloadTooLarge, $"The value of '{Identifiers.Shown(key)}' would have {final.Length} bytes; at most {input.Limits.ValueBytes} are kept.")
            {
                Hint = "Spread it over several keys, or store a reference to it.",
            }.With("scope", scope).With("key", key);
        }

        var answer = Put(scope, key, final, edit, timer, template.Enabled?.Source);
        var isSecret = false;
        secrets?.TakeOut(JsonText.Write(answer, static (writer, w) => w.WriteTo(writer)), out isSecret);
        return answer with
        {
            IsPlaceWithheld = isHidden,
            IsScopeChosen = template.ScopeExpr is not null,
            IsClosed = isClosed,

            // Once it is written to a place that the invoker reads, it is read there; a dry run would reveal it without the write.
            IsWithheld = isSecret || (input.DryRun && !ErrorRedaction.MayRead(input.Actor.VisibleScopes, touched)),
            IsRow = template.Mode == WriteMode.AppendRow,
        };
    }

    private AnswerWrite Delete(in ResolvedWrite write, bool isHidden)
    {
        var isDeleted = copy.Delete(write.Target.Scope, write.Target.Key);
        if (!isDeleted)
        {
            WarnOfMissing(write, path: "", isHidden);
        }

        return new AnswerWrite(write.Target.Scope, write.Target.Key, Value: null, Version: null, Revision: 0)
        {
            // Of a closed scope it is not told whether there was anything.
            IsUnchanged = !isDeleted && input.Actor.VisibleScopes.Sees(write.Target.Scope),
            IsPlaceWithheld = isHidden,
            IsScopeChosen = write.Template.ScopeExpr is not null,
        };
    }

    // A path that is a parameter declared with "" as its default is one that may be left out. Any other must not be empty: a whole entry is not deleted because something was forgotten.
    private bool IsOfWhole(WriteTemplate template) =>
        template is { Mode: WriteMode.Remove, Path: { Single: { Parameter: { } parameter, IsWhole: true } } path }
        && action.Definition.Params.IsEmptyByDefault(parameter)
        && path.Expand(inputs).Length == 0;

    private void WarnOfMissing(in ResolvedWrite write, string path, bool isHidden)
    {
        // Where the place was chosen from what the invoker may not read, its name is not for them.
        if (!isHidden && secrets is null && input.Actor.VisibleScopes.Sees(write.Target.Scope) && ErrorRedaction.MayRead(input.Actor.VisibleScopes, write.ChosenFrom))
        {
            _warnings.Add(new MissedDeletion(input, inputs, write.Template, copy).Warning(write.Field, write.Target.Scope, write.Target.Key, path));
        }
    }

    private AnswerWrite Put(string scope, string key, JsonText value, ValueEdit? edit, EntryTimer? timer, string? enabled)
    {
        if (edit is null)
        {
            var (version, revision) = copy.Put(scope, key, value, timer, enabled);
            return new AnswerWrite(scope, key, value, version, revision);
        }
        else
        {
            var (version, revision) = copy.Put(scope, key, value, edit, timer, enabled);
            return AnswerWrite.Of(scope, key, edit, value, version, revision);
        }
    }

    private SyncError? CheckConsent(ResolvedWrite[] resolved, AnswerWrite[] writes)
    {
        var state = input.Moment.State;
        var asking = new List<AnswerWrite>();
        for (var i = 0; i < resolved.Length; i++)
        {
            if (Publishing.NeedsWord(resolved[i].Template, state, input.Actor.Agent, resolved[i].Target))
            {
                var (visible, write) = (input.Actor.VisibleScopes, resolved[i]);
                asking.Add(writes[i] with
                {
                    IsWithheld = writes[i].IsWithheld || !ErrorRedaction.MayRead(visible, write.Touched),
                    IsPlaceWithheld = writes[i].IsPlaceWithheld || !ErrorRedaction.MayRead(visible, write.ChosenFrom),
                });
            }
        }

        if (asking.Count > 0 && input.EditedFrom is not null)
        {
            // Neither trust nor an owner's word was about what somebody else picks.
            return new SyncError(ErrorCode.ConsentRequired, $"With other parameters, action '{action.Id}' would show to others what '{input.Actor.Agent}' keeps private, and only they can agree to that.")
            {
                Hint = "Reject it, with a note that says which parameters to use: who asked then invokes it anew with these.",
                LogMessage = $"Action '{action.Id}' asks for its invoker's consent.",
                Help = "gates",
            }.With("publishes", new JsonArray(Publishing.SelfState));
        }

        if (asking.Count == 0 || input.Consent.Contains(Publishing.SelfState) || Publishing.GoesWithout(input.Moment, action, _standing, input.Actor))
        {
            return null;
        }

        return new SyncError(ErrorCode.ConsentRequired, $"Action '{action.Id}' would show to others what '{input.Actor.Agent}' keeps private.")
        {
            Hint = $"To agree to just this, repeat the call with \"consent\": [\"{Publishing.SelfState}\"], \"if_action_version\": \"{action.Entry.Version}\". To agree always, put its registrant into your agent's 'trusts'.",
            LogMessage = $"Action '{action.Id}' asks for its invoker's consent.",
        }
            .With("publishes", new JsonArray(Publishing.SelfState))
            .With("registered_by", action.Registrant)
            .With("writes", new JsonArray([.. asking.Select(static write => JsonText.Write(write, static (writer, w) => w.WriteTo(writer)).ToNode())]))
            .With("consent", new JsonArray(Publishing.SelfState))
            .With("if_action_version", action.Entry.Version);
    }

    private SyncError? CheckVersions(ResolvedWrite[] resolved)
    {
        foreach (var write in resolved)
        {
            var (scope, key, _, _) = write.Target;
            if (write.IfVersion is { } expected
                && VersionCheck.Check(expected, copy.Before(scope, key), scope, key, mayRead: input.Actor.VisibleScopes.Sees(scope)) is { } conflict)
            {
                return ErrorRedaction.MayRead(input.Actor.VisibleScopes, write.ChosenFrom) ? conflict
                    : new SyncError(conflict.Code, "The entry that the action chose has another version than was expected.") { Hint = "It is chosen from what you may not read: ask whoever registered the action.", Help = "if_version" };
            }
        }

        return null;
    }

    // What everybody reads is in the log, in streams and in exports for everybody too, and there no secret may be. What an expression makes of one is its registrant's affair.
    private SyncError? ShowsSecret(WriteTemplate template, string scope, JsonText value, string field)
    {
        if (secrets is null || !ReservedScopes.IsPublic(scope) || !template.MayHoldSecret(action.Definition.Params.IsSecret))
        {
            return null;
        }

        secrets.TakeOut(value, out var isInIt);
        return isInIt
            ? new SyncError(ErrorCode.ScopeDenied, $"A secret parameter would stand in '{Identifiers.Shown(scope)}', which everybody in the room reads.")
            {
                Hint = "The action has to write it to \"${self}\", or to an agent's own scope: whoever registered it can change that.",
                LogMessage = "A secret parameter would have been shown to everybody.",
            }.With("field", $"{field}.value").With("scope", scope)
            : null;
    }

    private Outcome<EntryTimer?> TimerOf(WriteTemplate template, string scope, string field)
    {
        if (template.Timer is null)
        {
            return default(Outcome<EntryTimer?>);
        }

        if (!TimerSpec.Parse(template.Timer.Expand(inputs).ToElement(), $"{field}.timer", stored: true).Try(out var spec, out var error))
        {
            return error;
        }

        return spec.CheckVisibleScopes(_standing.VisibleScopes(input.Moment).Plus(scope)) is { } blind ? blind.With("field", $"{field}.timer") : spec.Start(input.Moment.Now);
    }
}
