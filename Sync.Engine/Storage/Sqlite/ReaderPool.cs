using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// Read-only connections with their prepared statements. In WAL mode they never wait for the writer and see what was
/// committed when their statement began. A connection is used by one reader at a time; at most <see cref="Max"/> are open.
/// </summary>
internal sealed class ReaderPool(DatabaseFile file) : IDisposable
{
    private const int Max = 16;

    private readonly SemaphoreSlim _free = new(Max);
    private readonly ConcurrentStack<Reader> _idle = new();
    private volatile bool _disposed;

    /// <summary>Runs a read. SQLite reads synchronously, on the calling thread; keep each one short.</summary>
    public async Task<T> ReadAsync<T>(Func<Reader, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var reader = _idle.TryPop(out var idle) ? idle : new Reader(file.OpenReader());
            var kept = false;
            try
            {
                var result = read(reader);
                kept = true;
                return result;
            }
            finally
            {
                // A reader that threw may be in any state; a new one is cheap.
                if (kept && !_disposed)
                {
                    _idle.Push(reader);
                }
                else
                {
                    reader.Dispose();
                }
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out var reader))
        {
            reader.Dispose();
        }
    }
}

/// <summary>One read-only connection with the statements prepared on it so far. Not thread-safe.</summary>
internal sealed class Reader(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    /// <summary>The first row, or default when there is none. Parameters are <c>$1</c>, <c>$2</c> …</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var rows = Execute(sql, values);
        return rows.Read() ? map(rows) : default;
    }

    /// <summary>All rows. Parameters are <c>$1</c>, <c>$2</c> …</summary>
    public List<T> All<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        List<T> all = [];
        using var rows = Execute(sql, values);
        while (rows.Read())
        {
            all.Add(map(rows));
        }

        return all;
    }

    /// <summary>
    /// Rows until there are <paramref name="max"/>, or until the next would make them heavier than <paramref name="weight"/> together; the first comes whatever it weighs.
    /// SQLite finds rows as they are asked for, so what is left out was not read.
    /// </summary>
    /// <returns>The rows, and whether there is another.</returns>
    public (List<T> Rows, bool More) Until<T>(string sql, Func<SqliteDataReader, T> map, Func<T, long> weigh, int max, long weight, params ReadOnlySpan<object?> values)
    {
        List<T> found = [];
        long sum = 0;
        using var rows = Execute(sql, values);
        while (rows.Read())
        {
            if (found.Count == max)
            {
                return (found, true);
            }

            var row = map(rows);
            sum += weigh(row);
            if (found.Count > 0 && sum > weight)
            {
                return (found, true);
            }

            found.Add(row);
        }

        return (found, false);
    }

    /// <summary>Makes the reads inside <paramref name="reads"/> see one moment.</summary>
    public T AtOneMoment<T>(Func<Reader, T> reads)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        foreach (var command in _commands.Values)
        {
            command.Transaction = transaction;
        }

        try
        {
            return reads(this);
        }
        finally
        {
            foreach (var command in _commands.Values)
            {
                command.Transaction = null;
            }
        }
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private SqliteDataReader Execute(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var index = 0; index < values.Length; index++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${index + 1}" });
            }

            _commands.Add(sql, command);
        }

        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index] ?? DBNull.Value;
        }

        return command.ExecuteReader();
    }
}
