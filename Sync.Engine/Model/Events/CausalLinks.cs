namespace Sync.Engine.Model.Events;

/// <summary>That one event followed from another.</summary>
/// <param name="Cause">What it followed from.</param>
/// <param name="Effect">What followed.</param>
internal readonly record struct CausalLink(long Cause, long Effect);

/// <summary>The events around one and how they hang together.</summary>
/// <param name="Heads">The events, by number.</param>
/// <param name="Links">Which followed from which; both ends are among <paramref name="Heads"/>.</param>
/// <param name="IsCut">Whether there are more.</param>
internal sealed record CausalLinks(IReadOnlyDictionary<long, EventHead> Heads, IReadOnlyList<CausalLink> Links, bool IsCut);
