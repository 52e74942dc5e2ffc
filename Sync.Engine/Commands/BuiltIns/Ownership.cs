using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Authority;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// Who may redefine or delete an action or view: its registrant, the agent whose scope it is, an owner, and for scope <c>_shared</c> a collaborator.
/// </summary>
internal static class Ownership
{
    public static bool MayChange(Actor actor, string? registrant, string scope) => MayChange(actor.Level, actor.Role, actor.Agent, registrant, scope);

    /// <summary>The same for somebody who does not act yet.</summary>
    public static bool MayChange(AccessLevel level, Role? role, string? agent, string? registrant, string scope) =>
        level == AccessLevel.Admin
        || (level == AccessLevel.Write && ((agent is not null && (agent == registrant || agent == scope)) || (role == Role.Collaborator && ReservedScopes.IsPublic(scope))));

    public static SyncError Refusal(ErrorCode code, string what, string id, string? registrant) =>
        new SyncError(code, $"The {what} '{Identifiers.Shown(id)}' was registered by {(registrant is null ? "the room's owner" : $"'{registrant}'")}, and only its registrant or an owner may change it.")
        {
            Hint = $"Register yours under another id, or ask {registrant ?? "the owner"} to change it.",
            Help = "contested_actions",
        }.With("registered_by", registrant);

    /// <summary>Null when the actor may give an action or view this scope, and so its authority.</summary>
    public static SyncError? CheckScope(InvocationInput input, string scope)
    {
        var actor = input.Actor;
        var allowed = ReservedScopes.IsPublic(scope)
            || actor.Level == AccessLevel.Admin
            || (actor.Agent is { } self && input.Moment.State.MayUse(self, scope));
        return allowed ? null : new SyncError(ErrorCode.ScopeDenied, $"'{actor.Agent ?? "this token"}' may not register for the scope '{scope}'.")
        {
            Hint = "Leave scope out for _shared, or use \"self\" for your own scope.",
        }.With("scope", scope);
    }
}
