using Sync.Cel.Library;
using Sync.Cel.Syntax;

namespace Sync.Cel.Repair;

internal sealed partial class Rewriter
{
    private static readonly string[] s_macros =
        ["all", "exists", "exists_one", "existsOne", "map", "filter", "sortBy", "transformList", "transformMap", "transformMapEntry", "optMap", "optFlatMap"];

    private Term Call(CallTerm call)
    {
        if (call.Target is null)
        {
            return Function(call.Name, call.Arguments);
        }

        if (call.Target is NameTerm { Text: var root } && !_locals.Contains(root) && !names.IsVariable(root) && Library(root, call.Name, call.Arguments) is { } known)
        {
            return known;
        }

        return Method(call.Target is PatternTerm ? call.Target : Rewrite(call.Target), call.Name, call.Arguments);
    }

    private Term[] All(Term[] terms) => [.. terms.Select(Rewrite)];

    // Unfit arguments leave the call as it is, which nothing compiles.
    private Term Function(string name, Term[] arguments) => (name, arguments) switch
    {
        ("len" or "length" or "count" or "sizeof" or "cardinality" or "LEN" or "LENGTH" or "COUNT", [var x]) => Size(AsList(Rewrite(x))),
        ("size", [var x]) => SizeOf(AsList(Rewrite(x))),
        ("str" or "String" or "toString" or "to_string", [var x]) => StringOf(Rewrite(x)),
        ("parseInt" or "toInt" or "to_int" or "Int" or "integer", [var x, ..]) => new CallTerm(Target: null, "int", Rewrite(x)),
        ("parseFloat" or "Number" or "float" or "Float" or "to_number" or "number", [var x]) => new CallTerm(Target: null, "double", Rewrite(x)),
        ("Boolean" or "boolean", [var x]) => new CallTerm(Target: null, "bool", Rewrite(x)),
        ("now" or "NOW" or "today" or "getdate" or "Date" or "DateTime" or "current_timestamp" or "time", []) => new NameTerm("now"),
        ("Date" or "date" or "datetime" or "DateTime", [var x]) => new CallTerm(Target: null, "timestamp", Rewrite(x)),
        ("coalesce" or "COALESCE" or "ifnull" or "IFNULL" or "nvl" or "NVL" or "default" or "isnull" or "ISNULL", [var first, .. [_, ..] rest]) =>
            Default(Rewrite(first), rest.Length == 1 ? Rewrite(rest[0]) : Function("coalesce", rest)),
        ("concat" or "CONCAT", [_, _, ..]) => Concatenated(All(arguments)),
        ("not", [var x]) => new UnaryTerm("!", Rewrite(x)),
        ("and", [var a, var b]) => Binary(new BinaryTerm("&&", a, b)),
        ("or", [var a, var b]) => Binary(new BinaryTerm("||", a, b)),
        ("iff" or "iif" or "IIF" or "ifelse" or "choose", [var c, var a, var b]) => new ChoiceTerm(Rewrite(c), Rewrite(a), Rewrite(b)),
        ("isNull" or "is_null" or "isnull" or "isNone", [var x]) => new BinaryTerm("==", Rewrite(x), LiteralTerm.Null),
        ("isNotNull" or "is_not_null" or "exists" or "defined" or "isset" or "isDefined", [var x]) when x is not LoopTerm => new BinaryTerm("!=", Rewrite(x), LiteralTerm.Null),
        ("isEmpty" or "empty" or "is_empty", [var x]) => new BinaryTerm("==", Size(Rewrite(x)), new LiteralTerm("0")),
        _ when FunctionOfOtherNames(name, arguments) is { } other => other,
        _ when FunctionTable.Standard.Find(name, isMethod: false) is not null || name is "has" => new CallTerm(Target: null, name, All(arguments)),
        (_, [var receiver, .. var others]) when IsMethod(name) => Method(Rewrite(receiver), name, others),
        _ when DidYouMean.Nearest(name, FunctionTable.Standard.FunctionNames.Append("has")) is { } near && near != name => Function(near, arguments),
        _ => new CallTerm(Target: null, name, All(arguments)),
    };

