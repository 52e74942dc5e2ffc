using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;

namespace Sync.Benchmarks.Leases;

/// <summary>The pure part of taking and releasing a lease: deciding, the event, the state after it, the answer; beside two increments. No log, no lock.</summary>
[MemoryDiagnoser]
public class LeaseDecisionBenchmarks
{
    private static readonly RoomLimits s_limits = new();

    private readonly JsonElement _add = BenchmarkEngine.Json("""{"key":"key-7"}""");
    private readonly JsonElement _claim = BenchmarkEngine.Json("""{"key":"work:7","ttl_ms":60000}""");
    private readonly JsonElement _claimPaths = BenchmarkEngine.Json("""{"key":"work:7","ttl_ms":60000,"paths":["src/area7/new/**/*.txt"]}""");
    private readonly JsonElement _release = BenchmarkEngine.Json("""{"key":"work:7"}""");
    private Moment _moment = null!; // Set up before any run.

    /// <summary>Leases that are held, each with paths.</summary>
    [Params(0, 10_000)]
    public int Held { get; set; }

    /// <summary>Fills a room.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        await using var host = await BenchmarkEngine.StartAsync();
        _moment = await (await LeaseRoom.OpenAsync(host, Held)).NowAsync();
    }

    /// <summary>Two increments, the second over the first.</summary>
    [Benchmark(Baseline = true)]
    public object TwoInvocations() => Run(Run(_moment, "add", _add), "add", _add);

    /// <summary>A key is taken and released.</summary>
    [Benchmark]
    public object ClaimAndRelease() => Run(Run(_moment, "_claim", _claim), "_release", _release);

    /// <summary>A key is taken with a pattern of paths that nobody else reserves, and released.</summary>
    [Benchmark]
    public object ClaimPathsAndRelease() => Run(Run(_moment, "_claim", _claimPaths), "_release", _release);

    private static Moment Run(Moment moment, string action, JsonElement parameters)
    {
        var actor = new Actor { Agent = "ada", Level = AccessLevel.Admin, Principal = "olga" };
        var effect = BenchmarkEngine.Demand(Invocation.Run(new InvocationInput(moment, actor, action, parameters, s_limits, new CelBudget(s_limits.Cel))));
        effect.WriteAnswer();
        return moment with { State = effect.After };
    }
}
