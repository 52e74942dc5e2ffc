using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Shared;

/// <summary>
/// Places where a line may break in what has none. Where nothing breaks the line a browser shapes the whole rest of the text anew for every line, because of the font's
/// ligatures: 100,000 characters stood still for 4.5 seconds, and for 40 milliseconds with these. What is copied from the page stays the text.
/// </summary>
internal static class LineBreaks
{
    /// <summary>After so many characters without a blank the line may break.</summary>
    public const int Run = 100;

    // Of a character that HTML writes by its name or number: &quot; and &#x1F600;
    private const int LongestReference = 10;

    /// <summary>A part of a text, with a place to break wherever it would otherwise have none for long.</summary>
    public static RenderFragment In(string text, int from, int to) => builder =>
    {
        var (begin, run) = (from, 0);
        for (var at = from; at < to; at++)
        {
            run = char.IsWhiteSpace(text[at]) ? 0 : run + 1;
            if (run >= Run && at + 1 < to && MayPart(text, at + 1, run))
            {
                builder.AddContent(0, text[begin..(at + 1)]);
                builder.OpenElement(1, "wbr");
                builder.CloseElement();
                (begin, run) = (at + 1, 0);
            }
        }

        builder.AddContent(2, text[begin..to]);
    };

    /// <summary>The same in well-formed HTML: its text gets places to break, its tags stay as they are.</summary>
    public static string InHtml(string html)
    {
        var broken = new StringBuilder(html.Length + (html.Length / Run * 5));
        var (run, quote, isTag) = (0, '\0', false);
        for (var at = 0; at < html.Length; at++)
        {
            var letter = html[at];
            broken.Append(letter);
            if (isTag)
            {
                // A sign within quotes ends no tag.
                quote = letter is not ('"' or '\'') ? quote : quote == '\0' ? letter : quote == letter ? '\0' : quote;
                isTag = letter != '>' || quote != '\0';
            }
            else if (letter == '<')
            {
                isTag = true;
            }
            else
            {
                if (letter == '&' && html.IndexOf(';', at) is > 0 and var end && end - at <= LongestReference)
                {
                    broken.Append(html, at + 1, end - at);
                    at = end;
                }

                run = char.IsWhiteSpace(letter) ? 0 : run + 1;
                if (run >= Run && at + 1 < html.Length && MayPart(html, at + 1, run))
                {
                    broken.Append("<wbr>");
                    run = 0;
                }
            }
        }

        return broken.ToString();
    }

    // Not in the middle of a character; of marks and joiners no more than another run is waited for.
    private static bool MayPart(string text, int at, int run) =>
        !char.IsLowSurrogate(text[at])
        && (run >= 2 * Run || CharUnicodeInfo.GetUnicodeCategory(text, at) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Format));
}
