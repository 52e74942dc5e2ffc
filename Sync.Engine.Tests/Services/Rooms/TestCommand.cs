using Sync.Engine.Commands;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>A command that does what a test says.</summary>
internal sealed record TestCommand(Func<Moment, Decision> Decide) : RoomCommand;

/// <summary>Decides the commands of tests, and leaves all others to the engine's own decider.</summary>
internal sealed class TestDecider(ICommandDecider? others = null) : ICommandDecider
{
    public Decision Decide(RoomCommand command, Moment moment, Room room) =>
        command is TestCommand test ? test.Decide(moment) : (others ?? throw new InvalidOperationException("Only commands of tests are decided here.")).Decide(command, moment, room);
}

internal static class TestCommands
{
    public static Task<Outcome<Committed>> ExecuteAsync(this Room room, WorkSource source, Func<Moment, Decision> decide, CancellationToken cancellationToken) =>
        room.ExecuteAsync(new TestCommand(decide) { Source = source }, cancellationToken);
}
