using System.Globalization;
using System.Net;
using System.Text.Json;
using Sync.Engine.Model.Events;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Server-sent events: in order, none missed, none twice, resumable, ended with the access.</summary>
public sealed class EventStreamTests(SyncHost host)
{
    [Fact]
    public async Task Events_FromTheBeginning_ComeInOrderWithTheirKinds()
    {
        var room = await RoomWithCounterAsync();
        (await room.InvokeAsync("count")).AssertOk();
        var newest = await SeqAsync(room);

        var events = await ReadAsync(room.Owner, room.Path + "/events?since=0", untilSeq: newest);

        Assert.Equal(Enumerable.Range(1, (int)newest).Select(seq => (long)seq), events.Select(read => read.Id));
        Assert.All(events, read => Assert.Equal(read.Id, read.Data.GetProperty("seq").GetInt64()));
        Assert.All(events, read => Assert.Equal(read.Kind, read.Data.GetProperty("kind").GetString()));
        Assert.Contains(events, read => read.Data.TryGetProperty("action", out var action) && action.ValueEquals("count"));
    }

    [Fact]
    public async Task Events_UnderConcurrentWrites_AreNeitherMissedNorRepeated()
    {
        const int Writers = 8, Each = 25;
        var room = await RoomWithCounterAsync();
        var before = await SeqAsync(room);
        var reading = ReadAsync(room.Owner, $"{room.Path}/events?since={before}", untilSeq: before + (Writers * Each));

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var i = 0; i < Each; i++)
            {
                (await room.InvokeAsync("count")).AssertOk();
            }
        }));

        var events = await reading;
        Assert.Equal(Enumerable.Range(1, Writers * Each).Select(step => before + step), events.Select(read => read.Id));
    }

    [Fact]
    public async Task Events_AfterACut_GoOnFromTheLastId()
    {
        var room = await RoomWithCounterAsync();
        for (var i = 0; i < 6; i++)
        {
            (await room.InvokeAsync("count")).AssertOk();
        }

        var newest = await SeqAsync(room);
        var first = await ReadAsync(room.Owner, room.Path + "/events?since=0", untilSeq: 3);
        var rest = await ReadAsync(room.Owner, room.Path + "/events?since=0", newest, ("Last-Event-ID", first[^1].Cursor.ToString()));

        Assert.Equal(Enumerable.Range(1, (int)newest).Select(seq => (long)seq), first.Concat(rest).Select(read => read.Id));
    }

    [Fact]
    public async Task Events_WithTheIdOfAnotherHistory_AreRefusedAndABareNumberIsTaken()
    {
        var room = await RoomWithCounterAsync();
        (await room.InvokeAsync("count")).AssertOk();
        var id = (await ReadAsync(room.Owner, room.Path + "/events?since=0", untilSeq: 2))[^1].Cursor;
        var other = new EventCursor(id.Seq, "000000000000").ToString();

        using var refused = await room.Owner.OpenAsync(room.Path + "/events", TestContext.Current.CancellationToken, ("Last-Event-ID", other));
        var rest = await ReadAsync(room.Owner, room.Path + "/events", await SeqAsync(room), ("Last-Event-ID", id.Seq.ToString(CultureInfo.InvariantCulture)));

        Assert.Equal(HttpStatusCode.Gone, refused.StatusCode);
        (await ApiReply.ReadAsync(refused)).AssertRefusal("cursor_reset", 410);
        Assert.Equal(id.Seq + 1, rest[0].Id);
        foreach (var query in new[] { $"/context?since={other}", $"/context?at={other}", $"/audit?after={other}", $"/wait?condition=true&since={other}", $"/events?since={other}" })
        {
            (await room.Owner.GetAsync(room.Path + query)).AssertRefusal("cursor_reset", 410);
        }

        foreach (var query in new[] { "/context?since=x", "/context?at=1.2", "/audit?after=-1", "/events?since=1.", "/samples/v?since=1.0" })
        {
            (await room.Owner.GetAsync(room.Path + query)).AssertRefusal("invalid_parameter", 400);
        }

        var cursor = (await room.Owner.GetAsync(room.Path + "/context")).AssertOk()["_context"].GetProperty("cursor").GetString();
        Assert.Equal(JsonValueKind.Object, (await room.Owner.GetAsync(room.Path + $"/context?since={cursor}")).AssertOk()["state"].ValueKind);
    }

    [Fact]
    public async Task Events_WithoutSince_BeginNow()
    {
        var room = await RoomWithCounterAsync();
        var before = await SeqAsync(room);
        using var response = await room.Owner.OpenAsync(room.Path + "/events", TestContext.Current.CancellationToken);
        (await room.InvokeAsync("count")).AssertOk();

        var events = await ReadAsync(response, untilSeq: before + 1);

        Assert.Equal(before + 1, Assert.Single(events).Id);
    }

    [Fact]
    public async Task Events_Headers_AreThoseOfAStream()
    {
        var room = await host.RoomAsync();

        using var response = await room.Owner.OpenAsync(room.Path + "/events", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task Events_WhenTheRoomIsDeleted_EndCleanly()
    {
        var room = await host.RoomAsync();
        using var response = await host.Client(room.ViewToken).OpenAsync(room.Path + "/events", TestContext.Current.CancellationToken);

        (await room.Owner.DeleteAsync(room.Path)).AssertOk();

        var rest = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("event: end\ndata: {}\n\n", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_OfAServerThatStops_End()
    {
        var brief = new SyncHost();
        await brief.InitializeAsync();
        var room = await brief.RoomAsync();
        using var response = await room.Owner.OpenAsync(room.Path + "/events", TestContext.Current.CancellationToken);
        var waiting = room.Owner.GetAsync(room.Path + "/wait?condition=false");
        (await UntilAsync(async () => (await room.Owner.GetAsync(room.Path)).Status == 200)).ToString();

        await brief.DisposeAsync();

        Assert.StartsWith("retry:", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var waited = await waiting;
        Assert.Contains(waited.Status, (int[])[200, 503]);
    }

    private async Task<TestRoom> RoomWithCounterAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "count", writes = new[] { new { key = "n", increment = 1 } } });
        return room;
    }

    private static async Task<long> SeqAsync(TestRoom room) => (await room.Owner.GetAsync(room.Path)).AssertOk()["seq"].GetInt64();

    private static async Task<bool> UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Yield();
        }

        return true;
    }

    private static async Task<List<Read>> ReadAsync(ApiClient client, string path, long untilSeq, params (string Name, string Value)[] headers)
    {
        using var response = await client.OpenAsync(path, TestContext.Current.CancellationToken, headers);
        return await ReadAsync(response, untilSeq);
    }

    private static async Task<List<Read>> ReadAsync(HttpResponseMessage response, long untilSeq)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var events = new List<Read>();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        long id = 0;
        var kind = "";
        while (id < untilSeq && await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var (name, value) = line.Split(": ", 2) is [var before, var after] ? (before, after) : (line, "");
            switch (name)
            {
                case "event":
                    kind = value;
                    break;
                case "id":
                    events.Add(new Read(EventCursor.Parse(value)!.Value, "", default));
                    break;
                case "data":
                    events[^1] = new Read(events[^1].Cursor, kind, JsonElement.Parse(value));
                    id = events[^1].Id;
                    break;
            }
        }

        return events;
    }

    private sealed record Read(EventCursor Cursor, string Kind, JsonElement Data)
    {
        public long Id => Cursor.Seq;
    }
}
