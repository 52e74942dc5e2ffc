using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Reads.History;

/// <summary>The words of a search: a text matches when it has all of them, whatever their case. Immutable.</summary>
internal sealed class SearchWords
{
    private const int MaxLength = 256;
    private const int MaxWords = 8;

    // A snippet shows so much before the first word, and so much in all.
    private const int Before = 40;
    private const int SnippetLength = 160;

    private readonly ImmutableArray<string> _words;
    private readonly ImmutableArray<string> _plain;

    private SearchWords(ImmutableArray<string> words)
    {
        _words = words;
        // JSON writes these as they are, so that a text without them need not be read.
        _plain = [.. words.Where(static word => word.All(char.IsAsciiLetterOrDigit))];
    }

    public static Outcome<SearchWords> Parse(string? text)
    {
        var words = text?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return words.Length is > 0 and <= MaxWords && text!.Length <= MaxLength // There are words in it.
            ? new SearchWords([.. words])
            : new SearchWords([]).Refusal;
    }

    private SyncError Refusal => new SyncError(ErrorCode.InvalidParameter, $"'q' has 1 to {MaxWords} words of together at most {MaxLength} characters.")
    {
        Hint = "What has all of them is found, so begin with the rarest.",
    }.With("parameter", "q");

    /// <summary>Whether JSON of what is looked through could match; never false for what does.</summary>
    public bool MayMatch(string json) => _plain.All(word => json.Contains(word, StringComparison.OrdinalIgnoreCase));

    public bool Match(string text) => _words.All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text around the first word that is in it, on one line.</summary>
    public string Snippet(string text)
    {
        var first = _words.Select(word => text.IndexOf(word, StringComparison.OrdinalIgnoreCase)).Where(static at => at >= 0).DefaultIfEmpty(0).Min();
        var from = Math.Max(0, first - Before);
        var to = Math.Min(text.Length, from + SnippetLength);

        // No half of a pair at either end.
        from += from > 0 && char.IsLowSurrogate(text[from]) ? 1 : 0;
        to -= to < text.Length && char.IsHighSurrogate(text[to - 1]) ? 1 : 0;
        return $"{(from > 0 ? "…" : "")}{text[from..to].ReplaceLineEndings(" ")}{(to < text.Length ? "…" : "")}";
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
}
