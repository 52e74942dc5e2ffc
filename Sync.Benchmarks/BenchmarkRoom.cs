using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Reads.Context;

namespace Sync.Benchmarks;

/// <summary>A room used through the engine's doors, with the requests parsed beforehand.</summary>
internal sealed class BenchmarkRoom(BenchmarkEngine host, string id)
{
    /// <summary>Keys that the mixed load writes to; the live state stays the same however long it runs.</summary>
    public const int Keys = 50;

    public static ImmutableArray<string> Actions { get; } =
    [
        """{"id":"add","params":{"key":{"type":"string","required":true}},"writes":[{"key":"${params.key}","increment":1}]}""",
        """{"id":"set","params":{"key":{"type":"string","required":true},"value":{}},"writes":[{"key":"${params.key}","value":"${params.value}"}]}""",
        """
        {"id":"take","params":{"task":{"type":"string","required":true}},"if":"state._shared[params.task] == null || state._shared[params.task].n >= 0",
         "writes":[{"key":"${params.task}","value":{"by":"${self}","at":"${now}","n":1}}]}
        """,
    ];

    private static readonly ImmutableArray<JsonElement> s_add = Each("""{"key":"key-#"}""");
    private static readonly ImmutableArray<JsonElement> s_take = Each("""{"task":"task-#"}""");
    private static readonly JsonElement s_message = BenchmarkEngine.Json("""{"body":"Half of it is done, the rest will follow before noon."}""");

    public string Id => id;

    public async Task<ReadOnlyMemory<byte>> InvokeAsync(string action, JsonElement parameters, string? requestId = null)
    {
        var request = new InvokeRequest { Params = parameters, RequestId = requestId };
        return BenchmarkEngine.Demand(await host.Engine.Actions.InvokeAsync(host.Owner, id, action, request, CancellationToken.None)).Json;
    }

    public Task<ReadOnlyMemory<byte>> InvokeAsync(string action, string parameters) => InvokeAsync(action, BenchmarkEngine.Json(parameters));

    /// <summary>Adds one to a key.</summary>
    public Task<ReadOnlyMemory<byte>> AddAsync(int number, string? requestId = null) => InvokeAsync("add", s_add[number % Keys], requestId);

    /// <summary>Sends a message.</summary>
    public Task<ReadOnlyMemory<byte>> MessageAsync() => InvokeAsync("_send_message", s_message);

    /// <summary>The mixed load: of ten, eight increments, one guarded write, one message.</summary>
    public Task<ReadOnlyMemory<byte>> MixedAsync(int number) => (number % 10) switch
    {
        8 => InvokeAsync("take", s_take[number / 10 % Keys]),
        9 => MessageAsync(),
        _ => AddAsync(number),
    };

    /// <summary>Runs the mixed load from several callers at once, who each wait for their answers.</summary>
    public Task MixedAsync(int count, int callers) => Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
    {
        for (var number = caller; number < count; number += callers)
        {
            await MixedAsync(number);
        }
    }));

    public async Task<ReadOnlyMemory<byte>> ReadAsync(ContextShape shape) =>
        BenchmarkEngine.Demand(await host.Engine.Context.ReadAsync(host.Owner, id, shape, CancellationToken.None));

    public async Task<ReadOnlyMemory<byte>> WaitAsync(string condition, ContextShape shape, CancellationToken cancellationToken) =>
        BenchmarkEngine.Demand(await host.Engine.Waits.WaitAsync(host.Owner, id, condition, timeout: null, shape, cancellationToken));

    private static ImmutableArray<JsonElement> Each(string template) =>
        [.. Enumerable.Range(0, Keys).Select(number => BenchmarkEngine.Json(template.Replace("#", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)))];
}
