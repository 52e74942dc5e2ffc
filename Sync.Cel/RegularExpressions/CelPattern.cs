using Sync.Cel.Values.Limits;

namespace Sync.Cel.RegularExpressions;

/// <summary>
/// A regular expression of RE2's syntax, matched in time O(pattern × text) and memory O(pattern). Thread-safe. Whoever keeps it keeps some
/// kilobytes at most: a large program is looked up in the process's bounded cache, and each use of it is charged as if it were compiled anew.
/// </summary>
public sealed class CelPattern
{
    private const int MaxOwnBytes = 4096;

    private readonly RegexProgram? _program;

    private CelPattern(string text, RegexProgram program)
    {
        Text = text;
        _program = program.Bytes <= MaxOwnBytes ? program : null;
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>About how many bytes it keeps.</summary>
    internal int Bytes => 64 + (_program?.Bytes ?? 0);

    /// <summary>Compiles on <paramref name="budget"/>; null with a problem, or without one where the budget does not suffice.</summary>
    public static CelPattern? TryCompile(string text, CelBudget budget, out string? problem)
    {
        var program = RegexCache.Get(text, budget.Left, out var cost, out problem);
        return budget.Charge(cost) && program is not null ? new CelPattern(text, program) : null;
    }

    /// <summary>Whether <paramref name="text"/> has a match anywhere; null where <paramref name="budget"/> does not suffice, which is charged first.</summary>
    public bool? IsMatch(string text, CelBudget budget)
    {
        var program = _program;
        if (program is null)
        {
            program = RegexCache.Get(Text, budget.Left, out var cost, out _);
            if (!budget.Charge(cost) || program is null)
            {
                return null;
            }
        }

        return budget.Charge(program.Cost(text.Length)) ? program.IsMatch(text) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
