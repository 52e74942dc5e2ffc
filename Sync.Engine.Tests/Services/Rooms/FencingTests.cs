using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Commands;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Two writers of one room: two directories over one database, as two processes would be.</summary>
public sealed class FencingTests : IAsyncLifetime
{
    private EngineHost _host = null!; // Set before each test.
    private Database _database = null!; // The same.
    private RoomDirectory _directory = null!; // The same.

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync();
        await _host.RoomAsync("r");
        await WriteAsync(await _host.LoadedAsync("r"), "first");
        _database = await Database.OpenAsync(_host.Directory, TimeProvider.System, NullLogger.Instance, EngineHost.Cancel);
        _directory = await RoomDirectory.OpenAsync(_database, _host.Options, TimeProvider.System, NullLogger.Instance, EngineHost.Cancel);
        _directory.Decider = new TestDecider();
    }

    public async ValueTask DisposeAsync()
    {
        await _directory.DisposeAsync();
        await _database.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task OlderWriter_CanWriteNoMoreAndLosesNothing()
    {
        var older = await _host.LoadedAsync("r");
        var newer = await OtherAsync();
        Assert.Null((await WriteAsync(newer, "theirs")).Error);

        var refused = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => WriteAsync(older, $"lost{i}")));
        refused = [.. refused, await WriteAsync(older, "lost again")];

        Assert.All(refused, static outcome => Assert.Equal(ErrorCode.Unavailable, outcome.Error?.Code));
        Assert.Equal(["first", "theirs"], await KeysAsync());
        Assert.DoesNotContain(older.Published.Scope("_shared")!.Entries.Keys, static key => key.StartsWith("lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OlderWriter_IsLetGoAndTheRoomIsReadAnew()
    {
        var older = await _host.LoadedAsync("r");
        var waiting = _host.WaitAsync(_host.Owner, "r", "has(state._shared.never)");
        await EngineHost.UntilAsync(() => older.Waits.Count == 1);
        Assert.Null((await WriteAsync(await OtherAsync(), "theirs")).Error);

        Assert.NotNull((await WriteAsync(older, "lost")).Error);
        await older.Released.Task.WaitAsync(TimeSpan.FromSeconds(30), EngineHost.Cancel);

        Assert.False((await waiting)["matched"]?.GetValue<bool>() ?? false);
        var anew = await _host.LoadedAsync("r");
        Assert.NotSame(older, anew);
        Assert.Equal(["first", "theirs"], anew.Published.Scope("_shared")!.Entries.Keys);
    }

    /// <summary>A new activation takes a newer epoch; the one before never takes its own again.</summary>
    [Fact]
    public async Task Writers_InTurns_EachEventIsThereOnceAndInOrder()
    {
        var accepted = new List<string> { "first" };
        for (var turn = 0; turn < 6; turn++)
        {
            var room = turn % 2 == 0 ? await OtherAsync() : await _host.LoadedAsync("r");
            while ((await WriteAsync(room, $"k{turn}")).Error is not null)
            {
                await room.Released.Task.WaitAsync(TimeSpan.FromSeconds(30), EngineHost.Cancel);
                room = turn % 2 == 0 ? await OtherAsync() : await _host.LoadedAsync("r");
            }

            accepted.Add($"k{turn}");
        }

        Assert.Equal(accepted, await KeysAsync());
        var report = Sync.Engine.Services.Maintenance.Maintenance.Check(_host.Directory).Value;
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
    }

    /// <summary>Its first append finds that the log has gone on: the replica follows it, what was decided on the old state is undone, and the same writer goes on.</summary>
    [Fact]
    public async Task Room_WrittenSinceItWasRead_CatchesUpFromTheLog()
    {
        var early = await OtherAsync();
        var host = await _host.LoadedAsync("r");
        await WriteAsync(host, "between");
        await WriteAsync(host, "between2");

        Assert.Equal(ErrorCode.Unavailable, (await WriteAsync(early, "lost")).Error?.Code);

        Assert.Equal(host.Published.Cursor, early.Published.Cursor);
        Assert.Null((await WriteAsync(early, "now")).Error);
        Assert.Same(early, await OtherAsync());
        Assert.Equal(["first", "between", "between2", "now"], await KeysAsync());
        Assert.Equal(["between", "between2", "first", "now"], early.Published.Scope("_shared")!.Entries.Keys);
    }

    /// <summary>What another writer has carried out under a request key is carried out: a retry that comes here finds it.</summary>
    [Fact]
    public async Task Room_WrittenSinceItWasRead_KnowsTheRequestKeysOfTheOther()
    {
        await _host.RegisterAsync(_host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":true}]}""");
        var early = await OtherAsync();
        await _host.InvokeAsync(_host.Owner, "r", "inc", requestId: "once");

        Assert.Equal(ErrorCode.Unavailable, (await WriteAsync(early, "lost", requestKey: "0123456789abcdef0123456789abcdef")).Error?.Code);

        var known = await _host.Engine.Database.Rooms.RequestsSinceAsync(early.Record.Row, DateTimeOffset.UnixEpoch, EngineHost.Cancel);
        Assert.Equal(Assert.Single(known).Seq, early.OwnWriter().FindRequest(known[0].Key, early.Clock));
        Assert.Null(early.OwnWriter().FindRequest("0123456789abcdef0123456789abcdef", early.Clock));
        Assert.Equal(1, early.OwnWriter().RequestUse(known[0].Agent, early.Clock).Own);
    }

    /// <summary>A newer version took the room over and wrote what this one cannot read: the sentence says so, and the room is not taken back at every try.</summary>
    [Fact]
    public async Task Room_WrittenSinceByANewerVersion_IsLetGoOf()
    {
        var early = await OtherAsync();
        await WriteAsync(await _host.LoadedAsync("r"), "theirs");
        await _database.ExecuteAsync(session => session.Execute("UPDATE events SET body = $2 WHERE room = $1 AND seq > $3", early.Record.Row, """{"format":99}"""u8.ToArray(), early.Published.Seq), EngineHost.Cancel);

        Assert.Equal(ErrorCode.Unavailable, (await WriteAsync(early, "lost")).Error?.Code);
        await early.Released.Task.WaitAsync(TimeSpan.FromSeconds(30), EngineHost.Cancel);
        var epoch = await EpochAsync();

        Assert.Contains("newer version", (await _directory.OpenAsync(early.Record)).Error?.Message, StringComparison.Ordinal);
        Assert.Equal(epoch, await EpochAsync());
    }

    [Fact]
    public async Task Reading_TakesNoEpoch()
    {
        var before = await EpochAsync();

        await OtherAsync();
        Assert.Null((await WriteAsync(await _host.LoadedAsync("r"), "mine")).Error);

        Assert.Equal(before, await EpochAsync());
    }

    [Fact]
    public async Task Room_DeletedAndMadeAgain_FencesTheWriterOfTheOneBefore()
    {
        var older = await OtherAsync();
        await _host.Engine.Rooms.DeleteAsync(_host.Owner, "r", EngineHost.Cancel);
        await _host.RoomAsync("r");

        Assert.Equal(ErrorCode.Unavailable, (await WriteAsync(older, "lost")).Error?.Code);
        Assert.Null((await WriteAsync(await _host.LoadedAsync("r"), "kept")).Error);
        Assert.Equal(["kept"], await KeysAsync());
    }

    private async Task<RoomReplica> OtherAsync() => await _directory.LoadAsync(_directory.All.Single());

    private static Task<Outcome<Committed>> WriteAsync(RoomReplica room, string key, string? requestKey = null) => room.ExecuteAsync(
        WorkSource.Engine,
        moment =>
        {
            var copy = new Sync.Engine.Commands.Invocations.WorkingCopy(moment);
            copy.Put("_shared", key, JsonText.Trusted("1"u8.ToArray()));
            var e = new RoomEvent { Seq = moment.State.Seq + 1, At = moment.Now, Kind = EventKind.Invoked, RequestKey = requestKey, Changes = copy.ToChanges() };
            return Decision.Commit(e, moment.State.Apply(e), JsonText.Null);
        },
        EngineHost.Cancel);

    // What the log says, in its order.
    private async Task<IEnumerable<string>> KeysAsync()
    {
        Assert.True(_host.Engine.Directory.TryFind("r", out var record));
        var page = await _host.Engine.Database.Rooms.ReadEventsAsync(record.Row, 0, long.MaxValue, 1_000, EngineHost.Cancel);
        Assert.Equal(Enumerable.Range(1, page.Rows.Count).Select(static seq => (long)seq), page.Rows.Select(static row => row.Seq));
        return page.Rows.Select(RoomEventJson.Read).SelectMany(static e => e.Changes).Where(static change => change.Scope == "_shared").Select(static change => change.Key);
    }

    private Task<long> EpochAsync() =>
        _host.Engine.Database.ReadAsync(static reader => reader.First("SELECT epoch FROM rooms WHERE id = 'r'", static row => row.GetInt64(0)), EngineHost.Cancel);
}
