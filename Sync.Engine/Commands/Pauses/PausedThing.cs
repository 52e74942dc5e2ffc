using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Pauses;

/// <summary>What a call to pause or resume names.</summary>
internal static class PausedThing
{
    /// <summary>The refusal of a name that is no thing of the room, or null. What is paused already may be gone.</summary>
    public static SyncError? Check(RoomState state, string what)
    {
        if (what == Pause.Room || state.Pauses.Find(what) is not null)
        {
            return null;
        }

        if (what.StartsWith(Pause.OfAgent, StringComparison.Ordinal))
        {
            var agent = what[Pause.OfAgent.Length..];
            return state.Agents.ContainsKey(agent) ? null : AgentErrors.Unknown(state, agent);
        }

        if (what.StartsWith(Pause.OfAction, StringComparison.Ordinal))
        {
            var action = what[Pause.OfAction.Length..];
            return !BuiltInIds.Contains(action) ? state.Actions.ContainsKey(action) ? null : Invocation.NotFound(state, action)
                : Pausing.CanStop(action) ? null
                : new SyncError(ErrorCode.InvalidParam, $"'{action}' goes on while other things are paused, and cannot be paused itself.") { Hint = "Pause the agents that invoke it, or the room." }.With("param", "what");
        }

        var meant = state.Agents.ContainsKey(what) ? Pause.OfAgent + what : state.Actions.ContainsKey(what) || BuiltInIds.Contains(what) ? Pause.OfAction + what : null;
        return new SyncError(ErrorCode.InvalidParam, $"'{Identifiers.Shown(what)}' is nothing that is paused: 'what' is the room, an agent or an action.")
        {
            Hint = meant is null ? "Send {\"what\": \"room\"}, {\"what\": \"agent:ID\"} or {\"what\": \"action:ID\"}." : $"Send {{\"what\": \"{Identifiers.Shown(meant)}\"}}.",
        }.With("param", "what").WithSuggestion(meant);
    }
}
