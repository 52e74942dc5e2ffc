using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_delete_action</c>.</summary>
internal sealed class DeleteAction : BuiltInWrite
{
    public override string Id => BuiltInIds.DeleteAction;

    public override string Description => "Remove an action.";

    public override JsonText ParamsJson { get; } = Json("""{"id": {"type": "string", "required": true}}""");

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!IdParam(input, Id).Try(out var id, out var error))
        {
            return error;
        }

        if (input.Moment.State.Actions.GetValueOrDefault(id) is not { } action)
        {
            return Find(id) is null
                ? Invocation.NotFound(input.Moment.State, id)
                : new SyncError(ErrorCode.InvalidId, $"'{id}' is built in and cannot be deleted.");
        }

        if (!Ownership.MayChange(input.Actor, input.Moment.State.RegistrantOf(action), action.Definition.Scope))
        {
            return Ownership.Refusal(ErrorCode.ActionOwned, "action", id, action.Registrant);
        }

        if (GatedDefinition.Check(input.Actor, action, id) is { } gated)
        {
            return gated;
        }

        copy.Delete(ReservedScopes.Actions, id);
        return new BuiltInEffect([new AnswerWrite(ReservedScopes.Actions, id, Value: null, Version: null, Revision: 0)]);
    }
}
