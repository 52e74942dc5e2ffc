using System.Collections.Immutable;
using System.Text;
using Sync.Cel.Checking;
using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Tests;

/// <summary>An environment as rooms have it, over variables given as JSON.</summary>
internal static class RoomCel
{
    public static readonly CelOptions Options = new()
    {
        Variables = ["state", "views", "agents", "actions", "messages", "self", "params", "now", "owner", "leases"],
        VariableTypes = new Dictionary<string, string>
        {
            ["state"] = "map<string, map<string, json>>",
            ["views"] = "map<string, dyn>",
            ["agents"] = "map<string, map<string, dyn>>",
            ["actions"] = "map<string, map<string, json>>",
            ["messages"] = "map<string, json>",
            ["messages.count"] = "int",
            ["messages.unread"] = "int",
            ["leases"] = "map<string, map<string, dyn>>",
            ["self"] = "string",
            ["params"] = "map<string, json>",
            ["now"] = "timestamp",
        }.ToImmutableDictionary(),
        NameHints = new Dictionary<string, string>
        {
            ["*"] = "state._shared.*",
            ["shared"] = "state._shared",
            ["agent"] = "self",
            ["agent.*"] = "agents[self].*",
            ["self.*"] = "state.alice.*",
            ["messages[]"] = "state._messages.values()",
            ["messages.recent"] = "state._messages.values()",
            ["today"] = "now",
        }.ToImmutableDictionary(),
        AbsentKeysAreNull = true,
        MixedArithmetic = true,
    };

    public static readonly CelEnvironment Environment = new(Options);

    public static readonly CelEnvironment Pure = new(new CelOptions());

    public const string Sample = """
        {
          "state": {
            "_shared": {"phase": "playing", "round": 3, "ratio": 0.5, "whole": 2.0, "list": [1, 2, 3], "name": "Ada", "none": null,
                        "items": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]},
            "_tasks": {"t1": {"done": true, "by": "alice", "points": 3}, "t2": {"done": false, "by": null, "points": 5}},
            "alice": {"x": 1}, "bob": {"x": 2}
          },
          "views": {"total": 7},
          "agents": {"alice": {"status": "active"}, "bob": {"status": "idle"}},
          "actions": {}, "messages": {"count": 4, "unread": 2, "directed_unread": 0},
          "self": "alice", "params": {"n": 5, "text": "hi"}, "now": null, "owner": "alice", "leases": {}
        }
        """;

    public static CelProgram Compile(string expression, CelEnvironment? environment = null)
    {
        var compiled = (environment ?? Environment).Compile(expression);
        Assert.True(compiled.Program is not null, $"{expression}: {compiled.Issue?.Message} {compiled.Issue?.Hint}\n{compiled.Issue?.Caret}");
        return compiled.Program;
    }

    /// <summary>The issue with the hint that holds for all such mistakes, where there is no replacement for the whole.</summary>
    public static CelIssue Issue(string expression, CelEnvironment? environment = null)
    {
        var compiled = (environment ?? Environment).CompileStrictly(expression);
        Assert.True(compiled.Issue is not null, $"{expression} compiles");
        Assert.Null(compiled.Program);
        return compiled.Issue;
    }

    /// <summary>Evaluates on a budget of its own, with the limits of the environment left as they are by default.</summary>
    public static CelValue Evaluate(this CelProgram program, ICelActivation activation) => program.Evaluate(activation, new CelBudget(Options.Limits));

    /// <summary>Explains on a budget of its own.</summary>
    public static (string Expression, CelValue Value)[] Explain(this CelProgram program, ICelActivation activation, CelBudget? budget = null)
    {
        budget ??= new CelBudget(Options.Limits);
        return [.. program.Parts().Select(part => (part.Expression, part.Evaluate(activation, budget)))];
    }

    public static CelValue Evaluate(string expression, string? json = null, CelEnvironment? environment = null) =>
        Compile(expression, environment).Evaluate(Roots(json ?? Sample));

    /// <summary>The room's roots from one JSON object; <c>now</c> is a fixed time.</summary>
    public static Activation Roots(string json)
    {
        var all = CelValue.ParseJson(Encoding.UTF8.GetBytes(json));
        Assert.Equal(CelKind.Map, all.Kind);
        return new Activation([.. Options.Variables.Select(name =>
            name == "now" ? CelValue.Timestamp(1_700_000_000, 0)
            : all.AsMap.TryGet(name, out var value) ? value : CelValue.Null)]);
    }

    public static CelValue Json(string json) => CelValue.ParseJson(Encoding.UTF8.GetBytes(json));
}
