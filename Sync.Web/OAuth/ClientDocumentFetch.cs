using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Outbound;

namespace Sync.Web.OAuth;

/// <summary>
/// Fetches one client metadata document within five seconds and 64 KB, from where the guard of what the server connects to lets it.
/// </summary>
internal sealed class ClientDocumentFetch : IDisposable
{
    private const int MaxBytes = 64 * 1024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public ClientDocumentFetch(ClientDocumentOptions options, TimeProvider time)
    {
        _time = time;
        _http = new HttpClient(new OutboundGuard(options.AllowLoopback ? OutboundReach.Loopback : OutboundReach.Public).CreateHandler())
        {
            Timeout = Timeout.InfiniteTimeSpan, // One below, by the app's clock, which covers the body as well.
        };
    }

    /// <summary>The document and how long it may be kept; <c>invalid_parameter</c> with what went wrong.</summary>
    public async Task<Outcome<FetchedDocument>> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await ReadAsync(address, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed("did not come within five seconds");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            // Why is for the operator of that server to find out. To tell would make this a probe of other networks.
            return Failed("could not be fetched");
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A refusal that says what is wrong with a document.</summary>
    public static SyncError Failed(string what) => new(ErrorCode.InvalidParameter, $"The client metadata document {what}.")
    {
        Hint = "It must be JSON at a public https address, which is also its client_id.",
    };

    private async Task<Outcome<FetchedDocument>> ReadAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } } };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return Failed("was answered with another status than 200");
        }

        if (response.Content.Headers.ContentType?.MediaType is not { } type
            || !(type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
        {
            return Failed("is not JSON");
        }

        var buffer = new byte[MaxBytes + 1];
        var length = 0;
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
        {
            length += read;
        }

        var caching = response.Headers.CacheControl;
        return length > MaxBytes
            ? Failed("is larger than 64 KB")
            : new FetchedDocument(buffer.AsMemory(0, length), caching is { NoStore: true } or { NoCache: true } ? TimeSpan.Zero : caching?.MaxAge);
    }
}

/// <summary>A document as it came.</summary>
/// <param name="Json">Its bytes.</param>
/// <param name="MaxAge">How long its server lets it be kept; null when it does not say.</param>
internal sealed record FetchedDocument(ReadOnlyMemory<byte> Json, TimeSpan? MaxAge);
