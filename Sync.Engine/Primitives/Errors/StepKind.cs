
namespace Sync.Engine.Primitives.Errors;

/// <summary>
/// What a reader may do next. A closed set: each surface has words for every one of them. To add one, add it here, give it a factory in <see cref="NextStep"/> and words in
/// each surface's table (docs/decisions/0027).
/// </summary>
public enum StepKind
{
    /// <summary>Present credentials.</summary>
    SignIn,
    /// <summary>Have the presented token widened by its user.</summary>
    WidenToken,
    /// <summary>List the rooms that the caller reaches.</summary>
    ListRooms,
    /// <summary>Create a room.</summary>
    CreateRoom,
    /// <summary>Read a room's name, settings and members.</summary>
    ReadRoom,
    /// <summary>Change a room's name or join policy, which its owners do.</summary>
    UpdateRoom,
    /// <summary>Delete a room.</summary>
    DeleteRoom,
    /// <summary>Put an agent into a room.</summary>
    JoinRoom,
    /// <summary>Act in a room as an agent of one's own.</summary>
    Embody,
    /// <summary>Change an agent: grants, trust, status.</summary>
    UpdateAgent,
    /// <summary>Remove an agent from a room.</summary>
    RemoveAgent,
    /// <summary>Read a context, or a part of one.</summary>
    ReadContext,
    /// <summary>Read the values that a view had.</summary>
    ReadSamples,
    /// <summary>Find words in what a room has and had.</summary>
    Search,
    /// <summary>Read the log, newest first.</summary>
    ReadLog,
    /// <summary>Wait for a condition.</summary>
    Wait,
    /// <summary>Evaluate an expression.</summary>
    Evaluate,
    /// <summary>Invoke an action.</summary>
    Invoke,
    /// <summary>Register an action of the standard library.</summary>
    TakeFromLibrary,
    /// <summary>Ask why an action is or is not available.</summary>
    Explain,
    /// <summary>Read a help text.</summary>
    ReadHelp,
    /// <summary>List the invitations that wait for the caller's answer.</summary>
    ListInvitations,
    /// <summary>Give a user a role in a room, which its owners do.</summary>
    Invite,
    /// <summary>Invite into a room by a link.</summary>
    InviteByLink,
    /// <summary>List the tokens that the caller manages.</summary>
    ListTokens,
    /// <summary>List a room's own tokens.</summary>
    ListRoomTokens,
    /// <summary>Register an OAuth client.</summary>
    RegisterClient,
    /// <summary>Open the page of one's account.</summary>
    OpenAccount,
    /// <summary>Open the page of one's rooms.</summary>
    OpenRooms,
    /// <summary>Open a room's page.</summary>
    OpenRoom,
}
