namespace Sync.Engine.Reads.Agents;

/// <summary>What an agent waits for, as one reader may see it.</summary>
/// <param name="Words">It in words, after "waits for".</param>
/// <param name="Condition">The condition as it was written; null where it names what its reader may not read, or is too long.</param>
/// <param name="Lease">The lease that it waits for, or null.</param>
public sealed record WaitModel(string Words, string? Condition, string? Lease);

/// <summary>A wait in a timeline.</summary>
/// <param name="Wait">What for.</param>
/// <param name="From">Since when.</param>
/// <param name="Until">Until when; null while it goes on.</param>
public sealed record WaitStretch(WaitModel Wait, DateTimeOffset From, DateTimeOffset? Until);