    // Collections, and what is a method or belongs to a library here.
    private Term? FunctionOfOtherNames(string name, Term[] arguments) => (name, arguments) switch
    {
        ("has", [NameTerm or TextTerm]) => Has(arguments[0]),
        ("has" or "hasKey" or "has_key", [var m, var k]) => new BinaryTerm("in", Rewrite(k), Rewrite(m)),
        ("isinstance", [var x, NameTerm type]) => IsOfType(Rewrite(x), type.Text) ?? new CallTerm(Target: null, "isinstance", arguments),
        ("typeof", [var x]) => new CallTerm(Target: null, "type", Rewrite(x)),
        ("getattr" or "get", [var m, var k]) => new IndexTerm(Rewrite(m), Rewrite(k)),
        ("getattr" or "get", [var m, var k, var d]) => Get(Rewrite(m), k, d),
        ("range", [var n]) => new CallTerm(new NameTerm("lists"), "range", Rewrite(n)),
        ("range", [var from, var to]) => new CallTerm(
            new CallTerm(new NameTerm("lists"), "range", new BinaryTerm("-", Rewrite(to), Rewrite(from))), "map", new NameTerm("i"), new BinaryTerm("+", new NameTerm("i"), Rewrite(from))),
        ("list" or "tuple" or "dict", [var x]) => Rewrite(x),
        ("set" or "unique", [var x]) => new CallTerm(Rewrite(x), "distinct"),
        ("reversed", [var x]) => new CallTerm(Rewrite(x), "reverse"),
        ("enumerate", [var x]) => Rewrite(x),
        ("sum" or "add", [_, _, ..]) when arguments is not [_, NameTerm, _] && !arguments.Any(static argument => argument is LambdaTerm) => arguments.Select(Rewrite).Aggregate(static (a, b) => new BinaryTerm("+", a, b)),
        ("max" or "Max" or "MAX" or "min" or "Min" or "MIN" or "greatest" or "least", [_, ..]) => Extreme(name.StartsWith('m') || name.StartsWith('M') ? name.ToLowerInvariant() : name == "greatest" ? "max" : "min", arguments),
        ("abs" or "floor" or "ceil" or "round" or "sqrt" or "trunc" or "sign" or "pow" or "isNaN" or "isFinite", _) => Library("Math", name, arguments) ?? new CallTerm(Target: null, name, arguments),
        ("map" or "filter" or "reduce" or "any" or "all" or "some" or "every" or "find", [LambdaTerm lambda, var list, .. var rest]) => Method(Rewrite(list), name, [lambda, .. rest]),
        ("startsWith" or "starts_with" or "startswith" or "endsWith" or "ends_with" or "endswith" or "contains" or "includes", [var s, var part]) => Method(Rewrite(s), name, [part]),
        ("any" or "some" or "all" or "every", [LoopTerm { Names: [_] } loop]) => Quantified(name is "any" or "some", loop),
        ("next", [LoopTerm { Names: [_] } loop, ..]) => OrNull(new IndexTerm(Rewrite(loop), new LiteralTerm("0"), IsOptional: true)),
        ("cast" or "CAST", [var x]) => Rewrite(x),
        ("Counter", [var list]) => Method(Rewrite(list), "countBy", []),
        ("groupBy" or "group_by" or "groupby" or "GroupBy" or "countBy" or "count_by" or "CountBy", [not LambdaTerm and var list, var key]) => Method(Rewrite(list), name, [key]),
        ("groupBy" or "group_by" or "groupby" or "countBy" or "count_by", [LambdaTerm key, var list]) => Method(Rewrite(list), name, [key]),
        _ => null,
    };

    private CallTerm Quantified(bool isAny, LoopTerm loop)
    {
        var body = loop.Filter is null ? loop.Body
            : isAny ? new BinaryTerm("&&", loop.Filter, loop.Body)
            : new BinaryTerm("||", new UnaryTerm("!", loop.Filter), loop.Body);
        return Macro(Rewrite(loop.Source), isAny ? "exists" : "all", loop.Names, filter: null, body);
    }

    private static bool IsMethod(string name) => FunctionTable.Standard.Find(name, isMethod: true) is not null || s_macros.Contains(name)
        || name is "sum" or "avg" or "average" or "mean" or "any" or "some" or "every" or "first" or "last" or "take" or "skip" or "find" or "sorted" or "sortBy" or "orderBy" or "where"
            or "upper" or "lower" or "strip" or "substr" or "concat" or "push" or "append" or "pluck" or "flatMap" or "none" or "lowercase" or "uppercase" or "toLowerCase" or "toUpperCase";

    private Term Has(Term name) => name is TextTerm ? new CallTerm(Target: null, "has", name) : Rewrite(name) is SelectTerm path ? new CallTerm(Target: null, "has", path) : new CallTerm(Target: null, "has", name);

    private Term SizeOf(Term of) => kinds.HasFlag(RepairKinds.Counts) && IsPath(of) ? of : kinds.HasFlag(RepairKinds.Nulls) && IsPath(of) ? new ChoiceTerm(new BinaryTerm("!=", of, LiteralTerm.Null), Size(of), new LiteralTerm("0")) : Size(of);

    private Term Get(Term map, Term key, Term otherwise) => new CallTerm(new IndexTerm(map, Rewrite(key), IsOptional: true), "orValue", Rewrite(otherwise));

    private static Term Concatenated(Term[] parts)
    {
        var isText = parts.Any(IsText);
        return parts.Select(part => isText && !IsText(part) ? StringOf(part) : part).Aggregate(static (a, b) => new BinaryTerm("+", a, b));
    }

