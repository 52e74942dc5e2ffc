using System.Text.Json;

namespace Sync.Engine;

/// <summary>Joining and updating agents.</summary>
public sealed class AgentDoor
{
    /// <summary>
    /// Joins (or re-joins) a room. <paramref name="body"/> is the request object: <c>id name role meta enabled state public_keys views</c>, all optional.
    /// </summary>
    /// <returns>The agent as UTF-8 JSON, with its <c>token</c> (<c>as_…</c>) this once.</returns>
    public Task<Outcome<AgentJoined>> JoinAsync(Caller caller, string room, JsonElement body, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Changes <c>name role status meta enabled grants timer</c> of an agent: by itself, by whoever it is linked to, or with admin access.</summary>
    public Task<Outcome<ReadOnlyMemory<byte>>> UpdateAsync(Caller caller, string room, string agent, JsonElement body, CancellationToken cancellationToken) => throw new InvalidOperationException();
}

/// <summary>The answer to a join.</summary>
/// <param name="Id">The agent's id.</param>
/// <param name="Json">The whole answer as UTF-8 JSON.</param>
/// <param name="Rejoined">Whether the agent existed before.</param>
public sealed record AgentJoined(string Id, ReadOnlyMemory<byte> Json, bool Rejoined);
