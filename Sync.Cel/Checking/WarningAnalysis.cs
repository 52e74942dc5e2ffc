using System.Collections.Immutable;
using Sync.Cel.Syntax;
using Sync.Cel.Syntax.Macros;
using Sync.Cel.Values;

namespace Sync.Cel.Checking;

/// <summary>Spots that compile and yet are likely not what was meant. Few, because each must earn being read.</summary>
internal static class WarningAnalysis
{
    public const string LengthAsKey = "length_as_key";
    public const string TemplateInText = "template_in_text";
    public const string TimeAsText = "time_as_text";
    public const string KeysAsValues = "keys_as_values";
    public const string FiguresAsList = "figures_as_list";

    public static ImmutableArray<CelIssue> Of(string source, Expr tree)
    {
        var warnings = ImmutableArray.CreateBuilder<CelIssue>();
        TreeWalk.Visit(tree, expr => Look(source, expr, warnings));
        return warnings.ToImmutable();
    }

    private static void Look(string source, Expr expr, ImmutableArray<CelIssue>.Builder warnings)
    {
        switch (expr)
        {
            case ArithmeticExpr arithmetic:
                for (var i = 0; i < arithmetic.Operators.Length; i++)
                {
                    if (arithmetic.Operators[i] == TokenKind.Slash && MayDivideInts(arithmetic, i))
                    {
                        warnings.Add(SourceText.Issue(
                            source,
                            arithmetic.OperatorsAt[i],
                            "Dividing an int by an int drops the fraction: 7 / 2 is 3.",
                            "For a fraction write `double(a) / b`, or a literal such as `2.0`.",
                            "integer_division"));
                    }
                }

                break;
            case RelationExpr { Operator: TokenKind.Equal or TokenKind.NotEqual, Left: ConstantExpr left, Right: ConstantExpr right }
                when left.Value.Kind != right.Value.Kind && !(left.Value.IsNumber && right.Value.IsNumber):
                warnings.Add(SourceText.Issue(
                    source,
                    expr.Position,
                    $"{TypeNames.Sentence(TypeNames.Plain(left.Value))} never equals {TypeNames.WithArticle(TypeNames.Plain(right.Value))}.",
                    "Convert one side with `int(x)`, `string(x)` or `double(x)`.",
                    "constant_comparison"));
                break;
            case SelectExpr { Field: "length", IsTest: false }:
                warnings.Add(SourceText.Issue(
                    source, expr.Position, "`.length` reads a key named length.", "The length of a list, text or map is `size(x)`.", LengthAsKey));
                break;
            case ConstantExpr { Value.Kind: CelKind.String } constant when HasPlaceholder(constant.Value.AsString):
                warnings.Add(SourceText.Issue(
                    source, expr.Position, "Text in quotes has no placeholders: it stays as it is.", "Join values with `+`, as in `\"round \" + string(params.n)`.", TemplateInText));
                break;
            case RelationExpr { Operator: TokenKind.Equal or TokenKind.NotEqual } relation when IsOptional(relation.Left) != IsOptional(relation.Right):
                var optional = IsOptional(relation.Left) ? relation.Left : relation.Right;
                warnings.Add(SourceText.Issue(
                    source,
                    optional.Position,
                    "An optional never equals a value that is none.",
                    $"Write `{source.Insert(optional.End, ".orValue(null)")}`.",
                    "optional_comparison"));
                break;
        }
    }

    private static bool HasPlaceholder(string text)
    {
        var at = text.IndexOf("${", StringComparison.Ordinal);
        at = at < 0 ? text.IndexOf("{{", StringComparison.Ordinal) : at;
        return at >= 0 && at + 2 < text.Length && text.IndexOf('}', at + 2) > at + 2;
    }

    private static bool IsOptional(Expr expr) => expr switch
    {
        SelectExpr { IsOptional: true, IsTest: false } or IndexExpr { IsOptional: true, IsTest: false } or OptMapExpr => true,
        CallExpr { Target: not null, Name: "first" or "last", Arguments: [] } => true,
        CallExpr { Target: IdentExpr { Name: "optional" } } => true,
        SelectExpr { IsTest: false } select => IsOptional(select.Operand),
        IndexExpr { IsTest: false } index => IsOptional(index.Operand),
        _ => false,
    };

    // Warns only where nothing shows a double: a literal with a fraction, double(…), or a non-number.
    private static bool MayDivideInts(ArithmeticExpr arithmetic, int at)
    {
        var divisor = arithmetic.Operands[at + 1];
        if (!MayBeInt(divisor))
        {
            return false;
        }

        for (var i = 0; i <= at; i++)
        {
            if (!MayBeInt(arithmetic.Operands[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool MayBeInt(Expr expr) => expr switch
    {
        ConstantExpr constant => constant.Value.Kind == CelKind.Int,
        CallExpr { Target: null, Name: "double" or "uint" } => false,
        CallExpr { Target: IdentExpr { Name: "math" }, Name: "ceil" or "floor" or "round" or "trunc" or "sqrt" } => false,
        UnaryExpr unary => MayBeInt(unary.Operand),
        ArithmeticExpr inner => inner.Operands.All(MayBeInt),
        _ => true,
    };
}
