namespace Sync.Cel.Values;

/// <summary>An evaluation error.</summary>
/// <param name="Code"><c>cel_error</c> or <c>cel_limit_exceeded</c>.</param>
/// <param name="Message">One plain sentence.</param>
/// <param name="Hint">What to do about it, or null.</param>
public sealed record CelError(string Code, string Message, string? Hint)
{
    /// <summary>Whether an index lay outside of its list: what was asked for is not there.</summary>
    public bool IsOutOfRange { get; init; }

    /// <summary>Whether it is for want of a value, which may come to be.</summary>
    public bool IsOfNull => Hint == Errors.NullHint;
}
