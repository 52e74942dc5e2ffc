using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Webhooks;
using Sync.Web.Http.Outbound;
using Sync.Web.Options;

namespace Sync.Web.Webhooks;

/// <summary>
/// Sends messages of webhooks by POST, within ten seconds, to addresses that the guard lets through. Of the answer only its status matters; nothing of its body is read, and why a
/// connection failed is not told: to tell would make this a probe of other networks.
/// </summary>
internal sealed class WebhookSender : IWebhookSender, IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly OutboundGuard _guard;
    private readonly string _publicUrl;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public WebhookSender(SyncOptions options, TimeProvider time)
        : this(new OutboundGuard(options.Webhooks.PrivateAddresses ? OutboundReach.Private : OutboundReach.Public), options.PublicUrl, time)
    {
    }

    internal WebhookSender(OutboundGuard guard, string publicUrl, TimeProvider time)
    {
        _guard = guard;
        _publicUrl = publicUrl;
        _time = time;
        _http = new HttpClient(guard.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan }; // One below, by the app's clock.
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Sync-Webhooks", "1"));
    }

    public SyncError? CheckAddress(string url, WebhookFormat format) =>
        !Uri.TryCreate(url, UriKind.Absolute, out var address) ? Refused("must be an absolute https address")
        : _guard.Problem(address) is { } problem ? Refused(problem)
        : format == WebhookFormat.Ntfy && WebhookBodies.NtfyTopic(address).Length == 0 ? Refused("must name the topic, as in https://ntfy.sh/my-topic")
        : null;

    public async Task<WebhookAttempt> SendAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        // The rules may have been changed since it was made.
        if (CheckAddress(message.Url, message.Format) is not null)
        {
            return new WebhookAttempt(IsTaken: false, "is at an address that nothing is sent to");
        }

        using var timeout = new CancellationTokenSource(s_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var (address, body) = WebhookBodies.Of(message, _publicUrl);
            using var request = Request(message, address, body);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Attempt(response);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebhookAttempt(IsTaken: false, "did not answer within ten seconds");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or ObjectDisposedException)
        {
            return new WebhookAttempt(IsTaken: false, "could not be reached");
        }
    }

    public void Dispose() => _http.Dispose();

    private static SyncError Refused(string problem) =>
        new SyncError(ErrorCode.InvalidParameter, $"The address of a webhook {problem}.")
        {
            Hint = "Give the https address that the receiver names, such as https://hooks.slack.com/services/…. Who runs the server can let webhooks reach private networks by Sync__Webhooks__PrivateAddresses.",
        }.With("field", "url");

    private HttpRequestMessage Request(WebhookMessage message, Uri address, byte[] body)
    {
        var timestamp = WebhookSignature.Seconds(_time.GetUtcNow());
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } } };
        request.Headers.Add(WebhookSignature.Id, message.Id);
        request.Headers.Add(WebhookSignature.Timestamp, timestamp);
        request.Headers.Add(WebhookSignature.Signature, WebhookSignature.Of(message.Secret.Span, message.Id, timestamp, body));
        return request;
    }

    private WebhookAttempt Attempt(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return new WebhookAttempt(
            response.IsSuccessStatusCode,
            status is >= 300 and < 400 ? $"answered {status}, a redirect, which is not followed" : $"answered {status}",
            response.StatusCode == HttpStatusCode.Gone,
            response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable ? response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - _time.GetUtcNow() : null);
    }
}
