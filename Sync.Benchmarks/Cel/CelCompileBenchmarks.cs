using BenchmarkDotNet.Attributes;
using Sync.Cel;

namespace Sync.Benchmarks.Cel;

/// <summary>Parsing and planning, without the cache by text and with it.</summary>
[MemoryDiagnoser]
public class CelCompileBenchmarks
{
    private const string Predicate = "state._shared.phase == \"playing\" && messages.unread > 0";
    private const string Loop = "state._shared.items.filter(x, x.points > 50 && !x.done).map(x, {\"id\": x.id, \"by\": self})";

    private readonly CelEnvironment _environment = new(BenchmarkRoots.Options);

    /// <summary>The predicate of a typical wait.</summary>
    [Benchmark]
    public object? PredicateAnew() => _environment.CompileAnew(Predicate).Program;

    /// <summary>A view's loop.</summary>
    [Benchmark]
    public object? LoopAnew() => _environment.CompileAnew(Loop).Program;

    /// <summary>The same text again.</summary>
    [Benchmark]
    public object? PredicateCached() => _environment.Compile(Predicate).Program;

    /// <summary>What a wait costs to register: compiling and its dependencies.</summary>
    [Benchmark]
    public int PredicateDependencies() => _environment.CompileAnew(Predicate).Program!.Dependencies.Length; // the text compiles
}
