using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sync.Engine.Primitives.Files;
using Sync.Engine.Primitives.Health;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Search indexes in a folder beside the database, one file per room: a room's words are of no cost to the others, and go with their room. The log's writer knows nothing of them. A file
/// that cannot be read is made anew. Backups leave them out.
/// </summary>
internal sealed partial class SearchIndex : ISearchIndex
{
    public const string FolderName = "search";

    private const string Extension = ".db";
    private const int Gates = 32;

    private readonly string _folder;
    private readonly HealthComponent _health;
    private readonly ILogger _logger;

    // One search at a time in a room: what one has read, the next need not read again.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(static _ => new SemaphoreSlim(1))];

    public SearchIndex(string directory, HealthRegistry health, ILogger logger)
    {
        _folder = Path.Combine(directory, FolderName);
        _health = health.Component("search", isEssential: false);
        _logger = logger;
    }

    public async Task<ISearchIndexSession?> OpenAsync(long room, CancellationToken cancellationToken)
    {
        var gate = Gate(room);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        var isKept = false;
        try
        {
            OwnerOnly.CreateFolder(_folder);
            var session = SearchIndexFile.Open(PathOf(room), gate, Failed);
            isKept = true;
            _health.Succeeded();
            return session;
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            Failed(exception);
            return null;
        }
        finally
        {
            if (!isKept)
            {
                gate.Release();
            }
        }
    }

    public async Task DeleteAsync(long room, CancellationToken cancellationToken)
    {
        var gate = Gate(room);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            SearchIndexFile.Erase(PathOf(room));
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Removes the indexes of rooms that are no more: a deletion may have been cut short, or a backup restored.</summary>
    public void Keep(IReadOnlySet<long> rooms)
    {
        if (!Directory.Exists(_folder))
        {
            return;
        }

        try
        {
            foreach (var path in Directory.EnumerateFiles(_folder, "*" + Extension))
            {
                if (!long.TryParse(Path.GetFileNameWithoutExtension(path), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var room) || !rooms.Contains(room))
                {
                    SearchIndexFile.Erase(path);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Failed(exception);
        }
    }

    private SemaphoreSlim Gate(long room) => _gates[(int)(room % Gates)];

    private string PathOf(long room) => Path.Combine(_folder, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{room}{Extension}"));

    private void Failed(Exception exception)
    {
        _health.Failed();
        LogFailed(_logger, exception);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A search index cannot be used; the log is looked through instead.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
