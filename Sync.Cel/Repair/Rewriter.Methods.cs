using Sync.Cel.Library;
using Sync.Cel.Syntax;

namespace Sync.Cel.Repair;

internal sealed partial class Rewriter
{
    private Term Method(Term target, string name, Term[] arguments)
    {
        if (names.ListOfTerm(target) is not null && name is not ("keys" or "entries"))
        {
            var list = AsList(target);
            return name == "values" && list is CallTerm { Name: "values" } ? list : list == target ? Plain(target, name, arguments) : Method(list, name, arguments);
        }

        return Plain(target, name, arguments);
    }

    private Term Plain(Term target, string name, Term[] arguments)
    {
        if (Counted(target, name, arguments) is { } grouped)
        {
            return grouped;
        }

        if (Looped(target, name, arguments) is { } looped)
        {
            return looped;
        }

        return (name, arguments) switch
        {
            ("length" or "len" or "count" or "Count" or "Length", []) => Size(target),
            ("size", []) => SizeOf(target),
            ("count" or "Count", [var x]) => Size(Macro(target, "filter", ["e"], filter: null, new BinaryTerm("==", new NameTerm("e"), x))),
            ("isEmpty" or "empty" or "is_empty" or "IsEmpty", []) => new BinaryTerm("==", Size(target), new LiteralTerm("0")),
            ("isNotEmpty" or "nonEmpty" or "any" or "Any" or "some", []) => new BinaryTerm(">", Size(target), new LiteralTerm("0")),
            ("includes" or "contains" or "Contains" or "include", [var x]) => Contains(target, name, Rewrite(x)),
            ("has" or "hasKey" or "has_key" or "containsKey" or "ContainsKey" or "hasOwnProperty" or "exists", [var key]) when name != "exists" || key is TextTerm => new BinaryTerm("in", Rewrite(key), target),
            ("get" or "getOrDefault" or "dig", [var key, var otherwise]) => Get(target, key, otherwise),
            ("get" or "at" or "elementAt" or "ElementAt" or "nth", [var key]) => Index(new IndexTerm(target, key)) is IndexTerm index ? index with { Target = target } : target,
            ("push" or "append" or "add" or "Add", [var x]) => new BinaryTerm("+", target, new ListTerm(Rewrite(x))),
            ("concat" or "extend" or "addAll" or "union", [var x]) => Concatenated([target, Rewrite(x)]),
            ("prepend" or "unshift", [var x]) => new BinaryTerm("+", new ListTerm(Rewrite(x)), target),
            ("pop" or "Last" or "LastOrDefault", []) => OrNull(new CallTerm(target, "last")),
            ("shift" or "First" or "FirstOrDefault" or "head", []) => OrNull(new CallTerm(target, "first")),
            ("take" or "Take" or "limit" or "head", [var n]) => Taken(target, Rewrite(n)),
            ("skip" or "Skip" or "drop", [var n]) => new CallTerm(target, "slice", AtMost(Rewrite(n), target), Size(target)),
            ("slice" or "substring" or "Substring" or "subList", [var from]) => Slice(target, new SliceTerm(target, from, To: null, IsReversed: false)),
            ("slice" or "subList", [var from, var to]) => Slice(target, new SliceTerm(target, from, to, IsReversed: false)),
            ("substr" or "Substring", [var from, var count]) => new CallTerm(target, "substring", Rewrite(from), new BinaryTerm("+", Rewrite(from), Rewrite(count))),
            ("toUpperCase" or "upper" or "ToUpper" or "toUpper" or "upcase" or "uppercase", []) => new CallTerm(target, "upperAscii"),
            ("toLowerCase" or "lower" or "ToLower" or "toLower" or "downcase" or "lowercase" or "casefold", []) => new CallTerm(target, "lowerAscii"),
            ("strip" or "Trim", []) => new CallTerm(target, "trim"),
            ("toString" or "ToString" or "to_s" or "toISOString" or "isoformat", []) => StringOf(target),
            ("toFixed", [LiteralTerm digits]) => Fixed(target, digits),
            ("toJSON" or "toJson" or "to_json", []) => new CallTerm(new TextTerm("%s"), "format", new ListTerm(target)),
            ("startswith" or "starts_with" or "StartsWith" or "hasPrefix" or "beginsWith" or "startsWith", [var x]) => TextTest(target, "startsWith", x),
            ("endswith" or "ends_with" or "EndsWith" or "hasSuffix" or "endsWith", [var x]) => TextTest(target, "endsWith", x),
            ("test", [var x]) when target is PatternTerm pattern => new CallTerm(Rewrite(x), "matches", new TextTerm(PatternText(pattern))),
            ("test" or "match" or "search" or "matches" or "Matches", [var x]) => TextTest(target, "matches", x),
            ("join" or "Join", [var list]) when target is TextTerm => Joined(Rewrite(list), target),
            ("join", [var separator]) => Joined(target, Rewrite(separator)),
            ("join", []) => Joined(target, separator: null),
            ("format", [not ListTerm, ..]) when target is TextTerm text => new CallTerm(new TextTerm(text.Value.Replace("{}", "%s", StringComparison.Ordinal)), "format", new ListTerm(All(arguments))),
            ("replaceAll" or "Replace", [var a, var b]) => new CallTerm(target, "replace", Rewrite(a), Rewrite(b)),
            ("sum" or "first" or "last", []) => new CallTerm(target, name),
            (['g', 'e', 't', >= 'A' and <= 'Z', ..], _) when kinds.HasFlag(RepairKinds.Times) && IsPath(target) && FunctionTable.Standard.Find(name, isMethod: true) is not null =>
                new CallTerm(Timed(target, Time.Instant), name, All(arguments)),
            _ when MethodOfOtherNames(target, name, arguments) is { } other => other,
            _ when FunctionTable.Standard.Find(name, isMethod: true) is not null => new CallTerm(target, name, All(arguments)),
            _ when DidYouMean.Nearest(name, FunctionTable.Standard.MethodNames.Concat(s_macros)) is { } near && near != name => Method(target, near, arguments),
            _ => new CallTerm(target, name, All(arguments)),
        };
    }

