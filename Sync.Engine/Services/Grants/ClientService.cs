using Sync.Engine.Identity.Grants;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Grants;

/// <summary>OAuth clients that registered themselves (RFC 7591). All are public clients: they hold no secret.</summary>
public sealed class ClientService
{
    private const int MaxUris = 10;
    private const int MaxUri = 2_000;
    private const int MaxName = 100;

    // To know whether a client is still used, the hour is enough; each look-up would be a write otherwise.
    private static readonly TimeSpan s_touchEvery = TimeSpan.FromHours(1);

    private readonly ClientStore _store;
    private readonly TimeProvider _time;

    internal ClientService(ClientStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
    }

    /// <summary>Registers a client. The most that fit are kept; those unused for 90 days make room, and so do those that nobody has allowed anything.</summary>
    /// <remarks>Errors: <c>invalid_parameter</c> with what is wrong; <c>rate_limited</c> when no more fit.</remarks>
    public async Task<Outcome<OAuthClient>> RegisterAsync(OAuthClientRegistration registration, CancellationToken cancellationToken)
    {
        if (Check(registration) is { } invalid)
        {
            return invalid;
        }

        var now = _time.UtcNowToMillisecond();
        var client = new OAuthClient(Secret.NewId("client_"), registration.Name, [.. registration.RedirectUris], registration.Uri, now);
        return await _store.AddAsync(client, cancellationToken).ConfigureAwait(false)
            ? client
            : new SyncError(ErrorCode.RateLimited, "No more clients fit here.") { Hint = "Use a client id that is the URL of a metadata document, or try again later.", RetryAfter = TimeSpan.FromHours(1) };
    }

    /// <summary>The client of this id, or null. Counts as a use.</summary>
    public async Task<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (await _store.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return null;
        }

        var now = _time.GetUtcNow();
        if (now - found.LastUsedAt >= s_touchEvery)
        {
            await _store.TouchAsync(id, now, cancellationToken).ConfigureAwait(false);
        }

        return found.Client;
    }

    private static SyncError? Check(OAuthClientRegistration registration)
    {
        if (!Identifiers.IsTitle(registration.Name, MaxName))
        {
            return Invalid("client_name", $"A client's name has 1 to {MaxName} printable characters.");
        }

        if (registration.RedirectUris.Count is 0 or > MaxUris)
        {
            return Invalid("redirect_uris", $"A client has 1 to {MaxUris} redirect URIs.");
        }

        return registration.RedirectUris.Any(static uri => !IsAbsolute(uri))
            ? Invalid("redirect_uris", $"A redirect URI is absolute and has at most {MaxUri:N0} characters.")
            : registration.Uri is { } home && !IsAbsolute(home) ? Invalid("client_uri", $"A home page is an absolute URI of at most {MaxUri:N0} characters.")
            : null;
    }

    private static bool IsAbsolute(string uri) => uri.Length <= MaxUri && !uri.StartsWith('/') && Uri.TryCreate(uri, UriKind.Absolute, out _);

    private static SyncError Invalid(string field, string message) => new SyncError(ErrorCode.InvalidParameter, message) { Hint = "Correct that field and register again." }.With("field", field);
}
