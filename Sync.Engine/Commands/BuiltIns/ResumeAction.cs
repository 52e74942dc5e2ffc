using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_resume</c>: has go on what <c>_pause</c> stopped. What a person paused, no token resumes.</summary>
internal sealed class ResumeAction : BuiltInWrite
{
    private static readonly ParamSet s_params = Declare("""{"what": {"type": "string", "required": true, "max_length": 300, "description": "room, agent:ID or action:ID"}}""");

    public override string Id => BuiltInIds.Resume;

    public override string Description => "Have go on what was paused; for owners.";

    public override JsonText ParamsJson { get; } = Json("""{"what": {"type": "string", "required": true, "description": "room, agent:ID or action:ID"}}""");

    public override AccessLevel Needs => AccessLevel.Admin;

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        var what = bound["what"].GetString()!; // It is required.
        if (PausedThing.Check(input.Moment.State, what) is { } nothing)
        {
            return nothing;
        }

        if (input.Moment.State.Pauses.Find(what) is not { } pause)
        {
            return new BuiltInEffect([new AnswerWrite(ReservedScopes.Pauses, what, Value: null, Version: null, Revision: 0) { IsUnchanged = true }]);
        }

        if (pause.IsPersons && !input.Actor.InBrowser)
        {
            return new SyncError(ErrorCode.PersonRequired, "A person paused it, and no token has it go on.")
            {
                Hint = "Ask an owner to resume it on the room's page.",
                Next = [NextStep.OpenRoom(input.Moment.Record?.Id ?? "")],
            }.With("paused", what);
        }

        copy.Delete(ReservedScopes.Pauses, what);
        return new BuiltInEffect([new AnswerWrite(ReservedScopes.Pauses, what, Value: null, Version: null, Revision: 0)], (writer, _) => writer.WriteString("resumed"u8, what));
    }
}