    // What only is called otherwise.
    private Term? MethodOfOtherNames(Term target, string name, Term[] arguments) => (name, arguments) switch
    {
        ("unique" or "uniq" or "Distinct", []) => new CallTerm(target, "distinct"),
        ("reversed" or "Reverse", []) => new CallTerm(target, "reverse"),
        ("flat" or "Flatten", []) => new CallTerm(target, "flatten"),
        ("items" or "Entries", []) => new CallTerm(target, "entries"),
        ("index" or "find" or "IndexOf" or "findIndex", [not LambdaTerm and var x]) => new CallTerm(target, "indexOf", Rewrite(x)),
        ("equals" or "Equals" or "eq", [var x]) => new BinaryTerm("==", target, Rewrite(x)),
        ("orElse" or "or_else" or "default" or "ifNull", [var x]) => Default(target, Rewrite(x)),
        ("max" or "Max" or "min" or "Min", []) => Extreme(name.ToLowerInvariant(), [target]),
        ("avg" or "average" or "mean" or "Average", []) => Average(target),
        ("Sum" or "total", []) => new CallTerm(target, "sum"),
        ("getTime" or "valueOf" or "toList" or "ToList" or "toArray" or "ToArray" or "collect" or "stream" or "tolist" or "copy", []) => target,
        ("sorted" or "orderBy" or "Sort" or "sort", []) => new CallTerm(target, "sort"),
        ("ToInt" or "toInt" or "intValue" or "to_i", []) => new CallTerm(Target: null, "int", target),
        ("toDouble" or "to_f" or "doubleValue", []) => new CallTerm(Target: null, "double", target),
        _ => null,
    };

