namespace Sync.Web.Options;

/// <summary>Where webhooks are sent.</summary>
public sealed record WebhookOptions
{
    /// <summary>Whether to this machine and private networks too, and by http. What is for a machine's own network alone stays out of reach.</summary>
    public bool PrivateAddresses { get; init; }
}
