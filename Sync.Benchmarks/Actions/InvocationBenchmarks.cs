using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;

namespace Sync.Benchmarks.Actions;

/// <summary>The pure part of an invocation: deciding, building the event, the state after it and the answer. No log, no lock. The gate is the allocated bytes.</summary>
[MemoryDiagnoser]
public class InvocationBenchmarks
{
    private static readonly RoomLimits s_limits = new();
    private static readonly Actor s_actor = new() { Agent = "ada", Level = AccessLevel.Admin, Principal = "olga" };

    private readonly JsonElement _add = BenchmarkEngine.Json("""{"key":"key-7"}""");
    private readonly JsonElement _set = BenchmarkEngine.Json("""{"key":"key-7","value":{"title":"Ship it","points":5,"tags":["a","b"]}}""");
    private readonly JsonElement _take = BenchmarkEngine.Json("""{"task":"task-7"}""");
    private Moment _moment = null!; // Set up before any run.

    /// <summary>A room with the three actions and fifty keys.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _moment = new Moment(RoomState.Empty, new Presence(), new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), Record: null);
        foreach (var definition in BenchmarkRoom.Actions)
        {
            Advance("_register_action", BenchmarkEngine.Json(definition));
        }

        for (var key = 0; key < BenchmarkRoom.Keys; key++)
        {
            Advance("add", BenchmarkEngine.Json($$"""{"key":"key-{{key}}"}"""));
        }
    }

    /// <summary>Read, add, write.</summary>
    [Benchmark]
    public object Increment() => Run("add", _add);

    /// <summary>Key and value from parameters.</summary>
    [Benchmark]
    public object Template() => Run("set", _set);

    /// <summary>A guard over the state, then an object of templates.</summary>
    [Benchmark]
    public object Guarded() => Run("take", _take);

    private void Advance(string action, JsonElement parameters) => _moment = _moment with { State = Run(action, parameters).After };

    private InvocationEffect Run(string action, JsonElement parameters)
    {
        var effect = BenchmarkEngine.Demand(Invocation.Run(new InvocationInput(_moment, s_actor, action, parameters, s_limits, new CelBudget(s_limits.Cel))));
        effect.WriteAnswer();
        return effect;
    }
}
