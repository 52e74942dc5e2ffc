using System.Text;
using System.Text.Encodings.Web;

namespace Sync.Web.Docs;

/// <summary>Makes what was looked for stand out in what was found.</summary>
internal static class DocsMarks
{
    /// <summary>Where a word, or one that begins with it, is in a text; -1 where it is not.</summary>
    public static int FirstOf(string text, string word, int from = 0)
    {
        for (var at = text.IndexOf(word, from, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>The text as HTML, encoded piece by piece, with the words in <c>mark</c>.</summary>
    public static string Html(string text, IReadOnlyList<string> words)
    {
        var html = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var (next, length) = words
                .Select(word => (At: FirstOf(text, word, at), word.Length))
                .Where(static found => found.At >= 0)
                .OrderBy(static found => found.At)
                .ThenByDescending(static found => found.Length)
                .FirstOrDefault((text.Length, 0));
            html.Append(HtmlEncoder.Default.Encode(text[at..next]));
            if (length > 0)
            {
                html.Append("<mark>").Append(HtmlEncoder.Default.Encode(text.Substring(next, length))).Append("</mark>");
            }

            at = next + length;
        }

        return html.ToString();
    }
}
