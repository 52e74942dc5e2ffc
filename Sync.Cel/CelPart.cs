namespace Sync.Cel;

/// <summary>One part of an explained expression.</summary>
/// <param name="Expression">The part's own source text.</param>
/// <param name="Value">What it evaluated to; may be an error.</param>
public sealed record CelPart(string Expression, CelValue Value);
