using System.Collections.Immutable;
using Sync.Engine.Identity.Webhooks;

namespace Sync.Engine.Services.Webhooks;

/// <summary>A webhook to make.</summary>
public sealed record CreateWebhook
{
    /// <summary>Where to send to.</summary>
    public required string Url { get; init; }

    /// <summary>In what form.</summary>
    public WebhookFormat Format { get; init; } = WebhookFormat.Json;

    /// <summary>What to tell of; null for the usual.</summary>
    public ImmutableArray<WebhookKind>? Kinds { get; init; }

    /// <summary>What it is called, at most 200 characters; null for nothing.</summary>
    public string? Label { get; init; }
}

/// <summary>What is to be changed of a webhook; null leaves as it is.</summary>
public sealed record ChangeWebhook
{
    /// <summary>What it is called.</summary>
    public string? Label { get; init; }

    /// <summary>What to tell of.</summary>
    public ImmutableArray<WebhookKind>? Kinds { get; init; }

    /// <summary>Whether it is on.</summary>
    public bool? IsOn { get; init; }
}

/// <summary>A webhook with what signs its messages, shown this once.</summary>
/// <param name="Info">The webhook.</param>
/// <param name="Secret"><c>whsec_…</c>, as Standard Webhooks writes it.</param>
public sealed record WebhookMade(WebhookInfo Info, string Secret);
