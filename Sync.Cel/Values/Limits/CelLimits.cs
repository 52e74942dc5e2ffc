namespace Sync.Cel.Values.Limits;

/// <summary>Bounds; over any of them the result is an issue or error with code <c>cel_limit_exceeded</c>.</summary>
public sealed record CelLimits
{
    /// <summary>Characters of source text.</summary>
    public int SourceLength { get; init; } = 8 * 1024;

    /// <summary>
    /// Depth of the expression tree: brackets, calls, unary operators, choices and macros. Chains (<c>a + b + …</c>, <c>a &amp;&amp; b &amp;&amp; …</c>,
    /// <c>a.b.c…</c>) do not count. At most 250, so that no expression can overflow the stack.
    /// </summary>
    public int Nesting { get; init; } = 50;

    /// <summary>Nodes of the expression tree after macro expansion.</summary>
    public int Nodes { get; init; } = 10_000;

    /// <summary>
    /// Cost units of one request (<see cref="CelBudget"/>): about one per node visited, element copied, 16 characters scanned or 32 bytes of JSON read. No unit is more
    /// than a microsecond of work.
    /// </summary>
    public long Cost { get; init; } = 1_000_000;

    /// <summary>How long the evaluations of one request may take together: the second line behind <see cref="Cost"/>.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(1);
}
