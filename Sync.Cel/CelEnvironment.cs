using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sync.Cel.Checking;
using Sync.Cel.Library;
using Sync.Cel.Planning;
using Sync.Cel.Repair;
using Sync.Cel.Syntax;
using Sync.Cel.Values;

namespace Sync.Cel;

/// <summary>
/// The entry point of the expression language: compiles source text under fixed options. Thread-safe; plans are
/// cached by text, so compiling the same expression again costs one look-up.
/// </summary>
public sealed class CelEnvironment
{
    // Two generations by weight, in bytes, roughly: when the recent one is full it becomes the older one, and what was not used
    // since is forgotten. A hostile stream of new expressions cannot hold more than twice this.
    private const long Generation = 32 * 1024 * 1024;
    private const int CharacterWeight = 40; // tree and plan of one character of source

    private readonly VariableTable _variables;
    private ConcurrentDictionary<string, CelCompilation> _recent = new();
    private ConcurrentDictionary<string, CelCompilation> _older = new();
    private long _recentWeight;

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
        RepairNames = new RepairNames(options);
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

        return Keep(source, _older.TryGetValue(source, out compilation) ? compilation : CompileAnew(source));
    }

    /// <summary>
    /// The program of a text that may be no expression at all, such as prose or a guess; null where it does not compile. Nobody is told why, so nothing is looked for that was meant, and nothing
    /// is remembered of it.
    /// </summary>
    public CelProgram? TryCompile(string source)
    {
        if (source.Length > Options.Limits.SourceLength)
        {
            return null;
        }

        if (_recent.TryGetValue(source, out var known) || _older.TryGetValue(source, out known))
        {
            return known.Program;
        }

        var compilation = CompileStrictly(source);
        return compilation.Program is null ? null : Keep(source, compilation).Program;
    }

    private CelCompilation Keep(string source, CelCompilation compilation)
    {
        var weight = 500 + source.Length * CharacterWeight + (compilation.Program?.Weight ?? 0);
        if (Interlocked.Add(ref _recentWeight, weight) > Generation)
        {
            // Racing threads may both rotate; the cost is some plans made again.
            _older = _recent;
            _recent = new ConcurrentDictionary<string, CelCompilation>();
            _recentWeight = weight;
        }

        return _recent.GetOrAdd(source, compilation);
    }

    /// <summary>
    /// Compiles without the cache. What does not compile is read as other languages would have it: a reading that compiles is the hint.
    /// </summary>
    internal CelCompilation CompileAnew(string source)
    {
        var compilation = CompileStrictly(source);
        return compilation.Issue is { Code: not Errors.LimitCode } issue && !Options.UnknownNamesAreErrorsAtRunTime && Meant(source) is { } text
            ? new CelCompilation(null, issue with { Hint = $"Write `{text}`." })
            : compilation;
    }

    // The first reading that compiles without a warning, or else the first that compiles.
    private string? Meant(string source)
    {
        string? doubtful = null;
        return CelRepair.Of(source, RepairNames, text =>
        {
            var program = CompileStrictly(text).Program;
            doubtful ??= program is null ? null : text;
            return program is { HasTypeWarnings: false };
        }) ?? doubtful;
    }

    /// <summary>Compiles without looking for what was meant.</summary>
    internal CelCompilation CompileStrictly(string source)
    {
        var tree = Parser.Parse(source, Options.Limits, out var issue);
        if (tree is null)
        {
            return new CelCompilation(null, issue);
        }

        var planner = new Planner(_variables, Options, source);
        var plan = planner.Plan(tree);
        issue = planner.Issue;
        var type = StaticType.Dyn;
        ImmutableArray<CelIssue> warnings = [];
        if (issue is null && !Options.UnknownNamesAreErrorsAtRunTime)
        {
            type = TypeChecker.Check(source, tree, _variables, Options, out issue, out warnings);
        }

        return issue is null
            ? new CelCompilation(new CelProgram(this, source, tree, plan, planner.Locals, planner.Weight, type, warnings), null)
            : new CelCompilation(null, issue);
    }

    /// <summary>Plans a part of a tree that compiled and uses no local variables.</summary>
    internal PlanNode Plan(string source, Expr tree, out int locals)
    {
        var planner = new Planner(_variables, Options, source);
        var plan = planner.Plan(tree);
        locals = planner.Locals;
        return plan;
    }

    internal VariableTable Variables => _variables;

    internal RepairNames RepairNames { get; }
}
