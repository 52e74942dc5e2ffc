using System.Globalization;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace Sync.Benchmarks.Actions;

/// <summary>An element of 86 bytes onto a long list, and the change of one member of a large object: their price is to be that of the change, whatever the length.</summary>
[MemoryDiagnoser]
public class AppendBenchmarks
{
    private const int Invocations = 64;

    private BenchmarkEngine _host = null!; // Set up before any run.
    private BenchmarkRoom _room = null!; // The same.
    private JsonElement _element;

    /// <summary>Elements that are there.</summary>
    [Params(10, 10_000)]
    public int Elements { get; set; }

    /// <summary>Opens the engine and fills the room.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _host = await BenchmarkEngine.StartAsync();
        _room = await _host.RoomAsync("append");
        await _room.InvokeAsync("_register_action", """{"id":"append","params":{"v":{}},"writes":[{"key":"list","append":true,"value":"${params.v}"}]}""");
        await _room.InvokeAsync("_register_action", """{"id":"merge","params":{"v":{}},"writes":[{"key":"map","merge":"${params.v}"}]}""");
        var text = new string('x', 75);
        await _room.InvokeAsync("set", $$"""{"key":"list","value":[{{string.Join(',', Enumerable.Repeat($$"""{"text":"{{text}}"}""", Elements))}}]}""");
        var members = string.Join(',', Enumerable.Range(0, Elements).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"m{i}\":\"{text}\"")));
        await _room.InvokeAsync("set", $$"""{"key":"map","value":{ {{members}} } }""");
        _element = BenchmarkEngine.Json($$"""{"v":{"text":"{{text}}"} }""");
    }

    /// <summary>Closes it.</summary>
    [GlobalCleanup]
    public async Task CleanUp() => await _host.DisposeAsync();

    /// <summary>An element appended, durable.</summary>
    [Benchmark(OperationsPerInvoke = Invocations)]
    public Task Append() => EachAsync("append");

    /// <summary>A member merged, durable.</summary>
    [Benchmark(OperationsPerInvoke = Invocations)]
    public Task Merge() => EachAsync("merge");

    private async Task EachAsync(string action)
    {
        for (var i = 0; i < Invocations; i++)
        {
            await _room.InvokeAsync(action, _element);
        }
    }
}
