namespace Sync.Engine.Primitives.Health;

/// <summary>What a check has found.</summary>
/// <param name="Rooms">Rooms looked at.</param>
/// <param name="Events">Events looked at.</param>
/// <param name="Problems">One sentence each; empty when all is well.</param>
public sealed record CheckReport(int Rooms, long Events, IReadOnlyList<string> Problems)
{
    /// <summary>What is sound and yet not used as it was meant, one sentence each: content that older rules and limits allowed.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether all is well.</summary>
    public bool IsSound => Problems.Count == 0;
}
