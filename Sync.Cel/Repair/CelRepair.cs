namespace Sync.Cel.Repair;

/// <summary>
/// Finds what was meant by an expression that does not compile, or that fails when evaluated: reads it as other languages would, writes it in this one, and believes the outcome only
/// when it compiles (or evaluates). Costs nothing where nothing is wrong.
/// </summary>
internal static class CelRepair
{
    // The least change first.
    private static readonly RepairKinds[] s_whenCompiling = [RepairKinds.None, RepairKinds.Texts, RepairKinds.Lists];

    private static readonly RepairKinds[] s_whenEvaluating =
        [RepairKinds.Lists, RepairKinds.Texts, RepairKinds.Nulls, RepairKinds.Texts | RepairKinds.Nulls, RepairKinds.Lists | RepairKinds.Texts | RepairKinds.Nulls];

    /// <summary>The first reading that is accepted, or null.</summary>
    public static string? Of(string source, RepairNames names, Func<string, bool> isAccepted, bool isEvaluated = false)
    {
        if (ForeignParser.Parse(source) is not { } term)
        {
            return null;
        }

        var tried = new HashSet<string>(StringComparer.Ordinal) { source.Trim() };
        foreach (var kinds in isEvaluated ? s_whenEvaluating : s_whenCompiling)
        {
            if (TermWriter.Write(new Rewriter(names, kinds).Rewrite(term)) is { } text && tried.Add(text) && isAccepted(text))
            {
                return text;
            }
        }

        return null;
    }
}
