using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel.Syntax;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Help;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_register_action</c>: declares a write capability, from a definition or by name from the standard library.</summary>
internal sealed class RegisterAction : BuiltInWrite
{
    public override string Id => BuiltInIds.RegisterAction;

    public override string Description => "Declare a write capability. Give a definition, or {\"from\": \"standard_library\", \"id\": \"vote\"}.";

    public override JsonText ParamsJson { get; } = Json("""
        {
          "id": {"type": "string", "required": true, "description": "the action's id"},
          "from": {"type": "string", "enum": ["standard_library"], "description": "register the library's action of this id"},
          "scope": {"type": "string", "default": "_shared", "description": "_shared, or self for an action that carries your authority"},
          "description": {"type": "string"},
          "params": {"type": "object", "description": "parameter name to {type, required, default, enum, …}"},
          "writes": {"type": "array", "description": "write templates: {scope | scope_expr, key | key_expr, value | merge | increment | append | delete, path?, expr?, if_version?}; \"expr\": true makes value or increment CEL"},
          "shares": {"type": "array", "items": {"type": "string"}, "description": "ids of actions that are meant to write the same places"},
          "lease": {"type": "any", "description": "the key that the invoker must hold, or {need | take | end, ttl_ms?, mode?, paths?, note?, on_lapse?}; ${key} is the first write's key"},
          "if": {"type": "string", "description": "CEL guard"},
          "enabled": {"type": "string", "description": "CEL visibility"},
          "result": {"type": "string", "description": "CEL over the state after the writes"},
          "timer": {"type": "object"},
          "on_invoke": {"type": "object", "description": "{timer}: a cooldown"},
          "approve": {"type": "object", "description": "{by: person | owner | [user:…, agent:…, role:…], when?, timeout_ms?, confirm?}: somebody decides before it is done"},
          "reach": {"type": "string", "enum": ["all"], "description": "owners only: it reads and writes every scope"}
        }
        """);

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!Source(input.Params).Try(out var source, out var error)
            || !ActionDefinition.Parse(source, input.Actor.Agent, input.Limits.WritesPerAction, input.Moment.State.Language).Try(out var definition, out error))
        {
            return error;
        }

        if (Find(definition.Id) is not null)
        {
            return new SyncError(ErrorCode.ReservedId, $"'{definition.Id}' is the id of a built-in action and cannot be registered.") { Hint = "Choose another id." }.With("id", definition.Id);
        }

        if ((definition.CheckNames() ?? definition.Params.CheckPatterns(input.Budget) ?? Ownership.CheckScope(input, definition.Scope) ?? CheckReach(input, definition)) is { } denied)
        {
            return denied;
        }

        var state = input.Moment.State;
        var old = state.Actions.GetValueOrDefault(definition.Id);
        if (old is not null && !Ownership.MayChange(input.Actor, state.RegistrantOf(old), old.Definition.Scope))
        {
            return Ownership.Refusal(ErrorCode.ActionOwned, "action", definition.Id, old.Registrant);
        }

        if ((old is null ? GatedDefinition.Check(input.Actor, state.KeptGates.GetValueOrDefault(definition.Id), definition.Id) : GatedDefinition.Check(input.Actor, old, definition.Id)) is { } gated)
        {
            return gated;
        }

        if (old is null && RoomQuota.CheckAction(input.Moment, input.Actor, input.Limits) is { } full)
        {
            return full;
        }

        if ((CheckTimers(input, definition) ?? CheckConditions(definition) ?? CheckSecrets(definition) ?? CheckApprove(definition) ?? CheckLease(definition)) is { } refused)
        {
            return refused;
        }

        var doubts = LiteralCheck.Of(definition, state);
        if (doubts.FirstOrDefault(static doubt => doubt.IsCertain) is { } meantOtherwise)
        {
            return meantOtherwise.ToRefusal();
        }

        var value = Registration.Sign(definition.Source, input.Actor);
        if (value.Length > input.Limits.DefinitionBytes)
        {
            return BoundErrors.TooLong("The definition", value.Length, input.Limits.DefinitionBytes) with { Hint = "Write less, or make two actions of it." };
        }

        var (version, revision) = copy.Put(ReservedScopes.Actions, definition.Id, value, definition.Timer?.Start(input.Moment.Now));
        return new BuiltInEffect(
            [new AnswerWrite(ReservedScopes.Actions, definition.Id, value, version, revision)],
            (writer, after) => WriteMore(writer, state, after, definition, old, input, doubts));
    }

    private static SyncError? CheckReach(InvocationInput input, ActionDefinition definition)
    {
        if (!definition.ReachAll || input.Actor.Level == AccessLevel.Admin)
        {
            return null;
        }

        // A token of one agent has less than its user: an agent's own, or one that was narrowed.
        var (actor, isOwners) = (input.Actor, input.Actor.User is { } user && input.Moment.LevelOf(user) == AccessLevel.Admin);
        return new SyncError(ErrorCode.ScopeDenied, "Only an owner registers an action that reaches every scope.")
        {
            Hint = !isOwners ? "Leave 'reach' out, or ask an owner of the room to register it."
                : $"This token has no full access, but its user owns the room: send the same call with that user's own token (tok_…, whose scope has full access here){(actor.Agent is { } agent ? $", and \"agent\": \"{agent}\" beside it to register it as '{agent}'" : "")}. Or leave 'reach' out.",
        };
    }

    private static SyncError? CheckTimers(InvocationInput input, ActionDefinition definition)
    {
        var visible = definition.ReachAll ? new VisibleScopes(All: true, [])
            : (ReservedScopes.IsPublic(definition.Scope) ? input.Actor.Agent : definition.Scope) is { } agent ? VisibleScopes.Of(agent, input.Moment.State)
            : VisibleScopes.Public;
        return definition.Timer?.CheckVisibleScopes(visible) ?? definition.OnInvoke?.CheckVisibleScopes(visible);
    }

    // What decides whether something shows is asked when nobody has given parameters.
    private static SyncError? CheckConditions(ActionDefinition definition)
    {
        if (definition.Enabled is { UsesParams: true } hidden)
        {
            return new SyncError(ErrorCode.InvalidCel, "'enabled' is asked before parameters are given, so 'params' is never known in it.")
            {
                Hint = $"Ask in the guard: {{\"if\": {JsonText.Of(hidden.Source)}}}.",
                Help = "expressions",
            }.With("field", "enabled").With("expression", hidden.Source);
        }

        for (var i = 0; i < definition.Writes.Length; i++)
        {
            if (definition.Writes[i].Enabled is { UsesParams: true } entry)
            {
                return new SyncError(ErrorCode.InvalidCel, "The condition of an entry is asked whenever it is read, and no parameters are known then.")
                {
                    Hint = "Store the parameter beside, and let the condition read it from state. Whether the write happens at all is asked by the action's \"if\".",
                    Help = "expressions",
                }.With("field", $"writes[{i}].enabled").With("expression", entry.Source);
            }
        }

        return null;
    }

    // Answers and the log show everybody the target of a write; so no secret may be part of it.
    private static SyncError? CheckSecrets(ActionDefinition definition)
    {
        for (var i = 0; i < definition.Writes.Length; i++)
        {
            var write = definition.Writes[i];
            if (write.FixedScope is { } open && ReservedScopes.IsPublic(open) && write.HoldsSecret(definition.Params.IsSecret))
            {
                return new SyncError(ErrorCode.InvalidTemplate, $"A secret parameter would stand in '{Identifiers.Shown(open)}', which everybody in the room reads.")
                {
                    Hint = "Write it to \"${self}\", or to an agent's own scope.",
                }.With("field", $"writes[{i}].value");
            }

            foreach (var (template, field) in (ReadOnlySpan<(TextTemplate?, string)>)[(write.Scope, "scope"), (write.Key, "key"), (write.Path, "path")])
            {
                if (template?.Placeholders.FirstOrDefault(part => part.Parameter is { } parameter && definition.Params.IsSecret(parameter)) is { Parameter: { } secret })
                {
                    return new SyncError(ErrorCode.InvalidTemplate, $"The secret parameter '{Identifiers.Shown(secret)}' would stand in a {field}, which the log shows to everybody.")
                    {
                        Hint = "Name the place by another parameter or by \"${self}\", and write the secret as a value in a private scope.",
                    }.With("field", $"writes[{i}].{field}");
                }
            }

            foreach (var (expression, field) in (ReadOnlySpan<(Expression?, string)>)[(write.ScopeExpr, "scope_expr"), (write.KeyExpr, "key_expr")])
            {
                if (WriteTemplate.ReadsSecret(expression, definition.Params.IsSecret))
                {
                    return new SyncError(ErrorCode.InvalidTemplate, $"A secret parameter would choose where something stands, which the log shows to everybody.")
                    {
                        Hint = "Name the place by another parameter or by \"${self}\", and write the secret as a value in a private scope.",
                    }.With("field", $"writes[{i}].{field}");
                }
            }
        }

        return null;
    }

    // Whoever decides sees what it is called with.
    private static SyncError? CheckApprove(ActionDefinition definition) => definition is { Approve: not null, Params.HasSecrets: true }
        ? new SyncError(ErrorCode.InvalidParam, "An action with a secret parameter cannot wait for a decision, which would have to show it.")
        {
            Hint = "Leave 'approve' out, or make the secret no parameter: let the action read it from the agent's own scope.",
            Help = "gates",
        }.With("field", "approve")
        : null;

    // Everybody reads leases, and what is invoked when one ends is kept in it.
    private static SyncError? CheckLease(ActionDefinition definition)
    {
        if (definition.Lease is not { } lease)
        {
            return null;
        }

        if (lease.Placeholders.FirstOrDefault(part => part.Parameter is { } parameter && definition.Params.IsSecret(parameter)) is { Parameter: { } secret })
        {
            return new SyncError(ErrorCode.InvalidTemplate, $"The secret parameter '{Identifiers.Shown(secret)}' would stand in a lease, which everybody in the room reads.") { Hint = "Name the lease by another parameter." }.With("field", "lease");
        }

        return lease is { OnLapse: not null, LapseParams: null } && definition.Params.HasSecrets
            ? new SyncError(ErrorCode.InvalidTemplate, "What 'on_lapse' invokes gets the parameters of the invocation, which everybody in the room reads, and one of them is secret.")
            {
                Hint = "Say which it gets: {\"on_lapse\": {\"action\": \"reopen_task\", \"params\": {\"id\": \"${params.id}\"}}}.",
            }.With("field", "lease.on_lapse")
            : null;
    }

    private static Outcome<JsonElement> Source(JsonElement given)
    {
        if (given.ValueKind != JsonValueKind.Object || !given.TryGetProperty("from", out var from))
        {
            return given;
        }

        var id = given.TryGetProperty("id", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : null;
        if (from.ValueKind != JsonValueKind.String || !from.ValueEquals("standard_library"u8))
        {
            return new SyncError(ErrorCode.InvalidParam, "'from' can only be \"standard_library\".").With("param", "from");
        }

        if (id is null)
        {
            return new SyncError(ErrorCode.MissingParam, "Name the library's action to register.") { Hint = "Send {\"from\": \"standard_library\", \"id\": \"vote\"}." }.With("param", "id");
        }

        foreach (var member in given.EnumerateObject())
        {
            if (member.Name is not ("from" or "id"))
            {
                return new SyncError(ErrorCode.UnknownParam, $"'{Identifiers.Shown(member.Name)}' does not go with 'from'.") { Hint = "Registered from the library, an action is taken as it is. Send its definition to change it." }.With("param", Identifiers.Shown(member.Name));
            }
        }

        if (StandardLibrary.Find(id) is { } found)
        {
            return found;
        }

        var near = NearestName.Of(id, StandardLibrary.Ids);
        return new SyncError(ErrorCode.ActionNotFound, $"The standard library has no action '{Identifiers.Shown(id)}'.")
        {
            Hint = near is null ? $"It has {string.Join(", ", StandardLibrary.Ids)}." : $"Did you mean '{near}'?",
            Help = "standard_library",
        };
    }

    private static void WriteMore(Utf8JsonWriter writer, RoomState before, RoomState after, ActionDefinition definition, ActionState? old, InvocationInput input, IReadOnlyList<Doubt> doubts)
    {
        var registered = after.Actions[definition.Id];
        writer.WriteString("version"u8, registered.Entry.Version);
        if (Publishing.May(registered, after, reader: null))
        {
            writer.WriteStartArray("publishes"u8);
            writer.WriteStringValue(Publishing.SelfState);
            writer.WriteEndArray();
        }

        WriteConflicts(writer, after.Targets.ContestedBy(definition.Id), old is null ? null : Redefinition.Of(before, old, definition));
        WriteWarnings(writer, after, definition, input, doubts);
    }

    // Other actions that write the same places, and what became of the definition that was there.
    private static void WriteConflicts(Utf8JsonWriter writer, ImmutableArray<(string Target, ImmutableSortedSet<string> Actions)> contested, JsonObject? redefinition)
    {
        var codes = new List<string>(2);
        if (!contested.IsEmpty)
        {
            codes.Add("competing_write_targets");
        }

        if (redefinition is not null)
        {
            codes.Add("action_redefined");
        }

        if (codes.Count == 1)
        {
            writer.WriteString("warning"u8, codes[0]);
        }
        else if (codes.Count > 1)
        {
            writer.WritePropertyName("warning"u8);
            WriteTargets.WriteIds(writer, codes);
        }

        if (!contested.IsEmpty)
        {
            writer.WritePropertyName("contested_targets"u8);
            WriteTargets.WriteIds(writer, contested.Select(c => c.Target));
            writer.WriteStartArray("competing_actions"u8);
            foreach (var (target, actions) in contested)
            {
                writer.WriteStartObject();
                writer.WriteString("target"u8, target);
                writer.WritePropertyName("actions"u8);
                WriteTargets.WriteIds(writer, actions);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (redefinition is not null)
        {
            writer.WritePropertyName("redefinition"u8);
            redefinition.WriteTo(writer);
        }

        if (codes.Count > 0)
        {
            writer.WriteString("help"u8, "contested_actions"u8);
        }
    }

    private static void WriteWarnings(Utf8JsonWriter writer, RoomState after, ActionDefinition definition, InvocationInput input, IReadOnlyList<Doubt> doubts)
    {
        var actor = input.Actor;
        var warnings = doubts.Concat(Traps(after, definition, actor)).Select(static doubt => doubt.ToWarning()).ToList();
        var inside = Availability.Inside(new RoomActivation(input.Moment with { State = after }, actor.VisibleScopes, actor.Agent, input.Budget), after.Actions[definition.Id]);
        foreach (var (expression, field) in Expressions(definition))
        {
            var found = PathCheck.Check(after, expression, field, actor.VisibleScopes, actor.Agent, definition.Params.Names, definition.Id).ToList();
            if (expression == definition.If || expression == definition.Enabled)
            {
                EvaluationCheck.AddTo(found, EvaluationCheck.Look(expression, inside, field, actor.VisibleScopes));
            }

            warnings.AddRange(found);
        }

        Warnings.Write(writer, warnings);
    }

    // What is allowed, and perhaps not meant.
    private static IEnumerable<Doubt> Traps(RoomState after, ActionDefinition definition, Actor actor)
    {
        foreach (var shared in definition.Shares ?? [])
        {
            if (!after.Actions.ContainsKey(shared) && DidYouMean.Nearest(shared, after.Actions.Keys.Where(id => id != definition.Id)) is { } near && !StandardLibrary.Contains(shared))
            {
                yield return new Doubt("unknown_action", "shares", $"'shares' names '{Identifiers.Shown(shared)}', and there is no such action yet.", $"Did you mean '{near}'?");
            }
        }

        // The library's actions do without: whose task is free, the leases say.
        if (definition.Lease?.OnLapse is { } lapse && !after.Actions.ContainsKey(lapse) && !StandardLibrary.Is(definition))
        {
            yield return new Doubt("unknown_action", "lease.on_lapse", $"'on_lapse' names '{Identifiers.Shown(lapse)}', and there is no such action yet.", DidYouMean.Nearest(lapse, after.Actions.Keys) is { } meant ? $"Did you mean '{meant}'?" : "Register it: nothing is invoked until then.");
        }

        for (var i = 0; i < definition.Writes.Length; i++)
        {
            var write = definition.Writes[i];
            if (definition.If is null && actor.Agent is { } registrant && write.Scope?.Placeholders.FirstOrDefault(static part => part.Parameter is not null) is { Parameter: { } parameter } named)
            {
                yield return definition.ReachAll
                    ? new Doubt("open_scope", $"writes[{i}].scope", "Whoever invokes it names the scope, and may name any: it reaches every agent's.",
                        $"Where only some may deal, guard it by who invokes it: \"if\": \"self == '{registrant}'\".")
                    : new Doubt("open_scope", $"writes[{i}].scope", $"Whoever invokes it names the scope, and may name '{registrant}', which it then writes by your authority.",
                        (ReferenceEquals(write.Scope!.Single, named) && named.Expression is { } chosen
                            ? $"Where that is not meant, guard it: \"if\": \"{chosen}.startsWith('_') || {chosen} == self\"."
                            : $"Where that is not meant, let the parameter '{Identifiers.Shown(parameter)}' be one of a few: give it an \"enum\".")
                        + " To deal to others: \"reach\": \"all\", by an owner.");
            }

            if (write.Enabled is { } enabled && (enabled.NamesSelf || enabled.Reads.Any(static read => read.Kind == ReadKind.Self)))
            {
                yield return new Doubt("no_self", $"writes[{i}].enabled", "The condition of an entry is the same for every reader: 'self' is nobody in it, and 'state.self' cannot be read.", "Let a view choose what its reader sees, or read shared state.");
            }

            if (definition.Params.HasSecrets && write.FixedScope is { } scope && ReservedScopes.IsPublic(scope) && write.MayHoldSecret(definition.Params.IsSecret))
            {
                yield return new Doubt("secret_shown", $"writes[{i}].value", "The value may be made of a secret parameter, and everybody in the room reads it. An invocation in which the secret itself stands in it is refused; what is derived from it is shown.", "Write it to \"${self}\".");
            }
        }
    }

    private static IEnumerable<(Expression Expression, string Field)> Expressions(ActionDefinition definition)
    {
        var named = new[] { (definition.If, "if"), (definition.Enabled, "enabled"), (definition.Result, "result"), (definition.Approve?.When, "approve.when") }
            .Concat(definition.Writes.SelectMany(static (write, i) => write.Expressions.Select(part => ((Expression?)part.Expression, $"writes[{i}].{part.Field}"))));
        foreach (var (expression, field) in named)
        {
            if (expression is not null)
            {
                yield return (expression, field);
            }
        }
    }
}
