namespace Sync.Engine.Runtime.Waits;

/// <summary>A stretch of time in which an agent waited for one thing.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Condition">What it waited for.</param>
/// <param name="From">When it began.</param>
/// <param name="Until">When it ended; null while it goes on.</param>
internal sealed record WaitSpan(string Agent, string Condition, DateTimeOffset From, DateTimeOffset? Until);
