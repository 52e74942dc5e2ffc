using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Leases;

/// <summary>What the engine invokes in the holder's name when a hold ends otherwise than by its work being done.</summary>
/// <param name="Action">The action.</param>
/// <param name="Params">Its parameters, an object; of those the action declares by then.</param>
internal sealed record LeaseLapse(string Action, JsonText Params);
