using System.Collections.Immutable;

namespace Sync.Cel;

/// <summary>What an environment declares, relaxes and limits. The defaults are the pure language.</summary>
public sealed record CelOptions
{
    /// <summary>Names of the root variables. A variable's slot is its index here (<see cref="ICelActivation"/>).</summary>
    public ImmutableArray<string> Variables { get; init; } = [];

    /// <summary>
    /// Relaxation: selecting or indexing a map key that is absent gives <c>null</c>, and so does selecting from
    /// <c>null</c> itself; <c>has()</c> and <c>in</c> still tell absent from present.
    /// </summary>
    public bool AbsentKeysAreNull { get; init; }

    /// <summary>Relaxation: <c>int op double</c> computes as double in <c>+ - * /</c>.</summary>
    public bool MixedArithmetic { get; init; }

    /// <summary>The bounds of source and evaluation.</summary>
    public CelLimits Limits { get; init; } = new();
}

/// <summary>Bounds; over any of them the result is an issue or error with code <c>cel_limit_exceeded</c>.</summary>
public sealed record CelLimits
{
    /// <summary>Characters of source text.</summary>
    public int SourceLength { get; init; } = 8 * 1024;

    /// <summary>Depth of the expression tree.</summary>
    public int Nesting { get; init; } = 50;

    /// <summary>Nodes of the expression tree after macro expansion.</summary>
    public int Nodes { get; init; } = 10_000;

    /// <summary>Cost units per evaluation: about one per node visited, element copied or 16 characters scanned.</summary>
    public long Cost { get; init; } = 1_000_000;
}
