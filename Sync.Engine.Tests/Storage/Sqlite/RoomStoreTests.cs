using System.Text;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;
using static Sync.Engine.Tests.Storage.Sqlite.LogFixture;

namespace Sync.Engine.Tests.Storage.Sqlite;

public sealed class RoomStoreTests
{
    [Fact]
    public async Task Create_Reopen_GivesTheRoomBack()
    {
        await using var log = await OpenAsync();
        var owner = await AddUserAsync(log, "ann");
        var made = await log.Database.Rooms.CreateAsync("a:b.c", "Ä room", JoinPolicy.Members, owner, At, [], Cancel);

        await log.ReopenAsync();

        var room = Assert.Single(await log.Database.Rooms.LoadAllAsync(Cancel));
        Assert.Equivalent(made, room);
        Assert.Equal(new Member(Role.Owner), room.Members[owner]);
    }

    [Fact]
    public async Task Create_IdExists_IsNull()
    {
        await using var log = await OpenAsync();
        await log.CreateRoomAsync("room");

        Assert.Null(await log.Database.Rooms.CreateAsync("room", null, JoinPolicy.Open, null, At, [], Cancel));
        Assert.NotNull(await log.Database.Rooms.CreateAsync("Room", null, JoinPolicy.Open, null, At, [], Cancel));
    }

