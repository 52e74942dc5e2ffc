using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Actions;
using Sync.Engine.Services.Agents;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Services;

/// <summary>
/// What each kind of command does: the caller's rights of this moment, then a pure function of the room, the command and the time. To add a command: a record in RoomCommand.cs, a line here, and
/// a sample in the tests that send every command through JSON.
/// </summary>
internal sealed class CommandDecider(RoomAuthorizer authorizer, AgentService agents, EmbodimentService embodiments, IdentityCache access, ApprovalIdentities identities) : ICommandDecider
{
    public Decision Decide(RoomCommand command, Moment moment, RoomReplica room, IRequestIndex requests)
    {
        var decision = DecideUnsigned(command, moment, room, requests);
        return decision.Writes && command is CallerCommand { Caller: var identity } && access.CallerOf(identity).Try(out var caller, out _) && StrangerOf(caller, decision, moment.State) is { } user
            ? decision.ActedBy(user)
            : decision;
    }

    // Full access acts as any agent, and changes it; and so does a token that somebody made for another's. The log would name the agent's own user otherwise.
    private string? StrangerOf(Caller caller, Decision decision, RoomState before) =>
        (caller.UserId ?? caller.Token?.Maker) is { } user && (decision.Event is { } e ? e.Agent : decision.Logged!.Agent) is { } agent // It writes.
        && (before.Agents.GetValueOrDefault(agent) ?? decision.After?.Agents.GetValueOrDefault(agent)) is { } known && known.User != user
            ? access.Users.UserById(user)?.Name
            : null;

    private Decision DecideUnsigned(RoomCommand command, Moment moment, RoomReplica room, IRequestIndex requests) => command switch
    {
        // Reading help is open to readers; the invocation itself asks for more where it writes.
        InvokeCommand invoke => As(invoke, room, AccessLevel.Read, (moment, invoke, requests, identities), static (authorized, t) => InvocationDecision.Of(authorized, t.invoke, t.moment, t.requests, t.identities.For(authorized))),
        JoinCommand join => agents.Decide(join, moment, room),
        EmbodyCommand embody => embodiments.Decide(embody, moment, room),
        UpdateAgentCommand update => As(update, room, AccessLevel.Write, (moment, update), static (authorized, t) => t.update.Patch.Decide(t.moment, authorized, t.update.Agent, authorized.Room.Limits)),
        RemoveAgentCommand remove => As(remove, room, AccessLevel.Write, (moment, remove), static (authorized, t) => Commands.Agents.AgentRemoval.Decide(t.moment, authorized, t.remove.Agent, t.remove.Free, authorized.Room.Limits)),
        ReleaseAgentCommand release => embodiments.Decide(release, moment, room),
        CreateRoomCommand create => Commands.Rooms.RoomCreation.Decide(create, moment, room.Limits, room.NewBudget()),
        UpdateRoomCommand update => RoomService.Decide(update, moment),
        DrainCommand => Decision.Reply(JsonText.Null),
        _ => throw new ArgumentException($"A room knows no command {command.GetType().Name}.", nameof(command)),
    };

    private Decision As<TState>(CallerCommand command, RoomReplica room, AccessLevel needed, TState state, Func<AuthorizedRoom, TState, Decision> decide) =>
        authorizer.Authorize(command.Caller, room, needed).Try(out var authorized, out var error) ? decide(authorized, state) : Decision.Refuse(error);
}
