using Sync.Cel.Values;

namespace Sync.Cel.Syntax;

/// <summary>
/// A node of the syntax tree, after macros. Immutable. Chains of <c>&amp;&amp;</c>, <c>||</c> and of arithmetic are one node with
/// many operands, so that long ones add no depth; <see cref="Height"/> bounds what recursion over the tree can use of the stack.
/// </summary>
/// <param name="start">Offset where the node's text begins; brackets around operands are part of it, brackets around the node are not.</param>
/// <param name="end">Offset after its text.</param>
/// <param name="height">Levels below, and this one.</param>
internal abstract class Expr(int start, int end, int height)
{
    public int Start { get; } = start;

    public int End { get; } = end;

    public int Height { get; } = height;

    /// <summary>Where an issue about this node points.</summary>
    public virtual int Position => Start;

    protected static int Above(ReadOnlySpan<Expr> children)
    {
        var height = 0;
        foreach (var child in children)
        {
            height = Math.Max(height, child.Height);
        }

        return height + 1;
    }
}

internal sealed class ConstantExpr(int start, int end, CelValue value) : Expr(start, end, 1)
{
    public CelValue Value { get; } = value;
}

/// <param name="start">Offset of the name.</param>
/// <param name="end">Offset after it.</param>
/// <param name="name">The name without the dot.</param>
/// <param name="isRooted">Whether a leading dot bars local variables (<c>.x</c>).</param>
internal sealed class IdentExpr(int start, int end, string name, bool isRooted) : Expr(start, end, 1)
{
    public string Name { get; } = name;

    public bool IsRooted { get; } = isRooted;
}

/// <summary><c>operand.field</c>, <c>operand.?field</c>, or with <paramref name="isTest"/> <c>has(operand.field)</c>.</summary>
internal sealed class SelectExpr(int start, int end, Expr operand, string field, int fieldAt, bool isOptional, bool isTest)
    : Expr(start, end, operand.Height + 1)
{
    public Expr Operand { get; } = operand;

    public string Field { get; } = field;

    public bool IsOptional { get; } = isOptional;

    public bool IsTest { get; } = isTest;

    public override int Position => fieldAt;

    public SelectExpr AsTest(int from, int to) => new(from, to, Operand, Field, fieldAt, IsOptional, isTest: true);
}

/// <summary><c>operand[index]</c>, <c>operand[?index]</c>, or with <paramref name="isTest"/> <c>has(operand[index])</c>.</summary>
internal sealed class IndexExpr(int start, int end, Expr operand, Expr index, bool isOptional, bool isTest)
    : Expr(start, end, Math.Max(operand.Height, index.Height) + 1)
{
    public Expr Operand { get; } = operand;

    public Expr Index { get; } = index;

    public bool IsOptional { get; } = isOptional;

    public bool IsTest { get; } = isTest;

    public override int Position => Operand.End;

    public IndexExpr AsTest(int from, int to) => new(from, to, Operand, Index, IsOptional, isTest: true);
}

/// <summary><c>name(arguments)</c> or <c>target.name(arguments)</c>.</summary>
internal sealed class CallExpr(int start, int end, Expr? target, string name, int nameAt, Expr[] arguments)
    : Expr(start, end, Math.Max(target?.Height ?? 0, Above(arguments) - 1) + 1)
{
    public Expr? Target { get; } = target;

    public string Name { get; } = name;

    public Expr[] Arguments { get; } = arguments;

    public override int Position => nameAt;
}

/// <param name="start">Offset of the bracket.</param>
/// <param name="end">Offset after the closing one.</param>
/// <param name="items">The elements.</param>
/// <param name="optional">Parallel to <paramref name="items"/>: marked with <c>?</c>. Null when none is.</param>
internal sealed class ListExpr(int start, int end, Expr[] items, bool[]? optional) : Expr(start, end, Above(items))
{
    public Expr[] Items { get; } = items;

    public bool IsOptional(int index) => optional is not null && optional[index];

    public bool HasOptional => optional is not null;
}

/// <summary>A map literal; the three arrays are parallel.</summary>
internal sealed class MapExpr(int start, int end, Expr[] keys, Expr[] values, bool[]? optional)
    : Expr(start, end, Math.Max(Above(keys), Above(values)))
{
    public Expr[] Keys { get; } = keys;

    public Expr[] Values { get; } = values;

    public bool IsOptional(int index) => optional is not null && optional[index];
}

/// <summary><c>!operand</c> or <c>-operand</c>.</summary>
internal sealed class UnaryExpr(int start, int end, TokenKind op, Expr operand) : Expr(start, end, operand.Height + 1)
{
    public TokenKind Operator { get; } = op;

    public Expr Operand { get; } = operand;
}

/// <summary>A comparison or <c>in</c>.</summary>
internal sealed class RelationExpr(int start, int end, TokenKind op, int opAt, Expr left, Expr right)
    : Expr(start, end, Math.Max(left.Height, right.Height) + 1)
{
    public TokenKind Operator { get; } = op;

    public Expr Left { get; } = left;

    public Expr Right { get; } = right;

    public override int Position => opAt;
}

/// <summary>
/// <c>a op b op c</c> for operators of one level, from the left: operator i stands between operands i and i+1.
/// </summary>
internal sealed class ArithmeticExpr(int start, int end, TokenKind[] operators, int[] operatorsAt, Expr[] operands)
    : Expr(start, end, Above(operands))
{
    public TokenKind[] Operators { get; } = operators;

    public int[] OperatorsAt { get; } = operatorsAt;

    public Expr[] Operands { get; } = operands;

    public override int Position => OperatorsAt[0];
}

/// <summary><c>a &amp;&amp; b &amp;&amp; c</c> or <c>a || b || c</c>.</summary>
internal sealed class LogicExpr(int start, int end, bool isAnd, Expr[] operands) : Expr(start, end, Above(operands))
{
    public bool IsAnd { get; } = isAnd;

    public Expr[] Operands { get; } = operands;
}

/// <summary><c>condition ? then : otherwise</c>.</summary>
internal sealed class ConditionalExpr(int start, int end, Expr condition, Expr then, Expr otherwise)
    : Expr(start, end, Math.Max(condition.Height, Math.Max(then.Height, otherwise.Height)) + 1)
{
    public Expr Condition { get; } = condition;

    public Expr Then { get; } = then;

    public Expr Otherwise { get; } = otherwise;
}

/// <summary>A placeholder where the parser gave up. The issue is recorded, so no later step sees the placeholder.</summary>
internal sealed class FaultyExpr(int at) : Expr(at, at, 1);
