using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Model.Authority;

/// <summary>
/// Who registered the current text of a definition. Kept with the text; what it may do is worked out at each use, because grants, roles and agents change after a registration.
/// </summary>
/// <param name="Agent">The agent; null for full access that named none.</param>
/// <param name="Level">The level of the registering call; null in logs from before levels were kept.</param>
/// <param name="User">The user behind the registering call, whose role now caps the level; null when there was none.</param>
/// <param name="Seq">The event of the registration: an agent that took the id later is not the registrant.</param>
internal sealed record Registrant(string? Agent, AccessLevel? Level, string? User, long Seq);
