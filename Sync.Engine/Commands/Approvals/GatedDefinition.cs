using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Approvals;

/// <summary>
/// Who may change or delete an action that somebody has to approve: an owner. Where a person has registered it, in a signed-in browser, with the rule that persons decide, only somebody in a signed-in browser:
/// no token undoes what a person has set, not by another text of the same rule either.
/// </summary>
internal static class GatedDefinition
{
    /// <summary>Null where the actor may, as far as the gate goes.</summary>
    public static SyncError? Check(Actor actor, ActionState action, string id) =>
        action.Definition.Approve is { } rule ? Check(actor.Level, actor.InBrowser, rule.By, action.Entry.ByPerson, id) : null;

    /// <summary>The same of an id whose definition ended by a timer or with the agent of its scope, and that is registered anew.</summary>
    public static SyncError? Check(Actor actor, KeptGate? kept, string id) => kept is null ? null : Check(actor.Level, actor.InBrowser, kept.By, kept.ByPerson, id);

    /// <summary>The same of the definitions that end when somebody removes the agent of their scope.</summary>
    public static SyncError? CheckRemoval(RoomCaller caller, RoomState state, string agent) =>
        state.Actions.Values.Where(action => action.Definition.Scope == agent)
            .Select(action => action.Definition.Approve is { } rule ? Check(caller.Access.Level, caller.Caller.IsSession, rule.By, action.Entry.ByPerson, action.Id) : null)
            .FirstOrDefault(static refusal => refusal is not null);

    private static SyncError? Check(AccessLevel level, bool inBrowser, Approvers by, bool byPerson, string id)
    {
        if (level < AccessLevel.Admin)
        {
            return new SyncError(ErrorCode.NotOwner, $"Action '{Identifiers.Shown(id)}' has to be approved by {by}, and only an owner changes or deletes such an action.")
            {
                Hint = "Register yours under another id, or ask an owner of the room.",
                Help = "gates",
            }.With("action", id);
        }

        return byPerson && by.ArePeople && !inBrowser
            ? new SyncError(ErrorCode.PersonRequired, $"A person has set that persons approve '{Identifiers.Shown(id)}': no token changes or deletes it.")
            {
                Hint = "An owner does it on the room's page, signed in.",
                Help = "gates",
            }.With("action", id)
            : null;
    }
}
