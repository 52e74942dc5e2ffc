namespace Sync.Engine.Services.Grants;

/// <summary>The registration that a client sends; the web layer has checked it against RFC 7591.</summary>
/// <param name="Name">Name to show, 1 to 100 printable characters.</param>
/// <param name="RedirectUris">1 to 10 absolute URIs of at most 2,000 characters.</param>
/// <param name="Uri">Its home page, or null.</param>
public sealed record OAuthClientRegistration(string Name, IReadOnlyList<string> RedirectUris, string? Uri);
