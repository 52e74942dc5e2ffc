using Sync.Cel.Syntax;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Writes;

/// <summary>Where one write of an invocation goes, and what its template says of that.</summary>
/// <param name="Scope">The scope, resolved.</param>
/// <param name="Key">The key, resolved.</param>
/// <param name="NamesInvoker">Whether the scope is the invoker's because the template says <c>${self}</c>, or a parameter given in this call says so.</param>
/// <param name="ProvesRead">Whether it carries an <c>if_version</c> that has a value in this call.</param>
internal readonly record struct WriteTarget(string Scope, string Key, bool NamesInvoker, bool ProvesRead);

/// <summary>
/// The writing half of the rule of authority, asked for each write after its templates are resolved. Shared scopes are open to every action. A private one is written by the registrant's
/// authority, or because it is the invoker's own and the call or the template names it; whoever invokes adds nothing else, an owner neither.
/// </summary>
internal static class WriteAuthority
{
    /// <summary>Null when the write may be made.</summary>
    public static SyncError? Check(InvocationInput input, ActionState action, in Standing standing, in WriteTarget target) =>
        IsOfBefore(action, target) ? null : Check(input, action.Id, action.Registrant, standing, target);

    /// <summary>The same of what is no registered action.</summary>
    public static SyncError? Check(InvocationInput input, string action, string? registrant, in Standing standing, in WriteTarget target)
    {
        var scope = target.Scope;
        if (WriteTemplate.EngineOnly(scope, "scope") is { } engineOnly)
        {
            return engineOnly;
        }

        switch (scope)
        {
            case ReservedScopes.Config when input.Actor.Level < AccessLevel.Admin:
                return Denied(scope, "The scope '_config' is written with admin access only.", "Ask an owner of the room to do it.");
            case ReservedScopes.Config when standing.Level < AccessLevel.Admin:
                return Denied(scope, $"The scope '_config' is written by actions that an owner registered, and '{action}' is none.", "Register the action anew with admin access.");
            case ReservedScopes.Help when !target.ProvesRead:
                return Denied(scope, "Help texts are overridden with proof of read only.", "Give the write an if_version, and the call its value: the version that help answered for this key.") with { Help = "if_version" };
        }

        if (ReservedScopes.IsPublic(scope) || standing.Writes(input.Moment.State, scope) || (target.NamesInvoker && scope == input.Actor.Agent))
        {
            return null;
        }

        return Foreign(input, action, registrant, scope);
    }

    // Registered before approvals were the engine's, and such a definition can be registered no more. What looks like the id of an approval it leaves alone.
    private static bool IsOfBefore(ActionState action, in WriteTarget target) =>
        target.Scope == ReservedScopes.Approvals && ApprovalId.Parse(target.Key) is null && action.Definition.Writes.Any(static write => write.FixedScope == ReservedScopes.Approvals);

    // The scope of another agent: whoever deals to the others needs one of two things.
    private static SyncError Foreign(InvocationInput input, string action, string? registrant, string scope)
    {
        var message = $"'{action}' may not write to the private scope '{scope}': neither its registrant {(registrant is not null ? $"'{registrant}' " : "")}may, nor is it the invoker's own.";
        var agents = input.Moment.State.Agents;
        if (!agents.TryGetValue(scope, out var owner))
        {
            var near = DidYouMean.Nearest(scope, agents.Keys);
            return Denied(scope, message, $"There is no agent '{Identifiers.Shown(scope)}'. {(near is null ? "" : $"Did you mean '{near}'? ")}For a scope shared by all, begin its name with '_': \"_{Identifiers.Shown(scope)}\".");
        }

        const string Reach = "An action writes to its registrant's scope, and to the invoker's own by \"scope\": \"${self}\". To write to every agent's, as a dealer does, it says \"reach\": \"all\" and is registered by an owner.";
        return registrant is not { } dealer
            ? Denied(scope, message, $"{Reach} For a scope shared by all, begin its name with '_'.")
            : Denied(scope, message, $"{Reach} For a scope shared by all, begin its name with '_'. To write to this one alone, '{scope}' grants it to '{dealer}', with its own token or an owner's:") with
            {
                Next = [NextStep.GrantScope(scope, [.. owner.Grants.Append(dealer).Distinct(StringComparer.Ordinal)])],
            };
    }

    private static SyncError Denied(string scope, string message, string hint) =>
        new SyncError(ErrorCode.ScopeDenied, message) { Hint = hint }.With("scope", scope);
}
