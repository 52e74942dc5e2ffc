using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Identity;

/// <summary>A caller's effective access to one room at this moment: min(token scope, role).</summary>
/// <param name="Level">How much.</param>
/// <param name="Role">The user's role, or null for system callers and legacy tokens.</param>
/// <param name="BoundAgent">The only agent the token may act as, from its scope or from a join made with it; null when it is not bound.</param>
/// <param name="SeesAllScopes">Whether private scopes of all agents are readable: an owner's or the room's own token that is not bound to an agent.</param>
internal readonly record struct RoomAccess(AccessLevel Level, Role? Role, string? BoundAgent, bool SeesAllScopes)
{
    /// <summary>Which one of the agents that bore the bound id it is (<see cref="AgentBinding.Since"/>); null when the token says the id only.</summary>
    public long? BoundSince { get; init; }

    /// <summary>The only views it shows, with <see cref="AccessLevel.Views"/>; null with every other level.</summary>
    public ViewSet? Views { get; init; }
}
