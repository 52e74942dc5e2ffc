namespace Sync.Cel;

/// <summary>Every evaluation error the language itself raises, worded once.</summary>
internal static class Errors
{
    public const string LimitCode = "cel_limit_exceeded";

    /// <summary>
    /// What an implementation returns when the operands' types fit none of its overloads. The caller, which knows the
    /// name and the operands, replaces it (<see cref="CallErrors.NoOverload"/>); it must never reach a user.
    /// </summary>
    public static readonly CelValue NoMatch = CelValue.Error("no such overload");

    public static readonly CelValue Cost = CelValue.Error(new CelError(
        LimitCode,
        "The expression costs more than one evaluation may.",
        "Look at fewer elements: filter earlier, avoid loops inside loops, or build shorter strings and lists."));

    public static readonly CelValue Depth = CelValue.Error(new CelError(
        LimitCode, "The value is nested too deeply.", "Keep lists and maps within 64 levels."));

    public static readonly CelValue Overflow = CelValue.Error("The result does not fit: integer overflow.", "Compute with double(x) where the numbers may be that large.");

    public static readonly CelValue DivideByZero = CelValue.Error("Division by zero.", "Guard it: `d != 0 && n / d > 1`, or `d == 0 ? 0 : n / d`.");

    public static readonly CelValue ModulusByZero = CelValue.Error("Modulus by zero.", "Guard it: `d != 0 && n % d == 1`.");

    public static readonly CelValue TimeRange = CelValue.Error("The timestamp is out of range: years 0001 to 9999.");

    public static readonly CelValue DurationRange = CelValue.Error("The duration is out of range: about 292 years either way.");

    public static bool IsNoMatch(in CelValue value) => value.IsError && ReferenceEquals(value.AsError, NoMatch.AsError);

    public static CelValue Operator(string name, in CelValue left, in CelValue right) => CelValue.Error(
        $"No such overload: `{name}` is not defined for {TypeNames.Plain(left)} and {TypeNames.Plain(right)}.",
        OperandHint(name, left, right));

    public static CelValue Unary(string name, in CelValue operand) => CelValue.Error(
        $"No such overload: `{name}` is not defined for {TypeNames.Plain(operand)}.",
        operand.IsNull ? NullHint : name == "!" ? "`!` needs a bool; compare first, as in `!(x == 0)`." : null);

    public static CelValue NotBool(string name, in CelValue operand) => CelValue.Error(
        $"No such overload: `{name}` needs bool, got {TypeNames.Plain(operand)}.",
        operand.IsNull
            ? NullHint
            : "CEL has no truthiness: compare, as in `x != 0`, `s != \"\"`, `size(l) > 0` or `m.k != null`.");

    public static CelValue NoSuchKey(in CelValue key) => CelValue.Error(
        $"No such key: {key.ToString()}.", "Test it first: `has(m.k)`, `\"k\" in m`, or read `m.?k.orValue(d)`.");

    public static CelValue NoSelection(string field, in CelValue operand) => CelValue.Error(
        $"A value of type {TypeNames.Plain(operand)} has no field `{field}`.",
        (operand.Kind, field) switch
        {
            (CelKind.Null, _) => NullHint,
            (CelKind.List or CelKind.String, "length" or "count" or "size") => "Use `size(x)`.",
            (CelKind.List, _) => "Pick an element first, as in `l[0].k`, or test them all: `l.exists(e, e.k == 1)`.",
            (CelKind.String, _) => "The value is text; if it is JSON, store it as an object instead.",
            _ => null,
        });

    public static CelValue NotIndexable(in CelValue operand, in CelValue index) => CelValue.Error(
        operand.Kind == CelKind.List
            ? $"A list is indexed by int, got {TypeNames.Plain(index)}."
            : $"A value of type {TypeNames.Plain(operand)} cannot be indexed.",
        operand.IsNull ? NullHint : operand.Kind == CelKind.String ? "Use `s.charAt(i)` or `s.substring(a, b)`." : null);

    public static CelValue IndexRange(long index, int count) => CelValue.Error(
        $"Index {index} is out of range: the list has {count} element{(count == 1 ? "" : "s")}.",
        index == -1 && count > 0 ? "CEL does not count from the end: `l[size(l) - 1]` or `l.last()`." : "Read `l[?i].orValue(d)` where it may be short.");

    public static CelValue NotIterable(string macro, in CelValue range) => CelValue.Error(
        $"`{macro}` runs over a list or a map, got {TypeNames.Plain(range)}.",
        range.IsNull ? NullHint : null);

    public const string NullHint =
        "A key that is absent reads as null; test it first with `has(m.k)`, `m.k != null && …`, or give a default: `m.?k.orValue(0)`.";

    private static string? OperandHint(string name, in CelValue left, in CelValue right)
    {
        if (left.IsNull || right.IsNull)
        {
            return NullHint;
        }

        if (name == "+" && (left.Kind == CelKind.String || right.Kind == CelKind.String))
        {
            return "Only strings join strings: write `string(x)` around the other side.";
        }

        if ((left.Kind == CelKind.String && right.IsNumber) || (left.IsNumber && right.Kind == CelKind.String))
        {
            return "One side is text and the other a number: convert with `int(s)`, `double(s)` or `string(n)`.";
        }

        if (left.IsNumber && right.IsNumber)
        {
            return name == "%"
                ? "`%` works on int and int, or uint and uint; convert with `int(x)`."
                : "Both sides must have one type: convert with `double(x)`, `int(x)` or `uint(x)`.";
        }

        return name == "in" ? "The right side of `in` must be a list or a map; for text use `s.contains(\"part\")`." : null;
    }
}
