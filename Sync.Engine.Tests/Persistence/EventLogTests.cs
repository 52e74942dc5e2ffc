using System.Text;
using Microsoft.Data.Sqlite;
using Sync.Engine.Persistence;
using static Sync.Engine.Tests.Persistence.LogFixture;

namespace Sync.Engine.Tests.Persistence;

public sealed class EventLogTests
{
    [Fact]
    public async Task Append_ManyOfOneRoom_AreDurableInOrder()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();

        await log.AppendAsync([.. Enumerable.Range(1, 2_000).Select(seq => Event(stream, seq))]);
        await sink.UntilDurableAsync(2_000);

        Assert.Equal(Enumerable.Range(1, 2_000).Select(seq => (long)seq), sink.DurableAppends.Select(append => append.Seq));
        var rows = await log.Database.Rooms.ReadEventsAsync(stream.RoomRow, 0, long.MaxValue, 5_000, Cancel);
        Assert.Equal(Enumerable.Range(1, 2_000).Select(seq => (long)seq), rows.Rows.Select(row => row.Seq));
    }

    [Fact]
    public async Task Append_Read_GivesEveryFieldBack()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        var body = "{\"text\":\"Grüße, 世界\"}"u8.ToArray();

        await log.AppendAsync(
            new LogAppend { Stream = stream, Epoch = 0, Seq = 1, At = At, Kind = "join", Ok = true, Body = body, Agent = "änn" },
            new LogAppend { Stream = stream, Epoch = 0, Seq = 2, At = At, Kind = "invoke", Ok = false, Body = ReadOnlyMemory<byte>.Empty, Action = "", RequestKey = "k" });
        await sink.UntilDurableAsync(2);

        var first = await log.Database.Rooms.EventAsync(stream.RoomRow, 1, Cancel);
        var second = await log.Database.Rooms.EventAsync(stream.RoomRow, 2, Cancel);
        Assert.Equal([new RequestRow("k", 2, At, Agent: null)], await log.Database.Rooms.RequestsSinceAsync(stream.RoomRow, At - TimeSpan.FromSeconds(1), Cancel));
        Assert.Equivalent(new EventRow(1, At, "join", "änn", Action: null, Ok: true, body), first);
        Assert.Equivalent(new EventRow(2, At, "invoke", Agent: null, Action: "", Ok: false, []), second);
    }

    [Fact]
    public async Task Append_WhileACommitIsUnderWay_AreWrittenTogether()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        using var commit = new BlockedCommit(log.Database.Log);

        await log.AppendAsync(Event(stream, 1));
        await commit.ReachedAsync();
        await log.AppendAsync([.. Enumerable.Range(2, 100).Select(seq => Event(stream, seq))]);
        commit.LetGo();
        await sink.UntilDurableAsync(101);

        Assert.Equal(2, sink.Callbacks);
    }

    [Fact]
    public async Task Durable_WhenCalled_EventIsReadableByOthers()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        long? seen = null;
        sink.OnDurable = _ => seen = LastSeqSeenBesides(log, stream.RoomRow);

        await log.AppendAsync(Event(stream, 1));
        await sink.UntilDurableAsync(1);

        Assert.Equal(1, seen);
    }

    [Fact]
    public async Task Append_CommitNotReached_NothingIsDurable()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        using var commit = new BlockedCommit(log.Database.Log);

        await log.AppendAsync(Event(stream, 1));
        await commit.ReachedAsync();

        Assert.Empty(sink.DurableAppends);
        Assert.Equal(0, LastSeqSeenBesides(log, stream.RoomRow));
        commit.LetGo();
        await sink.UntilDurableAsync(1);
    }

    [Fact]
    public async Task Commit_Fails_RoomHearsOnceAndNothingIsOnDisk()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        using (var commit = new BlockedCommit(log.Database.Log))
        {
            await log.AppendAsync(Event(stream, 1));
            await commit.ReachedAsync();
            await log.AppendAsync(Event(stream, 2), Event(stream, 3));
            log.Database.Log.BeforeCommit = _ => throw new IOException("The disk is gone.");
            commit.LetGo();
            await sink.UntilDurableAsync(1);
            await sink.UntilFailedAsync(1);
        }

        var failure = Assert.Single(sink.Failures);
        Assert.Equal(0, failure.Epoch);
        Assert.IsType<IOException>(failure.Cause);
        Assert.Equal(1, await log.Database.Rooms.LastSeqAsync(stream.RoomRow, Cancel));
    }

    [Fact]
    public async Task Append_OfAFailedEpoch_IsDroppedAndTheNextEpochGoesOn()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        log.Database.Log.BeforeCommit = _ => throw new IOException("The disk is gone.");
        await log.AppendAsync(Event(stream, 1));
        await sink.UntilFailedAsync(1);
        log.Database.Log.BeforeCommit = null;

        // The second was on its way when the first failed.
        await log.AppendAsync(Event(stream, 2, epoch: 0), Event(stream, 1, epoch: 1));
        await sink.UntilDurableAsync(1);

        Assert.Single(sink.Failures);
        var append = Assert.Single(sink.DurableAppends);
        Assert.Equal((1, 1), (append.Epoch, append.Seq));
        Assert.Equal(1, await log.Database.Rooms.LastSeqAsync(stream.RoomRow, Cancel));
    }

    [Fact]
    public async Task Append_OneRoomBreaksAConstraint_TheOtherRoomsOfTheBatchAreDurable()
    {
        await using var log = await OpenAsync();
        var (good, goodSink) = await log.CreateStreamAsync("good");
        var (bad, badSink) = await log.CreateStreamAsync("bad");
        var (blocker, blockerSink) = await log.CreateStreamAsync("blocker");
        await log.AppendAsync(Event(bad, 1));
        await badSink.UntilDurableAsync(1);
        using var commit = new BlockedCommit(log.Database.Log);
        await log.AppendAsync(Event(blocker, 1));
        await commit.ReachedAsync();

        // One batch: the same number twice cannot be.
        await log.AppendAsync(Event(good, 1), Event(bad, 1), Event(good, 2), Event(bad, 2));
        commit.LetGo();
        await goodSink.UntilDurableAsync(2);
        await badSink.UntilFailedAsync(1);
        await blockerSink.UntilDurableAsync(1);

        Assert.Empty(goodSink.Failures);
        Assert.IsType<SqliteException>(Assert.Single(badSink.Failures).Cause);
        Assert.Equal(1, await log.Database.Rooms.LastSeqAsync(bad.RoomRow, Cancel));
        Assert.Equal(2, await log.Database.Rooms.LastSeqAsync(good.RoomRow, Cancel));
    }

    [Fact]
    public async Task Append_ARequestKeyWhoseTimeIsOver_IsLoggedAgain()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        await log.AppendAsync(Event(stream, 1, requestKey: "retry"));
        await log.AppendAsync(Event(stream, 2, requestKey: "retry"));
        await sink.UntilDurableAsync(2);

        Assert.Equal([1L, 2L], (await log.Database.Rooms.RequestsSinceAsync(stream.RoomRow, DateTimeOffset.UnixEpoch, Cancel)).Select(static request => request.Seq));
    }

    [Fact]
    public async Task Append_RequestKeyInTwoRooms_IsTwoRequests()
    {
        await using var log = await OpenAsync();
        var (one, oneSink) = await log.CreateStreamAsync("one");
        var (two, twoSink) = await log.CreateStreamAsync("two");

        await log.AppendAsync(Event(one, 1, requestKey: "retry"), Event(two, 1, requestKey: "retry"));
        await oneSink.UntilDurableAsync(1);
        await twoSink.UntilDurableAsync(1);

        Assert.Single(await log.Database.Rooms.RequestsSinceAsync(one.RoomRow, DateTimeOffset.UnixEpoch, Cancel));
        Assert.Single(await log.Database.Rooms.RequestsSinceAsync(two.RoomRow, DateTimeOffset.UnixEpoch, Cancel));
    }

    [Fact]
    public async Task Reopen_AfterDurable_EverythingIsThere()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        await log.AppendAsync([.. Enumerable.Range(1, 1_000).Select(seq => Event(stream, seq))]);
        await sink.UntilDurableAsync(1_000);

        await log.ReopenAsync();

        Assert.Equal(1_000, await log.Database.Rooms.LastSeqAsync(stream.RoomRow, Cancel));
    }

    [Fact]
    public async Task Crash_BeforeCommit_LeavesWhatWasDurableAndNoMore()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        await log.AppendAsync(Event(stream, 1));
        await sink.UntilDurableAsync(1);
        using var commit = new BlockedCommit(log.Database.Log);
        await log.AppendAsync(Event(stream, 2));
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
            Assert.Equal(1, await recovered.Rooms.LastSeqAsync(stream.RoomRow, Cancel));
        }

        commit.LetGo();
        await sink.UntilDurableAsync(2);
    }

    [Fact]
    public async Task Admit_LogIsFull_WaitsUntilSomethingIsDurable()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        using var commit = new BlockedCommit(log.Database.Log);
        await log.AppendAsync([.. Enumerable.Range(1, EventLog.Capacity).Select(seq => Event(stream, seq))]);
        await commit.ReachedAsync();

        var admission = log.Database.Log.AdmitAsync(Cancel);
        Assert.False(admission.IsCompleted);
        commit.LetGo();
        Assert.True(await admission);
        log.Database.Log.Forgo();
        await sink.UntilDurableAsync(EventLog.Capacity);
    }

    [Fact]
    public async Task Admit_Cancelled_ThrowsAndTakesNoPlace()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        using var commit = new BlockedCommit(log.Database.Log);
        await log.AppendAsync([.. Enumerable.Range(1, EventLog.Capacity).Select(seq => Event(stream, seq))]);
        using var cancel = new CancellationTokenSource();

        var admission = log.Database.Log.AdmitAsync(cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await admission);
        commit.LetGo();
        await sink.UntilDurableAsync(EventLog.Capacity);
        for (var place = 0; place < EventLog.Capacity; place++)
        {
            Assert.True(log.Database.Log.AdmitAsync(Cancel).IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task Admit_Room_AllocatesNothing()
    {
        await using var log = await OpenAsync();
        await log.Database.Log.AdmitAsync(Cancel);
        log.Database.Log.Forgo();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < 1_000; index++)
        {
            Assert.True(log.Database.Log.AdmitAsync(Cancel).IsCompletedSuccessfully);
            log.Database.Log.Forgo();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Dispose_WritesWhatWasAccepted()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        await log.AppendAsync([.. Enumerable.Range(1, 3_000).Select(seq => Event(stream, seq))]);

        await log.ReopenAsync();

        Assert.Equal(3_000, sink.DurableAppends.Count);
        Assert.Equal(3_000, await log.Database.Rooms.LastSeqAsync(stream.RoomRow, Cancel));
    }

    [Fact]
    public async Task Append_AfterDispose_FailsInsteadOfHanging()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        Assert.True(await log.Database.Log.AdmitAsync(Cancel));
        var closed = log.Database;
        await log.ReopenAsync();

        closed.Log.Append(Event(stream, 1));
        await sink.UntilFailedAsync(1);

        Assert.False(await closed.Log.AdmitAsync(Cancel));
    }

    [Fact]
    public async Task Sink_Throws_TheLogGoesOn()
    {
        await using var log = await OpenAsync();
        var (broken, brokenSink) = await log.CreateStreamAsync("broken");
        var (good, goodSink) = await log.CreateStreamAsync("good");
        brokenSink.OnDurable = _ => throw new InvalidOperationException("A bug.");

        await log.AppendAsync(Event(broken, 1), Event(good, 1));
        await goodSink.UntilDurableAsync(1);

        Assert.Equal(1, await log.Database.Rooms.LastSeqAsync(broken.RoomRow, Cancel));
    }

    [Fact]
    public async Task Append_ManyRoomsFromManyThreads_EveryRoomKeepsItsOrder()
    {
        await using var log = await OpenAsync();
        List<(LogStream Stream, RecordingSink Sink)> rooms = [];
        for (var index = 0; index < 8; index++)
        {
            rooms.Add(await log.CreateStreamAsync($"room-{index}"));
        }

        await Task.WhenAll(rooms.Select(room => Task.Run(
            async () => await log.AppendAsync([.. Enumerable.Range(1, 500).Select(seq => Event(room.Stream, seq))]),
            Cancel)));

        foreach (var (_, sink) in rooms)
        {
            await sink.UntilDurableAsync(500);
            Assert.Equal(Enumerable.Range(1, 500).Select(seq => (long)seq), sink.DurableAppends.Select(append => append.Seq));
        }
    }

    [Fact]
    public async Task Append_ToARoomThatIsGone_Fails()
    {
        await using var log = await OpenAsync();
        var (stream, sink) = await log.CreateStreamAsync();
        await log.Database.Rooms.DeleteAsync(stream.RoomRow, Cancel);

        await log.AppendAsync(Event(stream, 1));
        await sink.UntilFailedAsync(1);

        Assert.Empty(sink.DurableAppends);
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
