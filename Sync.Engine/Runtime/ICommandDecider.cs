using Sync.Engine.Commands;

namespace Sync.Engine.Runtime;

/// <summary>Decides commands. Pure: depends on its arguments and on what callers may do at this moment, so that a command may be decided twice.</summary>
internal interface ICommandDecider
{
    /// <summary>An event, an answer or a refusal. It makes its own budget.</summary>
    Decision Decide(RoomCommand command, Model.Expressions.Moment moment, RoomReplica room, IRequestIndex requests);
}