    // What of a list takes a function, an element's name and an expression, or a field in quotes.
    private Term? Looped(Term target, string name, Term[] arguments)
    {
        if (name is "reduce" or "fold" or "inject" or "aggregate" or "Aggregate" or "foldLeft")
        {
            return Reduced(target, arguments);
        }

        if (name is "sort" or "sorted" or "sortBy" or "sort_by" or "orderBy" or "OrderBy" or "order_by" or "orderby" or "OrderByDescending" or "sortByDesc" or "orderByDescending")
        {
            return arguments.Length == 0 ? null
                : name.Contains("Desc", StringComparison.Ordinal) ? new CallTerm(Sorted(target, arguments), "reverse")
                : Sorted(target, arguments);
        }

        if (name is "transformList" or "transformMap" or "transformMapEntry" or "optMap" or "optFlatMap" or "map" && AreNames(arguments, out var variables, out var rest))
        {
            return Macro(target, name, variables, rest.Length == 2 ? rest[0] : null, rest[^1], areKeysComputed: name == "transformMapEntry");
        }

        if (!TryFunction(name, arguments, out var names, out var body))
        {
            return null;
        }

        // JavaScript gives the element first and its index after it, a macro the other way round.
        if (names.Length == 2 && arguments is [LambdaTerm, ..])
        {
            names = [names[1], names[0]];
        }

        return name switch
        {
            "filter" or "where" or "Where" or "findAll" or "find_all" or "FindAll" when names.Length == 1 => Macro(target, "filter", names, filter: null, body),
            "filter" or "where" or "Where" => Macro(target, "transformList", names, body, new NameTerm(names[1])),
            "map" or "Select" or "forEach" or "each" or "collect" or "pluck" when names.Length == 1 => Macro(target, "map", names, filter: null, body),
            "map" or "Select" or "forEach" or "each" or "collect" => Macro(target, "transformList", names, filter: null, body),
            "flatMap" or "SelectMany" or "flat_map" => new CallTerm(Macro(target, "map", names, filter: null, body), "flatten"),
            "exists" or "some" or "any" or "Any" or "anyMatch" or "includes" or "contains" => Macro(target, "exists", names, filter: null, body),
            "all" or "every" or "All" or "allMatch" => Macro(target, "all", names, filter: null, body),
            "exists_one" or "existsOne" or "one" => Macro(target, "exists_one", names, filter: null, body),
            "none" or "noneMatch" => new UnaryTerm("!", Macro(target, "exists", names, filter: null, body)),
            "count" or "Count" or "countIf" or "size" or "length" => Size(Macro(target, "filter", names, filter: null, body)),
            "find" or "first" or "First" or "FirstOrDefault" or "detect" or "findFirst" or "Find" or "single" =>
                OrNull(new IndexTerm(Macro(target, "filter", names, filter: null, body), new LiteralTerm("0"), IsOptional: true)),
            "last" or "Last" or "findLast" => OrNull(new CallTerm(Macro(target, "filter", names, filter: null, body), "last")),
            "findIndex" => new CallTerm(new IndexTerm(Macro(target, "transformList", names.Length == 2 ? names : ["i", .. names], body, new NameTerm(names.Length == 2 ? names[0] : "i")), new LiteralTerm("0"), IsOptional: true), "orValue", new LiteralTerm("-1")),
            "sum" or "Sum" => new CallTerm(Macro(target, "map", names, filter: null, body), "sum"),
            "avg" or "average" or "mean" or "Average" => Average(Macro(target, "map", names, filter: null, body)),
            "max" or "Max" or "min" or "Min" => Extreme(name.ToLowerInvariant(), [Macro(target, "map", names, filter: null, body)]),
            _ => null,
        };
    }

    private static bool AreNames(Term[] arguments, out string[] variables, out Term[] rest)
    {
        var count = arguments.TakeWhile(static argument => argument is NameTerm).Count();
        count = Math.Min(Math.Min(count, 2), Math.Max(arguments.Length - 1, 0));
        variables = [.. arguments.Take(count).Cast<NameTerm>().Select(static name => name.Text)];
        rest = arguments[count..];
        return count > 0 && rest.Length is 1 or 2 && (count == 2 || rest.Length == 1 || arguments.Length == 3) && arguments.Length > count;
    }

