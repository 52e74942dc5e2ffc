using BenchmarkDotNet.Attributes;
using Sync.Cel;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Benchmarks.Cel;

/// <summary>Evaluating, against the same work written in C# over the same values. The gate is the allocated bytes: a predicate allocates none.</summary>
[MemoryDiagnoser]
public class CelBenchmarks
{
    private const string Predicate = "state._shared.phase == \"playing\" && messages.unread > 0";

    private readonly BenchmarkRoots _roots = new(100);
    private readonly CelBudget _budget = new(long.MaxValue, TimeSpan.MaxValue);
    private readonly CelProgram _predicate = Compile(Predicate);
    private readonly CelProgram _filterMap = Compile("state._shared.items.filter(x, x.points > 50).map(x, x.id)");
    private readonly CelProgram _exists = Compile("state._tasks.exists(k, state._tasks[k].points == 99)");
    private readonly CelProgram _inSet = Compile("state._shared.phase in [\"lobby\", \"voting\", \"playing\", \"done\", \"over\"]");

    /// <summary>The predicate of a typical wait.</summary>
    [Benchmark]
    public bool PredicateCel() => _predicate.Evaluate(_roots, _budget).IsTrue;

    /// <summary>The same in C#.</summary>
    [Benchmark]
    public bool PredicateNaive() =>
        _roots.Get(0).AsMap.TryGet("_shared", out var shared)
        && shared.AsMap.TryGet("phase", out var phase) && phase.AsString == "playing"
        && _roots.Get(1).AsMap.TryGet("unread", out var unread) && unread.AsInt > 0;

    /// <summary>Filter and map over 100 elements.</summary>
    [Benchmark]
    public int FilterMapCel() => _filterMap.Evaluate(_roots, _budget).AsList.Count;

    /// <summary>The same in C#.</summary>
    [Benchmark]
    public int FilterMapNaive()
    {
        _roots.Get(0).AsMap.TryGet("_shared", out var shared);
        shared.AsMap.TryGet("items", out var items);
        var ids = new List<CelValue>();
        for (var i = 0; i < items.AsList.Count; i++)
        {
            if (items.AsList[i].AsMap.TryGet("points", out var points) && points.AsInt > 50 && items.AsList[i].AsMap.TryGet("id", out var id))
            {
                ids.Add(id);
            }
        }

        return ids.Count;
    }

    /// <summary>A scan over 100 keys with an indexed look-up each.</summary>
    [Benchmark]
    public bool ExistsOverKeysCel() => _exists.Evaluate(_roots, _budget).IsTrue;

    /// <summary>Membership in a literal list.</summary>
    [Benchmark]
    public bool InLiteralCel() => _inSet.Evaluate(_roots, _budget).IsTrue;

    private static CelProgram Compile(string source) =>
        new CelEnvironment(BenchmarkRoots.Options).Compile(source).Program ?? throw new InvalidOperationException(source);
}
