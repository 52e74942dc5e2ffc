using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;

namespace Sync.Web.Http.Pipeline;

/// <summary>
/// Counts what a request to the API or to MCP is answered, before compression, on its party's <see cref="AnswerBudget"/>. A party in debt is refused before anything is read for it; a
/// stream that is open already is written more slowly.
/// </summary>
internal static class AnswerMeter
{
    // So that a stream's heartbeat and the end of its client are noticed meanwhile.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    public static async Task MeasureAsync(HttpContext http, RequestDelegate next)
    {
        if (!EndpointKinds.Of(http).IsLimited())
        {
            await next(http);
            return;
        }

        var budget = http.RequestServices.GetRequiredService<AnswerBudget>();
        var key = ClientKey.Of(http);
        if (budget.Wait(key) is var wait && wait > TimeSpan.Zero)
        {
            await ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.RateLimited, "This token, or your address without one, has been answered as many bytes lately as it may.")
            {
                Hint = "Wait as long as Retry-After says. Then read less at once: name the parts you need with only, or page with limit.",
                RetryAfter = wait,
            });
            return;
        }

        var body = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var metered = new MeteredBody(body, http, budget, key);
        http.Features.Set<IHttpResponseBodyFeature>(metered);
        try
        {
            await next(http);
        }
        finally
        {
            http.Features.Set(body);
            metered.Settle();
        }
    }

    private sealed class MeteredBody(IHttpResponseBodyFeature inner, HttpContext http, AnswerBudget budget, ClientKey key) : PipeWriter, IHttpResponseBodyFeature
    {
        private readonly PipeWriter _writer = inner.Writer;
        private Stream? _stream;
        private long _uncharged;

        public Stream Stream => _stream ??= AsStream(leaveOpen: true);

        public PipeWriter Writer => this;

        public override bool CanGetUnflushedBytes => _writer.CanGetUnflushedBytes;

        public override long UnflushedBytes => _writer.UnflushedBytes;

        public void Settle()
        {
            if (_uncharged > 0)
            {
                budget.Charge(key, _uncharged);
                _uncharged = 0;
            }
        }

        public override void Advance(int bytes)
        {
            _uncharged += bytes;
            _writer.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _writer.GetSpan(sizeHint);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            _uncharged += source.Length;
            Settle();
            return _writer.WriteAsync(source, cancellationToken);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Settle();
            return http.Response.ContentType?.StartsWith(EventStream.MediaType, StringComparison.Ordinal) == true && budget.Wait(key) is var wait && wait > TimeSpan.Zero
                ? FlushAfterAsync(wait, cancellationToken)
                : _writer.FlushAsync(cancellationToken);
        }

        public override void CancelPendingFlush() => _writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
            Settle();
            _writer.Complete(exception);
        }

        public void DisableBuffering() => inner.DisableBuffering();

        public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => inner.SendFileAsync(path, offset, count, cancellationToken);

        public Task CompleteAsync() => inner.CompleteAsync();

        private async ValueTask<FlushResult> FlushAfterAsync(TimeSpan wait, CancellationToken cancellationToken)
        {
            await Task.Delay(wait < s_longestPause ? wait : s_longestPause, http.RequestServices.GetRequiredService<TimeProvider>(), cancellationToken);
            return await _writer.FlushAsync(cancellationToken);
        }
    }
}
