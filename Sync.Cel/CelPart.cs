using System.Collections.Immutable;
using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel;

/// <summary>One part of an expression, which can be evaluated by itself.</summary>
public sealed class CelPart
{
    private readonly CelProgram _program;
    private readonly Expr _expr;

    internal CelPart(CelProgram program, Expr expr)
    {
        _program = program;
        _expr = expr;
    }

    /// <summary>The part's own source text.</summary>
    public string Expression => _program.Source[_expr.Start.._expr.End];

    /// <summary>What it compares or calls upon, constants left out.</summary>
    public ImmutableArray<CelPart> Operands => _program.OperandsOf(_expr);

    /// <summary>Its value; may be an error.</summary>
    public CelValue Evaluate(ICelActivation activation, CelBudget budget) => _program.Evaluate(_expr, activation, budget);
}
