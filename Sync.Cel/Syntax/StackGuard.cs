using System.Runtime.CompilerServices;

namespace Sync.Cel.Syntax;

/// <summary>
/// The second line against running out of stack. The first is <see cref="Parser.MaxHeight"/>, which suits a thread's whole stack; here a walk
/// looks every so many levels whether this thread, wherever it was when it came in, has room for the next ones.
/// </summary>
internal static class StackGuard
{
    // What the runtime promises is 64 KB at least; this many levels of any walk here stay well below it.
    private const int Levels = 32;

    /// <summary>Whether a walk may go into <paramref name="expr"/>.</summary>
    public static bool HasRoom(Expr expr) => !IsStation(expr) || RuntimeHelpers.TryEnsureSufficientExecutionStack();

    /// <summary>Whether the evaluation of <paramref name="expr"/> should check the depth of the stack.</summary>
    public static bool IsStation(Expr expr) => expr.Height % Levels == 0;
}
