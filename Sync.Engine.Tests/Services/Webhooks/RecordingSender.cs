using System.Collections.Immutable;
using System.Threading.Channels;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Webhooks;

namespace Sync.Engine.Tests.Services.Webhooks;

/// <summary>Notes what it is to send, and answers what the test says.</summary>
internal sealed class RecordingSender : IWebhookSender
{
    private readonly Channel<WebhookMessage> _sent = Channel.CreateUnbounded<WebhookMessage>();
    private ImmutableList<WebhookMessage> _all = [];

    /// <summary>What comes of sending from now on.</summary>
    public Func<WebhookMessage, WebhookAttempt> Answer { get; set; } = static _ => new WebhookAttempt(IsTaken: true, "answered 200");

    /// <summary>What an answer waits for.</summary>
    public Func<WebhookMessage, Task> GateOf { get; set; } = static _ => Task.CompletedTask;

    public IReadOnlyList<WebhookMessage> All => Volatile.Read(ref _all);

    /// <summary>The next message that is sent, when it is.</summary>
    public Task<WebhookMessage> NextAsync() => _sent.Reader.ReadAsync(EngineHost.Cancel).AsTask();

    public SyncError? CheckAddress(string url, WebhookFormat format) =>
        url.StartsWith("https://", StringComparison.Ordinal) ? null : new SyncError(ErrorCode.InvalidParameter, "Not there.");

    public async Task<WebhookAttempt> SendAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        ImmutableInterlocked.Update(ref _all, static (all, message) => all.Add(message), message);
        var attempt = Answer(message);
        _sent.Writer.TryWrite(message);
        await GateOf(message).WaitAsync(cancellationToken);
        return attempt;
    }
}
