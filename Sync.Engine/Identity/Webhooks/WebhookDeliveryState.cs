namespace Sync.Engine.Identity.Webhooks;

/// <summary>How far a message of a webhook has got.</summary>
public enum WebhookDeliveryState
{
    /// <summary>It waits for its first or its next attempt.</summary>
    Waiting,
    /// <summary>It was taken.</summary>
    Delivered,
    /// <summary>It was given up.</summary>
    Failed,
}
