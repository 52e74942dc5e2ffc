using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Leases;

/// <summary>
/// What follows when holds end before their work is done: for each that says so, an action is invoked in the name of who held it, as a step of the event that ended it. It is asked and checked as any
/// invocation, on a small budget of the engine's own, and may take no lease; where it is refused, or what follows one event is over its bounds, the hold is over all the same, and the event says so.
/// </summary>
internal static class Lapses
{
    // What one of them may spend: enough for a guard and a few values.
    private const long Units = 10_000;

    // What all of one event may spend and write.
    private const long MaxUnits = 1_000_000;
    private const long MaxBytes = 4 * 1024 * 1024;

    /// <summary>The event with what follows, and the room after that.</summary>
    /// <param name="before">The room before the event.</param>
    /// <param name="e">The event that ended the holds.</param>
    /// <param name="after">The room after it.</param>
    /// <param name="ended">The holds.</param>
    /// <param name="limits">The room's bounds.</param>
    public static (RoomEvent Event, RoomState After) Follow(Moment before, RoomEvent e, RoomState after, IReadOnlyCollection<EndedLease> ended, RoomLimits limits)
    {
        if (ended.Count == 0)
        {
            return (e, after);
        }

        var ends = new List<LeaseEnd>(ended.Count);
        var steps = new List<RoomEvent> { e };
        var (budget, bytes) = (new CelBudget(MaxUnits, TimeSpan.MaxValue), 0L);
        foreach (var (key, hold, reason) in ended)
        {
            string? refused = null;
            if (hold.OnLapse is { } lapse)
            {
                if (reason == LeaseEndReason.HandedOver)
                {
                    refused = ErrorCode.ConsentRequired.Name;
                }
                else if (bytes > MaxBytes)
                {
                    refused = ErrorCode.PayloadTooLarge.Name;
                }
                else if (Invoke(before with { State = after }, hold, lapse, limits, e.Seq, budget).Try(out var effect, out var error))
                {
                    after = effect.After;
                    steps.Add(effect.Event!); // A custom action writes one.
                    bytes += effect.Event!.Changes.Sum(static change => change.Value?.Length ?? 0); // The same.
                }
                else
                {
                    refused = error.Code.Name;
                }
            }

            ends.Add(new LeaseEnd(key, hold.Agent, hold.Fence, reason, hold.OnLapse?.Action, refused));
        }

        var whole = steps.Count == 1 ? e : CombinedEvent.Of(e with { Changes = [], Steps = [] }, steps);
        return (whole with { LeaseEnds = [.. e.LeaseEnds, .. ends] }, after);
    }

    private static Outcome<InvocationEffect> Invoke(Moment moment, LeaseHold hold, LeaseLapse lapse, RoomLimits limits, long seq, CelBudget all)
    {
        if (lapse.Definition(moment.State, hold) is not { } action)
        {
            return new SyncError(ErrorCode.ActionChanged, $"Action '{lapse.Action}' is not the one that the holder of the lease agreed to.");
        }

        var agent = moment.State.Agents.GetValueOrDefault(hold.Agent) is { } known && known.Since == hold.Since ? known : null;
        var actor = new Actor
        {
            Agent = hold.Agent,
            Level = AccessLevel.Write,
            User = agent?.User,
            Principal = agent?.User ?? "",
            VisibleScopes = agent is null ? VisibleScopes.Public : VisibleScopes.Of(hold.Agent, moment.State),
        };
        var own = all.Part(Units, least: 0);
        var input = new InvocationInput(moment, actor, lapse.Action, Declared(lapse.Params, action.Definition.Params), limits, own)
        {
            IsStep = true,
            IsLapse = true,
            EventSeq = seq,
        };
        var isAccepted = Invocation.Run(input).Try(out var effect, out var error);
        all.Take(own.Spent);
        return !isAccepted ? error! // It was refused.
            : !effect!.RequiredApprovals.IsEmpty ? new SyncError(ErrorCode.ApprovalRequired, "Nobody waits for a decision on what follows the end of a lease.")

            // The scope of who is gone is gone too.
            : agent is null && effect.Event!.Changes.Any(change => change.Scope == hold.Agent) ? new SyncError(ErrorCode.AgentNotFound, "The agent whose scope it would write to has left the room.") // As above.
            : effect;
    }

    // A lease of before may have kept what the action does not declare.
    private static JsonElement Declared(JsonText given, ParamSet declared)
    {
        var left = new JsonObject();
        foreach (var (name, value) in given.ToNode() as JsonObject ?? [])
        {
            if (declared.Names.Contains(name))
            {
                left[name] = value?.DeepClone();
            }
        }

        return JsonText.Of(left).ToElement();
    }
}
