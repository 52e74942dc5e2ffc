using System.Globalization;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Agents;

/// <summary>
/// Which new agent may have which id. Ids are identities: the name of a user, and what looks like it, is that user's in every room; an id that differs only by case from
/// one in the room is taken; the id of an agent that was removed waits for its user. Docs/decisions/0019 says why. Any thread.
/// </summary>
internal sealed class AgentIds(IUserNames users)
{
    // Words that mean something else where an agent's id may stand: the private scope, the sender of a room's own messages, who approves.
    private static readonly string[] s_reserved = [.. new[] { "self", "room", "owner", "person", "system" }.Select(Confusables.Fold)];

    /// <summary>Learns of users that another process has made, before an id is given to somebody.</summary>
    public Task LearnAsync(CancellationToken cancellationToken) => users.LearnUsersAsync(cancellationToken);

    /// <summary>Null when a new agent may have the id, else the refusal. The same one for every reason why an id is somebody's.</summary>
    /// <param name="state">The room.</param>
    /// <param name="id">The id; well-formed.</param>
    /// <param name="userId">Whose agent it will be; null for nobody's.</param>
    /// <param name="isOwner">Whether an owner asks, who may give away what is nobody else's.</param>
    public SyncError? CheckNew(RoomState state, string id, string? userId, bool isOwner) =>
        IsReserved(id)
            ? new SyncError(ErrorCode.InvalidId, $"The id '{id}' means something else in every room.") { Hint = "Choose another id; 'self', 'room', 'owner', 'person' and 'system', and what looks like them, are no agents." }.With("agent", id)
            : IsFree(state, id, userId, isOwner) ? null : Taken(id);

    /// <summary>A user's plain agent: the linked one of the user's name, or, where that was somebody else's when it was made, of the name with a number. Null when there is none yet.</summary>
    public static AgentRecord? PlainOf(RoomState state, UserRecord user)
    {
        var name = PlainName(user);
        for (var number = 1; ; number++)
        {
            if (!state.Agents.TryGetValue(Numbered(name, number), out var agent))
            {
                // The first may have been removed since.
                if (number > 1)
                {
                    return null;
                }
            }
            else if (agent.User == user.Id)
            {
                return agent;
            }
        }
    }

    /// <summary>The id that a user's plain agent gets in a room: the user's name, or with a number where that is somebody else's.</summary>
    public string NewPlainId(RoomState state, UserRecord user) => NewId(state, PlainName(user), user.Id);

    /// <summary>An id that is free for a user's new agent: the wanted one, or that with a number.</summary>
    public string NewId(RoomState state, string wanted, string? userId)
    {
        for (var number = 1; ; number++)
        {
            var id = Numbered(wanted, number);
            if (!IsReserved(id) && IsFree(state, id, userId, isOwner: false))
            {
                return id;
            }
        }
    }

    public static SyncError Taken(string id) =>
        new SyncError(ErrorCode.AgentExists, $"The agent '{id}' is already in the room.")
        {
            // True of an agent that is there, of one that was removed and of a user's name alike: the answer does not say which of them it is.
            Hint = "Join under another id. Whose id this is joins with a token of their own, the agent's or its user's.",
        }.With("agent", id);

    private bool IsFree(RoomState state, string id, string? userId, bool isOwner)
    {
        if (IsOthers(id, userId) || state.Agents.Keys.Any(other => other.Equals(id, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        if (isOwner)
        {
            return true;
        }

        if (state.Removed.TryGetValue(id, out var removed))
        {
            return removed.User is not null && removed.User == userId;
        }

        // What an owner put there before the agent came is for the user of that name, or for whom an owner lets join.
        return state.Scope(id) is not { Entries.IsEmpty: false } || (userId is not null && users.UserById(userId) is { } user && user.Name.Equals(id, StringComparison.OrdinalIgnoreCase));
    }

    // The part before a colon says whose client it is: 'alice:claude' is one of alice's.
    private bool IsOthers(string id, string? userId) =>
        users.IsOthersName(id, userId) || (id.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && users.IsOthersName(id[..colon], userId));

    private static bool IsReserved(string id) => s_reserved.Contains(Confusables.Fold(id));

    // A user name may begin with what an agent's id may not.
    private static string PlainName(UserRecord user) => user.Name.TrimStart('_') is { Length: > 0 } name && name is not ("." or "..") ? name : "agent";

    private static string Numbered(string name, int number)
    {
        if (number == 1)
        {
            return name;
        }

        var suffix = string.Create(CultureInfo.InvariantCulture, $"-{number}");
        return (name.Length + suffix.Length <= Identifiers.MaxIdLength ? name : name[..(Identifiers.MaxIdLength - suffix.Length)]) + suffix;
    }
}
