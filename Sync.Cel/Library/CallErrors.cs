using Sync.Cel.Values;

namespace Sync.Cel.Library;

/// <summary>Words what is wrong with a call, at compile and at run time.</summary>
internal static class CallErrors
{
    /// <summary>The arguments' types fit no overload.</summary>
    public static CelValue NoOverload(CelFunction function, ReadOnlySpan<CelValue> arguments)
    {
        var types = new string[arguments.Length];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = TypeNames.Plain(arguments[i]);
        }

        return NoOverload(function, types);
    }

    /// <summary>The same for types known when compiling.</summary>
    public static CelValue NoOverload(CelFunction function, string[] types)
    {
        var call = function.IsMethod
            ? $"{types[0]}.{function.Name}({string.Join(", ", types.Skip(1))})"
            : $"{function.Name}({string.Join(", ", types)})";
        return CelValue.Error($"No such overload: {call}; it is {Expected([function])}.", TypeHint(function, types));
    }

    /// <summary>How a name may be called.</summary>
    public static string Expected(IEnumerable<CelFunction> functions) =>
        string.Join(" or ", functions.SelectMany(f => f.Signatures).Select(s => $"`{s[..(s.LastIndexOf(')') + 1)]}`"));

    /// <summary>For a function or method nobody declares: what people mean by it.</summary>
    public static string? Habit(string name, bool isMethod) => name switch
    {
        "len" or "length" or "count" or "Length" or "Count" => "Use `size(x)`.",
        "includes" => "Text: `s.contains(\"part\")`; lists: `x in list`.",
        "some" or "any" => "Use `list.exists(x, …)`.",
        "every" => "Use `list.all(x, …)`.",
        "find" => "Use `list.filter(x, …)[0]`, or `list.filter(x, …)[?0].orValue(d)`.",
        "findIndex" => "Use `list.transformList(i, v, v == x, i)[0]`.",
        "forEach" or "reduce" or "fold" or "each" => "Loop with `map`, `filter`, `exists`, `all`; add up with `list.sum()`, join with `list.join(\",\")`.",
        "toUpperCase" or "upper" or "toUpper" => "Use `s.upperAscii()`.",
        "toLowerCase" or "lower" or "toLower" => "Use `s.lowerAscii()`.",
        "strip" => "Use `s.trim()`.",
        "isEmpty" or "empty" => "Use `size(x) == 0`.",
        "groupBy" or "group_by" or "countBy" or "count_by" or "GroupBy" or "Counter" =>
            "Group by distinct keys: `list.map(x, x.k).distinct().transformMapEntry(i, k, {k: size(list.filter(x, x.k == k))})`.",
        "get" => "Use `m[?\"k\"].orValue(d)`.",
        "has" or "hasKey" or "containsKey" or "hasOwnProperty" => "Use `has(m.k)` or `\"k\" in m`.",
        "items" => "Use `m.entries()`.",
        "push" or "add" or "append" or "concat" => "Join lists with `+`: `list + [x]`.",
        "pop" or "remove" or "delete" => "Use `list.filter(x, …)`; values do not change.",
        "at" => "Index: `list[0]`; from the end `list[size(list) - 1]`.",
        "toString" or "str" => "Use `string(x)`.",
        "parseInt" or "Number" or "toInt" => "Use `int(x)` or `double(x)`.",
        "parseFloat" or "float" => "Use `double(x)`.",
        "max" or "Max" => isMethod ? "Use `math.greatest(list)`." : "Use `math.greatest(a, b)`.",
        "min" or "Min" => isMethod ? "Use `math.least(list)`." : "Use `math.least(a, b)`.",
        "abs" or "floor" or "ceil" or "round" or "sqrt" => $"Use `math.{name}(x)`.",
        "typeof" => "Use `type(x) == string`.",
        "isNaN" => "Use `math.isNaN(x)`.",
        "range" => "Use `lists.range(n)`.",
        "sorted" => "Use `list.sort()` or `list.sortBy(x, x.k)`.",
        "test" or "match" => "Use `s.matches(\"pattern\")`.",
        "slice" => "Text: `s.substring(a, b)`; lists: `list.slice(a, b)`.",
        "not" => "Write `!x`.",
        "and" => "Write `a && b`.",
        "or" => "Write `a || b`.",
        "now" => "`now` is a variable, without parentheses.",
        "if" => "Write `condition ? a : b`.",
        _ => null,
    };

    private static string? TypeHint(CelFunction function, string[] types)
    {
        if (types.Contains("null"))
        {
            return Errors.NullHint;
        }

        return (function.IsMethod, function.Name, types.FirstOrDefault()) switch
        {
            (true, "contains", "list") => "Lists: write `x in list`.",
            (true, "contains", "dyn") => "Text: `s.contains(\"part\")`; lists: `x in list`.",
            (true, "contains", "map") => "Maps: write `\"k\" in m`.",
            (true, _, "list") when function.Signatures[0].StartsWith("string.", StringComparison.Ordinal) =>
                "The receiver is a list; test its elements: `list.exists(x, …)`.",
            (true, _, "int" or "uint" or "double") => "The receiver is a number; convert with `string(x)`.",
            _ => null,
        };
    }
}
