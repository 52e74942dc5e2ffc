using System.Collections.Concurrent;
using System.Text.Json;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Requests;

namespace Sync.Web.OAuth;

/// <summary>
/// Clients whose id is the address of a document about themselves (Client ID Metadata Documents). What a document says is kept for as long as its server
/// allows, from one minute to a day, refusals for one minute; a thousand of them at most, eight fetched at a time.
/// </summary>
internal sealed class ClientDocuments(ClientDocumentFetch fetch, ClientDocumentOptions options, TimeProvider time) : IDisposable
{
    private const int Kept = 1000;

    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_usual = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Remembered> _remembered = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _fetching = new(8);

    /// <summary>The client of a document; <c>invalid_parameter</c> with what is wrong, <c>rate_limited</c> when too many are being fetched.</summary>
    public async Task<Outcome<OAuthClient>> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!IsAddress(id, out var address))
        {
            return ClientDocumentFetch.Failed("has an address that cannot be a client_id");
        }

        if (_remembered.TryGetValue(id, out var remembered) && remembered.Until > time.GetUtcNow())
        {
            return remembered.Client;
        }

        if (!await _fetching.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return new SyncError(ErrorCode.RateLimited, "Too many client metadata documents are being fetched.") { Hint = "Try again in a moment.", RetryAfter = TimeSpan.FromSeconds(5) };
        }

        try
        {
            var fetched = await fetch.GetAsync(address, cancellationToken);
            var client = fetched.Try(out var document, out var error) ? Read(id, document.Json) : error;
            var life = client.Error is null ? document?.MaxAge ?? s_usual : s_shortest;
            Remember(id, new Remembered(client, time.GetUtcNow() + (life < s_shortest ? s_shortest : life > s_longest ? s_longest : life)));
            return client;
        }
        finally
        {
            _fetching.Release();
        }
    }

    public void Dispose() => _fetching.Dispose();

    // The id is compared as text everywhere. One spelling only, then, and the one that is fetched.
    private bool IsAddress(string id, out Uri address)
    {
        var valid = Uri.TryCreate(id, UriKind.Absolute, out var uri)
            && uri.AbsoluteUri == id
            && uri is { UserInfo: "", Fragment: "", AbsolutePath.Length: > 1 }
            && !id.Contains('#')
            && (uri.Scheme == Uri.UriSchemeHttps || (options.AllowLoopback && uri is { Scheme: "http", IsLoopback: true }));
        address = uri!; // Only looked at when valid.
        return valid;
    }

    private Outcome<OAuthClient> Read(string id, ReadOnlyMemory<byte> json)
    {
        if (!StrictJson.ParseObject(json.Span).Try(out var document, out _))
        {
            return ClientDocumentFetch.Failed("is not a JSON object");
        }

        if (Text(document, "client_id") != id)
        {
            return ClientDocumentFetch.Failed("names another client_id than its address");
        }

        if (Text(document, "token_endpoint_auth_method") is not (null or "none") || document.TryGetProperty("client_secret", out _))
        {
            return ClientDocumentFetch.Failed("asks for a kind of client authentication that is not supported here");
        }

        return ClientMetadata.Read(document, byDefault: new Uri(id).Host).Try(out var metadata, out var error)
            ? new OAuthClient(id, metadata.Name, metadata.RedirectUris, metadata.Uri, time.GetUtcNow())
            : ClientDocumentFetch.Failed("is wrong: " + error.Message.TrimEnd('.'));
    }

    private void Remember(string id, Remembered remembered)
    {
        if (_remembered.Count >= Kept)
        {
            foreach (var (old, _) in _remembered.OrderBy(entry => entry.Value.Until).Take(Kept / 10))
            {
                _remembered.TryRemove(old, out _);
            }
        }

        _remembered[id] = remembered;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Remembered(Outcome<OAuthClient> Client, DateTimeOffset Until);
}
