namespace Sync.Cel.Tests;

/// <summary>Random well-formed expressions over a room's roots. The same seed gives the same text.</summary>
internal sealed class ExpressionGenerator(int seed)
{
    private static readonly string[] s_keys = ["a", "b", "c", "list"];
    private static readonly string[] s_literals =
        ["0", "1", "-3", "7u", "0.5", "2.0", "1e3", "true", "false", "null", "\"a\"", "\"b\"", "\"\"", "'x\\n'", "b\"a\\x00\"", "[]", "{}", "duration(\"90s\")", "timestamp(0)", "r\"\\d\"", "int", "optional.none()"];

    private readonly Random _random = new(seed);
    private readonly List<string> _locals = [];

    public string Next(int depth)
    {
        if (depth <= 0)
        {
            return Leaf();
        }

        return _random.Next(30) switch
        {
            0 or 1 or 2 or 3 => Path(depth),
            4 => $"({Next(depth - 1)} {Pick("&&", "||")} {Next(depth - 1)} {Pick("&&", "||")} {Next(depth - 1)})",
            5 => $"{Next(depth - 1)} {Pick("&&", "||")} {Next(depth - 1)}",
            6 => $"!{Operand(depth - 1)}",
            7 => $"-{Operand(depth - 1)}",
            8 => $"{Operand(depth - 1)} {Pick("==", "!=", "<", "<=", ">", ">=", "in")} {Operand(depth - 1)}",
            9 => $"{Operand(depth - 1)} {Pick("+", "-", "*", "/", "%")} {Operand(depth - 1)} {Pick("+", "-", "*", "/", "%")} {Operand(depth - 1)}",
            10 => $"{Operand(depth - 1)} {Pick("+", "-", "*", "/", "%")} {Operand(depth - 1)}",
            11 => $"{Operand(depth - 1)} ? {Operand(depth - 1)} : {Next(depth - 1)}",
            12 => $"[{Next(depth - 1)}, {Pick("", "?")}{Next(depth - 1)}]",
            13 => $"{{\"a\": {Next(depth - 1)}, {Pick("", "?")}\"b\": {Next(depth - 1)}, {Leaf()}: 1}}",
            14 => $"has({Path(depth)}.{Key()})",
            15 => $"has({Path(depth)}[{Next(depth - 1)}])",
            16 => $"{Operand(depth - 1)}[{Pick("", "?")}{Next(depth - 1)}]",
            17 => $"{Operand(depth - 1)}{Pick(".", ".?")}{Key()}",
            18 => $"size({Next(depth - 1)})",
            19 => $"{Operand(depth - 1)}.{Pick("size", "keys", "values", "entries", "hasValue", "value", "sort", "distinct", "flatten", "reverse", "join", "trim", "lowerAscii", "first")}()",
            20 => $"{Operand(depth - 1)}.{Pick("orValue", "or", "startsWith", "contains", "indexOf", "split", "matches", "format", "flatten")}({Next(depth - 1)})",
            21 => $"{Pick("string", "int", "double", "type", "dyn", "optional.of", "math.abs", "math.greatest", "timestamp", "bool")}({Next(depth - 1)})",
            22 => $"{Pick("math.least", "sets.contains", "sets.intersects", "math.bitAnd")}({Next(depth - 1)}, {Next(depth - 1)})",
            23 => Loop(depth, Pick("all", "exists", "exists_one", "filter", "map", "sortBy"), 1),
            24 => Loop(depth, Pick("all", "exists", "existsOne", "transformList", "transformMap"), 2),
            25 => Bind(depth),
            26 => OptMap(depth),
            27 => $"{Next(depth - 1)} {Pick("==", "in")} [{Leaf()}, {Leaf()}, \"a\", 1, 2, null]",
            28 => $"\"{Key()}\" in {Path(depth)}",
            _ => Leaf(),
        };
    }

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    private string Key() => s_keys[_random.Next(s_keys.Length)];

    private string Operand(int depth) => $"({Next(depth)})";

    private string Leaf() => _random.Next(3) switch
    {
        0 => s_literals[_random.Next(s_literals.Length)],
        1 when _locals.Count > 0 => _locals[_random.Next(_locals.Count)],
        _ => Path(1),
    };

    private string Path(int depth)
    {
        var path = Pick("state", "state", "state", "views", "self", "params");
        for (var steps = _random.Next(4); steps > 0; steps--)
        {
            path += _random.Next(8) switch
            {
                0 => $"[\"{Key()}\"]",
                1 => "[self]",
                2 => $".?{Key()}",
                3 when depth > 1 => $"[{Next(depth - 2)}]",
                _ => "." + Key(),
            };
        }

        return path;
    }

    private string Loop(int depth, string macro, int variables)
    {
        var range = Operand(depth - 1);
        var names = Enumerable.Range(0, variables).Select(i => $"{Pick("x", "y", "state")}{(i == 0 ? "" : "2")}").ToList();
        _locals.AddRange(names);
        var body = Next(depth - 1);
        _locals.RemoveRange(_locals.Count - names.Count, names.Count);
        return $"{range}.{macro}({string.Join(", ", names)}, {body})";
    }

    private string Bind(int depth)
    {
        var value = Next(depth - 1);
        _locals.Add("z");
        var body = Next(depth - 1);
        _locals.RemoveAt(_locals.Count - 1);
        return $"cel.bind(z, {value}, {body})";
    }

    private string OptMap(int depth)
    {
        var target = Operand(depth - 1);
        _locals.Add("o");
        var body = Next(depth - 1);
        _locals.RemoveAt(_locals.Count - 1);
        return $"{target}.{Pick("optMap", "optFlatMap")}(o, {body})";
    }
}
