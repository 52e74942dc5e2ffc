using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sync.Engine.Primitives.Errors;

/// <summary>
/// Text that shows every character it has. Refusals quote what was sent; a direction or zero-width character in it would change how the sentence around it reads, for people and for models alike.
/// </summary>
public static class VisibleText
{
    // What nearly every text is made of, and what needs no look at each character.
    private static readonly SearchValues<char> s_plain = SearchValues.Create(string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (char)c)) + "–—‘’“”…·→≤≥×");

    /// <summary>Whether a character is there and cannot be seen: control, format (bidirectional, zero-width), private-use, surrogate, a separator of lines.</summary>
    public static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>The text with its hidden characters written as <c>\u{202E}</c>. Line ends and tabs stay: a caret under an expression needs them.</summary>
    public static string Of(string text) => Escape(text, static rune => rune.Value is not ('\n' or '\t') && IsHidden(rune), static rune => Named(rune));

    /// <summary>The same for a text that is quoted within a line: of at most 80 characters, without line ends.</summary>
    public static string Quoted(string text) => Escape(text.Length > 80 ? text[..80] + "…" : text, IsHidden, static rune => Named(rune));

    /// <summary>The same for JSON: the value stays what it is, its text shows what is in it.</summary>
    public static string OfJson(string json) =>
        Escape(json, static rune => rune.Value > '~' && IsHidden(rune), static rune => string.Concat(rune.ToString().Select(static unit => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"))));

    private static string Named(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}");

    private static string Escape(string text, Func<Rune, bool> isHidden, Func<Rune, string> written)
    {
        if (!text.AsSpan().ContainsAnyExcept(s_plain))
        {
            return text;
        }

        var visible = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (isHidden(rune))
            {
                visible.Append(written(rune));
            }
            else
            {
                visible.Append(rune.ToString());
            }
        }

        return visible.ToString();
    }
}
