using System.Text;
using Microsoft.Data.Sqlite;
using Sync.Engine.Model.Events;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;
using static Sync.Engine.Tests.Storage.Sqlite.LogFixture;

namespace Sync.Engine.Tests.Storage.Sqlite;

public sealed class EventLogTests
{
    [Fact]
    public async Task Append_ManyOfOneRoom_AreDurableInOrder()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();

        await log.AppendAsync([.. Enumerable.Range(1, 2_000).Select(seq => Event(writer, seq))]);
        await writer.UntilDurableAsync(2_000);

        Assert.Equal(Enumerable.Range(1, 2_000).Select(seq => (long)seq), writer.Durable);
        var rows = await log.Database.Rooms.ReadEventsAsync(writer.Room, 0, long.MaxValue, 5_000, Cancel);
        Assert.Equal(Enumerable.Range(1, 2_000).Select(seq => (long)seq), rows.Rows.Select(row => row.Seq));
    }

    [Fact]
    public async Task Append_Read_GivesEveryFieldBack()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        var body = "{\"text\":\"Grüße, 世界\"}"u8.ToArray();

        await log.AppendAsync(
            Logged(writer, 1, Encoding.UTF8.GetString(body), agent: "änn", kind: "join"),
            Logged(writer, 2, "", requestKey: "k", action: "", ok: false, kind: "invoke"));
        await writer.UntilDurableAsync(2);

        var first = await log.Database.Rooms.EventAsync(writer.Room, 1, Cancel);
        var second = await log.Database.Rooms.EventAsync(writer.Room, 2, Cancel);
        Assert.Equal([new RequestRow("k", 2, At, Agent: null)], await log.Database.Rooms.RequestsSinceAsync(writer.Room, At - TimeSpan.FromSeconds(1), Cancel));
        Assert.Equivalent(new EventRow(1, At, "join", "änn", Action: null, Ok: true, body), first);
        Assert.Equivalent(new EventRow(2, At, "invoke", Agent: null, Action: "", Ok: false, []), second);
    }

    [Fact]
    public async Task Append_WhileACommitIsUnderWay_AreWrittenTogether()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        List<int> commits = [];
        using (var commit = new BlockedCommit(log.Database.Log))
        {
            await log.AppendAsync(Event(writer, 1));
            await commit.ReachedAsync();
            await log.AppendAsync([.. Enumerable.Range(2, 100).Select(seq => Event(writer, seq))]);
            log.Database.Log.BeforeCommit = events => commits.Add(events.Count);
            commit.LetGo();
            await writer.UntilDurableAsync(101);
        }

        Assert.Equal([100], commits);
    }

    [Fact]
    public async Task Durable_WhenCalled_EventIsReadableByOthers()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        long? seen = null;
        writer.OnDurable = _ => seen = LastSeqSeenBesides(log, writer.Room);

        await log.AppendAsync(Event(writer, 1));
        await writer.UntilDurableAsync(1);

        Assert.Equal(1, seen);
    }

    [Fact]
    public async Task Append_CommitNotReached_NothingIsDurable()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        using var commit = new BlockedCommit(log.Database.Log);

        await log.AppendAsync(Event(writer, 1));
        await commit.ReachedAsync();

        Assert.Empty(writer.Durable);
        Assert.Equal(0, LastSeqSeenBesides(log, writer.Room));
        commit.LetGo();
        await writer.UntilDurableAsync(1);
    }

    /// <summary>What follows a failed append of its room is refused: a log has no holes.</summary>
    [Fact]
    public async Task Commit_Fails_NothingAfterItIsOnDiskAndTheEpochGoesOn()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        using (var commit = new BlockedCommit(log.Database.Log))
        {
            await log.AppendAsync(Event(writer, 1));
            await commit.ReachedAsync();
            await log.AppendAsync(Event(writer, 2), Event(writer, 3));
            log.Database.Log.BeforeCommit = events => throw (events.Any(static e => e.Event.At == At.AddSeconds(2)) ? new IOException("The disk is gone.") : new InvalidOperationException());
            commit.LetGo();
            await writer.UntilFailedAsync(2);
        }

        Assert.IsType<IOException>(writer.Failures[0].Cause);
        Assert.Equal([AppendStatus.Failed, AppendStatus.Failed], writer.Failures.Select(static failure => failure.Status));
        await log.AppendAsync(Event(writer, 3));
        await writer.UntilFailedAsync(3);
        Assert.Equal(AppendStatus.Conflict, writer.Failures[2].Status);
        await log.AppendAsync(Event(writer, 2));
        await writer.UntilDurableAsync(2);
        Assert.Equal(2, await log.Database.Rooms.LastSeqAsync(writer.Room, Cancel));
    }

    public static TheoryData<long, long, string> Misplaced => new()
    {
        { 0, 1, "Conflict" },
        { 0, 3, "Conflict" },
        { -1, 2, "Fenced" },
        { 1, 2, "Fenced" },
    };

    [Theory]
    [MemberData(nameof(Misplaced))]
    public async Task Append_WithAnotherEpochOrSeq_IsRefusedAndWritesNothing(long epochs, long seq, string status)
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        await log.AppendAsync(Event(writer, 1));
        await writer.UntilDurableAsync(1);

        var other = new RecordingWriter(log.Database.Log, writer.Room, writer.Epoch + epochs);
        await log.AppendAsync(Event(other, seq));
        await other.UntilFailedAsync(1);

        Assert.Equal(status, Assert.Single(other.Failures).Status.ToString());
        Assert.Equal(1, await log.Database.Rooms.LastSeqAsync(writer.Room, Cancel));
    }

    [Fact]
    public async Task Acquire_FencesTheWriterBeforeAlsoOfAnotherDatabaseConnection()
    {
        await using var log = await OpenAsync();
        var older = await log.CreateWriterAsync();
        await log.AppendAsync(Event(older, 1));
        await older.UntilDurableAsync(1);
        await using var beside = await LogFixture.OpenAsync(log.Folder);

        var position = await beside.Log.AcquireAsync(older.Room, Cancel);
        Assert.Equal(new LogPosition(older.Epoch + 1, 1), position);
        await log.AppendAsync(Event(older, 2));
        await older.UntilFailedAsync(1);
        var newer = new RecordingWriter(beside.Log, older.Room, position!.Value.Epoch);
        Assert.True(await beside.Log.ReserveAsync(Cancel));
        newer.Send(2, Event(newer, 2).Event);
        await newer.UntilDurableAsync(1);

        Assert.Equal(AppendStatus.Fenced, Assert.Single(older.Failures).Status);
        Assert.Equal(2, await log.Database.Rooms.LastSeqAsync(older.Room, Cancel));
    }

    [Fact]
    public async Task Acquire_OfARoomThatIsGone_GivesNothing()
    {
        await using var log = await OpenAsync();
        var room = await log.CreateRoomAsync();
        await log.Database.Rooms.DeleteAsync(room.Row, Cancel);

        Assert.Null(await log.Database.Log.AcquireAsync(room.Row, Cancel));
    }

    [Fact]
    public async Task Append_OfManyEvents_IsWholeOrNothing()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        var events = Enumerable.Range(1, 2_000).Select(seq => Event(writer, seq).Event).ToList();

        Assert.Equal(AppendStatus.Committed, (await log.Database.Log.AppendAsync(writer.Room, writer.Epoch, 0, events)).Status);
        await Task.Yield();
        Assert.Equal(AppendStatus.Conflict, (await log.Database.Log.AppendAsync(writer.Room, writer.Epoch, 1_999, events)).Status);
        await Task.Yield();

        Assert.Equal(2_000, await log.Database.Rooms.LastSeqAsync(writer.Room, Cancel));
    }

    [Fact]
    public async Task Append_OneRoomBreaksAConstraint_TheOtherRoomsOfTheBatchAreDurable()
    {
        await using var log = await OpenAsync();
        var good = await log.CreateWriterAsync("good");
        var bad = await log.CreateWriterAsync("bad");
        var blocker = await log.CreateWriterAsync("blocker");
        await log.AppendAsync(Event(bad, 1));
        await bad.UntilDurableAsync(1);
        using var commit = new BlockedCommit(log.Database.Log);
        await log.AppendAsync(Event(blocker, 1));
        await commit.ReachedAsync();

        // One batch: no two events of a key may have one number.
        await log.Database.ExecuteAsync(session => session.Execute("CREATE TRIGGER broken BEFORE INSERT ON events WHEN NEW.room = $1 BEGIN SELECT raise(ABORT, 'broken'); END".Replace("$1", bad.Room.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)), Cancel);
        await log.AppendAsync(Event(good, 1), Event(bad, 2), Event(good, 2), Event(bad, 3));
        commit.LetGo();
        await good.UntilDurableAsync(2);
        await bad.UntilFailedAsync(2);
        await blocker.UntilDurableAsync(1);

        Assert.Empty(good.Failures);
        Assert.IsType<SqliteException>(bad.Failures[0].Cause);
        Assert.Equal(1, await log.Database.Rooms.LastSeqAsync(bad.Room, Cancel));
        Assert.Equal(2, await log.Database.Rooms.LastSeqAsync(good.Room, Cancel));
    }

    [Fact]
    public async Task Append_AnExpiredRequestKey_IsLoggedAgain()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        await log.AppendAsync(Event(writer, 1, requestKey: "retry"));
        await log.AppendAsync(Event(writer, 2, requestKey: "retry"));
        await writer.UntilDurableAsync(2);

        Assert.Equal([1L, 2L], (await log.Database.Rooms.RequestsSinceAsync(writer.Room, DateTimeOffset.UnixEpoch, Cancel)).Select(static request => request.Seq));
    }

    [Fact]
    public async Task Append_RequestKeyInTwoRooms_IsTwoRequests()
    {
        await using var log = await OpenAsync();
        var one = await log.CreateWriterAsync("one");
        var two = await log.CreateWriterAsync("two");

        await log.AppendAsync(Event(one, 1, requestKey: "retry"), Event(two, 1, requestKey: "retry"));
        await one.UntilDurableAsync(1);
        await two.UntilDurableAsync(1);

        Assert.Single(await log.Database.Rooms.RequestsSinceAsync(one.Room, DateTimeOffset.UnixEpoch, Cancel));
        Assert.Single(await log.Database.Rooms.RequestsSinceAsync(two.Room, DateTimeOffset.UnixEpoch, Cancel));
    }

    [Fact]
    public async Task Reopen_AfterDurable_EverythingIsThere()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        await log.AppendAsync([.. Enumerable.Range(1, 1_000).Select(seq => Event(writer, seq))]);
        await writer.UntilDurableAsync(1_000);

        await log.ReopenAsync();

        Assert.Equal(1_000, await log.Database.Rooms.LastSeqAsync(writer.Room, Cancel));
    }

    [Fact]
    public async Task Crash_BeforeCommit_LeavesWhatWasDurableAndNoMore()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        await log.AppendAsync(Event(writer, 1));
        await writer.UntilDurableAsync(1);
        using var commit = new BlockedCommit(log.Database.Log);
        await log.AppendAsync(Event(writer, 2));
        await commit.ReachedAsync();

        // What a machine that stops now leaves behind: the files as they are at this moment.
        using var left = new TempFolder();
        Directory.CreateDirectory(left.Path);
        foreach (var file in Directory.GetFiles(log.Folder, "sync.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.Copy(file, left.File(Path.GetFileName(file)));
        }

        await using (var recovered = await LogFixture.OpenAsync(left.Path))
        {
            Assert.Equal(1, await recovered.Rooms.LastSeqAsync(writer.Room, Cancel));
        }

        commit.LetGo();
        await writer.UntilDurableAsync(2);
    }

    [Fact]
    public async Task Admit_LogIsFull_WaitsUntilSomethingIsDurable()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        using var commit = new BlockedCommit(log.Database.Log);
        await log.AppendAsync([.. Enumerable.Range(1, EventLog.Capacity).Select(seq => Event(writer, seq))]);
        await commit.ReachedAsync();

        var admission = log.Database.Log.ReserveAsync(Cancel);
        Assert.False(admission.IsCompleted);
        commit.LetGo();
        Assert.True(await admission);
        log.Database.Log.Release(1);
        await writer.UntilDurableAsync(EventLog.Capacity);
    }

    [Fact]
    public async Task Admit_Cancelled_ThrowsAndTakesNoPlace()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        using var commit = new BlockedCommit(log.Database.Log);
        await log.AppendAsync([.. Enumerable.Range(1, EventLog.Capacity).Select(seq => Event(writer, seq))]);
        using var cancel = new CancellationTokenSource();

        var admission = log.Database.Log.ReserveAsync(cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await admission);
        commit.LetGo();
        await writer.UntilDurableAsync(EventLog.Capacity);
        for (var place = 0; place < EventLog.Capacity; place++)
        {
            Assert.True(log.Database.Log.ReserveAsync(Cancel).IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task Admit_Room_AllocatesNothing()
    {
        await using var log = await OpenAsync();
        await log.Database.Log.ReserveAsync(Cancel);
        log.Database.Log.Release(1);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < 1_000; index++)
        {
            Assert.True(log.Database.Log.ReserveAsync(Cancel).IsCompletedSuccessfully);
            log.Database.Log.Release(1);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Dispose_WritesWhatWasAccepted()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        await log.AppendAsync([.. Enumerable.Range(1, 3_000).Select(seq => Event(writer, seq))]);

        await log.ReopenAsync();

        Assert.Equal(3_000, writer.Durable.Count);
        Assert.Equal(3_000, await log.Database.Rooms.LastSeqAsync(writer.Room, Cancel));
    }

    [Fact]
    public async Task Append_AfterDispose_FailsInsteadOfHanging()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        Assert.True(await log.Database.Log.ReserveAsync(Cancel));
        var closed = log.Database;
        await log.ReopenAsync();

        writer.Send(1, Event(writer, 1).Event);
        await writer.UntilFailedAsync(1);

        Assert.False(await closed.Log.ReserveAsync(Cancel));
    }

    [Fact]
    public async Task Writer_Throws_TheLogGoesOn()
    {
        await using var log = await OpenAsync();
        var broken = await log.CreateWriterAsync("broken");
        var good = await log.CreateWriterAsync("good");
        broken.OnDurable = _ => throw new InvalidOperationException("A bug.");

        await log.AppendAsync(Event(broken, 1), Event(good, 1));
        await good.UntilDurableAsync(1);

        Assert.Equal(1, await log.Database.Rooms.LastSeqAsync(broken.Room, Cancel));
    }

    [Fact]
    public async Task Append_ManyRoomsFromManyThreads_EveryRoomKeepsItsOrder()
    {
        await using var log = await OpenAsync();
        List<RecordingWriter> rooms = [];
        for (var index = 0; index < 8; index++)
        {
            rooms.Add(await log.CreateWriterAsync($"room-{index}"));
        }

        await Task.WhenAll(rooms.Select(room => Task.Run(
            async () => await log.AppendAsync([.. Enumerable.Range(1, 500).Select(seq => Event(room, seq))]),
            Cancel)));

        foreach (var writer in rooms)
        {
            await writer.UntilDurableAsync(500);
            Assert.Equal(Enumerable.Range(1, 500).Select(seq => (long)seq), writer.Durable);
        }
    }

    [Fact]
    public async Task Append_ToARoomThatIsGone_Fails()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        await log.Database.Rooms.DeleteAsync(writer.Room, Cancel);

        await log.AppendAsync(Event(writer, 1));
        await writer.UntilFailedAsync(1);

        Assert.Empty(writer.Durable);
    }

    private static long LastSeqSeenBesides(LogFixture log, long row)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(log.Folder, "sync.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(max(seq), 0) FROM events WHERE room = $1";
        command.Parameters.AddWithValue("$1", row);
        return (long)command.ExecuteScalar()!;
    }
}
