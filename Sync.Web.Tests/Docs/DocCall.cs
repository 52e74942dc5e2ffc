using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Web.Tests.Surfaces;

namespace Sync.Web.Tests.Docs;

/// <summary>
/// A call in a fenced block of a document, as its readers take it: <c>POST /path {…}</c>, or the id of an action with its parameters. <c>bob:</c> before it says who calls; a line
/// <c>→ 409 code</c> after it says which refusal it gets.
/// </summary>
internal sealed partial record DocCall(string Section, string? Agent, string Method, string Path, JsonElement? Body, int? Status, string? Code)
{
    /// <summary>The calls of a document's sections, in order.</summary>
    /// <param name="text">The document.</param>
    /// <param name="room">The path of the room in which an action without one is invoked.</param>
    public static List<DocCall> Read(string text, string room)
    {
        var calls = new List<DocCall>();
        var section = "";
        var fenced = false;
        var skip = 0;
        for (var at = 0; at < text.Length; at = text.IndexOf('\n', at) is var next and >= 0 ? next + 1 : text.Length)
        {
            var line = text[at..(text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length)];
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                fenced = !fenced;
            }
            else if (!fenced && line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..];
            }
            else if (!fenced || at < skip || section.Length == 0)
            {
            }
            else if (Refusal().Match(line) is { Success: true } refusal)
            {
                calls[^1] = calls[^1] with { Status = int.Parse(refusal.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), Code = refusal.Groups[2].Value };
            }
            else if (Form().Match(line) is { Success: true } match)
            {
                var body = JsonAfter(text, at + match.Length, out skip);
                var agent = match.Groups["agent"].Success ? match.Groups["agent"].Value : null;
                calls.Add(match.Groups["method"].Success
                    ? new(section, agent, match.Groups["method"].Value, match.Groups["path"].Value.TrimEnd(), body, null, null)
                    : new(section, agent, "POST", $"{room}/actions/{match.Groups["action"].Value}/invoke", JsonElement.Parse($$"""{"params":{{body?.GetRawText() ?? "{}"}}}"""), null, null));
            }
        }

        return calls;
    }

    // The object that begins on this line or the next.
    private static JsonElement? JsonAfter(string text, int from, out int end)
    {
        end = from;
        var begin = from;
        while (begin < text.Length && char.IsWhiteSpace(text[begin]))
        {
            begin++;
        }

        if (begin == text.Length || text[begin] != '{')
        {
            return null;
        }

        return Calls.ObjectAt(text, begin, out end);
    }

    [GeneratedRegex(@"^ *((?<agent>[a-z]+): )?((?<method>GET|POST|PATCH|DELETE) (?<path>.+?)(?=\s*$| +\{)|(?<action>_?[a-z]+(_[a-z]+)*)(?=\s*$| +\{))")]
    private static partial Regex Form();

    [GeneratedRegex(@"^ *→ (\d{3}) ([a-z_]+)")]
    private static partial Regex Refusal();
}
