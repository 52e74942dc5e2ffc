using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_renew</c>: gives leases that the invoker holds their whole span again.</summary>
internal sealed class RenewLease : BuiltInWrite
{
    private static readonly ParamSet s_params = Declare("""{"key": {"type": "string"}}""");

    public override string Id => BuiltInIds.Renew;

    public override string Description => "Keep a lease that you hold for its whole time once more; without a key, all that you hold.";

    public override JsonText ParamsJson { get; } = Json("""{"key": {"type": "string", "description": "left out: all leases that you hold"}}""");

    public override bool IsOfUseIn(RoomState state) => state.UsesLeases;

    public override bool ReadsFence => true;

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        if (input.Actor.Agent is not { } agent)
        {
            return LeaseHolder.None(Id);
        }

        var leases = copy.Leases;
        var named = LeaseParams.Text(bound, "key");
        if ((named is null ? LeaseFence.CheckAny(input) : LeaseFence.Check(leases, agent, [named], input.Fence, $"'{Id}'")) is { } refused)
        {
            return refused;
        }

        var renewed = (named is null ? leases.KeysOf(agent) : [named]).ConvertAll(held => (held, leases.Renew(held, leases.HoldOf(agent, held)!))); // Each is held.
        return new BuiltInEffect([], (writer, after) =>
        {
            writer.WriteBoolean("renewed"u8, value: true);
            LeaseAnswer.WriteList(writer, input.Moment with { State = after }, renewed);
        });
    }
}
