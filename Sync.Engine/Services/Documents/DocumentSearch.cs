using Sync.Engine.Reads.History;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Documents;

/// <summary>
/// Finds sections of fixed texts that everybody may read: by stems, by how words begin, by words that mean the same, best first. Thread-safe.
/// </summary>
public sealed class DocumentSearch : IDisposable
{
    private const int MaxWords = 8;

    private readonly DocumentIndex _index;
    private readonly ILookup<string, string> _synonyms;

    /// <param name="sections">The texts.</param>
    /// <param name="synonyms">Words, and phrases, that are looked for together: each finds the others of its group.</param>
    public DocumentSearch(IEnumerable<DocumentSection> sections, IEnumerable<IReadOnlyList<string>> synonyms)
    {
        _index = new DocumentIndex(sections.Select(static section => (section.Title, section.Heading, section.Text)));
        _synonyms = synonyms.SelectMany(static group => group.SelectMany(word => group.Where(other => other != word).Select(other => (word, other)))).ToLookup(static pair => pair.word, static pair => pair.other, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => _index.Dispose();

    /// <summary>What a query finds; sections with all of its words, or where there is none with any of them.</summary>
    public DocumentMatches Find(string query, int limit)
    {
        var words = Terms(query).Distinct(StringComparer.Ordinal).Take(MaxWords).ToList();
        if (words.Count == 0)
        {
            return DocumentMatches.None;
        }

        var phrase = string.Join(' ', words);
        string[] each = [.. words.Select(word => $"({string.Join(" OR ", [$"\"{word}\"{(word.Length > 1 ? " *" : "")}", .. _synonyms[word].Select(static other => $"\"{other}\"")])})")];

        // Words that mean one thing together (reverse proxy) may also stand for another as a whole.
        string[] whole = [.. words.Count > 1 ? _synonyms[phrase].Select(static other => $"\"{other}\"") : []];
        var expression = string.Join(" OR ", [$"({string.Join(" AND ", each)})", .. whole]);
        var found = _index.Find(expression, limit);
        IReadOnlyList<string> marked = [.. words, .. words.SelectMany(word => _synonyms[word]), .. _synonyms[phrase]];
        return found.Count > 0 || words.Count == 1 ? new DocumentMatches(found, HasAll: true, marked) : new DocumentMatches(_index.Find(string.Join(" OR ", each), limit), HasAll: false, marked);
    }

    // Letters and digits alone: nothing of them means anything to FTS5 between quotes.
    private static List<string> Terms(string query)
    {
        var words = new List<string>();
        for (var terms = new TextTerms(query); terms.MoveNext();)
        {
            words.Add(terms.Current.ToString());
        }

        return words;
    }
}

/// <summary>A text that is searched.</summary>
/// <param name="Title">Of the document.</param>
/// <param name="Heading">Of the section; empty before the first.</param>
/// <param name="Text">What it says.</param>
public sealed record DocumentSection(string Title, string Heading, string Text);

/// <summary>What was found.</summary>
/// <param name="Sections">The places of the sections, best first.</param>
/// <param name="HasAll">Whether each has all the words that were asked for, in one way or another.</param>
/// <param name="Words">The words that may stand in them, to be shown.</param>
public sealed record DocumentMatches(IReadOnlyList<int> Sections, bool HasAll, IReadOnlyList<string> Words)
{
    /// <summary>Nothing.</summary>
    public static DocumentMatches None { get; } = new([], HasAll: true, []);
}
