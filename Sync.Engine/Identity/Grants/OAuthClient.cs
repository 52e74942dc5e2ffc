namespace Sync.Engine.Identity.Grants;

/// <summary>A client.</summary>
/// <param name="Id"><c>client_…</c> for registered ones; the document's URL for clients with a metadata document.</param>
/// <param name="Name">Name to show.</param>
/// <param name="RedirectUris">Where answers may go: exactly there, but for the port of loopback addresses (RFC 8252 §7.3).</param>
/// <param name="Uri">Its home page, or null.</param>
/// <param name="CreatedAt">When it registered.</param>
public sealed record OAuthClient(string Id, string Name, IReadOnlyList<string> RedirectUris, string? Uri, DateTimeOffset CreatedAt);
