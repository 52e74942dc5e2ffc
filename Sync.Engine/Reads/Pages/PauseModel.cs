namespace Sync.Engine.Reads.Pages;

/// <summary>Something that is paused, in a model.</summary>
/// <param name="What"><c>room</c>, <c>agent:ID</c> or <c>action:ID</c>.</param>
/// <param name="Reason">Why, or null where nobody said.</param>
/// <param name="By">The agent that paused it, or null.</param>
/// <param name="At">When.</param>
/// <param name="IsPersons">Whether only a person, on the page, has it go on.</param>
public sealed record PauseModel(string What, string? Reason, string? By, DateTimeOffset At, bool IsPersons);
