using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Inbox;

namespace Sync.Engine.Services.Webhooks;

/// <summary>A user's inbox, as webhooks read it.</summary>
internal sealed class InboxWebhookReader : IWebhookReader
{
    private readonly InboxService _inbox;
    private readonly Caller _caller;
    private readonly Func<bool> _isLive;
    private readonly InboxWatch? _watch;

    public InboxWebhookReader(InboxService inbox, Caller caller, Func<bool> isLive)
    {
        _inbox = inbox;
        _caller = caller;
        _isLive = isLive;

        // Before the first look, so that nothing falls between.
        _watch = inbox.Watch(caller).Try(out var watch, out _) ? watch : null;
    }

    public Task ChangedAsync(CancellationToken cancellationToken) => _watch?.ChangedAsync(cancellationToken) ?? Task.Delay(Timeout.Infinite, cancellationToken);

    public async Task<Outcome<WebhookReading?>> ReadAsync(long afterMessage, CancellationToken cancellationToken)
    {
        if (!_isLive())
        {
            return default(Outcome<WebhookReading?>);
        }

        return (await _inbox.ReadAsync(_caller, new InboxRequest { Limit = InboxRequest.MaxItems }, cancellationToken).ConfigureAwait(false)).Try(out var model, out var error)
            ? new WebhookReading([.. model.Items.Select(WebhookNotice.Of)], IsWhole: model is { Reading: 0, Missing: 0 }, Seq: 0)
            : error;
    }

    public void Dispose() => _watch?.Dispose();
}
