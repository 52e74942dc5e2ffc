using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Tests.Storage.Sqlite;

/// <summary>A disk that takes no writes is reported, tried when somebody asks, and recovers by itself.</summary>
public sealed class DiskHealthTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly HealthRegistry _health;
    private readonly DiskHealth _disk;
    private int _writes;

    public DiskHealthTests()
    {
        _health = new HealthRegistry(_time);
        _disk = new DiskHealth(_health, "/", _time, NullLogger.Instance) { FreeBytes = static () => null };
    }

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new IOException("No space left on device"), true },
        { new SqliteException("database or disk is full", 13), true },
        { new SqliteException("disk I/O error", 10), true },
        { new SqliteException("readonly database", 8), true },
        { new InvalidOperationException("saving", new SqliteException("database or disk is full", 13)), true },
        { new SqliteException("constraint", 19), false },
        { new InvalidOperationException("a bug"), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failed_OnlyForTheDisksSake_IsReported(Exception cause, bool isOfDisk)
    {
        _disk.Failed(cause);

        Assert.Equal(!isOfDisk, _health.IsReady);
    }

    [Fact]
    public async Task Check_AskedOften_WritesOnceInAWhileAndRecovers()
    {
        _disk.Failed(new IOException("full"));
        await _disk.CheckAsync(() => Write(fails: true));
        Assert.False(_health.IsReady);

        await _disk.CheckAsync(() => Write(fails: false));
        Assert.Equal(1, _writes);
        Assert.False(_health.IsReady);

        _time.Advance(DiskHealth.Between);
        await _disk.CheckAsync(() => Write(fails: false));
        Assert.Equal(2, _writes);
        Assert.True(_health.IsReady);
    }

    [Theory]
    [InlineData(0L, false)]
    [InlineData(1024L * 1024, true)]
    public async Task Check_WriteSucceedsOnAFullDisk_IsNotReady(long free, bool isReady)
    {
        _disk.FreeBytes = () => free;

        await _disk.CheckAsync(() => Write(fails: false));

        Assert.Equal(isReady, _health.IsReady);
    }

    [Fact]
    public async Task Check_OfAWriteThatHangs_IsNotReady()
    {
        var check = _disk.CheckAsync(static () => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously).Task);
        _time.Advance(TimeSpan.FromSeconds(10));
        await check;

        Assert.False(_health.IsReady);
    }

    [Fact]
    public async Task Commit_ThatFails_FailsTheDiskUntilAWriteSucceeds()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        host.Engine.Log.BeforeCommit = static _ => throw new IOException("disk full");
        await host.RefusedAsync(host.Owner, "r", "_send_message", """{"body":"lost"}""");
        host.Engine.Log.BeforeCommit = null;
        Assert.Equal(["disk"], host.Engine.Health.Failing.Select(static part => part.Name));

        await host.Engine.CheckDiskAsync();

        Assert.True(host.Engine.Health.IsReady);
    }

    [Fact]
    public async Task Check_WritesToTheFileItself()
    {
        await using var host = await EngineHost.StartAsync();
        await host.Engine.Database.TruncateWriteAheadLogAsync(TestContext.Current.CancellationToken);
        var log = new FileInfo(host.Engine.Database.File.Path + "-wal");
        Assert.Equal(0, log.Length);

        await host.Engine.CheckDiskAsync();
        log.Refresh();

        Assert.True(log.Length > 0);
    }

    private Task Write(bool fails)
    {
        _writes++;
        return fails ? Task.FromException(new IOException("full")) : Task.CompletedTask;
    }
}
