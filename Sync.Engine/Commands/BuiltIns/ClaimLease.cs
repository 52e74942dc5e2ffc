using System.Collections.Immutable;
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
        {"key": {"type": "string"}, "paths": {"type": "any"}, "from": {"type": "string"}, "ttl_ms": {"type": "any"}, "mode": {"type": "string", "enum": ["exclusive", "shared"]}, "note": {"type": "string"}}
        """);

    public override string Id => BuiltInIds.Claim;

    public override string Description => "Hold a key, or reserve file paths, so that nobody else works on the same. It ends by _release, after ttl_ms, or 15 minutes after your last sign of life.";

    public override JsonText ParamsJson { get; } = Json("""
        {
          "key": {"type": "string", "description": "what to hold, such as task:3; it may be left out where paths are given"},
          "paths": {"type": "array", "items": {"type": "string"}, "description": "file paths to reserve with it: src/engine/**, docs/api.md"},
          "from": {"type": "string", "description": "take it over from this agent, which has offered it by _hand_over, or is of your user"},
          "ttl_ms": {"type": "integer", "description": "1,000 to 86,400,000; left out, it lasts as long as you show signs of life, at most a day"},
          "mode": {"type": "string", "enum": ["exclusive", "shared"], "default": "exclusive", "description": "shared: others may hold it beside you, if they say so too"},
          "note": {"type": "string", "description": "what you do with it, for those who find it held"},
          "wait_ms": {"type": "integer", "description": "stand in line for it so long where it is held"}
        }
        """);

    public override bool IsOfUseIn(RoomState state) => state.UsesLeases;

    public override bool ReadsFence => true;

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
        claim = claim with { Key = claim.Key.Length > 0 ? claim.Key : KeyFor(leases, agent, claim.Paths ?? [], input.EventSeq) };
        if (input.Fence is not null && LeaseFence.Check(leases, agent, [claim.Key], input.Fence, $"'{Id}' with a fence") is { } lost)
        {
            return lost;
        }

        if (LeaseParams.Text(bound, "from") is { } from && leases.HoldOf(from, claim.Key) is { } theirs && from != agent && TakeOver(input, leases, claim.Key, theirs) is { } denied)
        {
            return denied;
        }

        return leases.Take(claim, input.Actor, input.EventSeq, input.Limits, input.Budget).Try(out var hold, out error)
            ? new BuiltInEffect([], (writer, after) =>
            {
                LeaseAnswer.WriteClaimed(writer, input.Moment with { State = after }, claim.Key, hold);
                LeaseAnswer.WriteDropped(writer, leases.Ended);
            })
            : error;
    }

    // The claim that follows renews what has passed. What the holder has offered, or what is of the same user, is had for the asking.
    private SyncError? TakeOver(InvocationInput input, LeaseEdit leases, string key, LeaseHold theirs)
    {
        var (agents, agent) = (input.Moment.State.Agents, input.Actor.Agent!); // Who claims is one.
        var own = agents.GetValueOrDefault(agent) ?? input.Actor.Creates;
        var isOffered = theirs.OfferedTo == agent && (theirs.OfferedSince is not { } since || own?.Since == since);
        if (!isOffered && !(own is not null && agents.TryGetValue(theirs.Agent, out var giver) && HandOverLease.IsOfOne(input, giver, own)))
        {
            var wanted = new WantedLease(key, IsShared: false, []);
            return leases.Conflict(wanted, agent, input.Budget) is { } held ? held with { Hint = $"'{theirs.Agent}' has not offered it to you: ask it for _hand_over with {{\"to\": {JsonText.Of(agent)}}}, or wait until it is free:" } : null;
        }

        if (RoomQuota.CheckLease(input.Moment, input.Actor, leases.CountOf(agent), input.Limits) is { } full)
        {
            return full;
        }

        leases.Pass(key, theirs, own!, Id, input.EventSeq); // An agent of the room, or one that comes to be.
        return null;
    }

    // The one under which the agent has reserved the same before, or one that nobody has.
    private static string KeyFor(LeaseEdit leases, string agent, ImmutableArray<PathPattern> paths, long seq)
    {
        if (leases.KeyOf(agent, paths) is { } known)
        {
            return known;
        }

        var made = string.Create(CultureInfo.InvariantCulture, $"{LeaseKeys.PathsPrefix}{seq}");
        for (var number = 2; leases.Find(made) is not null; number++)
        {
            made = string.Create(CultureInfo.InvariantCulture, $"{LeaseKeys.PathsPrefix}{seq}-{number}");
        }

        return made;
    }

    private Outcome<LeaseClaim> Claim(IReadOnlyDictionary<string, JsonElement> bound)
    {
        if (!PathPatterns.Read(bound.GetValueOrDefault("paths")).Try(out var paths, out var error))
        {
            return error;
        }

        var key = "";
        if (LeaseParams.Text(bound, "key") is not { } named ? paths.IsEmpty : !LeaseParams.Key(named).Try(out key, out error))
        {
            return error ?? new SyncError(ErrorCode.MissingParam, "A lease has a 'key', which says what you hold, or 'paths'.") { Hint = "For example {\"key\": \"task:3\", \"note\": \"writing the parser\"} or {\"paths\": [\"src/engine/**\"]}." }.With("param", "key");
        }

        return !LeaseParams.Ttl(bound.GetValueOrDefault("ttl_ms")).Try(out var ttl, out error) || !LeaseParams.Note(LeaseParams.Text(bound, "note")).Try(out var note, out error)
            ? error
            : new LeaseClaim { Key = key ?? "", Paths = paths.IsEmpty ? null : paths, Ttl = ttl, Mode = LeaseModeWords.Parse(LeaseParams.Text(bound, "mode")), Note = note, Via = Id };
    }
}
