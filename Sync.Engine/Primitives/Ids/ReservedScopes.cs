namespace Sync.Engine.Primitives.Ids;

/// <summary>The names of scopes that the engine gives a meaning.</summary>
internal static class ReservedScopes
{
    public const string Shared = "_shared";
    public const string Self = "self";
    public const string Messages = "_messages";
    public const string Audit = "_audit";
    public const string Agents = "_agents";
    public const string Actions = "_actions";
    public const string Views = "_views";
    public const string Help = "_help";
    public const string Config = "_config";

    /// <summary>Leases that are held, by key.</summary>
    public const string Leases = "_leases";

    /// <summary>Approvals that are asked for or were decided, by id.</summary>
    public const string Approvals = "_approvals";

    /// <summary>
    /// What of an approval not everybody may read, by its id: parameters, whose rights it rests on, the answer. No agent can have this id, no template can name it, and nobody sees it as a scope.
    /// </summary>
    public const string ApprovalDetails = "~approvals";

    /// <summary>Packs that are installed, by name.</summary>
    public const string Packs = "_packs";

    /// <summary>What is paused: <c>room</c>, <c>agent:ID</c>, <c>action:ID</c>.</summary>
    public const string Pauses = "_pauses";

    /// <summary>Declared roles, by name: a shared scope that actions write, those of the standard library among them.</summary>
    public const string Roles = "_roles";

    /// <summary>Who fills which declared role, by its name.</summary>
    public const string RoleHolders = "_role_holders";

    public const string ContestedView = "_contested";

    /// <summary>Scopes that only the engine writes.</summary>
    public static bool IsEngineOnly(string scope) => scope is Messages or Audit or Agents or Actions or Views or Leases or Approvals or ApprovalDetails or Packs or Pauses;

    /// <summary>Scopes everybody in the room reads: every one that begins with an underscore.</summary>
    public static bool IsPublic(string scope) => scope.StartsWith('_');

    /// <summary>Scopes that context leaves out of <c>state</c>, because other sections show them.</summary>
    public static bool IsSection(string scope) => IsEngineOnly(scope) || scope == Help;
}
