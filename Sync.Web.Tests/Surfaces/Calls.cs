using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sync.Web.Tests.Surfaces;

/// <summary>The calls that a text names, as a reader would take them: literally.</summary>
internal static partial class Calls
{
    /// <summary>Calls over HTTP: method, path with its query, body.</summary>
    public static IEnumerable<(string Method, string Path, JsonElement? Body)> InHttp(string text)
    {
        foreach (Match match in HttpCall().Matches(text))
        {
            yield return (match.Groups[1].Value, match.Groups[2].Value.TrimEnd('.', ',', ';', ':'), JsonAt(text, match.Index + match.Length));
        }
    }

    /// <summary>Calls of tools: name and arguments.</summary>
    public static IEnumerable<(string Tool, JsonElement Arguments)> InMcp(string text) =>
        ToolsIn(text).Select(call => (call.Tool, call.Arguments ?? throw new InvalidOperationException($"{call.Tool} has no arguments in: {text}")));

    /// <summary>Names of tools, with the arguments that follow.</summary>
    public static IEnumerable<(string Tool, JsonElement? Arguments)> ToolsIn(string text)
    {
        foreach (Match match in ToolCall().Matches(text))
        {
            yield return (match.Value, JsonAt(text, match.Index + match.Length));
        }
    }

    // What follows a space, if it is an object.
    private static JsonElement? JsonAt(string text, int at)
    {
        return at + 1 < text.Length && text[at] == ' ' && text[at + 1] == '{' ? ObjectAt(text, at + 1, out _) : null;
    }

    /// <summary>The object that begins at a place of a text, and where it ends.</summary>
    public static JsonElement ObjectAt(string text, int begin, out int end)
    {
        var utf8 = Encoding.UTF8.GetBytes(text[begin..]);
        var reader = new Utf8JsonReader(utf8);
        var value = JsonElement.ParseValue(ref reader);
        end = begin + Encoding.UTF8.GetCharCount(utf8, 0, (int)reader.BytesConsumed);
        return value;
    }

    [GeneratedRegex(@"\b(GET|POST|PUT|PATCH|DELETE) (/[^\s`|)]*)")]
    private static partial Regex HttpCall();

    [GeneratedRegex(@"\bsync_[a-z_]+")]
    private static partial Regex ToolCall();
}
