using System.Text.Json.Serialization;
using Sync.Engine.Identity.Webhooks;

namespace Sync.Web.Http.Answers;

/// <summary>A webhook; its secret stands in the answer that makes it and in no other.</summary>
internal sealed record WebhookJson
{
    public required string Id { get; init; }

    public required string? Room { get; init; }

    public required string User { get; init; }

    public required string? TokenId { get; init; }

    public required string? Label { get; init; }

    public required string Address { get; init; }

    public required string Format { get; init; }

    public required IReadOnlyList<string> Kinds { get; init; }

    public required string CreatedAt { get; init; }

    public required bool On { get; init; }

    public required string? OffReason { get; init; }

    public required int Waiting { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public static WebhookJson Of(WebhookInfo info) => new()
    {
        Id = info.Id,
        Room = info.Room,
        User = info.User,
        TokenId = info.TokenId,
        Label = info.Label,
        Address = info.Address,
        Format = Word(info.Format),
        Kinds = [.. info.Kinds.Select(static kind => kind.Name())],
        CreatedAt = WireText.Of(info.CreatedAt),
        On = info.OffReason is null,
        OffReason = info.OffReason,
        Waiting = info.Waiting,
    };

    public static string Word(WebhookFormat format) => format switch
    {
        WebhookFormat.Slack => "slack",
        WebhookFormat.Discord => "discord",
        WebhookFormat.Ntfy => "ntfy",
        _ => "json",
    };

    /// <summary>The format of a word, or null.</summary>
    public static WebhookFormat? FormatOf(string word) => word switch
    {
        "json" => WebhookFormat.Json,
        "slack" => WebhookFormat.Slack,
        "discord" => WebhookFormat.Discord,
        "ntfy" => WebhookFormat.Ntfy,
        _ => null,
    };
}

/// <summary>A message of a webhook.</summary>
internal sealed record WebhookDeliveryJson
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string State { get; init; }

    public required int Attempts { get; init; }

    public required string QueuedAt { get; init; }

    public required string At { get; init; }

    public required string? Result { get; init; }

    public static WebhookDeliveryJson Of(WebhookDelivery delivery) => new()
    {
        Id = delivery.Id,
        Title = delivery.Title,
        State = delivery.State switch
        {
            WebhookDeliveryState.Waiting => "waiting",
            WebhookDeliveryState.Delivered => "delivered",
            _ => "failed",
        },
        Attempts = delivery.Attempts,
        QueuedAt = WireText.Of(delivery.QueuedAt),
        At = WireText.Of(delivery.At),
        Result = delivery.Result,
    };
}

internal sealed record WebhookRemovedJson(bool Removed, string Id);

internal sealed record WebhookTestedJson(bool Queued, string Id);

/// <summary>The JSON forms of webhooks.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WebhookJson))]
[JsonSerializable(typeof(WebhookDeliveryJson))]
[JsonSerializable(typeof(WebhookRemovedJson))]
[JsonSerializable(typeof(WebhookTestedJson))]
internal sealed partial class WebhookJsonContext : JsonSerializerContext;
