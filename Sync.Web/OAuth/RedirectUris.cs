namespace Sync.Web.OAuth;

/// <summary>Which addresses a client may have its answers sent to, and whether an asked one is such.</summary>
internal static class RedirectUris
{
    private const int MaxLength = 2000;

    // Schemes of programs that are no reversed domain name, as RFC 8252 §7.1 wants them, and are in use.
    private static readonly string[] s_appSchemes = ["cursor", "vscode", "vscode-insiders", "vscodium", "windsurf", "zed", "claude", "raycast", "warp", "goose", "kiro"];

    /// <summary>What is wrong with an address a client names for itself; null when it will do.</summary>
    public static string? Check(string text)
    {
        if (text.Length is 0 or > MaxLength || text.Any(character => character is <= ' ' or >= '\x7f' or '"' or '\'' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}'))
        {
            return "is not an address of at most 2,000 printable ASCII characters";
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || !text.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase))
        {
            return "is not an absolute address";
        }

        if (text.Contains('#'))
        {
            return "has a fragment";
        }

        if (uri.UserInfo.Length > 0 || text.Contains('*'))
        {
            return "has a user name or a placeholder in it";
        }

        if (uri.Scheme == Uri.UriSchemeHttps)
        {
            return uri.Host.Length == 0 ? "has no host" : null;
        }

        if (uri.Scheme == Uri.UriSchemeHttp)
        {
            return IsLoopback(uri) ? null : "uses http outside of this machine; use https";
        }

        return uri.Scheme.Contains('.') || s_appSchemes.Contains(uri.Scheme, StringComparer.Ordinal)
            ? null
            : $"has the scheme '{uri.Scheme}'; use https, http on localhost, or a scheme of your own with a dot in it";
    }

    /// <summary>Whether an asked address is one of a client's: exactly, but for the port on this machine's loopback, which programs pick anew each time (RFC 8252 §7.3).</summary>
    public static bool Match(IEnumerable<string> own, string asked) => own.Any(candidate => Matches(candidate, asked));

    private static bool Matches(string own, string asked)
    {
        if (string.Equals(own, asked, StringComparison.Ordinal))
        {
            return true;
        }

        return Uri.TryCreate(own, UriKind.Absolute, out var known) && known.Scheme == Uri.UriSchemeHttp && IsLoopback(known)
            && Check(asked) is null
            && Uri.TryCreate(asked, UriKind.Absolute, out var wanted) && wanted.Scheme == Uri.UriSchemeHttp
            && string.Equals(WithoutPort(own, known), WithoutPort(asked, wanted), StringComparison.Ordinal);
    }

    // By text, not by parts: what is compared is what will be sent.
    private static string WithoutPort(string text, Uri uri)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = text.IndexOfAny(['/', '?'], start);
        return string.Concat(uri.Host, " ", end < 0 ? "/" : text[end..]);
    }

    private static bool IsLoopback(Uri uri) => uri.Host is "localhost" or "127.0.0.1" or "[::1]";
}
