using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Services.Maintenance;
using Sync.Engine.Storage.Sqlite;
using Sync.Engine.Storage.Sqlite.Schema;
using static Sync.Engine.Tests.Storage.Sqlite.LogFixture;

namespace Sync.Engine.Tests.Storage.Sqlite;

public sealed class DatabaseTests
{
    [Fact]
    public async Task Open_NewFolder_IsReadableByItsOwnerAlone()
    {
        await using var log = await OpenAsync();

        AssertClosed(log.Folder);
    }

    [Fact]
    public async Task Open_FolderThatWasOpenToOthers_IsClosed()
    {
        using var folder = new TempFolder();
        await (await Database.OpenAsync(folder.Path, TimeProvider.System, NullLogger.Instance, Cancel)).DisposeAsync();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.Path, (UnixFileMode)Convert.ToInt32("755", 8));
            File.SetUnixFileMode(Path.Combine(folder.Path, DatabaseFile.FileName), (UnixFileMode)Convert.ToInt32("644", 8));
            File.WriteAllText(Path.Combine(folder.Path, "copied.key"), "x");
        }

        await using var database = await Database.OpenAsync(folder.Path, TimeProvider.System, NullLogger.Instance, Cancel);
        using var held = DataDirectoryLock.Acquire(folder.Path).Value;

        AssertClosed(folder.Path);
    }

    private static void AssertClosed(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        var files = Directory.GetFiles(folder);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Assert.Equal((file, Owner), (file, File.GetUnixFileMode(file)));
        }
    }

    [Fact]
    public async Task Open_Settings_AreThoseThatDurabilityNeeds()
    {
        await using var log = await OpenAsync();

        var settings = await log.Database.ExecuteAsync(
            session => new[] { "journal_mode", "synchronous", "foreign_keys", "secure_delete", "wal_autocheckpoint" }
                .Select(pragma => Scalar(session.Connection, $"PRAGMA {pragma}")?.ToString())
                .ToList(),
            Cancel);

        // synchronous 2 is FULL.
        Assert.Equal(["wal", "2", "1", "1", "16384"], settings);
    }

    [Fact]
    public async Task Open_Model_HasNoChangeWithoutAMigration()
    {
        await using var log = await OpenAsync();

        Assert.False(await log.Database.WriteAsync(context => context.Database.HasPendingModelChanges(), Cancel));
    }

    [Theory]
    [InlineData("event_keys")]
    [InlineData("event_causes")]
    public async Task Open_IndexTables_HaveNoRowid(string table)
    {
        await using var log = await OpenAsync();

        var sql = await log.Database.ReadAsync(reader => reader.First("SELECT sql FROM sqlite_master WHERE name = $1", row => row.GetString(0), table), Cancel);

        Assert.EndsWith("WITHOUT ROWID", sql);
    }

    [Fact]
    public async Task Open_WrittenByANewerVersion_IsRefusedInOneSentence()
    {
        await using var log = await OpenAsync();
        await log.Database.ExecuteAsync(session => session.Execute("INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Later', '99')"), Cancel);

        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => LogFixture.OpenAsync(log.Folder));

        Assert.Contains("newer version", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_AfterAMigrationWasKilled_DoesNotWaitForItsLock()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.Path);
        using (var connection = new SqliteConnection($"Data Source={folder.File("sync.db")};Pooling=False"))
        {
            connection.Open();
            Scalar(connection, "CREATE TABLE __EFMigrationsLock (Id INTEGER PRIMARY KEY, Timestamp TEXT NOT NULL); INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01')");
        }

        await using var database = await LogFixture.OpenAsync(folder.Path).WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.Empty(await database.Rooms.LoadAllAsync(Cancel));
    }

    [Fact]
    public async Task Open_ByManyAtOnce_AllSeeTheSchema()
    {
        using var folder = new TempFolder();

        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => LogFixture.OpenAsync(folder.Path), Cancel)));

        foreach (var database in databases)
        {
            Assert.Empty(await database.Rooms.LoadAllAsync(Cancel));
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Write_ThatThrows_LeavesNothingAndFailsTheCaller()
    {
        await using var log = await OpenAsync();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => log.Database.WriteAsync<int>(
            context =>
            {
                context.Users.Add(new StoredUser { Id = "u", Name = "ann", CreatedMs = 1 });
                context.SaveChanges();
                throw new InvalidOperationException("No.");
            },
            Cancel));

        Assert.Equal("No.", failure.Message);
        Assert.Empty(await log.Database.Access.LoadUsersAsync(Cancel));
        await log.CreateRoomAsync("still-writing");
    }

    [Fact]
    public async Task Write_CancelledBeforeItBegins_DoesNotRun()
    {
        await using var log = await OpenAsync();
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        var ran = false;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => log.Database.ExecuteAsync(_ => ran = true, cancel.Token));

        Assert.False(ran);
    }

    [Fact]
    public async Task Write_AfterDispose_Fails()
    {
        await using var log = await OpenAsync();
        var closed = log.Database;
        await log.ReopenAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.ExecuteAsync(_ => 1, Cancel));
    }

    [Fact]
    public async Task Write_BesideAppends_BothGoOn()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();

        var appends = Task.Run(() => log.AppendAsync([.. Enumerable.Range(1, 5_000).Select(seq => Event(writer, seq))]), Cancel);
        var writes = Task.WhenAll(Enumerable.Range(0, 50).Select(index => log.CreateRoomAsync($"beside-{index}")));
        await Task.WhenAll(appends, writes);
        await writer.UntilDurableAsync(5_000);

        Assert.Equal(51, (await log.Database.Rooms.LoadAllAsync(Cancel)).Count);
        Assert.Equal(5_000, await log.Database.Rooms.LastSeqAsync(writer.Room, Cancel));
    }

    [Fact]
    public async Task Write_AnotherProcessHoldsTheLock_WaitsForIt()
    {
        await using var log = await OpenAsync();
        var writer = await log.CreateWriterAsync();
        using var other = new SqliteConnection($"Data Source={Path.Combine(log.Folder, "sync.db")};Pooling=False");
        other.Open();
        Scalar(other, "BEGIN IMMEDIATE");

        await log.AppendAsync(Event(writer, 1));
        Assert.Empty(writer.Durable);
        Scalar(other, "COMMIT");
        await writer.UntilDurableAsync(1);

        Assert.Empty(writer.Failures);
    }

    [Fact]
    public async Task Read_Throws_TheNextReadWorks()
    {
        await using var log = await OpenAsync();

        await Assert.ThrowsAsync<SqliteException>(() => log.Database.ReadAsync(reader => reader.First("SELECT nonsense", row => row.GetInt64(0)), Cancel));

        Assert.Empty(await log.Database.Rooms.LoadAllAsync(Cancel));
    }

    [Fact]
    public async Task Read_CannotWrite()
    {
        await using var log = await OpenAsync();

        await Assert.ThrowsAsync<SqliteException>(() => log.Database.ReadAsync(reader => reader.First("DELETE FROM rooms RETURNING 1", row => row.GetInt64(0)), Cancel));
    }

    [Fact]
    public async Task Dispose_EmptiesTheWriteAheadLog()
    {
        await using var log = await OpenAsync();
        await log.CreateRoomAsync();

        await log.Database.DisposeAsync();

        var left = new FileInfo(Path.Combine(log.Folder, "sync.db-wal"));
        Assert.True(!left.Exists || left.Length == 0);
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
