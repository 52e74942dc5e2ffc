using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Sync.Engine.Primitives.Files;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// A room's index: an FTS5 table without content, one row per event, its rowid the event's number. The terms come cut and folded, so its tokenizer only has to find the blanks between
/// them. A term that not everybody reads is in it with a mark before it, one for the scope it stands in and one for who sees everything: whoever searches asks for the marks they may, and
/// other people's words are not even looked up. Which events are in it stands in <c>ranges</c>.
/// </summary>
internal sealed class SearchIndexFile : ISearchIndexSession
{
    // Of what is stored, or of how it is cut: an index of another version is made anew.
    private const int Version = 1;

    // Marks are single characters of the private planes, which no term has. More scopes than that share some, which finds too much and not too little.
    private const int FirstMark = 0xF0000;
    private const int Marks = 0x1FFF0;
    private const long AllScopes = 0;

    // Who sees more scopes than this is asked for as if it saw all: what it does not see is left out when the event is read.
    private const int MaxMarks = 64;

    private const string Tables =
        """
        CREATE VIRTUAL TABLE IF NOT EXISTS terms USING fts5(text, content='', detail=none, columnsize=0, prefix='2 3', tokenize='ascii');
        CREATE TABLE IF NOT EXISTS ranges (low INTEGER PRIMARY KEY, high INTEGER NOT NULL, tag TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS scopes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        """;

    private readonly string _path;
    private readonly SemaphoreSlim _gate;
    private readonly Action<Exception> _failed;
    private SqliteConnection? _connection;

    private SearchIndexFile(string path, SemaphoreSlim gate, Action<Exception> failed) => (_path, _gate, _failed) = (path, gate, failed);

    public IndexedEvent? Newest => Try<IndexedEvent?>(
        static file => file.First("SELECT high, tag FROM ranges ORDER BY low DESC LIMIT 1", static row => new IndexedEvent(row.GetInt64(0), row.GetString(1))),
        null);

    /// <summary>Opens or makes an index. It releases the gate when it is disposed.</summary>
    public static SearchIndexFile Open(string path, SemaphoreSlim gate, Action<Exception> failed)
    {
        var file = new SearchIndexFile(path, gate, failed);
        try
        {
            file.Connect();
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB)
        {
            file.Reset();
        }

        return file;
    }

