using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_register_view</c>: declares a read capability; answers with its current value.</summary>
internal sealed class RegisterView : BuiltInWrite
{
    // A longer expression is read and not repeated.
    private const int MaxRepeated = 1_000;

    public override string Id => BuiltInIds.RegisterView;

    public override string Description => "Declare a read capability: a CEL expression over the room that everyone sees evaluated.";

    public override JsonText ParamsJson { get; } = Json("""
        {
          "id": {"type": "string", "required": true, "description": "the view's id"},
          "expr": {"type": "string", "required": true, "description": "CEL"},
          "scope": {"type": "string", "default": "_shared", "description": "self: may read your private state and publish a projection of it"},
          "description": {"type": "string"},
          "enabled": {"type": "string", "description": "CEL visibility"},
          "render": {"type": "object", "description": "makes it a surface: {type, label, …}; see help 'surfaces'"},
          "timer": {"type": "object"}
        }
        """);

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!ViewDefinition.Parse(input.Params, input.Actor.Agent, input.Moment.State.Language).Try(out var view, out var error))
        {
            return error.Code == ErrorCode.MissingParam && OldOf(input) is { } replaced ? Whole(error, replaced) : error;
        }

        var state = input.Moment.State;
        if ((Identifiers.CheckName("view id", view.Id) ?? Ownership.CheckScope(input, view.Scope) ?? ViewValues.CheckCycle(state, view)) is { } refused)
        {
            return refused;
        }

        var old = state.Views.GetValueOrDefault(view.Id);
        if (old is not null && !Ownership.MayChange(input.Actor, state.RegistrantOf(old), old.Scope))
        {
            return Ownership.Refusal(ErrorCode.ViewOwned, "view", view.Id, old.Registrant);
        }

        if (old is null && RoomQuota.CheckView(input.Moment, RoomQuota.PartyOf(input.Actor, input.Moment), input.Actor.Agent, input.Limits) is { } full)
        {
            return full;
        }

        if (view.Timer?.CheckVisibleScopes(ReservedScopes.IsPublic(view.Scope) ? VisibleScopes.Public : VisibleScopes.Of(view.Scope, state)) is { } blind)
        {
            return blind;
        }

        var value = Registration.Sign(view.Source, input.Actor);
        if (value.Length > input.Limits.DefinitionBytes)
        {
            return BoundErrors.TooLong("The definition", value.Length, input.Limits.DefinitionBytes) with { Hint = "Write less, or make two views of it, of which one reads the other." };
        }

        var (version, revision) = copy.Put(ReservedScopes.Views, view.Id, value, view.Timer?.Start(input.Moment.Now));
        return new BuiltInEffect([new AnswerWrite(ReservedScopes.Views, view.Id, value, version, revision)], (writer, after) =>
        {
            WriteValue(writer, after, input, view);
            if (old is not null && ViewRedefinition.Of(old, view, input.Actor) is { } redefinition)
            {
                writer.WriteString("warning"u8, "view_redefined"u8);
                writer.WritePropertyName("redefinition"u8);
                redefinition.WriteTo(writer);
                writer.WriteString("help"u8, "contested_actions"u8);
            }
        });
    }

    private static ViewDefinition? OldOf(InvocationInput input) =>
        input.Params.ValueKind == JsonValueKind.Object && input.Params.TryGetProperty("id"u8, out var id) && id.ValueKind == JsonValueKind.String ? input.Moment.State.Views.GetValueOrDefault(id.GetString()!) : null; // It is a string.

    // Who changes one field of a view that is there takes it for a patch.
    private static SyncError Whole(SyncError error, ViewDefinition old) => error with
    {
        Hint = $"Send the whole definition; it replaces the old one. {(old.Expression.Source.Length <= MaxRepeated ? $"The expression of '{old.Id}' is now: {{\"expr\": {JsonText.Of(old.Expression.Source)}}}." : "What it is now:")}",
        Next = old.Expression.Source.Length <= MaxRepeated ? [] : [NextStep.ReadContext(new StepArgument("depth", "full"), NextStep.Only([ContextSection.Views]))],
    };

    // What the view gives now, and what is doubtful about it.
    private static void WriteValue(Utf8JsonWriter writer, RoomState after, InvocationInput input, ViewDefinition view)
    {
        writer.WriteString("view"u8, view.Id);
        if (input.IsStep)
        {
            return;
        }

        var registered = after.Views[view.Id];
        var reader = new RoomActivation(input.Moment with { State = after }, VisibleScopes.Public, input.Actor.Agent, input.Budget);
        var now = ViewValues.Value(reader, registered).For(input.Actor.VisibleScopes);
        writer.WritePropertyName("value"u8);
        now.Json.WriteTo(writer);
        var self = view.SelfFor(input.Actor.Agent);
        var warnings = PathCheck.Check(after, view.Expression, "expr", input.Actor.VisibleScopes, self).ToList();
        warnings.AddRange(SurfaceCheck.Of(after, registered, now.Error is null ? now.Json : null, input.Actor.VisibleScopes, self).Select(static doubt => doubt.ToWarning()));
        if (now.Error is { } broken)
        {
            var meant = view.Expression.Mended(broken, reader.OnBudget(after.Language.NewSmallBudget()), after.Language, isCondition: false);
            warnings.Add(Warnings.Of("broken_view", "expr", broken.Message, meant is null ? broken.Hint : $"Write `{meant}`."));
        }

        Warnings.Write(writer, warnings);
    }
}
