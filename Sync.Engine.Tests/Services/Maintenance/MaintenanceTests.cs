using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Authority;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Maintenance;
using Sync.Engine.Storage.Sqlite;
using Sync.Engine.Tests.Storage.Sqlite;
using static Sync.Engine.Tests.Storage.Sqlite.LogFixture;
using Upkeep = Sync.Engine.Services.Maintenance.Maintenance;

namespace Sync.Engine.Tests.Services.Maintenance;

public sealed class MaintenanceTests
{
    [Fact]
    public async Task Lock_HeldByAServer_IsRefusedWithWhatToDo()
    {
        await using var log = await OpenAsync();
        using (DataDirectoryLock.Acquire(log.Folder).Value)
        {
            var error = DataDirectoryLock.Acquire(log.Folder).Error;

            Assert.Equal(ErrorCode.Unavailable, error?.Code);
            Assert.Contains(log.Folder, error?.Message, StringComparison.Ordinal);
            Assert.NotNull(error?.Hint);
        }

        using var again = DataDirectoryLock.Acquire(log.Folder).Value;
    }

    [Fact]
    public async Task Open_NoDatabase_IsNotFoundAndMakesNone()
    {
        using var folder = new TempFolder();

        var opened = await Upkeep.OpenAsync(folder.Path, create: false, TimeProvider.System, NullLoggerFactory.Instance, Cancel);

        Assert.Equal(ErrorCode.NotFound, opened.Error?.Code);
        Assert.Equal(ErrorCode.NotFound, Upkeep.Check(folder.Path).Error?.Code);
        Assert.False(Directory.Exists(folder.Path));
    }

    [Fact]
    public async Task MintToken_BesideARunningServer_IsHonouredAtOnce()
    {
        await using var log = await OpenAsync();
        using var server = DataDirectoryLock.Acquire(log.Folder).Value;
        await using var access = await IdentityCache.OpenAsync(log.Database, new RoomLimits(), TimeProvider.System, NullLogger.Instance, Cancel);
        await using var upkeep = await OpenUpkeepAsync(log.Folder);

        var minted = (await upkeep.MintTokenAsync("ann", "rooms:*", "laptop", TimeSpan.FromHours(1), Cancel)).Value;

        Assert.Equal("ann", (await access.AuthenticateAsync(minted.Secret, Cancel)).Value.UserName);
        Assert.Equal(["ann"], (await upkeep.ListUsersAsync(Cancel)).Select(user => user.Name));
    }

