using Microsoft.Data.Sqlite;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>Reads inside a writing transaction: what they see holds until COMMIT.</summary>
internal static class WriteQueries
{
    /// <summary>The first row, or default when there is none. Parameters are <c>$1</c>, <c>$2</c> …</summary>
    public static T? First<T>(this WriteSession work, string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var command = Command(work, sql, values);
        using var rows = command.ExecuteReader();
        return rows.Read() ? map(rows) : default;
    }

    /// <summary>All rows. Parameters are <c>$1</c>, <c>$2</c> …</summary>
    public static List<T> All<T>(this WriteSession work, string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        List<T> all = [];
        using var command = Command(work, sql, values);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            all.Add(map(rows));
        }

        return all;
    }

    /// <summary>The number that a query counts.</summary>
    public static long Count(this WriteSession work, string sql, params ReadOnlySpan<object?> values) =>
        work.First(sql, static row => row.GetInt64(0), values);

    private static SqliteCommand Command(WriteSession work, string sql, ReadOnlySpan<object?> values)
    {
        var command = work.Connection.CreateCommand();
        command.CommandText = sql;
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters.AddWithValue($"${index + 1}", values[index] ?? DBNull.Value);
        }

        return command;
    }
}
