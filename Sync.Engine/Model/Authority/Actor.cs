using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Model.Authority;

/// <summary>The identity that acts in a room, derived from the caller.</summary>
internal sealed record Actor
{
    /// <summary>The agent it acts as; null for full access that names none.</summary>
    public string? Agent { get; init; }

    /// <summary>The agent to create along with this act, when the caller's own does not exist yet.</summary>
    public AgentRecord? Creates { get; init; }

    public required AccessLevel Level { get; init; }

    public Role? Role { get; init; }

    /// <summary>The user who calls, or on whose behalf an agent's token was made; null when there is none.</summary>
    public string? User { get; init; }

    /// <summary>The name of the user who calls; null where no user does.</summary>
    public string? UserName { get; init; }

    /// <summary>Whether a person acts, in a signed-in browser: an owner, a collaborator, or a participant whom somebody invited, and not one whom the open policy let in. No token is one.</summary>
    public bool IsPerson { get; init; }

    /// <summary>Whether it acts in a signed-in browser, whoever let its user in.</summary>
    public bool InBrowser { get; init; }

    /// <summary>What the caller may read: of what lies outside of it, answers and errors say nothing.</summary>
    public VisibleScopes VisibleScopes { get; init; } = VisibleScopes.Public;

    /// <summary>Whose request keys they are where it acts as no agent.</summary>
    public required string Principal { get; init; }
}
