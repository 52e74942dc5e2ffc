namespace Sync.Engine;

/// <summary>How much of the context to give. Immutable.</summary>
public sealed record ContextShape
{
    /// <summary>The default: everything lean.</summary>
    public static ContextShape Default { get; } = new();

    /// <summary>
    /// Reads shaping parameters (<c>depth only actions messages messages_after messages_limit messages_kinds include compact peek since at meta</c>).
    /// Names it does not know, listed in <paramref name="alsoKnown"/>, are left to the caller; others and bad values are <c>invalid_parameter</c>.
    /// </summary>
    public static Outcome<ContextShape> Parse(IEnumerable<KeyValuePair<string, string>> parameters, params ReadOnlySpan<string> alsoKnown) => throw new InvalidOperationException();
}
