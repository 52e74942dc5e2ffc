using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>An implementation without arguments. None of these sees an error value, and each returns <see cref="Errors.NoMatch"/> for types it does not take.</summary>
internal delegate CelValue Nullary(ref Evaluation run);

internal delegate CelValue Unary(ref Evaluation run, in CelValue a);

internal delegate CelValue Binary(ref Evaluation run, in CelValue a, in CelValue b);

internal delegate CelValue Ternary(ref Evaluation run, in CelValue a, in CelValue b, in CelValue c);

internal delegate CelValue Variadic(ref Evaluation run, ReadOnlySpan<CelValue> arguments);

/// <summary>
/// One name with one number of arguments; the receiver of a method counts as the first. Implementations are pure: plans fold calls on constants.
/// </summary>
/// <param name="Name">The name as written, with its namespace: <c>math.abs</c>.</param>
/// <param name="IsMethod">Whether it is called on a receiver.</param>
/// <param name="Arity">Number of arguments with the receiver; -1 for any number from one.</param>
/// <param name="Signatures">How it may be called, such as <c>string.contains(string) bool</c>: for messages, documentation and the checker.</param>
/// <param name="Implementation">One of the delegates above, by arity.</param>
internal sealed record CelFunction(string Name, bool IsMethod, int Arity, string[] Signatures, Delegate Implementation)
{
    /// <summary>The signatures as the checker reads them.</summary>
    public Signature[] Typed { get; } = [.. Signatures.Select(s => Signature.Parse(s, IsMethod))];
}
