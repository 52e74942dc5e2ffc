using Sync.Engine.Primitives.Health;

namespace Sync.Engine.Identity.Administration;

/// <summary>How the server is.</summary>
public sealed record ServerOverview
{
    /// <summary>Parts that fail at the moment, by name.</summary>
    public required IReadOnlyList<FailingComponent> Failing { get; init; }

    /// <summary>How many parts report of themselves.</summary>
    public required int Components { get; init; }

    /// <summary>When the engine was opened.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The data folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Bytes of the database's file.</summary>
    public required long DatabaseBytes { get; init; }

    /// <summary>Bytes of the file of what was written lately and is not copied back yet.</summary>
    public required long WriteAheadLogBytes { get; init; }

    /// <summary>Bytes that are free on the folder's disk; null where that is not known.</summary>
    public required long? FreeBytes { get; init; }

    /// <summary>How many users there are.</summary>
    public required int Users { get; init; }

    /// <summary>How many rooms there are.</summary>
    public required int Rooms { get; init; }

    /// <summary>How many rooms are in memory.</summary>
    public required int LoadedRooms { get; init; }

    /// <summary>How many events all rooms have.</summary>
    public required long Events { get; init; }

    /// <summary>How many browsers are signed in.</summary>
    public required int Sessions { get; init; }

    /// <summary>How many tokens live, the rooms' own among them.</summary>
    public required int Tokens { get; init; }
}

/// <summary>The figures of <see cref="ServerOverview"/> that the database knows.</summary>
internal sealed record StoredFigures(int Users, int Rooms, long Events, int Sessions, int Tokens);
