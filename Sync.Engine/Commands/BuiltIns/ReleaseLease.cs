using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_release</c>: ends a lease of the invoker's; with <c>force</c>, which owners may, anybody's.</summary>
internal sealed class ReleaseLease : BuiltInWrite
{
    private static readonly ParamSet s_params = Declare("""{"key": {"type": "string", "required": true}, "force": {"type": "boolean", "default": false}}""");

    public override string Id => BuiltInIds.Release;

    public override string Description => "Let go of a lease that you hold, so that others may take it.";

    public override JsonText ParamsJson { get; } = Json("""{"key": {"type": "string", "required": true}, "force": {"type": "boolean", "default": false, "description": "owners only: end it whoever holds it"}}""");

    public override bool IsOfUseIn(RoomState state) => state.UsesLeases;

    public override bool ReadsFence => true;

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        var (leases, agent, key) = (copy.Leases, input.Actor.Agent, bound["key"].GetString()!); // It is required, and a text.
        var isForced = bound["force"].GetBoolean();
        if (isForced && input.Actor.Level < AccessLevel.Admin)
        {
            return new SyncError(ErrorCode.NotOwner, "Only an owner of the room ends a lease that another agent holds.") { Hint = "Leave 'force' out to release your own, or ask its holder or an owner of the room." }.With("key", key);
        }

        if (leases.Find(key) is not { } lease)
        {
            return input.Fence is { } gone ? LeaseErrors.Lost(input.Moment, key, lease: null, agent, gone) : LeaseErrors.NotFound(key, agent is null ? [] : leases.KeysOf(agent));
        }

        if (!isForced && LeaseFence.Check(leases, agent, [key], input.Fence, $"'{Id}'") is { } refused)
        {
            return refused;
        }

        List<LeaseHold> ended = isForced ? [.. lease.Holds] : [lease.Of(agent)!]; // It is held.
        foreach (var hold in ended)
        {
            leases.End(key, hold, hold.Agent == agent ? LeaseEndReason.Released : LeaseEndReason.Forced);
        }

        return new BuiltInEffect([], (writer, _) =>
        {
            writer.WriteBoolean("released"u8, value: true);
            writer.WriteString("key"u8, key);
        });
    }
}
