using Sync.Cel.RegularExpressions;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary><c>matches</c> with a literal pattern, compiled when planned.</summary>
internal sealed class MatchesNode(PlanNode text, CelPattern pattern) : PlanNode
{
    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var value = text.Evaluate(ref run);
        return value.Kind == CelKind.String
            ? pattern.IsMatch(value.AsString, run.Budget) is { } matches ? CelValue.Of(matches) : Errors.Cost
            : value.IsError ? value
            : CelValue.Error(
                $"No such overload: {TypeNames.Plain(value)}.matches(string); it is `string.matches(string)`.",
                value.IsNull ? Errors.NullHint : "Convert with `string(x)`.");
    }
}
