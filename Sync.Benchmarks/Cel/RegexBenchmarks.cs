using System.Text.RegularExpressions;
using BenchmarkDotNet.Attributes;
using Sync.Cel.RegularExpressions;
using Sync.Cel.Values.Limits;

namespace Sync.Benchmarks.Cel;

/// <summary>Matching on the machine of Sync.Cel beside .NET's engine that does not backtrack. Patterns and texts as rooms have them; both warm.</summary>
[MemoryDiagnoser]
public class RegexBenchmarks
{
    private static readonly CelBudget s_unbounded = new(long.MaxValue / 2, TimeSpan.MaxValue);

    private CelPattern _own = null!;
    private Regex _dotNet = null!;
    private string _text = "";

    /// <summary>Which pattern, on which text.</summary>
    [Params("anchored", "literal", "name", "address", "date", "words", "folded", "long")]
    public string Case { get; set; } = "";

    /// <summary>Compiles both.</summary>
    [GlobalSetup]
    public void Compile()
    {
        (var pattern, _text) = Case switch
        {
            "anchored" => ("^a.*c$", "abc"),
            "literal" => ("hello", "say hello to all who are in here"),
            "name" => ("^[a-z0-9-]{1,63}$", "some-name-42"),
            "address" => (@"[a-z]+@[a-z]+\.com", "write to someone@example.com now please"),
            "date" => (@"^\d{4}-\d\d-\d\d$", "2026-11-28"),
            "words" => (@"\bhi\b", "well hi there"),
            "folded" => ("(?i)error|warn", "nothing to see here but a line that goes on and on until it ends"),
            _ => ("foo.*bar", string.Concat(Enumerable.Repeat("some words without an end ", 400))),
        };
        _own = CelPattern.TryCompile(pattern, s_unbounded, out var problem) ?? throw new InvalidOperationException(problem);
        _dotNet = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    /// <summary>Sync.Cel's, with its charge.</summary>
    [Benchmark]
    public bool? Own() => _own.IsMatch(_text, s_unbounded);

    /// <summary>.NET's.</summary>
    [Benchmark(Baseline = true)]
    public bool DotNet() => _dotNet.IsMatch(_text);

    /// <summary>Compiling a pattern that no cache has.</summary>
    [Benchmark]
    public object? CompileOwn()
    {
        var meter = new RegexMeter(1_000_000);
        return RegexCache.Compile(_own.Text, ref meter, out _);
    }
}
