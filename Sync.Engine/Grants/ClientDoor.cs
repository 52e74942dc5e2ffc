namespace Sync.Engine;

/// <summary>OAuth clients that registered themselves (RFC 7591). All are public clients: they hold no secret.</summary>
public sealed class ClientDoor
{
    /// <summary>Registers a client. The most that fit are kept; those unused for 90 days make room.</summary>
    /// <remarks>Errors: <c>invalid_parameter</c> with what is wrong; <c>rate_limited</c> when no more fit.</remarks>
    public Task<Outcome<OAuthClient>> RegisterAsync(OAuthClientRegistration registration, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The client of this id, or null. Counts as a use.</summary>
    public Task<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>What a client says of itself; checked by the web against RFC 7591 before it gets here.</summary>
/// <param name="Name">Name to show, 1 to 100 printable characters.</param>
/// <param name="RedirectUris">1 to 10 absolute URIs of at most 2,000 characters.</param>
/// <param name="Uri">Its home page, or null.</param>
public sealed record OAuthClientRegistration(string Name, IReadOnlyList<string> RedirectUris, string? Uri);

/// <summary>A client.</summary>
/// <param name="Id"><c>client_…</c> for registered ones; the document's URL for clients with a metadata document.</param>
/// <param name="Name">Name to show.</param>
/// <param name="RedirectUris">Where answers may go: exactly there, but for the port of loopback addresses (RFC 8252 §7.3).</param>
/// <param name="Uri">Its home page, or null.</param>
/// <param name="CreatedAt">When it registered.</param>
public sealed record OAuthClient(string Id, string Name, IReadOnlyList<string> RedirectUris, string? Uri, DateTimeOffset CreatedAt);
