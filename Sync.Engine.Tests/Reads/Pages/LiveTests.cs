using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Reads.Pages;

public sealed class LiveTests
{
    [Fact]
    public async Task Events_UnderConcurrentWrites_ComeInOrderNothingMissedNothingTwice()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":1}]}""");
        var seen = new List<long>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(EngineHost.Cancel);
        var stream = (await host.Engine.Live.EventsAsync(host.Owner, "r", since: 0, parameter: "since", enough.Token)).Value;
        var reading = Task.Run(async () =>
        {
            await foreach (var e in stream.WithCancellation(enough.Token))
            {
                seen.Add(e.Seq);
                if (seen.Count % 50 == 0)
                {
                    // A slow reader: it falls behind what memory keeps and must catch up from the log.
                    await Task.Yield();
                }

                if (seen.Count == 1_602)
                {
                    break;
                }
            }
        }, EngineHost.Cancel);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            for (var i = 0; i < 100; i++)
            {
                await host.InvokeAsync(host.Owner, "r", "inc");
            }
        }));
        await reading;
        Assert.Equal(Enumerable.Range(1, 1_602).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task Events_ResumedFromASeq_ContinueAfterIt()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        for (var i = 0; i < 5; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "_send_message", $$"""{"body":{{i}}}""");
        }

        await host.RestartAsync();
        var stream = (await host.Engine.Live.EventsAsync(host.Owner, "r", since: 3, parameter: "since", EngineHost.Cancel)).Value;
        var seqs = new List<long>();
        await foreach (var e in stream)
        {
            seqs.Add(e.Seq);
            if (seqs.Count == 3)
            {
                break;
            }
        }

        Assert.Equal([4, 5, 6], seqs);
    }

    [Fact]
    public async Task Events_FromTheFuture_AreRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.Live.EventsAsync(host.Owner, "r", since: 99, parameter: "since", EngineHost.Cancel)).Error!.Code);
    }

    [Fact]
    public async Task Events_OfPrivateWrites_HideThemFromOthers()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"note","scope":"self","params":{"text":{"type":"string"}},"writes":[{"scope":"${self}","key":"note","value":"${params.text}"}]}""");
        await host.InvokeAsync(alice, "r", "note", """{"text":"hush"}""");
        async Task<string> NewestAsync(Caller caller) =>
            System.Text.Encoding.UTF8.GetString((await host.Engine.History.AuditAsync(caller, "r", new AuditQuery(After: null, 1, Agent: null, Action: null, Ok: null), EngineHost.Cancel)).Value.Span);
        Assert.DoesNotContain("hush", await NewestAsync(bob), StringComparison.Ordinal);
        Assert.Contains("private_writes", await NewestAsync(bob), StringComparison.Ordinal);
        Assert.Contains("hush", await NewestAsync(alice), StringComparison.Ordinal);
        Assert.Contains("hush", await NewestAsync(host.Owner), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_RoomDeleted_End()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var stream = (await host.Engine.Live.EventsAsync(host.Owner, "r", since: null, parameter: "since", EngineHost.Cancel)).Value;
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in stream)
            {
            }
        }, EngineHost.Cancel);
        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel);
        await reading.WaitAsync(TimeSpan.FromSeconds(20), EngineHost.Cancel);
    }

    [Fact]
    public async Task Watch_OneEntryChanges_OnlyThatPartOfThePictureIsNew()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":1}]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"fixed","expr":"1 + 1"}""");
        using var watch = (await host.Engine.Live.WatchAsync(host.Owner, "r", EngineHost.Cancel)).Value;
        var before = watch.Current;
        Assert.Same(before, watch.Current);
        await host.InvokeAsync(host.Owner, "r", "inc");
        Assert.True(await watch.ChangedAsync(before, EngineHost.Cancel));
        var after = watch.Current;
        Assert.NotEqual(before.Seq, after.Seq);
        Assert.Equal("1", Assert.Single(after.Entries).Value);
        Assert.True(before.Views == after.Views);
        Assert.True(before.Messages == after.Messages);
        Assert.False(before.Entries == after.Entries);
        Assert.Equal("inc", after.Activity[0].Action);
    }

    [Fact]
    public async Task Watch_RoleTakenAway_ShowsLessAtOnce()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice", ""","state":{"secret":1}""");
        var second = await host.UserAsync("second", "rooms:*");
        await host.GiveRoleAsync("r", "second", Role.Owner);
        using var watch = (await host.Engine.Live.WatchAsync(second, "r", EngineHost.Cancel)).Value;
        var before = watch.Current;
        Assert.Contains(before.Entries, e => e.Key == "secret");
        await host.GiveRoleAsync("r", "second", Role.Observer);
        Assert.True(await watch.ChangedAsync(before, EngineHost.Cancel));
        Assert.DoesNotContain(watch.Current.Entries, e => e.Key == "secret");
        Assert.Equal(AccessLevel.Read, watch.Current.Info.Access);
    }

    [Fact]
    public async Task Watch_RoomDeleted_Ends()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        using var watch = (await host.Engine.Live.WatchAsync(host.Owner, "r", EngineHost.Cancel)).Value;
        var seen = watch.Current;
        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel);
        Assert.False(await watch.ChangedAsync(seen, EngineHost.Cancel));
        Assert.True(watch.Ended);
    }

    [Fact]
    public async Task History_OfAKeyWrittenDeletedAndWrittenAgain_IsWhole()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":{"type":"any"}},"writes":[{"key":"k","value":"${params.v}"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"drop","writes":[{"key":"k","delete":true}]}""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"v":1}""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"v":2}""");
        await host.InvokeAsync(host.Owner, "r", "drop");
        await host.InvokeAsync(host.Owner, "r", "put", """{"v":3}""");
        var history = await HistoryAsync(host, before: null, limit: 10);
        Assert.Equal(["3", "deleted", "2", "1"], history["history"]!.AsArray().Select(Word));
        Assert.Equal(1, history["history"]![0]!["revision"]!.GetValue<int>());
        var page = await HistoryAsync(host, before: null, limit: 2);
        var next = await HistoryAsync(host, page["next_before"]!.GetValue<long>(), limit: 2);
        Assert.Equal(["2", "1"], next["history"]!.AsArray().Select(Word));

        static string Word(JsonNode? step) => step!["deleted"] is null ? step["value"]!.ToJsonString() : "deleted";
    }

    private static async Task<JsonObject> HistoryAsync(EngineHost host, long? before, int limit) =>
        EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "k", before, limit, EngineHost.Cancel)).Value);
}
