using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sync.Engine.Primitives.Health;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Whether the data folder takes writes. A commit that fails for the disk's sake reports it at once; that it works again is known only from a write,
/// which is tried when somebody asks, and at most once in <see cref="Between"/>. Nothing runs while nobody asks. Any thread.
/// </summary>
internal sealed partial class DiskHealth(HealthRegistry health, string directory, TimeProvider time, ILogger logger)
{
    /// <summary>The shortest time between two attempts.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    // Below that a warning is logged, once until there is more again.
    private const long LowBytes = 256L * 1024 * 1024;

    // The write-ahead log reuses space it has, so that a small write may succeed where the next larger one cannot.
    private const long LeastBytes = 1024 * 1024;

    // A write that takes longer than that serves nobody.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly HealthComponent _component = health.Component("disk", isEssential: true);
    private readonly Lock _lock = new();
    private Task _check = Task.CompletedTask;
    private long? _checkedAt;
    private bool _isLow;

    /// <summary>For tests: the free bytes of the folder's file system, or null where that is not known.</summary>
    internal Func<long?> FreeBytes { get; set; } = () => FreeBytesOf(directory);

    /// <summary>Takes note of a failed transaction. What is not the disk's fault is none of this.</summary>
    public void Failed(Exception cause)
    {
        if (IsOfDisk(cause))
        {
            _component.Failed();
        }
    }

    /// <summary>Tries a write unless one was tried a moment ago; completes when the component says what came of it.</summary>
    /// <param name="write">A small durable write.</param>
    public Task CheckAsync(Func<Task> write)
    {
        lock (_lock)
        {
            if (_check.IsCompleted && (_checkedAt is not { } last || time.GetElapsedTime(last) >= Between))
            {
                _checkedAt = time.GetTimestamp();
                _check = RunAsync(write);
            }

            return _check;
        }
    }

    private static bool IsOfDisk(Exception cause) => cause switch
    {
        // READONLY, IOERR, FULL, CANTOPEN.
        SqliteException { SqliteErrorCode: 8 or 10 or 13 or 14 } or IOException => true,
        _ => cause.InnerException is { } inner && IsOfDisk(inner),
    };

    private static long? FreeBytesOf(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private async Task RunAsync(Func<Task> write)
    {
        try
        {
            var free = FreeBytes();
            NoteFree(free);
            await write().WaitAsync(s_patience, time).ConfigureAwait(false);
            if (free < LeastBytes)
            {
                _component.Failed();
            }
            else
            {
                _component.Succeeded();
            }
        }
        catch (Exception failure)
        {
            // Whatever kept the write from the disk, the server cannot keep anything.
            LogCheckFailed(failure);
            _component.Failed();
        }
    }

    private void NoteFree(long? free)
    {
        var isLow = free < LowBytes;
        if (isLow && !_isLow)
        {
            LogLow(directory, free.GetValueOrDefault() / (1024 * 1024));
        }

        _isLow = isLow;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The disk of the data folder {Directory} has only {Megabytes} MB left.")]
    private partial void LogLow(string directory, long megabytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "The disk takes no writes: a small one failed.")]
    private partial void LogCheckFailed(Exception cause);
}