    // max(list), max(a, b), Math.max(...list), max(x.n for x in list), max(list, key=…)
    private Term Extreme(string name, Term[] arguments)
    {
        var function = name == "max" ? "greatest" : "least";
        return arguments is [var list, NamedTerm { Name: "key", Value: LambdaTerm key }]
            ? new CallTerm(new CallTerm(Sorted(Rewrite(list), [key]), name == "max" ? "last" : "first"), "orValue", LiteralTerm.Null)
            : new CallTerm(new NameTerm("math"), function, All([.. arguments.Select(static argument => argument is SpreadTerm spread ? spread.Value : argument)]));
    }

    // What is called on a name that is a library, here or elsewhere.
    private Term? Library(string root, string name, Term[] arguments)
    {
        if (root == "cel" && name == "bind" && arguments is [NameTerm { Text: var variable }, var value, var body])
        {
            var bound = Rewrite(value);
            _locals.Push(variable);
            var inner = Rewrite(body);
            _locals.Pop();
            return new CallTerm(new NameTerm("cel"), "bind", arguments[0], bound, inner);
        }

        if (FunctionTable.Standard.Find($"{root}.{name}", isMethod: false) is not null)
        {
            return new CallTerm(new NameTerm(root), name, All(arguments));
        }

        return (root, name, arguments) switch
        {
            ("Math" or "math", "max" or "min", [_, ..]) => Extreme(name, arguments),
            ("Math" or "math", "pow", [var x, LiteralTerm { Text: "2" }]) => new BinaryTerm("*", Rewrite(x), Rewrite(x)),
            ("Math" or "math", "pow", [var x, LiteralTerm { Text: "3" }]) => new BinaryTerm("*", new BinaryTerm("*", Rewrite(x), Rewrite(x)), Rewrite(x)),
            ("Math" or "math", "floor" or "ceil" or "round" or "trunc", [var x]) => Rounded(name, Rewrite(x)),
            ("Math" or "math", "round", [var x, LiteralTerm { IsNumber: true } digits]) => Fixed(Rewrite(x), digits),
            ("Math" or "math", "abs" or "sqrt" or "sign" or "isNaN" or "isFinite", [var x]) => new CallTerm(new NameTerm("math"), name, Rewrite(x)),
            ("Object", "keys" or "values" or "entries", [var m]) => new CallTerm(Rewrite(m), name),
            ("Object", "assign", [var a, var b]) => Merged(a is MapTerm { Entries: [] } ? null : Rewrite(a), Rewrite(b)),
            ("Object", "assign", [MapTerm { Entries: [] }, var a, var b]) => Merged(Rewrite(a), Rewrite(b)),
            ("JSON" or "json", "parse" or "loads", [var x]) => Rewrite(x),
            ("JSON" or "json", "stringify" or "dumps", [var x, ..]) => new CallTerm(new TextTerm("%s"), "format", new ListTerm(Rewrite(x))),
            ("Array", "isArray", [var x]) => IsOfType(Rewrite(x), "list"),
            ("Array", "from", [var x]) => Rewrite(x),
            ("Number", "parseInt" or "parseFloat" or "isNaN" or "isFinite", [_, ..]) => Function(name, arguments),
            ("Date" or "datetime" or "time" or "DateTime", "now" or "utcnow" or "time" or "today", _) => new NameTerm("now"),
            ("Date", "parse", [var x]) => new CallTerm(Target: null, "timestamp", Rewrite(x)),
            ("re", "match" or "search" or "fullmatch", [var pattern, var text]) => new CallTerm(Rewrite(text), "matches", Rewrite(pattern)),
            ("string" or "String", "IsNullOrEmpty" or "IsNullOrWhiteSpace", [var x]) => new BinaryTerm("||", new BinaryTerm("==", Rewrite(x), LiteralTerm.Null), new BinaryTerm("==", Rewrite(x), new TextTerm(""))),
            ("string" or "String", "Join" or "join", [var separator, var list]) => Method(Rewrite(list), "join", [separator]),
            ("string" or "String", "Concat" or "concat", [_, _, ..]) => Concatenated(All(arguments)),
            ("Object" or "Map", "groupBy", [var list, var key]) => Method(Rewrite(list), name, [key]),
            ("collections", "Counter", [var list]) => Method(Rewrite(list), "countBy", []),
            ("itertools", "groupby", [var list, var key]) => Method(Rewrite(list), name, [key]),
            ("_" or "R" or "lodash", _, [var list, .. var rest]) => Method(Rewrite(list), name, rest),
            _ => null,
        };
    }

    // They take doubles only.
    private static CallTerm Rounded(string name, Term x) => new(new NameTerm("math"), name, x is LiteralTerm literal && literal.Text.Contains('.') ? x : new CallTerm(Target: null, "double", x));

    private static CallTerm Fixed(Term x, LiteralTerm digits) => new(new TextTerm($"%.{digits.Text}f"), "format", new ListTerm(x));
}
