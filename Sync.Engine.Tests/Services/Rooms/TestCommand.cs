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
    public Decision Decide(RoomCommand command, Moment moment, RoomReplica room, IRequestIndex requests) =>
        command is TestCommand test ? test.Decide(moment) : (others ?? throw new InvalidOperationException("Only commands of tests are decided here.")).Decide(command, moment, room, requests);
}

internal static class TestCommands
{
    /// <summary>The writer of a room that was loaded in this process.</summary>
    public static RoomWriter OwnWriter(this RoomReplica room) => (RoomWriter)room.Writer;

    public static Task<Outcome<Committed>> ExecuteAsync(this RoomReplica room, WorkSource source, Func<Moment, Decision> decide, CancellationToken cancellationToken) =>
        room.Writer.ExecuteAsync(new TestCommand(decide) { Source = source }, cancellationToken);
}
