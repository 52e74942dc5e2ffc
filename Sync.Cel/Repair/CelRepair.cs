namespace Sync.Cel.Repair;

/// <summary>
/// Finds what was meant by an expression that does not compile, or that fails when evaluated: reads it as other languages would, writes it in this one, and believes the outcome only
/// when it compiles (or evaluates). Costs nothing where nothing is wrong.
/// </summary>
internal static class CelRepair
{
    // The least change first.
    private static readonly RepairKinds[] s_whenCompiling =
        [RepairKinds.None, RepairKinds.Texts, RepairKinds.Lists, RepairKinds.Times, RepairKinds.Numbers, RepairKinds.Counts, RepairKinds.Times | RepairKinds.Numbers | RepairKinds.Counts];

    private static readonly RepairKinds[] s_whenDoubtful = [RepairKinds.Times, RepairKinds.None];

    // Times go everywhere: nothing else can be meant by comparing one with text.
    private static readonly RepairKinds[] s_whenEvaluating =
    [
        .. new[]
        {
            RepairKinds.None, RepairKinds.Values, RepairKinds.Numbers, RepairKinds.Numbers | RepairKinds.Fractions, RepairKinds.Days, RepairKinds.Milliseconds, RepairKinds.Lists, RepairKinds.Texts,
            RepairKinds.Values | RepairKinds.Numbers,
            RepairKinds.Nulls, RepairKinds.Values | RepairKinds.Nulls, RepairKinds.Numbers | RepairKinds.Nulls, RepairKinds.Numbers | RepairKinds.Fractions | RepairKinds.Nulls, RepairKinds.Texts | RepairKinds.Nulls,
            RepairKinds.Lists | RepairKinds.Texts | RepairKinds.Nulls, RepairKinds.Counts, RepairKinds.Counts | RepairKinds.Numbers,
        }.Select(static kinds => kinds | RepairKinds.Times),
    ];

    /// <summary>The first reading that is accepted, or null.</summary>
    public static string? Of(string source, RepairNames names, Func<string, bool> isAccepted, RepairOccasion occasion = RepairOccasion.Compiling)
    {
        if (ForeignParser.Parse(source) is not { } term)
        {
            return null;
        }

        var tried = new HashSet<string>(StringComparer.Ordinal) { source.Trim() };
        foreach (var kinds in occasion switch { RepairOccasion.Evaluating => s_whenEvaluating, RepairOccasion.Doubtful => s_whenDoubtful, _ => s_whenCompiling })
        {
            if (TermWriter.Write(new Rewriter(names, kinds).Rewrite(term)) is { } text && tried.Add(text) && isAccepted(text))
            {
                return text;
            }
        }

        return null;
    }
}
