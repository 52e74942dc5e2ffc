using Sync.Engine.Expressions;
using Sync.Engine.Json;

namespace Sync.Engine.Rooms;

/// <summary>
/// What each kind of command does: the caller's rights of this moment, then a pure function of the room, the command and the time. To add a command: a record in RoomCommand.cs, a line here, and
/// a sample in the tests that send every command through JSON.
/// </summary>
internal sealed class CommandDecider(RoomGate gate, AgentDoor agents, EmbodimentDoor embodiments) : ICommandDecider
{
    public Decision Decide(RoomCommand command, Moment moment, Room room) => command switch
    {
        // Reading help is open to readers; the invocation itself asks for more where it writes.
        InvokeCommand invoke => As(invoke, room, AccessLevel.Read, (moment, invoke), static (entrance, t) => ActionDoor.Decide(entrance, t.invoke, t.moment)),
        JoinCommand join => agents.Decide(join, moment, room),
        EmbodyCommand embody => As(embody, room, AccessLevel.Write, (embodiments, moment, embody), static (entrance, t) => t.embodiments.Decide(entrance, t.embody, t.moment)),
        UpdateAgentCommand update => As(update, room, AccessLevel.Write, (moment, update), static (entrance, t) => t.update.Patch.Decide(t.moment, entrance, t.update.Agent, entrance.Room.Limits)),
        RemoveAgentCommand remove => As(remove, room, AccessLevel.Write, (moment, remove), static (entrance, t) => Agents.AgentRemoval.Decide(t.moment, entrance, t.remove.Agent, t.remove.Free)),
        RemoveUnusedAgentCommand unused => embodiments.Decide(unused, moment, room),
        CreateRoomCommand create => RoomDoor.Decide(create, moment),
        UpdateRoomCommand update => RoomDoor.Decide(update, moment),
        DrainCommand => Decision.Reply(JsonText.Null),
        _ => throw new ArgumentException($"A room knows no command {command.GetType().Name}.", nameof(command)),
    };

    private Decision As<TState>(CallerCommand command, Room room, AccessLevel needed, TState state, Func<Entrance, TState, Decision> decide) =>
        gate.Authorize(command.Caller, room, needed).Try(out var entrance, out var error) ? decide(entrance, state) : Decision.Refuse(error);
}
