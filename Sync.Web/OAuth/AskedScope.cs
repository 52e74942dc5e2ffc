namespace Sync.Web.OAuth;

/// <summary>What a client asks for.</summary>
internal static class AskedScope
{
    // OpenID Connect's word for a refresh token. Every token of a flow comes with one, and clients that always say it should not be turned away.
    private const string OfflineAccess = "offline_access";

    /// <summary>The scope text without the word that asks for a refresh token; null when nothing else is asked.</summary>
    public static string? Of(string? scope)
    {
        if (scope?.Contains(OfflineAccess, StringComparison.Ordinal) == true)
        {
            scope = string.Join(' ', scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(part => part != OfflineAccess));
        }

        return string.IsNullOrWhiteSpace(scope) ? null : scope;
    }
}
