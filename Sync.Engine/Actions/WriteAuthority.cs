using Sync.Engine.Actions.WriteTemplates;

namespace Sync.Engine.Actions;

/// <summary>Who may write where, decided for each write after its templates are resolved.</summary>
internal static class WriteAuthority
{
    /// <summary>Null when the write may be made.</summary>
    public static SyncError? Check(InvocationInput input, ActionState action, string scope, bool provesRead)
    {
        if (WriteTemplate.EngineOnly(scope, "scope") is { } engineOnly)
        {
            return engineOnly;
        }

        switch (scope)
        {
            case Names.Config when input.Actor.Level < AccessLevel.Admin:
                return Denied(scope, "The scope '_config' is written with admin access only.", "Ask an owner of the room to do it.");
            case Names.Help when !provesRead:
                return Denied(scope, "Help texts are overridden with proof of read only.", "Give the write an if_version: the version that help answered for this key.") with { Help = "if_version" };
        }

        if (Names.IsPublic(scope) || input.Actor.Level == AccessLevel.Admin)
        {
            return null;
        }

        // The authority of a private scope comes from the action's own scope or from the invoking agent.
        var self = input.Actor.Agent;
        var granted = self is not null && input.Moment.State.MayUse(self, scope);
        return granted || action.Definition.Scope == scope
            ? null
            : Denied(scope, $"'{self ?? "this token"}' may not write to the private scope '{scope}' through '{action.Id}'.", $"Only '{scope}' itself, an agent granted its scope, or an action of its scope may write there. For a scope shared by all, begin its name with '_'.");
    }

    private static SyncError Denied(string scope, string message, string hint) =>
        new SyncError(ErrorCode.ScopeDenied, message) { Hint = hint }.With("scope", scope);
}
