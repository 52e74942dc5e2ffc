using System.Globalization;
using BenchmarkDotNet.Attributes;
using Sync.Engine.Reads.Context;

namespace Sync.Benchmarks.Context;

/// <summary>Reading a context: what has not changed is joined, not made again.</summary>
[MemoryDiagnoser]
public class ContextBenchmarks
{
    private BenchmarkEngine _host = null!; // Set up before any run.
    private BenchmarkRoom _room = null!; // The same.
    private int _number;

    /// <summary>Small: 5 keys. Large: 1,000 keys, 50 actions with guards, 30 views, 100 messages.</summary>
    [Params("small", "large")]
    public string Room { get; set; } = "";

    /// <summary>Fills the room.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _host = await BenchmarkEngine.StartAsync();
        _room = await _host.RoomAsync(Room);
        var large = Room == "large";
        for (var key = 0; key < (large ? 1_000 : 5); key++)
        {
            await _room.InvokeAsync("set", $$"""{"key":"entry-{{key}}","value":{"title":"Entry {{key}}","points":{{key}},"done":false} }""");
        }

        for (var number = 0; large && number < 50; number++)
        {
            await _room.InvokeAsync("_register_action", $$"""
                {"id":"finish-{{number}}","description":"Marks entry {{number}} as done.","if":"state._shared[\"entry-{{number}}\"].done == false",
                 "writes":[{"scope":"_done","key":"entry-{{number}}","value":true}]}
                """);
        }

        for (var number = 0; large && number < 30; number++)
        {
            await _room.InvokeAsync("_register_view", $$"""{"id":"points-{{number}}","expr":"state._shared[\"entry-{{number}}\"].points + {{number}}"}""");
        }

        for (var number = 0; large && number < 100; number++)
        {
            await _room.InvokeAsync("_send_message", """{"body":"Half of it is done, the rest will follow before noon."}""");
        }
    }

    /// <summary>Closes the engine.</summary>
    [GlobalCleanup]
    public async Task CleanUp() => await _host.DisposeAsync();

    /// <summary>Nothing changed since the last read.</summary>
    [Benchmark(Baseline = true)]
    public Task<ReadOnlyMemory<byte>> Unchanged() => _room.ReadAsync(ContextShape.Default);

    /// <summary>One key of the shared scope changed; the time of the invocation is part of it.</summary>
    [Benchmark]
    public async Task<ReadOnlyMemory<byte>> InvokeThenRead()
    {
        await ChangeAsync();
        return await _room.ReadAsync(ContextShape.Default);
    }

    /// <summary>The invocation alone, to take away from the above.</summary>
    [Benchmark]
    public Task InvokeAlone() => ChangeAsync();

    private Task ChangeAsync() => _room.InvokeAsync("set", string.Create(CultureInfo.InvariantCulture, $$"""{"key":"entry-3","value":{"points":{{++_number}},"done":false} }"""));
}
