namespace Sync.Web.Components.Shared;

/// <summary>
/// Cuts text for the page. Agents write what a page shows, and a browser that gets a megabyte of it freezes for everybody who watches: what is
/// not asked for stays on the server.
/// </summary>
internal static class Clip
{
    /// <summary>Characters of what names something: a label, a tag, a heading.</summary>
    public const int Name = 120;

    /// <summary>Characters of a cell or a line among others.</summary>
    public const int Cell = 240;

    /// <summary>Characters of a tooltip.</summary>
    public const int Title = 400;

    /// <summary>Characters of a text that stands by itself, before "show all".</summary>
    public const int Block = 2_000;

    /// <summary>What one surface shows altogether, before "more".</summary>
    public const int Surface = 16_000;

    /// <summary>The text, or its beginning with a mark that something is missing; never half a character.</summary>
    public static string Text(string? text, int max)
    {
        if (text is null || text.Length <= max)
        {
            return text ?? "";
        }

        return string.Concat(text.AsSpan(0, End(text, max)), "…");
    }

    /// <summary>A text that names something.</summary>
    public static string OfName(string? text) => Text(text, Name);

    /// <summary>A text for a tooltip, null where there is none.</summary>
    public static string? OfTitle(string? text) => text is null ? null : Text(text, Title);

    /// <summary>A tooltip only for text that was cut: what stands there in full needs none.</summary>
    public static string? Rest(string text, int max) => text.Length <= max ? null : Text(text, Title);

    /// <summary>Where to cut so that at most so many characters stand before it.</summary>
    public static int End(string text, int max) =>
        max >= text.Length ? text.Length : max > 0 && char.IsHighSurrogate(text[max - 1]) ? max - 1 : max;
}
