namespace Sync.Web.Accounts;

/// <summary>
/// Where to go after signing in, as the address of a page says it: a path on this server or nothing. Anything else would make this server's name a way to
/// somebody else's page.
/// </summary>
internal static class LocalPath
{
    // An authorisation request travels in it, percent-encoded.
    private const int MaxLength = 8192;

    /// <summary>The path as it is when it is a local one, else null.</summary>
    public static string? Of(string? text) => text is ['/', ..] && text.Length <= MaxLength && !IsAuthority(text) && !text.Any(IsUnsafe) ? text : null;

    // `//host` names a host (RFC 3986 §4.2).
    private static bool IsAuthority(string text) => text is ['/', '/', ..];

    // Browsers read a backslash as a slash and drop tabs and line breaks before they look at an address (URL standard, basic URL parser).
    private static bool IsUnsafe(char character) => character == '\\' || char.IsControl(character);
}
