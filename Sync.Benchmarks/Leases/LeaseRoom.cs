using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Reads.Context;

namespace Sync.Benchmarks.Leases;

/// <summary>A room in which an agent works that holds nothing, and some others hold leases with paths.</summary>
internal sealed class LeaseRoom
{
    private const int Holders = 10;

    private readonly BenchmarkEngine _host;
    private readonly string _id;
    private readonly Caller _worker;

    private LeaseRoom(BenchmarkEngine host, string id, Caller worker)
    {
        _host = host;
        _id = id;
        _worker = worker;
    }

    public static async Task<LeaseRoom> OpenAsync(BenchmarkEngine host, int held)
    {
        var id = $"leases-{held}";
        await host.RoomAsync(id);
        var room = new LeaseRoom(host, id, await JoinAsync(host, id, "ada"));

        // They are there in either case: an agent costs a context as much as a lease does.
        var holders = await Task.WhenAll(Enumerable.Range(0, Holders).Select(number => JoinAsync(host, id, $"holder-{number}")));
        for (var number = 0; number < held; number++)
        {
            var module = $"src/area{number % 50}/module{number}";
            await room.InvokeAsync(holders[number % Holders], "_claim", BenchmarkEngine.Json($$"""{"key":"task:{{number}}","note":"module {{number}}","ttl_ms":86400000,"paths":["{{module}}/**","docs/area{{number % 50}}/{{number}}.md"]}"""));
        }

        return room;
    }

    /// <summary>Invokes as the worker.</summary>
    public Task<ReadOnlyMemory<byte>> InvokeAsync(string action, JsonElement parameters) => InvokeAsync(_worker, action, parameters);

    /// <summary>Reads as the worker.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(ContextShape shape) =>
        BenchmarkEngine.Demand(await _host.Engine.Context.ReadAsync(_worker, _id, shape, CancellationToken.None));

    /// <summary>The room as it is.</summary>
    public async Task<Moment> NowAsync() =>
        _host.Engine.Directory.TryFind(_id, out var record) ? (await _host.Engine.Directory.LoadAsync(record)).Now : throw new InvalidOperationException($"There is no room {_id}.");

    private async Task<ReadOnlyMemory<byte>> InvokeAsync(Caller caller, string action, JsonElement parameters) =>
        BenchmarkEngine.Demand(await _host.Engine.Actions.InvokeAsync(caller, _id, action, new InvokeRequest { Params = parameters }, CancellationToken.None)).Json;

    private static async Task<Caller> JoinAsync(BenchmarkEngine host, string id, string agent)
    {
        var joined = BenchmarkEngine.Demand(await host.Engine.Agents.JoinAsync(Caller.Anonymous, id, BenchmarkEngine.Json($$"""{"id":"{{agent}}"}"""), CancellationToken.None));
        return BenchmarkEngine.Demand(await host.Engine.Access.AuthenticateAsync(JsonElement.Parse(joined.Json.Span).GetProperty("token").GetString()!, CancellationToken.None)); // A join without a token gives one.
    }
}
