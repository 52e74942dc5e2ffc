using System.Collections.Immutable;
using Sync.Engine.Identity.Webhooks;

namespace Sync.Web.Components.Manage;

/// <summary>Webhooks in words.</summary>
internal static class WebhookWords
{
    public static string Of(WebhookFormat format) => format switch
    {
        WebhookFormat.Slack => "Slack",
        WebhookFormat.Discord => "Discord",
        WebhookFormat.Ntfy => "ntfy",
        _ => "Your own server",
    };

    /// <summary>An address as its receiver gives it.</summary>
    public static string Example(WebhookFormat format) => format switch
    {
        WebhookFormat.Slack => "https://hooks.slack.com/services/…",
        WebhookFormat.Discord => "https://discord.com/api/webhooks/…",
        WebhookFormat.Ntfy => "https://ntfy.sh/my-topic",
        _ => "https://example.org/sync",
    };

    public static string Of(WebhookKind kind) => kind switch
    {
        WebhookKind.Approval => "approvals",
        WebhookKind.Decision => "decisions",
        WebhookKind.Question => "questions",
        WebhookKind.Message => "messages",
        WebhookKind.Invitation => "invitations",
        WebhookKind.Attention => "what needs attention",
        _ => "tests",
    };

    /// <summary>Several kinds, as in a sentence.</summary>
    public static string Of(ImmutableArray<WebhookKind> kinds)
    {
        string[] words = [.. kinds.Select(Of)];
        return words.Length < 2 ? string.Concat(words) : $"{string.Join(", ", words[..^1])} and {words[^1]}";
    }

    public static string Of(WebhookDeliveryState state) => state switch
    {
        WebhookDeliveryState.Delivered => "delivered",
        WebhookDeliveryState.Failed => "failed",
        _ => "waiting",
    };

    /// <summary>The class of a state's tag.</summary>
    public static string? Tone(WebhookDeliveryState state) => state switch
    {
        WebhookDeliveryState.Delivered => "tone-good",
        WebhookDeliveryState.Failed => "tone-bad",
        _ => null,
    };
}
