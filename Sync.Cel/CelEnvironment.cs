using System.Collections.Concurrent;

namespace Sync.Cel;

/// <summary>
/// The door of the expression language: compiles source text under fixed options. Thread-safe; plans are
/// cached by text, so compiling the same expression again costs one look-up.
/// </summary>
public sealed class CelEnvironment
{
    // Two generations: when the recent one is full it becomes the older one, and what was not used since is forgotten.
    private const int Generation = 4096;

    private readonly VariableTable _variables;
    private ConcurrentDictionary<string, CelCompilation> _recent = new();
    private ConcurrentDictionary<string, CelCompilation> _older = new();

    /// <summary>Creates an environment; its options never change afterwards.</summary>
    /// <exception cref="ArgumentException">A variable type is no type; every such mistake is named.</exception>
    public CelEnvironment(CelOptions options)
    {
        var wrong = options.VariableTypes.Where(t => StaticType.Parse(t.Value) is null).Select(t => $"{t.Key}: {t.Value}").Order().ToList();
        if (wrong.Count > 0)
        {
            throw new ArgumentException($"Not a type: {string.Join("; ", wrong)}.", nameof(options));
        }

        Options = options;
        _variables = new VariableTable(options);
    }

    /// <summary>What this environment declares, relaxes and limits.</summary>
    public CelOptions Options { get; }

    /// <summary>Parses, expands and plans <paramref name="source"/>. Never throws for any input.</summary>
    public CelCompilation Compile(string source)
    {
        if (source.Length > Options.Limits.SourceLength)
        {
            // Not worth remembering, and too long to hash.
            return CompileAnew(source);
        }

        if (_recent.TryGetValue(source, out var compilation))
        {
            return compilation;
        }

        if (!_older.TryGetValue(source, out compilation))
        {
            compilation = CompileAnew(source);
        }

        if (_recent.Count >= Generation)
        {
            // Racing threads may both rotate; the cost is some plans made again.
            _older = _recent;
            _recent = new ConcurrentDictionary<string, CelCompilation>();
        }

        return _recent.GetOrAdd(source, compilation);
    }

    /// <summary>Compiles without the cache.</summary>
    internal CelCompilation CompileAnew(string source)
    {
        var tree = Parser.Parse(source, Options.Limits, out var issue);
        if (tree is null)
        {
            return new CelCompilation(null, issue);
        }

        var plan = Plan(source, tree, out var locals, out issue);
        var type = StaticType.Dyn;
        if (issue is null && !Options.UnknownNamesAreErrorsAtRunTime)
        {
            type = TypeChecker.Check(source, tree, _variables, Options, out issue);
        }

        return issue is null
            ? new CelCompilation(new CelProgram(this, source, tree, plan, locals, type), null)
            : new CelCompilation(null, issue);
    }

    /// <summary>Plans a tree, or a part of one that uses no local variables.</summary>
    internal PlanNode Plan(string source, Expr tree, out int locals, out CelIssue? issue)
    {
        var planner = new Planner(_variables, Options, source);
        var plan = planner.Plan(tree);
        locals = planner.Locals;
        issue = planner.Issue;
        return plan;
    }

    internal VariableTable Variables => _variables;
}
