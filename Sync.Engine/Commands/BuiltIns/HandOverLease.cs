using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// <c>_hand_over</c>: passes leases to another agent, with what ends with them. An agent that has granted the giver its scope, or is of the same user, gets them at once; any other is offered them, and
/// takes each by a claim that names the giver: nobody is made to hold what they did not ask for. An owner hands over for an agent that is gone.
/// </summary>
internal sealed class HandOverLease : BuiltInWrite
{
    private static readonly ParamSet s_params = Declare("""
        {"to": {"type": "string", "required": true}, "keys": {"type": "any"}, "roles": {"type": "any"}, "from": {"type": "string"}}
        """);

    public override string Id => BuiltInIds.HandOver;

    public override string Description => "Pass leases and roles that you hold to another agent; without keys and roles, all of them.";

    public override JsonText ParamsJson { get; } = Json("""
        {
          "to": {"type": "string", "required": true, "description": "the agent that goes on"},
          "keys": {"type": "array", "items": {"type": "string"}, "description": "which leases; left out with roles: all that you hold"},
          "roles": {"type": "array", "items": {"type": "string"}, "description": "which declared roles"},
          "from": {"type": "string", "description": "an agent of your own user, or, for owners, one that is gone: whose they are"}
        }
        """);

    public override bool ReadsFence => true;

    public override bool IsOfUseIn(RoomState state) => state.UsesLeases;

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error)
            || !GiverOf(input, bound).Try(out var giver, out error)
            || !ReceiverOf(input, bound["to"].GetString()!, giver).Try(out var to, out error) // It is required, and a text.
            || !KeysOf(copy.Leases, bound, giver).Try(out var keys, out error))
        {
            return error;
        }

        if (LeaseFence.Check(copy.Leases, giver.Id, keys, input.Fence, giver.Id == input.Actor.Agent ? "What you hand over" : $"What '{giver.Id}' would hand over") is { } refused)
        {
            return refused;
        }

        var holds = keys.Select(key => (key, copy.Leases.HoldOf(giver.Id, key)!)).ToList(); // Each is held.
        if (!TakesOver(input, giver, to))
        {
            holds.ForEach(hold => copy.Leases.Change(hold.key, hold.Item2 with { OfferedTo = to.Id, OfferedSince = to.Since }));
            return new BuiltInEffect([], (writer, _) => WriteOffered(writer, giver.Id, to.Id, keys));
        }

        var gained = keys.Count(key => copy.Leases.HoldOf(to.Id, key) is null);
        if (copy.Leases.CountOf(to.Id) + gained > input.Limits.LeasesPerAgent)
        {
            return BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, "leases", "agent", input.Limits.LeasesPerAgent, $"'{to.Id}' would hold more leases than an agent may.", "Hand over fewer.");
        }

        var passed = holds.ConvertAll(hold => (hold.key, copy.Leases.Pass(hold.key, hold.Item2, to, Id, input.EventSeq)));
        return new BuiltInEffect([], (writer, after) =>
        {
            writer.WriteBoolean("handed_over"u8, value: true);
            writer.WriteString("to"u8, to.Id);
            LeaseAnswer.WriteKeys(writer, passed.ConvertAll(static lease => lease.key));
            LeaseAnswer.WriteDropped(writer, copy.Leases.Ended);
        });
    }

    /// <summary>Whether one agent may take what another holds without being offered it, and be given it without asking: they are of one user, or an owner says so.</summary>
    public static bool IsOfOne(InvocationInput input, AgentRecord giver, AgentRecord receiver) =>
        input.Actor.Level == AccessLevel.Admin || (giver.User is { } user && user == receiver.User);

    private static bool TakesOver(InvocationInput input, AgentRecord giver, AgentRecord to) => to.Grants.Contains(giver.Id) || IsOfOne(input, giver, to);

    private static Outcome<AgentRecord> GiverOf(InvocationInput input, IReadOnlyDictionary<string, JsonElement> bound)
    {
        var named = LeaseParams.Text(bound, "from") ?? input.Actor.Agent;
        if (named is null)
        {
            return LeaseHolder.None(BuiltInIds.HandOver);
        }

        if (!input.Moment.State.Agents.TryGetValue(named, out var giver))
        {
            return input.Actor.Creates is { } coming && coming.Id == named ? coming : AgentErrors.Unknown(input.Moment.State, named);
        }

        return named == input.Actor.Agent || input.Actor.Level == AccessLevel.Admin || (giver.User is { } user && user == input.Actor.User) ? giver
            : new SyncError(ErrorCode.NotOwner, $"Only an owner hands over what '{Identifiers.Shown(named)}' holds, or '{Identifiers.Shown(named)}' itself.") { Hint = "Leave 'from' out to hand over your own; or wait until the lease ends, and claim it." }.With("from", named);
    }

    private static Outcome<AgentRecord> ReceiverOf(InvocationInput input, string to, AgentRecord giver) =>
        !input.Moment.State.Agents.TryGetValue(to, out var receiver) ? AgentErrors.Unknown(input.Moment.State, to)
        : receiver.Id == giver.Id ? new SyncError(ErrorCode.InvalidParam, $"'{giver.Id}' holds them already.") { Hint = "Name another agent in 'to'." }.With("param", "to")
        : receiver;

    private static Outcome<ImmutableArray<string>> KeysOf(LeaseEdit leases, IReadOnlyDictionary<string, JsonElement> bound, AgentRecord giver)
    {
        if (!LeaseParams.Texts(bound.GetValueOrDefault("keys"), "keys").Try(out var keys, out var error) || !LeaseParams.Texts(bound.GetValueOrDefault("roles"), "roles").Try(out var roles, out error))
        {
            return error;
        }

        ImmutableArray<string> named = keys is null && roles is null ? [.. leases.KeysOf(giver.Id)] : [.. (keys ?? []).Concat((roles ?? []).Select(LeaseKeys.OfRole)).Distinct(StringComparer.Ordinal)];
        return !named.IsEmpty ? named
            : new SyncError(ErrorCode.LeaseNotFound, $"'{giver.Id}' holds no lease.") { Hint = "There is nothing to hand over.", LogMessage = "There is no such lease." };
    }

    private static void WriteOffered(Utf8JsonWriter writer, string giver, string to, ImmutableArray<string> keys)
    {
        writer.WriteBoolean("offered"u8, value: true);
        writer.WriteString("to"u8, to);
        LeaseAnswer.WriteKeys(writer, keys);
        writer.WriteString("hint"u8, $"You hold them until '{to}' takes each of them with _claim {{\"key\": …, \"from\": {JsonText.Of(giver)}}}: tell it by a message. They pass at once to an agent of your user, and to one that has granted you its scope.");
    }
}
