using Sync.Engine.Commands.Approvals;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Reads.Inbox;

/// <summary>
/// A user as the person they are in one room, whatever they or their tokens look at it with: the agent that messages reach them as, and the approvals they may decide in a signed-in browser. Immutable.
/// </summary>
/// <param name="User">The user.</param>
/// <param name="Member">What they are in the room; a member who has taken the role up.</param>
internal sealed record RoomPerson(UserRecord User, Member Member)
{
    /// <summary>What the role lets them do.</summary>
    public AccessLevel Level => RoomPolicy.LevelOf(Member.Role);

    /// <summary>Their own agent in the room, whom messages are directed to: the one that is there, or the id that it will have with their first act. Null for who only reads, and answers nobody.</summary>
    public string? AgentIn(RoomState state, AgentIds ids) => Level < AccessLevel.Write ? null : AgentIds.PlainOf(state, User)?.Id ?? ids.NewPlainId(state, User);

    /// <summary>Whether they may decide on what an approval still needs, on the page; a passkey may be asked for besides.</summary>
    public bool MayDecide(ApprovalRecord approval, Moment moment, string? agent) =>
        Level >= AccessLevel.Write
        && new Decider(ActorAs(agent, moment.State), InvocationOrigin.Nobody, moment, approval with { Rules = [.. approval.Needs], Acceptances = [] }, ConfirmedAt: null).Check() is null;

    private Actor ActorAs(string? agent, RoomState state) => new()
    {
        Agent = agent is not null && state.Agents.ContainsKey(agent) ? agent : null,
        Level = Level,
        Role = Member.Role,
        User = User.Id,
        UserName = User.Name,
        Principal = User.Id,
        InBrowser = true,
        IsPerson = Member is { ViaOpen: false, Role: not Role.Observer },
    };
}
