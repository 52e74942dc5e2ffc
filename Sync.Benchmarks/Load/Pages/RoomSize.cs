namespace Sync.Benchmarks.Load.Pages;

/// <summary>How much an <see cref="ArchiveRoom"/> holds. The vocabulary and the team are the same in every size.</summary>
internal sealed record RoomSize(int Tapes, int Tasks, int Findings, int Words, int Decisions, int Sessions, int Messages)
{
    /// <summary>A room as it is after an hour.</summary>
    public static RoomSize Small { get; } = new(Tapes: 24, Tasks: 30, Findings: 8, Words: 10, Decisions: 6, Sessions: 6, Messages: 120);

    /// <summary>A thousand keys and two thousand messages.</summary>
    public static RoomSize Large { get; } = new(Tapes: 380, Tasks: 240, Findings: 120, Words: 90, Decisions: 30, Sessions: 26, Messages: 2_000);
}
