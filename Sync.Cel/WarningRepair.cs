using System.Collections.Immutable;
using Sync.Cel.Checking;
using Sync.Cel.Repair;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;
using Sync.Cel.Values;

namespace Sync.Cel;

/// <summary>Gives warnings the whole expression as it was most likely meant, and finds what is no part of the tree: a division that is a comment.</summary>
internal static class WarningRepair
{
    private static readonly string[] s_syntax = [WarningAnalysis.LengthAsKey, WarningAnalysis.TemplateInText];

    private static readonly string[] s_values = [WarningAnalysis.TimeAsText, WarningAnalysis.KeysAsValues, WarningAnalysis.FiguresAsList];

    public static ImmutableArray<CelIssue> WithReplacements(CelEnvironment environment, string source, Expr tree, ImmutableArray<CelIssue> warnings)
    {
        var lists = new List<CelIssue>();
        TreeWalk.Visit(tree, expr => LookForLists(source, expr, environment.RepairNames, lists));
        warnings = [.. warnings, .. lists.DistinctBy(static warning => warning.Message)];

        bool Compiles(string text) => environment.CompileStrictly(text).Program is not null;

        // What is wrong with the values that are compared is said after what is wrong with the text.
        foreach (var (codes, isDoubtful) in new[] { (s_syntax, false), (s_values, true) })
        {
            if (warnings.Any(warning => codes.Contains(warning.Code)) && CelRepair.Of(source, environment.RepairNames, Compiles, isDoubtful ? RepairOccasion.Doubtful : RepairOccasion.Compiling) is { } meant)
            {
                warnings = [.. warnings.Select(warning => codes.Contains(warning.Code) ? warning with { Hint = $"Write `{meant}`." } : warning)];
            }
        }

        return Comments(source, Compiles) is { } comment ? warnings.Add(comment) : warnings;
    }

    // What is taken for a list and has it elsewhere, as a whole or by the name of a field.
    private static void LookForLists(string source, Expr expr, RepairNames names, List<CelIssue> warnings)
    {
        var taken = expr switch
        {
            IndexExpr { Operand: IdentExpr ident, Index: not ConstantExpr { Value.Kind: CelKind.String } } => ident,
            ComprehensionExpr { Range: IdentExpr ident } => ident,
            CallExpr { Target: IdentExpr ident, Name: not ("keys" or "entries") } => ident,
            CallExpr { Target: null, Name: "size", Arguments: [IdentExpr ident] } => ident,
            SelectExpr { Operand: IdentExpr ident } select when names.IsVariable(ident.Name) && names.Alias(ident.Name, select.Field) is not null => ident,
            _ => null,
        };
        if (taken is not null && names.ListOf(taken.Name) is { } list)
        {
            warnings.Add(SourceText.Issue(source, taken.Start, $"`{taken.Name}` holds figures, not a list.", $"The list is `{TermWriter.Write(list)}`.", WarningAnalysis.FiguresAsList));
        }
    }

    // 7 // 2 is 7: what stands behind the slashes counts for nothing. That it is an expression shows that it was meant as one.
    private static CelIssue? Comments(string source, Func<string, bool> compiles)
    {
        if (!source.Contains("//", StringComparison.Ordinal))
        {
            return null;
        }

        var lexer = new Lexer(source);
        for (var before = lexer.Next(); before.Kind is not (TokenKind.End or TokenKind.Error);)
        {
            var next = lexer.Next();
            var gap = source.AsSpan(before.End, next.Start - before.End);
            var at = gap.IndexOf("//", StringComparison.Ordinal);
            if (at >= 0 && !gap[..at].Contains('\n'))
            {
                var from = before.End + at;
                var end = source.IndexOf('\n', from);
                var remark = source[(from + 2)..(end < 0 ? source.Length : end)];
                if (compiles(remark))
                {
                    var divided = source.Remove(from, 1);
                    return SourceText.Issue(
                        source,
                        from,
                        "`//` begins a comment: what follows it on the line does not count.",
                        compiles(divided) ? $"Write `{divided}` to divide; ints give a whole number. A remark stands on a line of its own." : "A remark stands on a line of its own.",
                        "comment_as_operator");
                }
            }

            before = next;
        }

        return null;
    }
}
