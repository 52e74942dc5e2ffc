using Microsoft.Extensions.Logging;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Runtime.Scheduling;

namespace Sync.Engine.Runtime;

/// <summary>The services that all loaded rooms share.</summary>
/// <param name="Scheduler">Where expressions are evaluated.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where failures are logged.</param>
/// <param name="Health">Where they are reported.</param>
internal sealed record RoomServices(EvaluationScheduler Scheduler, SteadyClock Time, ILogger Logger, HealthRegistry Health)
{
    /// <summary>Decides commands. Set once, before rooms are loaded.</summary>
    public ICommandDecider? Decider { get; set; }
}
