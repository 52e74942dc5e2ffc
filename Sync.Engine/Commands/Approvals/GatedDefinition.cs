using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Authority;
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
    public static SyncError? Check(Actor actor, ActionState action, string id)
    {
        if (action.Definition.Approve is not { } rule)
        {
            return null;
        }

        if (actor.Level < AccessLevel.Admin)
        {
            return new SyncError(ErrorCode.NotOwner, $"Action '{Identifiers.Shown(id)}' has to be approved by {rule.By}, and only an owner changes or deletes such an action.")
            {
                Hint = "Register yours under another id, or ask an owner of the room.",
                Help = "gates",
            }.With("action", id);
        }

        return action.Entry.ByPerson && rule.By.ArePeople && !actor.InBrowser
            ? new SyncError(ErrorCode.PersonRequired, $"A person has set that persons approve '{Identifiers.Shown(id)}': no token changes or deletes it.")
            {
                Hint = "An owner does it on the room's page, signed in.",
                Help = "gates",
            }.With("action", id)
            : null;
    }
}
