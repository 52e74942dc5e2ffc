namespace Sync.Engine.Identity.Webhooks;

/// <summary>In what form a webhook's messages are sent.</summary>
public enum WebhookFormat
{
    /// <summary>The message with all its fields.</summary>
    Json,
    /// <summary>As Slack's incoming webhooks take it, and Mattermost's.</summary>
    Slack,
    /// <summary>As Discord's webhooks take it.</summary>
    Discord,
    /// <summary>As ntfy takes it at the address of its server, with the topic in the path.</summary>
    Ntfy,
}