    private bool TryFunction(string name, Term[] arguments, out string[] variables, out Term body)
    {
        (variables, body) = ([], LiteralTerm.Null);
        switch (arguments)
        {
            case [LambdaTerm { Names: [_] or [_, _] } lambda]:
                (variables, body) = (lambda.Names, lambda.Body);
                return true;
            case [NameTerm { Text: var variable }, LambdaTerm { Names: [_] or [_, _] } inner]:
                (variables, body) = (inner.Names, inner.Body);
                return variable.Length > 0;
            case [NameTerm { Text: var variable }, var expression]:
                (variables, body) = ([variable], expression);
                return true;
            case [NameTerm { Text: var first }, NameTerm { Text: var second }, var expression]:
                (variables, body) = ([first, second], expression);
                return true;
            case [TextTerm { Value: var field }] when name is "map" or "pluck" or "sum" or "avg" or "max" or "min":
                (variables, body) = (["x"], new SelectTerm(new NameTerm("x"), field));
                return true;
            case [LoopTerm loop]:
                (variables, body) = (loop.Names, loop.Body);
                return false;
            case [BinaryTerm or UnaryTerm or CallTerm or SelectTerm]:
                return TryFree(arguments[0], out variables, out body);
            default:
                return false;
        }
    }

    // list.exists(t.done): the one name that is nobody's is the element; .x alone and `it` are read as such too.
    private bool TryFree(Term expression, out string[] variables, out Term body)
    {
        var free = new HashSet<string>();
        Free(expression, free);
        body = expression;
        variables = [.. free];
        return free.Count == 1;
    }

    private void Free(Term term, HashSet<string> free)
    {
        switch (term)
        {
            case NameTerm name when !IsKnown(name.Text) && names.Alias(name.Text) is null:
                free.Add(name.Text);
                break;
            case SelectTerm { Target: var target }:
                Free(target, free);
                break;
            case IndexTerm index:
                Free(index.Target, free);
                Free(index.Index, free);
                break;
            case UnaryTerm unary:
                Free(unary.Operand, free);
                break;
            case BinaryTerm binary:
                Free(binary.Left, free);
                Free(binary.Right, free);
                break;
            case CallTerm call:
                if (call.Target is not null)
                {
                    Free(call.Target, free);
                }

                Array.ForEach(call.Arguments, argument => Free(argument, free));
                break;
        }
    }

    private Term Sorted(Term target, Term[] arguments)
    {
        var isReversed = arguments.Any(static argument => argument is NamedTerm { Name: "reverse", Value: LiteralTerm { Text: "true" } });
        var keys = arguments.Where(static argument => argument is not NamedTerm { Name: "reverse" }).Select(static argument => argument is NamedTerm { Name: "key" } key ? key.Value : argument).ToArray();
        Term sorted = keys switch
        {
            [] => new CallTerm(target, "sort"),
            [LambdaTerm { Names: [var a, var b], Body: BinaryTerm { Operator: "-" or ">" or "<" } compare }] => Compared(target, a, b, compare, ref isReversed),
            [LambdaTerm { Names: [var a, var b], Body: CallTerm { Name: "localeCompare", Target: { } left } call }] => Compared(target, a, b, new BinaryTerm("-", left, call.Arguments[0]), ref isReversed),
            [LambdaTerm { Names: [var x], Body: var body }] => Macro(target, "sortBy", [x], filter: null, body),
            [NameTerm { Text: var x }, LambdaTerm { Names: [var inner], Body: var body }] => Macro(target, "sortBy", [inner.Length > 0 ? inner : x], filter: null, body),
            [NameTerm { Text: var x }, var body] => Macro(target, "sortBy", [x], filter: null, body),
            [TextTerm { Value: var field }] => Macro(target, "sortBy", ["x"], filter: null, new SelectTerm(new NameTerm("x"), field)),
            [var body] when TryFree(body, out var names, out _) => Macro(target, "sortBy", names, filter: null, body),
            _ => new CallTerm(target, "sort", keys),
        };
        return isReversed ? new CallTerm(sorted, "reverse") : sorted;
    }

    // (a, b) => a.n - b.n sorts by n, (a, b) => b.n - a.n the other way round.
    private CallTerm Compared(Term target, string a, string b, BinaryTerm compare, ref bool isReversed)
    {
        var first = new HashSet<string>();
        Free(compare.Left, first);
        var ascends = first.Contains(a);
        isReversed ^= !ascends ^ (compare.Operator == "<");
        return Macro(target, "sortBy", [ascends ? a : b], filter: null, compare.Left);
    }

