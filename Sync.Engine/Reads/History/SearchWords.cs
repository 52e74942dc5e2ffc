using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Reads.History;

/// <summary>The words of a search: a text matches when it has all of them (<see cref="SearchWord"/>), whatever their case and accents. Immutable.</summary>
internal sealed class SearchWords
{
    private const int MaxLength = 256;
    private const int MaxWords = 8;

    // A snippet shows so much before the first word, and so much in all.
    private const int Before = 40;
    private const int SnippetLength = 160;

    private SearchWords(ImmutableArray<SearchWord> words) => Words = words;

    /// <summary>Each word that has to be there.</summary>
    public ImmutableArray<SearchWord> Words { get; }

    public static Outcome<SearchWords> Parse(string? text)
    {
        if (text is null || text.Length > MaxLength || Split(text) is not { Count: > 0 and <= MaxWords } parts)
        {
            return Refusal;
        }

        ImmutableArray<SearchWord> words = [.. parts.Select(static part => SearchWord.Of(part.Text, part.IsQuoted)).OfType<SearchWord>()];
        return words.IsEmpty ? Refusal : new SearchWords(words);
    }

    private static SyncError Refusal => new SyncError(ErrorCode.InvalidParameter, $"'q' has 1 to {MaxWords} words of together at most {MaxLength} characters; a word has letters, digits or signs such as emoji.")
    {
        Hint = "What has all of them is found, so begin with the rarest.",
    }.With("parameter", "q");

    // At blanks, but for those between quotes. A quote without its other half is none.
    private static List<(string Text, bool IsQuoted)> Split(string text)
    {
        var parts = new List<(string, bool)>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
            }
            else if (text[at] == '"' && text.IndexOf('"', at + 1) is > 0 and var end)
            {
                Add(text[(at + 1)..end], isQuoted: true);
                at = end + 1;
            }
            else
            {
                var from = at;
                while (++at < text.Length && !char.IsWhiteSpace(text[at]))
                {
                }

                Add(text[from..at], isQuoted: false);
            }
        }

        return parts;

        void Add(string part, bool isQuoted)
        {
            if (!string.IsNullOrWhiteSpace(part))
            {
                parts.Add((part, isQuoted));
            }
        }
    }

    public bool Match(string text) => FirstMatch(text) is not null;

    /// <summary>The text around the first word that is in it, on one line.</summary>
    public string Snippet(string text)
    {
        var from = Math.Max(0, (FirstMatch(text) ?? 0) - Before);
        var to = Math.Min(text.Length, from + SnippetLength);

        // No half of a pair at either end.
        from += from > 0 && char.IsLowSurrogate(text[from]) ? 1 : 0;
        to -= to < text.Length && char.IsHighSurrogate(text[to - 1]) ? 1 : 0;
        return $"{(from > 0 ? "…" : "")}{text[from..to].ReplaceLineEndings(" ")}{(to < text.Length ? "…" : "")}";
    }

    // Where the first of them is; null where one is missing.
    private int? FirstMatch(string text)
    {
        var searches = Words.Select(static word => new WordSearch(word)).ToArray();
        var missing = searches.Length;
        int? first = null;
        var terms = new TextTerms(text);
        while (missing > 0 && terms.MoveNext())
        {
            foreach (var search in searches)
            {
                if (search.Found is null && search.Take(terms.Current, terms.Start))
                {
                    missing--;
                    first = Math.Min(first ?? int.MaxValue, search.Found!.Value); // It has just been found.
                }
            }
        }

        return missing == 0 ? first : null;
    }

    /// <summary>The names and values in JSON as one text, but for members that are not for people.</summary>
    public static string TextOf(JsonElement json, params ReadOnlySpan<string> without)
    {
        var text = new StringBuilder();
        Append(text, json, without);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement json, ReadOnlySpan<string> without)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    if (!without.Contains(member.Name))
                    {
                        AppendWord(text, member.Name).Append(':');
                        Append(text, member.Value, []);
                    }
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Append(text, item, []);
                }

                break;
            case JsonValueKind.String:
                AppendWord(text, json.GetString() ?? "");
                break;
            case JsonValueKind.Null or JsonValueKind.Undefined:
                break;
            default:
                AppendWord(text, json.GetRawText());
                break;
        }
    }

    private static StringBuilder AppendWord(StringBuilder text, string word) => (text.Length > 0 ? text.Append(' ') : text).Append(word);

    // One word on its way through a text.
    private sealed class WordSearch(SearchWord word)
    {
        // Whether the terms before each one were the last of the text, and where they begin.
        private readonly int?[] _reached = new int?[word.Terms.Length];

        public int? Found { get; private set; }

        public bool Take(ReadOnlySpan<char> term, int start)
        {
            _reached[0] = start;
            for (var at = word.Terms.Length - 1; at >= 0; at--)
            {
                var isNext = _reached[at] is not null && word.Takes(at, term);
                if (at == word.Terms.Length - 1)
                {
                    Found = isNext ? _reached[at] : null;
                }
                else
                {
                    _reached[at + 1] = isNext ? _reached[at] : null;
                }
            }

            return Found is not null;
        }
    }
}
