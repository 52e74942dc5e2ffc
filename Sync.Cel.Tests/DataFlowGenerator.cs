namespace Sync.Cel.Tests;

/// <summary>
/// Random expressions that seldom fail and whose value shows most of what they read, so that a dependency that is missing changes a result.
/// </summary>
internal sealed class DataFlowGenerator(int seed)
{
    private static readonly string[] s_keys = ["a", "b", "c", "list", "other"];

    private readonly Random _random = new(seed);
    private readonly List<string> _locals = [];
    private int _names;

    public string Next(int depth)
    {
        if (depth <= 0)
        {
            return Path();
        }

        var d = depth - 1;
        return _random.Next(22) switch
        {
            0 or 1 => $"[{Next(d)}, {Next(d)}]",
            2 => $"{{\"a\": {Next(d)}, \"b\": {Next(d)}}}.{Key()}",
            3 => $"({Next(d)} == {Next(d)} ? {Next(d)} : {Next(d)})",
            4 or 5 => With(1, n => $"cel.bind({n[0]}, ", d, then: (n, body) => $"{Next(d)}, {body})"),
            6 or 7 => With(2, n => $"{Path()}.transformList({n[0]}, {n[1]}, ", d),
            8 => With(1, n => $"{Path()}.map({n[0]}, ", d),
            9 => With(1, n => $"{Path()}.filter({n[0]}, {Path()} != ", d),
            10 => With(2, n => $"{Path()}.exists({n[0]}, {n[1]}, \"changed\" == ", d),
            11 => With(2, n => $"{Path()}.transformMap({n[0]}, {n[1]}, ", d),
            12 => $"size({Path()})",
            13 => $"has({Path()}.{Key()})",
            14 => $"{(_random.Next(2) == 0 ? $"\"{Key()}\"" : "self")} in {Path()}",
            15 => $"{Path()}[{Next(d)}]",
            16 => $"{Path()}.?{Key()}.orValue({Next(d)})",
            17 => With(1, n => $"{Path()}.?{Key()}.optMap({n[0]}, ", d),
            18 => $"{Path()}.{(_random.Next(3) switch { 0 => "keys", 1 => "values", _ => "entries" })}()",
            19 => $"({Next(d)}).{Key()}",
            20 => $"optional.of({Next(d)}).{Key()}.{Key()}",
            _ => $"cel.block([{Next(d)}, cel.index(0).{Key()}], [cel.index(1), {Next(d)}])",
        };
    }

    private string Key() => s_keys[_random.Next(s_keys.Length)];

    private string Path()
    {
        var path = _locals.Count > 0 && _random.Next(2) == 0 ? _locals[_random.Next(_locals.Count)] : _random.Next(4) == 0 ? "views" : "state";
        for (var steps = _random.Next(4); steps > 0; steps--)
        {
            path += _random.Next(6) switch { 0 => "[self]", 1 => $"[\"{Key()}\"]", _ => "." + Key() };
        }

        return path;
    }

    private string With(int variables, Func<string[], string> head, int depth, Func<string[], string, string>? then = null)
    {
        string[] names = [.. Enumerable.Range(0, variables).Select(_ => $"v{_names++}")];
        var start = head(names);
        _locals.AddRange(names);
        var body = Next(depth);
        _locals.RemoveRange(_locals.Count - variables, variables);
        return start + (then is null ? body + ")" : then(names, body));
    }
}
