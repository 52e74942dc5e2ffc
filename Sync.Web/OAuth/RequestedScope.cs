using Sync.Engine.Identity.Scopes;

namespace Sync.Web.OAuth;

/// <summary>The scope that a client requests.</summary>
internal static class RequestedScope
{
    // OpenID Connect's word for a refresh token. Every token of a flow comes with one.
    private const string OfflineAccess = "offline_access";

    /// <summary>
    /// The part of a scope that this server knows: clients ask for words of other servers too, and are told in the answer what they have got (RFC 6749 §3.3). Null when
    /// nothing is asked but a refresh token. Where nothing is known the text stays as it is, to be refused as <c>invalid_scope</c>.
    /// </summary>
    public static string? Of(string? scope)
    {
        if (string.IsNullOrWhiteSpace(scope))
        {
            return null;
        }

        var words = scope.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(word => word != OfflineAccess).ToList();
        var known = words.Where(word => Scope.Parse(word).Error is null).ToList();
        return words.Count == 0 ? null : string.Join(' ', known.Count > 0 ? known : words);
    }
}