    [Fact]
    public async Task ListRooms_GivesWhatTheCatalogueHolds()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);

        var room = Assert.Single(await upkeep.ListRoomsAsync(Cancel));

        Assert.Equal(new RoomSummary("room", "Ä room", At, JoinPolicy.Members, Members: 2, Events: 1_203), room);
    }

    [Fact]
    public async Task Export_Import_IsTheSameRoom()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);
        using var exported = new MemoryStream();
        Assert.Equal(1_203, (await upkeep.ExportRoomAsync("room", exported, Cancel)).Value);
        await using var target = await OpenAsync();
        await target.Database.Access.GetOrAddUserAsync(new UserRecord("u_there", "ANN", At), Cancel);
        await using var targetUpkeep = await OpenUpkeepAsync(target.Folder);

        exported.Position = 0;
        var imported = (await targetUpkeep.ImportRoomAsync(exported, asId: "copy", Cancel)).Value;

        Assert.Equal(("copy", 1_203L), (imported.Id, imported.Events));
        Assert.Equal([new RoomMember("ANN", Role.Owner)], imported.Members);
        Assert.Equal(["bob"], imported.UnknownMembers);
        var room = Assert.Single(await target.Database.Rooms.LoadAllAsync(Cancel));
        Assert.Equal(("copy", "Ä room", At, JoinPolicy.Members), (room.Id, room.Name, room.CreatedAt, room.Join));
        Assert.Equal([KeyValuePair.Create("u_there", new Member(Role.Owner))], room.Members);

        // The last body has line breaks, which do not survive.
        Assert.Equal(await TextsAsync(log, row: 1, upToSeq: 1_202), await TextsAsync(target, room.Row, upToSeq: 1_202));
        Assert.Equal("""{"text":"two\nlines"}""", Encoding.UTF8.GetString((await target.Database.Rooms.EventAsync(room.Row, 1_203, Cancel))!.Body));
        Assert.Equal(["retry"], (await target.Database.Rooms.RequestsSinceAsync(room.Row, DateTimeOffset.UnixEpoch, Cancel)).Where(static request => request.Seq == 1_201).Select(static request => request.Key));
        Assert.Equal(1_202, await target.Database.Rooms.LastIndexedAsync(room.Row, "_messages", "1", long.MaxValue, Cancel));
        Assert.True(Upkeep.Check(target.Folder).Value.IsSound);
    }

    [Fact]
    public async Task Export_Lines_AreJsonWithRawBodies()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);
        using var exported = new MemoryStream();

        await upkeep.ExportRoomAsync("room", exported, Cancel);

        var lines = Encoding.UTF8.GetString(exported.ToArray()).TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(1_204, lines.Count);
        Assert.Equal("sync-room", (string?)lines[0]["format"]);
        Assert.Equal(["ann", "bob"], lines[0]["members"]!.AsArray().Select(member => (string?)member!["user"]));
        Assert.Equal(1, (int?)lines[1]["body"]!["n"]);
        Assert.Equal("two\nlines", (string?)lines[1_203]["body"]!["text"]);
    }

    [Fact]
    public async Task Export_UnknownRoom_IsNotFound()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);

        Assert.Equal(ErrorCode.RoomNotFound, (await upkeep.ExportRoomAsync("Room", new MemoryStream(), Cancel)).Error?.Code);
    }

    [Fact]
    public async Task ImportAndDelete_BesideARunningServer_AreRefusedWithWhatToDo()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);
        using var server = DataDirectoryLock.Acquire(log.Folder).Value;

        var import = (await upkeep.ImportRoomAsync(new MemoryStream(), null, Cancel)).Error;
        var delete = (await upkeep.DeleteRoomAsync("room", Cancel)).Error;

        Assert.Equal(ErrorCode.Unavailable, import?.Code);
        Assert.Contains("Stop the server", import?.Hint, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.Unavailable, delete?.Code);
        Assert.Contains(delete!.Next, step => step.ToString() == """delete_room {"room":"room"}""");
        Assert.Single(await upkeep.ListRoomsAsync(Cancel));
    }

    [Fact]
    public async Task Import_IdExists_IsRefused()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);
        using var exported = new MemoryStream();
        await upkeep.ExportRoomAsync("room", exported, Cancel);
        exported.Position = 0;

        Assert.Equal(ErrorCode.RoomExists, (await upkeep.ImportRoomAsync(exported, asId: null, Cancel)).Error?.Code);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("nonsense", 1)]
    [InlineData("[1]", 1)]
    [InlineData("""{"format":"other"}""", 1)]
    [InlineData("""{"format":"sync-room","version":3}""", 1)]
    [InlineData("""{"format":"sync-room","version":1,"room":{"id":"r","name":null,"join":"open","created_at":"x"},"members":[],"last_seq":0}""", 1)]
    [InlineData("HEADER1\n{\"seq\":2,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"invoked\",\"ok\":true,\"body\":{}}", 2)]
    [InlineData("HEADER1\n{\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"invoked\",\"ok\":true}", 2)]
    [InlineData("HEADER2\n{\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"invoked\",\"ok\":true,\"body\":{}}\n{\"seq\"", 3)]
    [InlineData("HEADER2\n{\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"invoked\",\"ok\":true,\"body\":{}}", null)]
    [InlineData("HEADER1\n{\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"unheard_of\",\"ok\":true,\"body\":{}}", 2)]
    [InlineData("HEADER1\n{\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"invoked\",\"ok\":true,\"body\":{\"writes\":[{\"key\":\"k\"}]}}", 2)]
    [InlineData("HEADER1\n{\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"invoked\",\"ok\":true,\"body\":{\"writes\":[{\"scope\":\"_agents\",\"key\":\"a\",\"value\":5,\"revision\":1}]}}", 2)]
    [InlineData("HEADER1\n{\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"invoked\",\"ok\":true,\"body\":{\"writes\":[{\"scope\":\"_s\",\"key\":\"a\",\"edits\":[{\"path\":\"x.y\",\"set\":1}],\"revision\":1},{\"scope\":\"_s\",\"key\":\"a\",\"edits\":[{\"path\":\"x.y.z\",\"set\":1}],\"revision\":1}]}}", 2)]
    public async Task Import_BadFile_NamesTheLineAndLeavesNothing(string text, int? line)
    {
        await using var log = await OpenAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);
        const string Header = """{"format":"sync-room","version":1,"room":{"id":"r","name":null,"join":"open","created_at":"2026-01-01T00:00:00Z"},"members":[],"last_seq":N}""";
        text = text.Replace("HEADER1", Header.Replace("N", "1", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("HEADER2", Header.Replace("N", "2", StringComparison.Ordinal), StringComparison.Ordinal);

        var error = (await upkeep.ImportRoomAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), asId: null, Cancel)).Error;

        Assert.Equal(ErrorCode.InvalidJson, error?.Code);
        Assert.Equal(line, (long?)error?.Details?["line"]);
        Assert.Equal(0, await log.Database.ReadAsync(reader => reader.First("SELECT (SELECT count(*) FROM rooms) + (SELECT count(*) FROM events)", row => row.GetInt64(0)), Cancel));
    }

    [Fact]
    public async Task Import_BadId_IsRefused()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);
        using var exported = new MemoryStream();
        await upkeep.ExportRoomAsync("room", exported, Cancel);
        exported.Position = 0;

        Assert.Equal(ErrorCode.InvalidId, (await upkeep.ImportRoomAsync(exported, asId: "a b", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task DeleteRoom_IsGone()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);

        Assert.Equal("room", (await upkeep.DeleteRoomAsync("room", Cancel)).Value);

        Assert.Empty(await upkeep.ListRoomsAsync(Cancel));
        Assert.Equal(ErrorCode.RoomNotFound, (await upkeep.DeleteRoomAsync("room", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Backup_BesideARunningServer_IsAWholeDatabase()
    {
        await using var log = await FilledAsync();
        using var server = DataDirectoryLock.Acquire(log.Folder).Value;
        await using var upkeep = await OpenUpkeepAsync(log.Folder);
        using var restored = new TempFolder();
        Directory.CreateDirectory(restored.Path);

        var size = (await upkeep.BackupAsync(restored.File("sync.db"), Cancel)).Value;

        Assert.Equal(["sync.db"], Directory.GetFiles(restored.Path).Select(Path.GetFileName));
        Assert.Equal(new FileInfo(restored.File("sync.db")).Length, size);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(restored.File("sync.db")));
        }

        await using var database = await LogFixture.OpenAsync(restored.Path);
        Assert.Equal(1_203, await database.Rooms.LastSeqAsync(1, Cancel));
        Assert.Equal(2, (await database.Access.LoadUsersAsync(Cancel)).Count);
        Assert.True(Upkeep.Check(restored.Path).Value.IsSound);
    }

    [Fact]
    public async Task Backup_FileExistsOrFolderDoesNot_IsRefused()
    {
        await using var log = await FilledAsync();
        await using var upkeep = await OpenUpkeepAsync(log.Folder);
        var existing = Path.Combine(log.Folder, "precious");
        await File.WriteAllTextAsync(existing, "precious", Cancel);

        Assert.Equal(ErrorCode.InvalidParameter, (await upkeep.BackupAsync(existing, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await upkeep.BackupAsync(Path.Combine(log.Folder, "no", "backup"), Cancel)).Error?.Code);
        Assert.Equal("precious", await File.ReadAllTextAsync(existing, Cancel));
    }

    [Fact]
    public async Task Check_EventThatNoRoomCanRead_IsNamed()
    {
        await using var log = await FilledAsync();
        await log.Database.ExecuteAsync(session => session.Execute("UPDATE events SET kind = 'unheard_of' WHERE seq = 7"), Cancel);

        Assert.StartsWith("Room 'room' cannot be read from event 7 on", Assert.Single(Upkeep.Check(log.Folder).Value.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_SnapshotThatCannotBeRead_IsNamed()
    {
        await using var log = await FilledAsync();
        await log.Database.ExecuteAsync(session => session.Execute("INSERT INTO snapshots (room, seq, body) SELECT row, 7, '{}' FROM rooms"), Cancel);

        Assert.Equal("The snapshot of room 'room' at event 7 cannot be read.", Assert.Single(Upkeep.Check(log.Folder).Value.Problems));
    }

    /// <summary>The codes are SQLITE_FULL, ENOSPC and EDQUOT: what a full target is told by.</summary>
    [Fact]
    public void Backup_ToAFullTarget_BlamesTheTarget()
    {
        foreach (var failure in new Exception[] { new SqliteException("database or disk is full", 13), new IOException("No space left on device", 28), new IOException("Disk quota exceeded", 122) })
        {
            var error = DatabaseBackup.NoSpace(failure, "/backups/today.db");

            Assert.Equal(ErrorCode.Unavailable, error?.Code);
            Assert.Contains("/backups", error!.Message, StringComparison.Ordinal);
            Assert.Contains("another disk", error.Hint, StringComparison.Ordinal);
        }

        Assert.Null(DatabaseBackup.NoSpace(new SqliteException("malformed", 11), "/backups/today.db"));
        Assert.Null(DatabaseBackup.NoSpace(new IOException("other", 5), "/backups/today.db"));
    }

    [Fact]
    public async Task Check_SoundDatabase_HasNoProblems()
    {
        await using var log = await FilledAsync();

        var report = Upkeep.Check(log.Folder).Value;

        Assert.Empty(report.Problems);
        Assert.Equal((1, 1_203L), (report.Rooms, report.Events));
    }

    [Theory]
    [InlineData("DELETE FROM events WHERE seq = 7", "The log of room 'room' has gaps")]
    [InlineData("UPDATE events SET body = 'x' WHERE seq = 7", "Event 7 of room 'room' is no JSON")]
    [InlineData("INSERT INTO snapshots VALUES (1, 9999, '{}')", "A snapshot of room 'room' stands at event 9999")]
    [InlineData("INSERT INTO event_keys VALUES (1, 's', 'k', 9999)", "The history of 's.k' in room 'room' names event 9999")]
    [InlineData("INSERT INTO event_causes VALUES (1, 3, 9999)", "Event 9999 of room 'room' is said to follow from event 3")]
    [InlineData("INSERT INTO event_causes VALUES (1, 7, 7)", "Event 7 of room 'room' is said to follow from event 7")]
    [InlineData("INSERT INTO event_causes VALUES (1, 0, 7)", "Event 7 of room 'room' is said to follow from event 0")]
    [InlineData("INSERT INTO members (room, user_id, role) VALUES (1, 'nobody', 'Owner')", "A row of members refers to a row of users")]
    [InlineData("INSERT INTO tokens (id, hash, scope, created_ms) VALUES ('t', x'00', 'nonsense', 1)", "The scope of token t is unreadable")]
    public async Task Check_Damage_IsNamed(string damage, string problem)
    {
        await using var log = await FilledAsync();
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(log.Folder, "sync.db")};Pooling=False;Foreign Keys=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = damage;
            command.ExecuteNonQuery();
        }

        Assert.StartsWith(problem, Assert.Single(Upkeep.Check(log.Folder).Value.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_NoDatabaseFile_SaysSo()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(folder.File("sync.db"), new string('x', 10_000));

        Assert.NotEmpty(Upkeep.Check(folder.Path).Value.Problems);
    }

    private static async Task<Upkeep> OpenUpkeepAsync(string folder) =>
        (await Upkeep.OpenAsync(folder, create: false, TimeProvider.System, NullLoggerFactory.Instance, Cancel)).Value;

    private static async Task<LogFixture> FilledAsync()
    {
        var log = await OpenAsync();
        var ann = (await log.Database.Access.GetOrAddUserAsync(new UserRecord("u_ann", "ann", At), Cancel)).User;
        var bob = (await log.Database.Access.GetOrAddUserAsync(new UserRecord("u_bob", "bob", At), Cancel)).User;
        var room = (await log.Database.Rooms.CreateAsync("room", "Ä room", JoinPolicy.Members, ann.Id, At, [], Cancel))!;
        await log.Database.ExecuteAsync(
            work =>
            {
                var members = new MemberRows(work, room.Row);
                members.Set(bob.Id, new Member(Role.Participant) { ViaOpen = true });
                return true;
            },
            Cancel);
        var writer = await log.AcquireAsync(room.Row);
        await log.AppendAsync([.. Enumerable.Range(1, 1_200).Select(seq => Event(writer, seq, ok: seq % 7 != 0))]);
        await log.AppendAsync(
            Logged(writer, 1_201, """{"a":"Grüße"}""", requestKey: "retry"),
            Logged(writer, 1_202, """{"kind":"chat"}""", keys: ("_messages", "1")),
            Logged(writer, 1_203, "{\n  \"text\": \"two\\nlines\"\n}"));
        await writer.UntilDurableAsync(1_203);
        return log;
    }

    private static async Task<IEnumerable<string>> TextsAsync(LogFixture log, long row, long upToSeq) =>
        (await log.Database.Rooms.ReadEventsAsync(row, 0, upToSeq, 5_000, Cancel))
        .Rows.Select(stored => $"{stored.Seq} {stored.At:O} {stored.Kind} {stored.Agent} {stored.Action} {stored.Ok} {Encoding.UTF8.GetString(stored.Body)}");
}
