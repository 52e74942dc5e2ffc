using System.Collections.Immutable;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Checking;

/// <summary>What an environment declares, relaxes and limits. The defaults are the pure language.</summary>
public sealed record CelOptions
{
    /// <summary>Names of the root variables. A variable's slot is its index here (<see cref="ICelActivation"/>).</summary>
    public ImmutableArray<string> Variables { get; init; } = [];

    /// <summary>
    /// Types of variables by name, such as <c>map&lt;string, dyn&gt;</c>, <c>list&lt;int&gt;</c>, <c>timestamp</c>; one that is left out is <c>dyn</c>.
    /// <c>json</c> is <c>dyn</c> that holds no instants and durations: comparing it with one is warned of.
    /// A key such as <c>messages.unread</c> gives the type of a field that is always there.
    /// What can never succeed with these types is an issue when compiling.
    /// </summary>
    public ImmutableDictionary<string, string> VariableTypes { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// For hints: what is meant by a name that people write and nothing declares, such as <c>shared</c> for <c>state._shared</c>. <c>agent.id</c> is one field of it, <c>agent.*</c>
    /// any other (<c>*</c> in the text is its name), and <c>*</c> alone any name that nothing is near to. <c>messages[]</c> is the list that is meant where a declared map is taken for one.
    /// </summary>
    public ImmutableDictionary<string, string> NameHints { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// Relaxation: selecting or indexing a map key that is absent gives <c>null</c>, and so does selecting from
    /// <c>null</c> itself; <c>has()</c> and <c>in</c> still tell absent from present, and say false of <c>null</c>.
    /// </summary>
    public bool AbsentKeysAreNull { get; init; }

    /// <summary>Relaxation: <c>int op double</c> computes as double in <c>+ - * /</c>.</summary>
    public bool MixedArithmetic { get; init; }

    /// <summary>The bounds of source and evaluation.</summary>
    public CelLimits Limits { get; init; } = new();

    /// <summary>
    /// The language without a checker, for its conformance suite: unknown names, unknown functions and wrong numbers of arguments
    /// compile, and are errors only when evaluated.
    /// </summary>
    internal bool UnknownNamesAreErrorsAtRunTime { get; init; }
}
