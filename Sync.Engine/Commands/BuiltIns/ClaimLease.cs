using System.Globalization;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_claim</c>: takes a lease, or renews one that the invoker holds.</summary>
internal sealed class ClaimLease : BuiltInWrite
{
    private static readonly ParamSet s_params = Declare("""
        {"key": {"type": "string"}, "ttl_ms": {"type": "any"}, "mode": {"type": "string", "enum": ["exclusive", "shared"]}, "note": {"type": "string"}}
        """);

    public override string Id => BuiltInIds.Claim;

    public override string Description => "Hold a key, so that nobody else works on the same: a task, a role, a resource. It ends by _release, after ttl_ms, or 15 minutes after your last sign of life.";

    public override JsonText ParamsJson { get; } = Json("""
        {
          "key": {"type": "string", "required": true, "description": "what to hold, such as task:3"},
          "ttl_ms": {"type": "integer", "description": "1,000 to 86,400,000; left out, it lasts as long as you show signs of life, at most a day"},
          "mode": {"type": "string", "enum": ["exclusive", "shared"], "default": "exclusive", "description": "shared: others may hold it beside you, if they say so too"},
          "note": {"type": "string", "description": "what you do with it, for those who find it held"}
        }
        """);

    public override bool IsOfUseIn(RoomState state) => state.UsesLeases;

    protected override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error) || !Claim(bound).Try(out var claim, out error))
        {
            return error;
        }

        if (input.Actor.Agent is not { } agent)
        {
            return LeaseHolder.None(Id);
        }

        var leases = copy.Leases;
        if (input.Fence is not null && LeaseFence.Check(leases, agent, [claim.Key], input.Fence, $"'{Id}' with a fence") is { } lost)
        {
            return lost;
        }

        return leases.Take(claim, input.Actor, input.EventSeq, input.Limits).Try(out var hold, out error)
            ? new BuiltInEffect([], (writer, after) => LeaseAnswer.WriteClaimed(writer, input.Moment with { State = after }, claim.Key, hold))
            : error;
    }

    private Outcome<LeaseClaim> Claim(IReadOnlyDictionary<string, JsonElement> bound)
    {
        if (Text(bound, "key") is not { } named)
        {
            return new SyncError(ErrorCode.MissingParam, "A lease has a 'key': what it is that you hold.") { Hint = "For example {\"key\": \"task:3\", \"note\": \"writing the parser\"}." }.With("param", "key");
        }

        return !LeaseParams.Key(named).Try(out var key, out var error)
            || !LeaseParams.Ttl(bound.GetValueOrDefault("ttl_ms")).Try(out var ttl, out error)
            || !LeaseParams.Note(Text(bound, "note")).Try(out var note, out error)
            ? error
            : new LeaseClaim { Key = key, Ttl = ttl, Mode = LeaseModeWords.Parse(Text(bound, "mode")), Note = note, Via = Id };
    }

    private static string? Text(IReadOnlyDictionary<string, JsonElement> bound, string name) => bound.GetValueOrDefault(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
