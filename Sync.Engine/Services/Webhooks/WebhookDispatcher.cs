using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Webhooks;

/// <summary>
/// Looks for what webhooks have to tell and has it sent, from the moment it is given a sender.
/// <list type="bullet">
/// <item>What waits stands in the database, so that each message is sent at least once, under the same id, whatever happens to the process. It works for the process that serves the data folder.</item>
/// <item>One message of a webhook at a time, two of a user, <see cref="MaxInFlight"/> in all, first those of users who have the fewest on their way: a receiver that is slow keeps its own messages waiting,
/// and however many of them there are, nobody else's for longer than one attempt takes.</item>
/// <item>Whether the maker may still read what is told is asked again before each sending.</item>
/// </list>
/// Any thread.
/// </summary>
internal sealed partial class WebhookDispatcher : IAsyncDisposable
{
    private const int MaxInFlight = 8;
    private const int MaxInFlightOfUser = 2;

    // Of each user those on their way and the next; of more users than have a place.
    private const int LookedOfUser = 2 * MaxInFlightOfUser;
    private const int Looked = 8 * MaxInFlight * LookedOfUser;

    // Whatever it is that cannot be noted, a receiver is not sent the same again at once.
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(30);

    private readonly WebhookStore _store;
    private readonly WebhookAuthority _authority;
    private readonly Func<WebhookRecord, Identity.Caller, IWebhookReader?> _read;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HealthRegistry _health;
    private readonly ConcurrentDictionary<string, (string User, Task Sending)> _inFlight = new(StringComparer.Ordinal);
    private readonly Dictionary<WebhookSource, WebhookFeed> _feeds = []; // Used by the loop of feeds only.
    private TaskCompletionSource _due = New();
    private TaskCompletionSource _changed = New();
    private IWebhookSender? _sender;
    private BackgroundLoop? _feeding;
    private BackgroundLoop? _sending;

    public WebhookDispatcher(WebhookStore store, WebhookAuthority authority, Func<WebhookRecord, Identity.Caller, IWebhookReader?> read, TimeProvider time, ILogger logger, HealthRegistry health)
    {
        _store = store;
        _authority = authority;
        _read = read;
        _time = time;
        _logger = logger;
        _health = health;
    }

    /// <summary>What sends; null before there is one.</summary>
    public IWebhookSender? Sender => Volatile.Read(ref _sender);

    /// <summary>Begins. Again it has no effect.</summary>
    public void Start(IWebhookSender sender)
    {
        if (Interlocked.CompareExchange(ref _sender, sender, null) is null)
        {
            _feeding = BackgroundLoop.Start(Loop(), FeedAsync);
            _sending = BackgroundLoop.Start(Loop(), SendDueAsync);
            Changed();
        }
    }

    /// <summary>A webhook was made, turned on or off, or removed.</summary>
    public void Changed() => Volatile.Read(ref _changed).TrySetResult();