    /// <summary>Removes an index, overwritten: it has words of private scopes.</summary>
    public static void Erase(string path)
    {
        foreach (var part in (string[])[path + "-wal", path + "-shm", path])
        {
            if (!File.Exists(part))
            {
                continue;
            }

            using (var stream = new FileStream(part, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            {
                var zeros = new byte[64 * 1024];
                for (var left = stream.Length; left > 0; left -= zeros.Length)
                {
                    stream.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
                }

                stream.Flush(flushToDisk: true);
            }

            File.Delete(part);
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
        _gate.Release();
    }

    public void Reset()
    {
        try
        {
            _connection?.Dispose();
            _connection = null;
            Erase(_path);
            Connect();
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            _connection = null;
            _failed(exception);
        }
    }

    public SeqRange? Below(long before) => Try<SeqRange?>(
        file => file.First<SeqRange?>("SELECT low, high FROM ranges WHERE low < $1 ORDER BY low DESC LIMIT 1", static row => new SeqRange(row.GetInt64(0), row.GetInt64(1)), before),
        null);

    public void Add(SeqRange range, string newestTag, IReadOnlyList<EventTerms> events) => Try(
        file =>
        {
            // At once for writing: what another process adds meanwhile is seen, or waits.
            using var transaction = file._connection!.BeginTransaction(deferred: false); // Tried only while there is one.
            var known = file.All("SELECT low, high FROM ranges WHERE low <= $1 AND high >= $2", static row => new SeqRange(row.GetInt64(0), row.GetInt64(1)), range.High, range.Low);
            foreach (var e in events)
            {
                if (!known.Any(stretch => stretch.Low <= e.Seq && e.Seq <= stretch.High))
                {
                    file.Execute("INSERT INTO terms (rowid, text) VALUES ($1, $2)", e.Seq, file.TextOf(e));
                }
            }

            file.Join(range, newestTag);
            transaction.Commit();
            return true;
        },
        false);

    public IReadOnlyList<long>? Find(TermQuery query, SeqRange range, int limit) => Try<IReadOnlyList<long>?>(
        file => file.All(
            "SELECT rowid FROM terms WHERE terms MATCH $1 AND rowid BETWEEN $2 AND $3 ORDER BY rowid DESC LIMIT $4",
            static row => row.GetInt64(0),
            file.Match(query),
            range.Low,
            range.High,
            limit),
        null);

    // Stretches that touch or overlap become one; it is as new as the newest of them.
    private void Join(SeqRange range, string newestTag)
    {
        var (low, high, tag) = (range.Low, range.High, newestTag);
        foreach (var (from, to, last) in All(
            "SELECT low, high, tag FROM ranges WHERE low <= $1 AND high >= $2",
            static row => (row.GetInt64(0), row.GetInt64(1), row.GetString(2)),
            range.High + 1,
            range.Low - 1))
        {
            low = Math.Min(low, from);
            (high, tag) = to > high ? (to, last) : (high, tag);
            Execute("DELETE FROM ranges WHERE low = $1", from);
        }

        Execute("INSERT INTO ranges (low, high, tag) VALUES ($1, $2, $3)", low, high, tag);
    }

    private string TextOf(EventTerms e)
    {
        var text = new StringBuilder();
        text.AppendJoin(' ', e.Open);
        foreach (var (scope, terms) in e.Private)
        {
            var marks = MarkOf(AllScopes) + MarkOf(ScopeId(scope));
            foreach (var term in terms)
            {
                text.Append(' ').Append(marks, 0, 2).Append(term).Append(' ').Append(marks, 2, 2).Append(term);
            }
        }

        return text.ToString();
    }

    // For each term: itself, or itself with one of the reader's marks. What stands between the quotes has been cut into letters and signs, so no quote is in it.
    private string Match(TermQuery query)
    {
        string[] marks = query.SeesAll || query.Private.Count > MaxMarks
            ? ["", MarkOf(AllScopes)]
            : ["", .. query.Private.Select(scope => First<long?>("SELECT id FROM scopes WHERE name = $1", static row => row.GetInt64(0), scope)).OfType<long>().Select(MarkOf)];
        return string.Join(" AND ", query.Terms.Select(term => $"({string.Join(" OR ", marks.Select(mark => $"\"{mark}{term.Term}\"{(term.IsPrefix ? " *" : "")}"))})"));
    }

    private static string MarkOf(long scope) => char.ConvertFromUtf32(FirstMark + (scope == AllScopes ? 0 : 1 + (int)(scope % (Marks - 1))));

    private long ScopeId(string scope)
    {
        Execute("INSERT OR IGNORE INTO scopes (name) VALUES ($1)", scope);
        return First("SELECT id FROM scopes WHERE name = $1", static row => row.GetInt64(0), scope);
    }

    private void Connect()
    {
        // SQLite gives its other files the mode of this one.
        File.Open(_path, OwnerOnly.File(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)).Dispose();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            _connection = connection;

            // What a power cut takes from it is read from the log again.
            Execute("PRAGMA busy_timeout=2000; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;");
            if (First("PRAGMA user_version", static row => row.GetInt64(0)) is not (0 or Version))
            {
                Reset();
                return;
            }

            Execute($"{Tables} PRAGMA user_version={Version.ToString(CultureInfo.InvariantCulture)};");
        }
        catch
        {
            connection.Dispose();
            _connection = null;
            throw;
        }
    }

    // A damaged index is made anew, and knows nothing for the rest of this search.
    private T Try<T>(Func<SearchIndexFile, T> use, T otherwise)
    {
        if (_connection is null)
        {
            return otherwise;
        }

        try
        {
            return use(this);
        }
        catch (SqliteException exception)
        {
            _failed(exception);
            _connection.Dispose();
            _connection = null;
            if (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB)
            {
                Erase(_path);
            }

            return otherwise;
        }
    }

    private void Execute(string sql, params ReadOnlySpan<object?> values)
    {
        using var command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private T? First<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var command = Command(sql, values);
        using var rows = command.ExecuteReader();
        return rows.Read() ? map(rows) : default;
    }

    private List<T> All<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var command = Command(sql, values);
        using var rows = command.ExecuteReader();
        var all = new List<T>();
        while (rows.Read())
        {
            all.Add(map(rows));
        }

        return all;
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<object?> values)
    {
        var command = _connection!.CreateCommand(); // Called only while there is one.
        command.CommandText = sql;
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters.AddWithValue($"${index + 1}", values[index] ?? DBNull.Value);
        }

        return command;
    }
}
