using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Webhooks;

/// <summary>
/// Queues for the webhooks of one source what they have not told yet, each time there may be something. Which webhooks these are is read anew each time. Ends when there are none, or their maker may
/// not read any more, which turns them off.
/// </summary>
internal sealed class WebhookFeed : IAsyncDisposable
{
    // However much goes on, it is looked at no more often.
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private readonly WebhookSource _source;
    private readonly IWebhookReader _reader;
    private readonly WebhookAuthority _authority;
    private readonly WebhookStore _store;
    private readonly TimeProvider _time;
    private readonly Action _queued;
    private readonly Action _ended;
    private readonly BackgroundLoop _loop;
    private bool _hasLooked;
    private volatile bool _hasEnded;

    public WebhookFeed(WebhookSource source, IWebhookReader reader, WebhookAuthority authority, WebhookStore store, BackgroundLoopOptions loop, Action queued, Action ended)
    {
        _source = source;
        _reader = reader;
        _authority = authority;
        _store = store;
        _time = loop.Time;
        _queued = queued;
        _ended = ended;
        _loop = BackgroundLoop.StartWhile(loop, GoOnAsync);
    }

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasEnded => _hasEnded;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        _reader.Dispose();
    }

    // Said before it is told: a webhook that was made or turned on meanwhile gets another feed.
    private async Task<bool> GoOnAsync(CancellationToken stop)
    {
        if (await TurnAsync(stop).ConfigureAwait(false))
        {
            return true;
        }

        _hasEnded = true;
        _ended();
        return false;
    }

    private async Task<bool> TurnAsync(CancellationToken stop)
    {
        if (_hasLooked)
        {
            await _reader.ChangedAsync(stop).ConfigureAwait(false);
        }

        _hasLooked = true;
        var webhooks = await _store.ActiveOfAsync(_source, stop).ConfigureAwait(false);
        if (webhooks.Count == 0)
        {
            return false;
        }

        // A new webhook has looked at nothing: what was said before it does not matter to it, and is left out by its time.
        var after = webhooks.Min(static webhook => webhook.Seq);
        var now = _time.GetUtcNow();
        var (_, ended) = await _authority.CallerOfAsync(_source, stop).ConfigureAwait(false);
        WebhookReading? reading = null;
        if (ended is null && !(await _reader.ReadAsync(after, stop).ConfigureAwait(false)).Try(out reading, out var refusal))
        {
            ended = refusal.Message;
        }

        if (ended is not null)
        {
            foreach (var webhook in webhooks)
            {
                await _store.TurnOffAsync(webhook.Id, ended, now, stop).ConfigureAwait(false);
            }

            return false;
        }

        if (reading is not null)
        {
            await QueueAsync(webhooks, reading, now, stop).ConfigureAwait(false);
        }

        await Task.Delay(s_between, _time, stop).ConfigureAwait(false);
        return true;
    }

    private async Task QueueAsync(IReadOnlyList<WebhookRecord> webhooks, WebhookReading reading, DateTimeOffset now, CancellationToken stop)
    {
        var queued = 0;
        foreach (var webhook in webhooks)
        {
            var kinds = webhook.Kinds.Select(static kind => kind.Name()).ToHashSet(StringComparer.Ordinal);
            var offered = reading.Notices.Where(notice => kinds.Contains(notice.Kind)).Select(static notice => notice.Offered()).ToList();
            queued += await _store.OfferAsync(webhook.Id, offered, reading.IsWhole, reading.Seq, now, stop).ConfigureAwait(false);
        }

        if (queued > 0)
        {
            _queued();
        }
    }
}
