namespace Sync.Cel.Syntax.Macros;

/// <summary>
/// A loop over a list or map. With one variable it is the element or key; with two, index and element or key and value.
/// </summary>
/// <param name="start">Offset where the text begins.</param>
/// <param name="end">Offset after it.</param>
/// <param name="kind">Which loop.</param>
/// <param name="name">The macro's name as written, for messages and printing.</param>
/// <param name="range">What it runs over.</param>
/// <param name="first">The first variable.</param>
/// <param name="second">The second variable, or null.</param>
/// <param name="filter">A condition for elements to take part, or null.</param>
/// <param name="body">The predicate or transformation.</param>
internal sealed class ComprehensionExpr(
    int start, int end, ComprehensionKind kind, string name, Expr range, string first, string? second, Expr? filter, Expr body)
    : Expr(start, end, Math.Max(range.Height, Math.Max(filter?.Height ?? 0, body.Height)) + 1)
{
    public ComprehensionKind Kind { get; } = kind;

    public string Name { get; } = name;

    public Expr Range { get; } = range;

    public string First { get; } = first;

    public string? Second { get; } = second;

    public Expr? Filter { get; } = filter;

    public Expr Body { get; } = body;
}

/// <summary><c>cel.bind(name, value, body)</c>.</summary>
internal sealed class BindExpr(int start, int end, string name, Expr value, Expr body)
    : Expr(start, end, Math.Max(value.Height, body.Height) + 1)
{
    public string Name { get; } = name;

    public Expr Value { get; } = value;

    public Expr Body { get; } = body;
}

/// <summary><c>cel.block([slots], body)</c>: slot i is the variable <see cref="SlotName"/>(i) in later slots and the body.</summary>
internal sealed class BlockExpr(int start, int end, Expr[] slots, Expr body)
    : Expr(start, end, Math.Max(Above(slots), body.Height + 1))
{
    public Expr[] Slots { get; } = slots;

    public Expr Body { get; } = body;

    // `@` cannot be written in a name, so these never meet a user's variable.
    public static string SlotName(long index) => $"@index{index}";
}

/// <summary><c>target.optMap(name, body)</c>, or with <paramref name="isFlat"/> <c>optFlatMap</c>.</summary>
internal sealed class OptMapExpr(int start, int end, Expr target, string name, Expr body, bool isFlat)
    : Expr(start, end, Math.Max(target.Height, body.Height) + 1)
{
    public Expr Target { get; } = target;

    public string Name { get; } = name;

    public Expr Body { get; } = body;

    public bool IsFlat { get; } = isFlat;
}
