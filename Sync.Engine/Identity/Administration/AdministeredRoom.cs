using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Identity.Administration;

/// <summary>A room, as an administrator sees it: how large it is and whose, nothing of what it holds.</summary>
public sealed record AdministeredRoom
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its human name, or null.</summary>
    public required string? Name { get; init; }

    /// <summary>Who may join.</summary>
    public required JoinPolicy Join { get; init; }

    /// <summary>Names of its owners; none for a room that anybody may claim.</summary>
    public required IReadOnlyList<string> Owners { get; init; }

    /// <summary>How many users have a role.</summary>
    public required int Members { get; init; }

    /// <summary>How many agents have been active in it.</summary>
    public required int Agents { get; init; }

    /// <summary>How many events its log has.</summary>
    public required long Events { get; init; }

    /// <summary>About how many bytes its log and its snapshots take: the whole log is not read for it.</summary>
    public required long Bytes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its last event was, or null.</summary>
    public required DateTimeOffset? LastEventAt { get; init; }
}
