using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_delete_view</c>.</summary>
internal sealed class DeleteView : BuiltInWrite
{
    public override string Id => BuiltInIds.DeleteView;

    public override string Description => "Remove a view.";

    public override JsonText ParamsJson { get; } = Json("""{"id": {"type": "string", "required": true}}""");

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!IdParam(input, Id).Try(out var id, out var error))
        {
            return error;
        }

        if (input.Moment.State.Views.GetValueOrDefault(id) is not { } view)
        {
            var near = NearestName.Of(id, input.Moment.State.Views.Keys);
            return new SyncError(ErrorCode.ViewNotFound, $"There is no view '{Identifiers.Shown(id)}' in this room.") { Hint = near is null ? null : $"Did you mean '{near}'?", Next = near is null ? [NextStep.ReadPart(ContextSection.Views)] : [] };
        }

        if (!Ownership.MayChange(input.Actor, input.Moment.State.RegistrantOf(view), view.Scope))
        {
            return Ownership.Refusal(ErrorCode.ViewOwned, "view", id, view.Registrant);
        }

        copy.Delete(ReservedScopes.Views, id);
        return new BuiltInEffect([new AnswerWrite(ReservedScopes.Views, id, Value: null, Version: null, Revision: 0)]);
    }
}
