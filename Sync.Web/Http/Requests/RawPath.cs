using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace Sync.Web.Http.Requests;

/// <summary>
/// The path as it was sent, cut at its slashes. Route values are of no use for ids and keys, which may hold any printable character: the server
/// decodes a path once but leaves <c>%2F</c> as it is, so that afterwards <c>a%2Fb</c> and <c>a%252Fb</c> look the same.
/// </summary>
internal readonly struct RawPath
{
    private readonly string _path;

    private RawPath(string path) => _path = path;

    /// <summary>The path of a request.</summary>
    public static RawPath Of(HttpContext http)
    {
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(target) || target == "*")
        {
            target = http.Request.Path.ToUriComponent();
        }
        else
        {
            target = WithoutAuthority(target);
        }

        var query = target.AsSpan().IndexOfAny('?', '#');
        return new RawPath(query < 0 ? target : target[..query]);
    }

    /// <summary>
    /// A request's target without the path that the server is reached under, which takes up its first segments; as it is when they say anything else, such as a dot that the server resolved.
    /// </summary>
    public static string TargetBelow(string target, PathString root, int segments)
    {
        var path = WithoutAuthority(target);
        var at = 0;
        for (var i = 0; i < segments; i++)
        {
            at = path.AsSpan(at + 1).IndexOfAny('/', '?', '#') is var next and >= 0 ? at + 1 + next : path.Length;
        }

        return !TryUnescape(path.AsSpan(0, at), out var text) || text != root.Value ? target
            : at < path.Length && path[at] == '/' ? path[at..]
            : "/" + path[at..];
    }

    /// <summary>
    /// Whether a segment is <c>.</c> or <c>..</c>, escaped or not. The server would resolve it, and answer for another path than the one that was sent.
    /// </summary>
    public bool HasDotSegment()
    {
        if (!_path.Contains("/.", StringComparison.Ordinal) && !_path.Contains("%2", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var range in _path.AsSpan().Split('/'))
        {
            var segment = _path.AsSpan()[range];
            if (segment.Length <= 6 && segment.ToString().Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Decodes segment <paramref name="index"/> (from 0), or all from there on when <paramref name="rest"/>. False when it is absent, when a percent sign does
    /// not begin an escape, or when the bytes are not UTF-8.
    /// </summary>
    public bool TryDecode(int index, bool rest, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var start = 0;
        for (var i = 0; i <= index; i++)
        {
            var slash = _path.IndexOf('/', start);
            if (slash < 0)
            {
                return false;
            }

            start = slash + 1;
        }

        var end = rest ? -1 : _path.IndexOf('/', start);
        return TryUnescape(_path.AsSpan(start, (end < 0 ? _path.Length : end) - start), out text);
    }

    private static string WithoutAuthority(string target)
    {
        if (target is ['/', ..])
        {
            return target;
        }

        // RFC 9112 §3.2.2: absolute form.
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var slash = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
        return slash < 0 ? "/" : target[slash..];
    }

    private static bool TryUnescape(ReadOnlySpan<char> escaped, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (escaped.IsEmpty)
        {
            return false;
        }

        if (!escaped.Contains('%'))
        {
            text = escaped.ToString();
            return true;
        }

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(escaped.Length)];
        var length = 0;
        while (!escaped.IsEmpty)
        {
            var percent = escaped.IndexOf('%');
            var plain = percent < 0 ? escaped : escaped[..percent];
            length += Encoding.UTF8.GetBytes(plain, bytes.AsSpan(length));
            if (percent < 0)
            {
                break;
            }

            if (escaped.Length < percent + 3
                || !char.IsAsciiHexDigit(escaped[percent + 1])
                || !char.IsAsciiHexDigit(escaped[percent + 2]))
            {
                return false;
            }

            bytes[length++] = byte.Parse(escaped.Slice(percent + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, provider: null);
            escaped = escaped[(percent + 3)..];
        }

        if (!Utf8.IsValid(bytes.AsSpan(0, length)))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }
}