    private Term? Reduced(Term target, Term[] arguments)
    {
        LambdaTerm? lambda = arguments switch
        {
            [NameTerm { Text: var a }, NameTerm { Text: var b }, var expression, ..] => new LambdaTerm([a, b], expression),
            _ => arguments.OfType<LambdaTerm>().FirstOrDefault(),
        };
        var initial = arguments is [NameTerm, NameTerm, _, var last] ? last : arguments.FirstOrDefault(static argument => argument is not (LambdaTerm or NameTerm));
        if (lambda is not { Names: [var total, var element], Body: var body } || (arguments is [NameTerm, NameTerm, _] && initial == arguments[2] && body != initial))
        {
            return null;
        }

        initial = arguments is [NameTerm, NameTerm, _] ? null : initial;
        var step = body switch
        {
            BinaryTerm { Left: NameTerm { Text: var left } } binary when left == total => binary.Right,
            BinaryTerm { Operator: "+", Right: NameTerm { Text: var right } } binary when right == total => binary.Left,
            CallTerm { Name: "max" or "min", Arguments: [NameTerm { Text: var left }, var other] } when left == total => other,
            CallTerm { Name: "max" or "min", Arguments: [var other, NameTerm { Text: var right }] } when right == total => other,
            _ => null,
        };
        if (step is null)
        {
            return null;
        }

        var values = step is NameTerm { Text: var same } && same == element ? target : Macro(target, "map", [element], filter: null, step);
        return body switch
        {
            BinaryTerm { Operator: "+" } when initial is TextTerm { Value: "" } => new CallTerm(values, "join"),
            BinaryTerm { Operator: "+" } when initial is null or LiteralTerm { Text: "0" or "0.0" } => new CallTerm(values, "sum"),
            BinaryTerm { Operator: "+" } when initial is LiteralTerm => new BinaryTerm("+", initial, new CallTerm(values, "sum")),
            BinaryTerm { Operator: "&&" } => Macro(target, "all", [element], filter: null, step),
            BinaryTerm { Operator: "||" } => Macro(target, "exists", [element], filter: null, step),
            CallTerm { Name: var name } => Extreme(name, [values]),
            _ => null,
        };
    }

    private static Term Average(Term list) => new BinaryTerm("/", new CallTerm(Target: null, "double", new CallTerm(list, "sum")), Size(list));

    private static CallTerm OrNull(Term optional) => new(optional, "orValue", LiteralTerm.Null);

    private CallTerm Joined(Term list, Term? separator)
    {
        if (kinds.HasFlag(RepairKinds.Texts))
        {
            list = new CallTerm(list, "map", new NameTerm("x"), StringOf(new NameTerm("x")));
        }

        return separator is null ? new CallTerm(list, "join") : new CallTerm(list, "join", separator);
    }

    private Term TextTest(Term target, string name, Term argument)
    {
        var test = new CallTerm(target, name, Rewrite(argument));
        return kinds.HasFlag(RepairKinds.Nulls) ? WhereThere([target], test) : test;
    }

    // Of text and of lists alike in JavaScript; where only a run would tell which, the expression asks.
    private Term Contains(Term target, string name, Term element)
    {
        var ofText = new CallTerm(target, "contains", element);
        var ofList = new BinaryTerm("in", element, target);
        var isText = target is TextTerm || IsText(target);
        var isList = target is ListTerm or CallTerm { Name: "map" or "filter" or "keys" or "values" or "sort" or "split" } || (element is LiteralTerm { IsNumber: true });
        if (name == "contains" && !isList)
        {
            return kinds.HasFlag(RepairKinds.Lists) ? ofList : kinds.HasFlag(RepairKinds.Nulls) ? WhereThere([target], ofText) : ofText;
        }

        return isText ? ofText : isList || element is not TextTerm ? ofList : new ChoiceTerm(new BinaryTerm("==", new CallTerm(Target: null, "type", target), new NameTerm("list")), ofList, ofText);
    }
}
