using System.Text.Json;

namespace Sync.Engine.Services.Embodiments;

/// <summary>Whom to embody. With nothing named it is the client's own agent, <c>user:client</c>.</summary>
public sealed record EmbodyRequest
{
    /// <summary>An agent's id; created when it does not exist.</summary>
    public string? Agent { get; init; }

    /// <summary>Without <see cref="Agent"/>: fill this role, with a free agent of it or a new one. With it: the agent's role.</summary>
    public string? Role { get; init; }

    /// <summary>A human name; without <see cref="Agent"/> and <see cref="Role"/> the id is made from it.</summary>
    public string? Name { get; init; }

    /// <summary>An object of private keys to set; undefined or null means none.</summary>
    public JsonElement State { get; init; }

    /// <summary>Whether an agent that another session embodies is taken over from it.</summary>
    public bool TakeOver { get; init; }

    /// <summary>How long to wait for a room that is not there yet, or does not let the caller in; null for not at all.</summary>
    public TimeSpan? Wait { get; init; }
}

/// <summary>An embodied agent.</summary>
/// <param name="Room">The room.</param>
/// <param name="Agent">The agent's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Role">Its role.</param>
/// <param name="Created">Whether it was made by this.</param>
/// <param name="Released">The agent the session embodied there before, or null.</param>
public sealed record Embodied(string Room, string Agent, string Name, string Role, bool Created, string? Released)
{
    /// <summary>The agent that it would have been but for another session of the same user that embodies it; null where there is none.</summary>
    public string? HeldElsewhere { get; init; }
}

/// <summary>What a session has left itself in a room.</summary>
/// <param name="Room">The room.</param>
/// <param name="Level"><c>none observe role write admin</c>.</param>
/// <param name="Role">The only role it may fill, or null.</param>
/// <param name="Agent">The agent it still embodies, or null.</param>
/// <param name="Released">The agent it had to let go, or null.</param>
public sealed record SessionStanding(string Room, string Level, string? Role, string? Agent, string? Released);