    [Fact]
    public async Task Create_ManyAtOnceWithOneId_OneWins()
    {
        await using var log = await OpenAsync();

        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => log.Database.Rooms.CreateAsync("room", null, JoinPolicy.Open, null, At, [], Cancel)));

        Assert.Single(made, room => room is not null);
    }

    [Fact]
    public async Task Update_NameAndJoin_AreKept()
    {
        await using var log = await OpenAsync();
        var room = await log.CreateRoomAsync();

        await log.Database.Rooms.UpdateAsync(room with { Name = "New", Join = JoinPolicy.Members }, Cancel);

        var loaded = Assert.Single(await log.Database.Rooms.LoadAllAsync(Cancel));
        Assert.Equal(("New", JoinPolicy.Members), (loaded.Name, loaded.Join));
    }

    [Fact]
    public async Task Members_GiveChangeTake_IsTheLastWord()
    {
        await using var log = await OpenAsync();
        var (ann, bob) = (await AddUserAsync(log, "ann"), await AddUserAsync(log, "bob"));
        var room = await log.CreateRoomAsync();

        await log.Database.ExecuteAsync(
            work =>
            {
                var members = new MemberRows(work, room.Row);
                members.Set(ann, new Member(Role.Observer) { Pending = true });
                members.Set(ann, new Member(Role.Collaborator) { ViaOpen = true });
                members.Set(bob, new Member(Role.Owner));
                members.Remove(bob, At);
                members.Invite(new InvitedName("Carl", Role.Owner, "ann", At));
                members.Invite(new InvitedName("carl", Role.Observer, InvitedBy: null, At));
                return true;
            },
            Cancel);

        var loaded = Assert.Single(await log.Database.Rooms.LoadAllAsync(Cancel));
        Assert.Equal([KeyValuePair.Create(ann, new Member(Role.Collaborator) { ViaOpen = true })], loaded.Members);
        Assert.Equal(new InvitedName("carl", Role.Observer, InvitedBy: null, At), Assert.Single(loaded.Invited.Values));
        Assert.True(loaded.Invited.ContainsKey("CARL"));
    }

    [Fact]
    public async Task Delete_Room_LeavesNoTraceInTheFiles()
    {
        await using var log = await OpenAsync();
        var owner = await AddUserAsync(log, "ann");
        var room = (await log.Database.Rooms.CreateAsync("doomed-room-id", "doomed name", JoinPolicy.Open, owner, At, [], Cancel))!;
        var writer = await log.AcquireAsync(room.Row);
        await log.AppendAsync([.. Enumerable.Range(1, 5_000).Select(seq => Doomed(writer, seq))]);
        await writer.UntilDurableAsync(5_000);
        await log.Database.Rooms.SaveSnapshotAsync(room.Row, 10, Encoding.UTF8.GetBytes(new string('x', 50_000) + "doomed snapshot"), Cancel);
        await log.Database.Rooms.SavePresenceAsync([new PresenceRow(room.Row, "doomed-agent", At, "doomed status", 1, 2, 3)], Cancel);
        var other = await log.CreateWriterAsync("other");
        await log.AppendAsync(Event(other, 1));
        await other.UntilDurableAsync(1);

        await log.Database.Rooms.DeleteAsync(room.Row, Cancel);

        Assert.Equal(["other"], (await log.Database.Rooms.LoadAllAsync(Cancel)).Select(left => left.Id));
        Assert.Equal(0, await log.Database.Rooms.LastSeqAsync(room.Row, Cancel));
        Assert.Equal(1, await log.Database.Rooms.LastSeqAsync(other.Room, Cancel));
        await log.Database.DisposeAsync();
        foreach (var file in Directory.GetFiles(log.Folder))
        {
            Assert.True((await File.ReadAllBytesAsync(file, Cancel)).AsSpan().IndexOf("doomed"u8) < 0, file);
        }
    }

    [Fact]
    public async Task Save_OfADeletedRoom_IsDropped()
    {
        await using var log = await OpenAsync();
        var room = await log.CreateRoomAsync();
        await log.Database.Rooms.DeleteAsync(room.Row, Cancel);

        await log.Database.Rooms.SaveSnapshotAsync(room.Row, 1, [1], Cancel);
        await log.Database.Rooms.SavePresenceAsync([new(room.Row, "ann", At, null, 0, 0, 0)], Cancel);

        Assert.Equal(0, await CountAsync(log, "snapshots"));
        Assert.Equal(0, await CountAsync(log, "presence"));
    }

    [Fact]
    public async Task Delete_Id_IsFreeAgainAndTheRowIsNot()
    {
        await using var log = await OpenAsync();
        var first = await log.CreateRoomAsync("room");

        await log.Database.Rooms.DeleteAsync(first.Row, Cancel);

        var second = await log.CreateRoomAsync("room");
        Assert.True(second.Row > first.Row);
    }

    [Fact]
    public async Task Open_AfterADeletionWasCutShort_FinishesIt()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        await log.AppendAsync(Event(writer, 1));
        await writer.UntilDurableAsync(1);
        await log.Database.ExecuteAsync(session => session.Execute("UPDATE rooms SET id = 'deleted ' || row, deleted_ms = 1"), Cancel);

        await log.ReopenAsync();

        Assert.Equal(0, await CountAsync(log, "events"));
        Assert.Equal(0, await CountAsync(log, "rooms"));
    }

    [Fact]
    public async Task Snapshots_Several_TheNewestAtOrBeforeIsFound()
    {
        await using var log = await OpenAsync();
        var room = await log.CreateRoomAsync();
        foreach (var seq in (long[])[10, 30, 20])
        {
            await log.Database.Rooms.SaveSnapshotAsync(room.Row, seq, [(byte)seq], Cancel);
        }

        await log.Database.Rooms.SaveSnapshotAsync(room.Row, 30, [31], Cancel);

        Assert.Equivalent(new SnapshotRow(30, [31]), await log.Database.Rooms.LatestSnapshotAsync(room.Row, atOrBefore: null, Cancel));
        Assert.Equivalent(new SnapshotRow(20, [20]), await log.Database.Rooms.LatestSnapshotAsync(room.Row, atOrBefore: 29, Cancel));
        Assert.Null(await log.Database.Rooms.LatestSnapshotAsync(room.Row, atOrBefore: 9, Cancel));
    }

    [Fact]
    public async Task Snapshots_VeryMany_AreBoundedAndReachTheWholePast()
    {
        await using var log = await OpenAsync();
        var room = await log.CreateRoomAsync();
        for (var seq = 100; seq <= 100_000; seq += 100)
        {
            await log.Database.Rooms.SaveSnapshotAsync(room.Row, seq, [1], Cancel);
        }

        Assert.InRange(await CountAsync(log, "snapshots"), 8, RoomStore.MaxSnapshots);
        Assert.Equal(100_000, (await log.Database.Rooms.LatestSnapshotAsync(room.Row, atOrBefore: null, Cancel))?.Seq);
        for (var at = 1_000; at <= 100_000; at += 1_000)
        {
            // A replay has to go over no more than a part of what lies between it and now.
            var from = (await log.Database.Rooms.LatestSnapshotAsync(room.Row, at, Cancel))?.Seq ?? 0;
            Assert.True(at - from <= 200 + ((100_000 - at) / 2), $"A replay at {at} starts at {from}.");
        }
    }

    [Fact]
    public async Task ReadEvents_Window_IsThatWindowInOrder()
    {
        await using var log = await FilledAsync(10);

        var rows = await log.Database.Rooms.ReadEventsAsync(1, afterSeq: 3, upToSeq: 8, limit: 4, Cancel);

        Assert.Equal([4L, 5, 6, 7], rows.Rows.Select(row => row.Seq));
        Assert.True(rows.More);
    }

    [Theory]
    [InlineData(null, 3, null, null, null, new long[] { 10, 9, 8 })]
    [InlineData(0L, 3, null, null, null, new long[] { 1, 2, 3 })]
    [InlineData(4L, 10, "even", null, null, new long[] { 6, 8, 10 })]
    [InlineData(null, 10, null, "third", null, new long[] { 9, 6, 3 })]
    [InlineData(0L, 10, null, null, false, new long[] { 5, 10 })]
    [InlineData(0L, 10, "odd", null, true, new long[] { 1, 3, 7, 9 })]
    [InlineData(0L, 10, "odd", "third", true, new long[] { 3, 9 })]
    [InlineData(null, 10, "nobody", null, null, new long[] { })]
    public async Task Audit_Filters_Combine(long? after, int limit, string? agent, string? action, bool? ok, long[] expected)
    {
        await using var log = await FilledAsync(10);

        var page = await log.Database.Rooms.AuditAsync(1, new AuditQuery(after, limit, agent, action, ok), RoomStore.PageBytes, Cancel);

        Assert.Equal(expected, page.Rows.Select(row => row.Seq));
    }

    [Fact]
    public async Task Indexed_Keys_AreFoundByScopeAndKey()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        await log.AppendAsync(Indexed(writer, 1, ("_messages", "1")), Indexed(writer, 2, ("_messages", "2"), ("s", "k"), ("s", "k")), Indexed(writer, 3, ("s", "k"), ("s", "")));
        await writer.UntilDurableAsync(3);
        var rooms = log.Database.Rooms;

        Assert.Equal(3, await rooms.LastIndexedAsync(writer.Room, "s", "k", long.MaxValue, Cancel));
        Assert.Equal(2, await rooms.LastIndexedAsync(writer.Room, "s", "k", 3, Cancel));
        Assert.Null(await rooms.LastIndexedAsync(writer.Room, "s", "k", 2, Cancel));
        Assert.Equal(3, await rooms.LastIndexedAsync(writer.Room, "s", "", long.MaxValue, Cancel));
        Assert.Equal(
            new Dictionary<string, long> { ["1"] = 1, ["2"] = 2 },
            await rooms.IndexedSeqsAsync(writer.Room, "_messages", ["1", "2", "3"], Cancel));
    }

    [Fact]
    public async Task Presence_SaveTwice_IsTheLastWord()
    {
        await using var log = await OpenAsync();
        var room = await log.CreateRoomAsync();
        await log.Database.Rooms.SavePresenceAsync([new(room.Row, "ann", At, "active", 1, 2, 3), new(room.Row, "bob", null, null, 0, 0, 0)], Cancel);

        await log.Database.Rooms.SavePresenceAsync([new(room.Row, "ann", At.AddSeconds(1), "idle", 4, 5, 6), new(room.Row + 100, "gone", At, null, 0, 0, 0)], Cancel);

        Assert.Equal(
            [new(room.Row, "ann", At.AddSeconds(1), "idle", 4, 5, 6), new(room.Row, "bob", null, null, 0, 0, 0)],
            (await log.Database.Rooms.LoadPresenceAsync(room.Row, Cancel)).OrderBy(row => row.Agent));
        Assert.Empty(await log.Database.Rooms.LoadPresenceAsync(room.Row + 100, Cancel));
    }

    private static async Task<LogFixture> FilledAsync(int events)
    {
        var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        Assert.Equal(1, writer.Room);
        await log.AppendAsync([.. Enumerable.Range(1, events).Select(seq => Event(
            writer,
            seq,
            agent: seq % 2 == 0 ? "even" : "odd",
            action: seq % 3 == 0 ? "third" : "other",
            ok: seq % 5 != 0))]);
        await writer.UntilDurableAsync(events);
        return log;
    }

    private static TestAppend Indexed(RecordingWriter writer, long seq, params (string, string)[] keys) => Logged(writer, seq, "{}", keys: keys);

    private static TestAppend Doomed(RecordingWriter writer, long seq) =>
        Logged(writer, seq, """{"doomed":1}""", $"doomed-{seq}", "doomed-agent", "doomed-action", keys: ("doomed-scope", $"doomed-{seq}"));

    private static async Task<string> AddUserAsync(LogFixture log, string name) =>
        (await log.Database.Access.GetOrAddUserAsync(new UserRecord("u_" + name, name, At), Cancel)).User.Id;

    private static Task<long> CountAsync(LogFixture log, string table) =>
        log.Database.ReadAsync(reader => reader.First($"SELECT count(*) FROM {table}", row => row.GetInt64(0)), Cancel);
}
