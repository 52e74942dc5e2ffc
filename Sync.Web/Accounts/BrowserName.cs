using Microsoft.Net.Http.Headers;

namespace Sync.Web.Accounts;

/// <summary>What a browser calls itself, in words a person recognises in a list. For display only: it says whatever it likes.</summary>
internal static class BrowserName
{
    // Order matters: nearly all of them also claim to be Safari, and Edge to be Chrome.
    private static readonly (string Sign, string Name)[] s_browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Sign, string Name)[] s_systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    /// <summary>Such as <c>Firefox on Linux</c>.</summary>
    public static string Of(HttpRequest request)
    {
        var agent = request.Headers[HeaderNames.UserAgent].ToString();
        var browser = Find(s_browsers, agent) ?? "Browser";
        return Find(s_systems, agent) is { } system ? $"{browser} on {system}" : browser;
    }

    private static string? Find((string Sign, string Name)[] known, string agent) =>
        known.FirstOrDefault(candidate => agent.Contains(candidate.Sign, StringComparison.Ordinal)).Name;
}
