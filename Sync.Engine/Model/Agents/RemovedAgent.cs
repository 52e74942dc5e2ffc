namespace Sync.Engine.Model.Agents;

/// <summary>A record of an agent that was removed: whose id it was, so that nobody else takes it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="User">The user it was linked to, who may take the id again; null for nobody.</param>
/// <param name="Since">Which agent it was; see <see cref="AgentRecord.Since"/>.</param>
/// <param name="Until">The event it ended with.</param>
/// <param name="IsGuest">Whether the open policy had let it in.</param>
internal sealed record RemovedAgent(string Id, string? User, long Since, long Until, bool IsGuest);