    /// <summary>A message was queued.</summary>
    public void Queued() => Volatile.Read(ref _due).TrySetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_feeding is not null)
        {
            await _feeding.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var feed in _feeds.Values)
        {
            await feed.DisposeAsync().ConfigureAwait(false);
        }

        if (_sending is not null)
        {
            await _sending.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_inFlight.Values.Select(static flight => flight.Sending)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BackgroundLoopOptions Loop() => new() { Name = "webhooks", Every = null, Time = _time, Logger = _logger, Health = _health };

    private async Task FeedAsync(CancellationToken stop)
    {
        await Volatile.Read(ref _changed).Task.WaitAsync(stop).ConfigureAwait(false);

        // Renewed before it is looked: what changes meanwhile wakes the next turn.
        Volatile.Write(ref _changed, New());
        var active = (await _store.ActiveAsync(stop).ConfigureAwait(false)).ToLookup(static webhook => webhook.Source);
        foreach (var (source, feed) in _feeds.ToList())
        {
            if (feed.HasEnded || !active.Contains(source))
            {
                _feeds.Remove(source);
                await feed.DisposeAsync().ConfigureAwait(false);
            }
        }

        foreach (var webhooks in active.Where(webhooks => !_feeds.ContainsKey(webhooks.Key)))
        {
            var (caller, ended) = await _authority.CallerOfAsync(webhooks.Key, stop).ConfigureAwait(false);
            if (caller is not null && _read(webhooks.First(), caller) is { } reader)
            {
                _feeds[webhooks.Key] = new WebhookFeed(webhooks.Key, reader, _authority, _store, Loop(), Queued, Changed);
                continue;
            }

            foreach (var webhook in webhooks)
            {
                await _store.TurnOffAsync(webhook.Id, ended ?? "its room is gone", _time.GetUtcNow(), stop).ConfigureAwait(false);
            }
        }
    }

    private async Task SendDueAsync(CancellationToken stop)
    {
        var signal = New();
        Volatile.Write(ref _due, signal);
        var now = _time.GetUtcNow();
        List<DueDelivery> waiting = [.. (await _store.DueAsync(now, LookedOfUser, Looked, stop).ConfigureAwait(false)).Where(due => !_inFlight.ContainsKey(due.Webhook.Id))];
        while (_inFlight.Count < MaxInFlight && waiting.MinBy(InFlightOf) is { } due && InFlightOf(due) < MaxInFlightOfUser)
        {
            waiting.Remove(due);
            var started = New();
            _inFlight[due.Webhook.Id] = (due.Webhook.UserId, SendAsync(due, started.Task, stop));
            started.SetResult();
        }

        var hasMore = waiting.Count > 0;

        // What is in flight or waits for a place wakes this when it has landed; only what is due later needs the clock.
        var next = await _store.NextDueAsync(stop).ConfigureAwait(false);
        if (_inFlight.IsEmpty && !hasMore && next <= now)
        {
            return;
        }

        using var rest = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var timer = next > now ? Task.Delay(next.Value - now, _time, rest.Token) : Task.Delay(Timeout.Infinite, rest.Token);
        await Task.WhenAny(signal.Task, timer).ConfigureAwait(false);
        await rest.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }

    private int InFlightOf(DueDelivery due) => _inFlight.Values.Count(flight => flight.User == due.Webhook.UserId);

    private async Task SendAsync(DueDelivery due, Task started, CancellationToken stop)
    {
        await started.ConfigureAwait(false);
        try
        {
            var settled = await AttemptAsync(due, stop).ConfigureAwait(false);
            await _store.SettleAsync(due.Id, due.Webhook.Id, settled, _time.GetUtcNow(), stop).ConfigureAwait(false);
            if (settled.OffReason is not null)
            {
                LogOff(due.Webhook.Id, settled.OffReason);
                Changed();
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // It is sent again after the start, under the same id.
        }
        catch (Exception failure)
        {
            LogFailed(failure, due.Webhook.Id);
            await Task.Delay(s_afterFailure, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _inFlight.TryRemove(due.Webhook.Id, out _);
            Queued();
        }
    }

    private async Task<SettledAttempt> AttemptAsync(DueDelivery due, CancellationToken stop)
    {
        var webhook = due.Webhook;
        var (caller, ended) = await _authority.CallerOfAsync(webhook.Source, stop).ConfigureAwait(false);
        var notice = WebhookNotice.Read(due.Body);
        var now = _time.GetUtcNow();
        if (caller is null)
        {
            return new SettledAttempt(WebhookDeliveryState.Failed, due.Attempts, now, ended!, ended); // Who has no caller has a reason.
        }

        if (!_authority.MayTell(webhook, caller, notice))
        {
            return new SettledAttempt(WebhookDeliveryState.Failed, due.Attempts, now, "not sent: it may not be told any more", OffReason: null);
        }

        var attempt = await Sender!.SendAsync(new WebhookMessage(due.Id, webhook.Url, webhook.Format, webhook.Secret.ToArray(), notice), stop).ConfigureAwait(false); // Loops run once there is a sender.
        var attempts = due.Attempts + 1;
        now = _time.GetUtcNow();
        if (attempt.IsTaken)
        {
            return new SettledAttempt(WebhookDeliveryState.Delivered, attempts, now, attempt.Result, OffReason: null);
        }

        // A test is tried once: somebody waits for what comes of it.
        var isTest = notice.Kind == WebhookKind.Test.Name();
        return attempt.IsGone && !isTest ? new SettledAttempt(WebhookDeliveryState.Failed, attempts, now, attempt.Result, $"its receiver wants no more: it {attempt.Result}")
            : !isTest && WebhookRetries.After(attempts, attempt.RetryAfter) is { } rest ? new SettledAttempt(WebhookDeliveryState.Waiting, attempts, now + rest, attempt.Result, OffReason: null)
            : new SettledAttempt(WebhookDeliveryState.Failed, attempts, now, attempt.Result, isTest ? null : $"a message was not taken in {attempts} attempts; at last its receiver {attempt.Result}");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The webhook {Webhook} was turned off: {Reason}.")]
    private partial void LogOff(string webhook, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message of the webhook {Webhook} could not be handled; it is tried again.")]
    private partial void LogFailed(Exception failure, string webhook);
}
