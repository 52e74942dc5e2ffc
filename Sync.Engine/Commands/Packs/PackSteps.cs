using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Packs;

/// <summary>
/// The steps that put a pack into a room or take it out, each over the state that the ones before it have left. A definition is registered or deleted by the built-in action that does it for everybody; an
/// entry is written by an action that the caller registers and invokes in one, so that authority, proofs of read, targets and gates are asked of it as of any other. One use, one thread.
/// </summary>
internal sealed class PackSteps(InvocationInput input)
{
    private static readonly ParamSet s_params = BuiltIns.BuiltIn.Declare("""{"scope": {"type": "string"}, "key": {"type": "string"}, "value": {"type": "any"}, "version": {"type": "string"}}""");
    private static readonly ImmutableArray<WriteTemplate> s_put = Writes("""{"scope": "${params.scope}", "key": "${params.key}", "value": "${params.value}", "if_version": "${params.version}"}""");
    private static readonly ImmutableArray<WriteTemplate> s_delete = Writes("""{"scope": "${params.scope}", "key": "${params.key}", "delete": true, "if_version": "${params.version}"}""");

    private readonly List<(PackPart? Part, InvocationEffect Effect)> _done = [];
    private InvocationInput _current = input with { IsStep = true, Consent = [], IfActionVersion = null, Fence = null, Params = default };

    /// <summary>The room as the steps so far have left it.</summary>
    public Moment Moment => _current.Moment;

    /// <summary>What was done, in order; the record of the pack is about no part.</summary>
    public IReadOnlyList<(PackPart? Part, InvocationEffect Effect)> Done => _done;

    /// <summary>The events of the steps.</summary>
    public IEnumerable<RoomEvent> Events => _done.Select(static step => step.Effect.Event!); // Each writes.

    /// <summary>Notes what the room knows of the pack; null forgets it. The first step: an agent that comes to be with this is there for the others.</summary>
    public SyncError? Note(string pack, PackRecord? record)
    {
        var outcome = Invocation.RunOnCopy(_current, (_, copy) =>
        {
            if (record is null)
            {
                copy.Delete(ReservedScopes.Packs, pack);
                return new BuiltIns.BuiltInEffect([new AnswerWrite(ReservedScopes.Packs, pack, Value: null, Version: null, Revision: 0)]);
            }

            var value = record.ToJson();
            var (version, revision) = copy.Put(ReservedScopes.Packs, pack, value);
            return new BuiltIns.BuiltInEffect([new AnswerWrite(ReservedScopes.Packs, pack, value, version, revision)]);
        });
        return Take(part: null, outcome);
    }

    /// <summary>Puts a part there.</summary>
    public SyncError? Put(PackPart part) => part.Kind switch
    {
        PackPartKind.Action => Invoke(part, BuiltInIds.RegisterAction, part.Value.ToElement()),
        PackPartKind.View => Invoke(part, BuiltInIds.RegisterView, part.Value.ToElement()),
        PackPartKind.Role => Write(part, s_put, PackedRoom.RoleOf(part.Value, _current.Actor.Agent, _current.Moment.Now)),
        _ => Write(part, s_put, part.Value),
    };

    /// <summary>Takes a part away.</summary>
    public SyncError? Delete(PackPart part) => part.Kind switch
    {
        PackPartKind.Action => Invoke(part, BuiltInIds.DeleteAction, IdOf(part)),
        PackPartKind.View => Invoke(part, BuiltInIds.DeleteView, IdOf(part)),
        _ => Write(part, s_delete, value: null),
    };

    private SyncError? Invoke(PackPart part, string action, JsonElement parameters) => Take(part, Invocation.Run(_current with { Action = action, Params = parameters }));

    private SyncError? Write(PackPart part, ImmutableArray<WriteTemplate> writes, JsonText? value)
    {
        var parameters = JsonText.Write((part, value, version: ProofOf(part)), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteString("scope"u8, t.part.Scope);
            writer.WriteString("key"u8, t.part.Key);
            if (t.value is { } text)
            {
                writer.WritePropertyName("value"u8);
                text.WriteTo(writer);
            }

            writer.WriteString("version"u8, t.version);
            writer.WriteEndObject();
        });
        return Take(part, Invocation.RunUnregistered(_current with { Params = parameters.ToElement() }, ActionOf(writes)));
    }

    // What is there was looked at for this, in the same event. Of a system's help text the room may have none of its own.
    private string ProofOf(PackPart part) =>
        new WorkingCopy(Moment).Before(part.Scope, part.Key)?.Version
        ?? (part.Kind == PackPartKind.Help ? Model.Help.HelpTexts.Find(part.Key)?.Version : null) ?? "";

    private ActionState ActionOf(ImmutableArray<WriteTemplate> writes)
    {
        var actor = _current.Actor;
        var definition = new ActionDefinition { Id = _current.Action, Scope = ReservedScopes.Shared, Params = s_params, Writes = writes, Source = JsonText.Trusted("{}"u8.ToArray()) };
        var entry = new Entry { Key = definition.Id, Value = definition.Source, Revision = 1, UpdatedAt = Moment.Now, Seq = _current.EventSeq, Writer = actor.Agent };
        return ActionState.Unregistered(entry, definition, new Registrant(actor.Agent, actor.Level, actor.User, _current.EventSeq));
    }

    private SyncError? Take(PackPart? part, Outcome<InvocationEffect> outcome)
    {
        if (!outcome.Try(out var effect, out var error))
        {
            return part is null ? error
                : (error with { Message = $"'{Identifiers.Shown(part.Name)}': {error.Message}", LogMessage = $"'{Identifiers.Shown(part.Name)}': {error.LogMessage ?? SyncError.UntoldMessage}" }).With("part", Identifiers.Shown(part.Name));
        }

        _done.Add((part, effect));
        _current = _current with { Moment = _current.Moment with { State = effect.After }, Actor = _current.Actor with { Creates = null } };
        return null;
    }

    private static JsonElement IdOf(PackPart part) => JsonText.Write(part.Key, static (writer, id) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteEndObject();
    }).ToElement();

    private static ImmutableArray<WriteTemplate> Writes(string template) => [WriteTemplate.Parse(JsonElement.Parse(template), s_params, "writes[0]", RoomLanguage.Standard).Value];
}
