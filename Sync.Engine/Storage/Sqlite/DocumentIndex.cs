using Microsoft.Data.Sqlite;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// A few fixed texts in FTS5, in memory: words by their stems, ranked. Filled once; one question at a time, since there is one connection. The texts are the program's own, and so are
/// the queries' words: whoever asks cuts them.
/// </summary>
internal sealed class DocumentIndex : IDisposable
{
    // What a match is worth: in the document's title, in the heading, in the text.
    private const string Rank = "bm25(sections, 5.0, 12.0, 1.0)";

    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly Lock _lock = new();

    public DocumentIndex(IEnumerable<(string Title, string Heading, string Text)> sections)
    {
        _connection.Open();
        using var create = _connection.CreateCommand();
        create.CommandText = "CREATE VIRTUAL TABLE sections USING fts5(title, heading, text, content='', tokenize='porter unicode61 remove_diacritics 2')";
        create.ExecuteNonQuery();
        using var transaction = _connection.BeginTransaction();
        using var insert = _connection.CreateCommand();
        insert.CommandText = "INSERT INTO sections (rowid, title, heading, text) VALUES ($1, $2, $3, $4)";
        var row = 0;
        foreach (var (title, heading, text) in sections)
        {
            insert.Parameters.Clear();
            insert.Parameters.AddWithValue("$1", ++row);
            insert.Parameters.AddWithValue("$2", title);
            insert.Parameters.AddWithValue("$3", heading);
            insert.Parameters.AddWithValue("$4", text);
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>The places of the texts that an FTS5 expression matches, best first.</summary>
    public List<int> Find(string expression, int limit)
    {
        lock (_lock)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = $"SELECT rowid FROM sections WHERE sections MATCH $1 ORDER BY {Rank}, rowid LIMIT $2";
            command.Parameters.AddWithValue("$1", expression);
            command.Parameters.AddWithValue("$2", limit);
            using var rows = command.ExecuteReader();
            var found = new List<int>();
            while (rows.Read())
            {
                found.Add((int)rows.GetInt64(0) - 1);
            }

            return found;
        }
    }

    public void Dispose() => _connection.Dispose();
}
