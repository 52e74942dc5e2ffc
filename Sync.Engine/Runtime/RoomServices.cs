using Microsoft.Extensions.Logging;
using Sync.Engine.Commands;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Runtime.Scheduling;

namespace Sync.Engine.Runtime;

/// <summary>What every loaded room shares with the others.</summary>
/// <param name="Scheduler">Where expressions are evaluated.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where failures are logged.</param>
/// <param name="Health">Where they are reported.</param>
internal sealed record RoomServices(EvaluationScheduler Scheduler, SteadyClock Time, ILogger Logger, HealthRegistry Health)
{
    /// <summary>Decides commands. Set once, before rooms are loaded.</summary>
    public ICommandDecider? Decider { get; set; }
}

/// <summary>Decides commands. Pure: depends on its arguments and on what callers may do at this moment, so that a command may be decided twice.</summary>
internal interface ICommandDecider
{
    /// <summary>An event, an answer or a refusal. It makes its own budget.</summary>
    Decision Decide(RoomCommand command, Moment moment, Room room);
}
