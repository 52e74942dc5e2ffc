using Sync.Engine.Model.Actions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Leases;

/// <summary>What the engine invokes in the holder's name when a hold ends otherwise than by its work being done.</summary>
/// <param name="Action">The action.</param>
/// <param name="Params">Its parameters, an object; of those the action declares.</param>
internal sealed record LeaseLapse(string Action, JsonText Params)
{
    /// <summary>The version of the action's definition when the lease was taken, which is what the holder agreed to; empty where there was none. Null in holds of before, which did not keep it.</summary>
    public string? Version { get; init; }

    /// <summary>The action that said so; null in holds of before.</summary>
    public string? Source { get; init; }

    /// <summary>The version of its definition.</summary>
    public string? SourceVersion { get; init; }

    /// <summary>The definition that is invoked, if it is still the one that the holder agreed to.</summary>
    /// <param name="state">The room.</param>
    /// <param name="hold">The hold that this is of.</param>
    public ActionState? Definition(RoomState state, LeaseHold hold) => Pinned(state, Action, Version, hold);

    /// <summary>The definition that chose the action and its parameters, if it still is what it was then.</summary>
    public ActionState? SourceDefinition(RoomState state, LeaseHold hold) => (Source ?? hold.Via) is { } source ? Pinned(state, source, SourceVersion, hold) : null;

    // Where no version was kept, it is one that has stood there since before the hold: nobody else has registered it since.
    private static ActionState? Pinned(RoomState state, string id, string? version, LeaseHold hold) =>
        state.Actions.GetValueOrDefault(id) is { IsShadowed: false } action && (version is null ? action.By.Seq < hold.Fence : action.Entry.Version == version) ? action : null;
}
