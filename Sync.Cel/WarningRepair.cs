using System.Collections.Immutable;
using Sync.Cel.Checking;
using Sync.Cel.Repair;
using Sync.Cel.Syntax;

namespace Sync.Cel;

/// <summary>Gives warnings the whole expression as it was most likely meant, and finds what is no part of the tree: a division that is a comment.</summary>
internal static class WarningRepair
{
    public static ImmutableArray<CelIssue> WithReplacements(CelEnvironment environment, string source, ImmutableArray<CelIssue> warnings)
    {
        bool Compiles(string text) => environment.CompileStrictly(text).Program is not null;

        if (warnings.Any(static warning => warning.Code is WarningAnalysis.LengthAsKey or WarningAnalysis.TemplateInText)
            && CelRepair.Of(source, environment.RepairNames, Compiles) is { } meant)
        {
            warnings = [.. warnings.Select(warning => warning.Code is WarningAnalysis.LengthAsKey or WarningAnalysis.TemplateInText ? warning with { Hint = $"Write `{meant}`." } : warning)];
        }

        return Comments(source, Compiles) is { } comment ? warnings.Add(comment) : warnings;
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
