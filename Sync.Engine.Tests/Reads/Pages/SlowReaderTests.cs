using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Tests.Reads.Pages;

/// <summary>A reader of a stream that stands still costs a step of the log, not the log.</summary>
public sealed class SlowReaderTests
{
    private const int Events = 40;
    private const int Bytes = 200_000;

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Feed_LargeEvents_KeepsABoundedNumberOfBytes()
    {
        await using var host = await StartAsync();
        var room = await host.LoadedAsync("r");

        Assert.InRange(room.Feed.RecentBytes, 1, 4 * 1024 * 1024);
        await host.RestartAsync();
        await host.ContextAsync(host.Owner, "r");
        Assert.InRange((await host.LoadedAsync("r")).Feed.RecentBytes, 1, 4 * 1024 * 1024);
    }

    [Fact]
    public async Task ReadEvents_LargeOnes_EndsBeforeTheOneThatDoesNotFit()
    {
        await using var host = await StartAsync();
        var row = (await host.LoadedAsync("r")).Record.Row;

        var step = await host.Engine.Database.Rooms.ReadEventsAsync(row, 5, long.MaxValue, limit: 100, bytes: (Bytes * 4) - 1, Cancel);
        var one = await host.Engine.Database.Rooms.ReadEventsAsync(row, 5, long.MaxValue, limit: 100, bytes: 1, Cancel);
        var few = await host.Engine.Database.Rooms.ReadEventsAsync(row, 5, long.MaxValue, limit: 2, bytes: long.MaxValue, Cancel);

        Assert.Equal([6L, 7, 8], step.Rows.Select(e => e.Seq));
        Assert.Equal(6, Assert.Single(one.Rows).Seq);
        Assert.Equal(2, few.Rows.Count);
        Assert.True(step.More && one.More && few.More);
    }

    [Fact]
    public async Task Events_ReadSlowlyFromTheStart_AreAllThereInOrder()
    {
        await using var host = await StartAsync();
        var seen = new List<long>();
        await foreach (var e in (await host.Engine.Live.EventsAsync(host.Owner, "r", since: 0, parameter: "since", Cancel)).Value)
        {
            seen.Add(e.Seq);
            if (seen.Count == 10)
            {
                await host.InvokeAsync(host.Owner, "r", "put", """{"v":"last"}""");
            }

            if (e.Seq == Events + 3)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(1, Events + 3).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task Events_AccessEndsWhileFarBehind_EndAtTheNextStep()
    {
        await using var host = await StartAsync();
        var minted = (await host.Engine.Access.MintAsync("olga", "rooms:*", label: null, expiresIn: null, Cancel)).Value;
        await using var events = (await host.Engine.Live.EventsAsync(await host.CallerAsync(minted.Secret), "r", since: 0, parameter: "since", Cancel)).Value.GetAsyncEnumerator(Cancel);
        Assert.True(await events.MoveNextAsync());

        Assert.Null((await host.Engine.IdentityCache.Tokens.RevokeAsync(minted.Id, Cancel)).Error);

        var more = 0;
        while (await events.MoveNextAsync())
        {
            more++;
        }

        // What was read before is in hand; a step is a megabyte.
        Assert.InRange(more, 0, 10);
        Assert.Equal(0, (await host.LoadedAsync("r")).Feed.Subscribers);
    }

    [Fact]
    public async Task Events_ToManyStreamsWithEqualVisibleScopes_AreWrittenOnce()
    {
        await using var host = await StartAsync();
        await host.JoinAsync("r", "alice");
        var reader = await host.UserAsync("rita", "rooms:*:read");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "rita", Role.Observer, Cancel)).Error);
        var seq = (await host.LoadedAsync("r")).Published.Seq;

        var texts = new List<byte[]>();
        foreach (var caller in (Caller[])[host.Owner, host.Owner, reader, reader])
        {
            await using var events = (await host.Engine.Live.EventsAsync(caller, "r", seq - 1, parameter: "since", Cancel)).Value.GetAsyncEnumerator(Cancel);
            Assert.True(await events.MoveNextAsync());
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(events.Current.Json, out var array));
            texts.Add(array.Array!);
        }

        Assert.Same(texts[0], texts[1]);
        Assert.Same(texts[2], texts[3]);
        Assert.NotSame(texts[0], texts[2]);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":{}},"writes":[{"key":"v","value":"${params.v}"}]}""");
        var value = new string('x', Bytes / 2);
        for (var i = 0; i < Events; i++)
        {
            // The event holds the value twice: as a parameter and as what was written.
            await host.InvokeAsync(host.Owner, "r", "put", $$"""{"v":"{{value}}"}""");
        }

        return host;
    }
}
