using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_pause</c>: stops the room, an agent or an action until <c>_resume</c>. A pause of what is paused already changes its reason; it never makes a person's pause a token's.</summary>
internal sealed class PauseAction : BuiltInWrite
{
    private static readonly ParamSet s_params = Declare("""{"what": {"type": "string", "required": true, "max_length": 300, "description": "room, agent:ID or action:ID"}, "reason": {"type": "string", "max_length": 500}}""");

    public override string Id => BuiltInIds.Pause;

    public override string Description => "Stop the room, an agent or an action; for owners.";

    public override JsonText ParamsJson { get; } = Json("""{"what": {"type": "string", "required": true, "description": "room, agent:ID or action:ID"}, "reason": {"type": "string", "description": "why; who is stopped reads it"}}""");

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

        var reason = bound.TryGetValue("reason", out var given) ? given.GetString() : null;
        var before = input.Moment.State.Pauses.Find(what);
        var pause = new Pause(what, reason, input.Actor.Agent, input.Moment.Now, before?.Since ?? input.EventSeq, input.Actor.InBrowser || before is { IsPersons: true });
        var value = pause.ToJson();
        var (version, revision) = copy.Put(ReservedScopes.Pauses, what, value);
        return new BuiltInEffect([new AnswerWrite(ReservedScopes.Pauses, what, value, version, revision)], (writer, _) => writer.WriteString("paused"u8, what));
    }
}
