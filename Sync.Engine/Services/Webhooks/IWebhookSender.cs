using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Services.Webhooks;

/// <summary>Sends messages of webhooks. How, and to which addresses at all, is the surface's matter. Any thread.</summary>
public interface IWebhookSender
{
    /// <summary>The refusal of an address that nothing is sent to, as far as the address alone tells; else null.</summary>
    SyncError? CheckAddress(string url, WebhookFormat format);

    /// <summary>Sends a message once. Never throws but for cancellation.</summary>
    Task<WebhookAttempt> SendAsync(WebhookMessage message, CancellationToken cancellationToken);
}

/// <summary>A message of a webhook, as it is to be sent.</summary>
/// <param name="Id">Its id, the same at each attempt.</param>
/// <param name="Url">Where to.</param>
/// <param name="Format">In what form.</param>
/// <param name="Secret">What signs it.</param>
/// <param name="Notice">What it tells.</param>
public sealed record WebhookMessage(string Id, string Url, WebhookFormat Format, ReadOnlyMemory<byte> Secret, WebhookNotice Notice)
{
    /// <summary>Without its address and its secret, which may let their holder in elsewhere.</summary>
    public override string ToString() => Id;
}

/// <summary>What came of sending.</summary>
/// <param name="IsTaken">Whether the receiver has it.</param>
/// <param name="Result">In a few words, for the owner of the webhook.</param>
/// <param name="IsGone">Whether the receiver wants no more.</param>
/// <param name="RetryAfter">How long the receiver asks to wait, or null.</param>
public sealed record WebhookAttempt(bool IsTaken, string Result, bool IsGone = false, TimeSpan? RetryAfter = null);
