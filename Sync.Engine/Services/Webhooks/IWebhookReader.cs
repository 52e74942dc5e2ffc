using Sync.Engine.Identity;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Services.Webhooks;

/// <summary>What webhooks of one source tell of: an inbox, or a room. Used by one reader at a time.</summary>
internal interface IWebhookReader : IDisposable
{
    /// <summary>Completes when there may be something else to tell than at the call before, or when the reader began.</summary>
    Task ChangedAsync(CancellationToken cancellationToken);

    /// <summary>Everything there is to tell at the moment; null when there is nobody to read as at the moment.</summary>
    /// <param name="afterMessage">The last message of the room that all of the webhooks have looked at.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <remarks>A refusal ends the webhooks; its sentence is the reason.</remarks>
    Task<Outcome<WebhookReading?>> ReadAsync(long afterMessage, CancellationToken cancellationToken);
}

/// <summary>What was read.</summary>
/// <param name="Notices">What there is to tell.</param>
/// <param name="IsWhole">Whether what goes on is all among it.</param>
/// <param name="Seq">The last message of the room; 0 for an inbox.</param>
internal sealed record WebhookReading(IReadOnlyList<WebhookNotice> Notices, bool IsWhole, long Seq);
