using Sync.Cel.Library;

namespace Sync.Cel.Values;

/// <summary>Every evaluation error the language itself raises, worded once.</summary>
internal static class Errors
{
    public const string LimitCode = "cel_limit_exceeded";

    /// <summary>
    /// What an implementation returns when the operands' types fit none of its overloads. The caller, which knows the
    /// name and the operands, replaces it (<see cref="CallErrors"/>); it must never reach a user.
    /// </summary>
    public static readonly CelValue NoMatch = CelValue.Error("no such overload");

    public static readonly CelValue Cost = CelValue.Error(new CelError(
        LimitCode,
        "The expression costs more than one request may.",
        "Look at fewer elements: filter earlier, avoid loops inside loops, or build shorter strings and lists."));

    public static readonly CelValue Depth = CelValue.Error(new CelError(
        LimitCode, "The value is nested too deeply.", "Keep lists and maps within 64 levels."));

    public static readonly CelValue Overflow = CelValue.Error("The result does not fit: integer overflow.", "Compute with double(x) where the numbers may be that large.");

    public static readonly CelValue DivideByZero = CelValue.Error("Division by zero.", "Guard it: `d != 0 && n / d > 1`, or `d == 0 ? 0 : n / d`.");

    public static readonly CelValue ModulusByZero = CelValue.Error("Modulus by zero.", "Guard it: `d != 0 && n % d == 1`.");

    public static readonly CelValue TimeRange = CelValue.Error("The timestamp is out of range: years 0001 to 9999.");

    public static readonly CelValue DurationRange = CelValue.Error("The duration is out of range: about 292 years either way.");

    public static bool IsNoMatch(in CelValue value) => value.IsError && ReferenceEquals(value.AsError, NoMatch.AsError);

    public static CelValue Operator(string name, in CelValue left, in CelValue right) => Operator(name, TypeNames.Plain(left), TypeNames.Plain(right));

    public static CelValue Operator(string name, string left, string right) => CelValue.Error(
        $"No such overload: `{name}` is not defined for {left} and {right}.", OperandHint(name, left, right));

    public static CelValue NotAKey(string type) => CelValue.Error(
        $"A value of type {type} cannot be a map key.", "Keys are string, int, uint or bool; convert with `string(x)`.");

    public static CelValue NotEntries(string macro, string type) => CelValue.Error(
        $"`{macro}` needs a map of new entries, got {type}.", "Write `m.transformMapEntry(k, v, {v: k})`.");

    public static CelValue NotOptional(bool isFlat, string type) => CelValue.Error(
        $"`{(isFlat ? "optFlatMap" : "optMap")}` works on an optional, got {type}.", "Make one with `m.?k`, `m[?k]` or `optional.of(x)`.");

    public static CelValue Unary(string name, in CelValue operand) => Unary(name, TypeNames.Plain(operand));

    public static CelValue Unary(string name, string operand) => CelValue.Error(
        $"No such overload: `{name}` is not defined for {operand}.",
        operand == "null" ? NullHint
        : name == "!" ? "`!` needs a bool; compare first, as in `!(x == 0)`."
        : name[^1] is ']' or '}' ? "`?` marks an optional: `[?m.?k]`, `{?\"k\": m.?k}`."
        : null);

    public static CelValue NotBool(string name, in CelValue operand) => NotBool(name, TypeNames.Plain(operand));

    public static CelValue NotBool(string name, string operand) => CelValue.Error(
        $"No such overload: `{name}` needs bool, got {operand}.",
        operand == "null"
            ? NullHint
            : "CEL has no truthiness: compare, as in `x != 0`, `s != \"\"`, `size(l) > 0` or `m.k != null`.");

    public static CelValue NoSuchKey(in CelValue key) => CelValue.Error(
        $"No such key: {ValueText.Brief(key)}.", "Test it first: `has(m.k)`, `\"k\" in m`, or read `m.?k.orValue(d)`.");

    public static CelValue NoSelection(string field, in CelValue operand) => NoSelection(field, TypeNames.Plain(operand));

    public static CelValue NoSelection(string field, string operand) => CelValue.Error(
        $"A value of type {operand} has no field `{field}`.",
        (operand, field) switch
        {
            ("null", _) => NullHint,
            ("list" or "string", "length" or "count" or "size") => "Use `size(x)`.",
            ("list", _) => "Pick an element first, as in `l[0].k`, or test them all: `l.exists(e, e.k == 1)`.",
            ("string", _) => "The value is text; if it is JSON, store it as an object instead.",
            _ => null,
        });

    public static CelValue NotIndexable(in CelValue operand, in CelValue index) => NotIndexable(TypeNames.Plain(operand), TypeNames.Plain(index));

    public static CelValue NotIndexable(string operand, string index) => CelValue.Error(
        operand == "list" ? $"A list is indexed by int, got {index}." : $"A value of type {operand} cannot be indexed.",
        operand == "null" ? NullHint : operand == "string" ? "Use `s.charAt(i)` or `s.substring(a, b)`." : null);

    public static CelValue IndexRange(long index, int count) => CelValue.Error(new CelError(
        "cel_error",
        $"Index {index} is out of range: the list has {count} element{(count == 1 ? "" : "s")}.",
        index == -1 && count > 0 ? "CEL does not count from the end: `l[size(l) - 1]` or `l.last()`." : "Read `l[?i].orValue(d)` where it may be short.")
    { IsOutOfRange = true });

    public static CelValue NotIterable(string macro, string range) => CelValue.Error(
        $"`{macro}` runs over a list or a map, got {range}.",
        range == "null" ? NullHint : null);

    public const string NullHint =
        "A key that is absent reads as null; test it first with `has(m.k)`, `m.k != null && …`, or give a default: `m.?k.orValue(0)`.";

    private static string? OperandHint(string name, string left, string right)
    {
        if (left == "null" || right == "null")
        {
            return NullHint;
        }

        if (name == "in")
        {
            return "The right side of `in` must be a list or a map; for text use `s.contains(\"part\")`.";
        }

        if (name == "+" && (left == "string" || right == "string"))
        {
            return "Only strings join strings: write `string(x)` around the other side.";
        }

        if ((left == "string" && IsNumber(right)) || (IsNumber(left) && right == "string"))
        {
            return "One side is text and the other a number: convert with `int(s)`, `double(s)` or `string(n)`.";
        }

        if (left is "timestamp" or "duration" || right is "timestamp" or "duration")
        {
            var time = left is "timestamp" or "duration" ? left : right;
            return left == right || (left is "timestamp" or "duration" && right is "timestamp" or "duration") ? null : $"Times are stored as text: make the other side one too, `{time}(x)`.";
        }

        return !IsNumber(left) || !IsNumber(right) ? null
            : name == "%" ? "`%` works on int and int, or uint and uint; convert with `int(x)`."
            : "Both sides must have one type: convert with `double(x)`, `int(x)` or `uint(x)`.";
    }

    private static bool IsNumber(string type) => type is "int" or "uint" or "double";
}
