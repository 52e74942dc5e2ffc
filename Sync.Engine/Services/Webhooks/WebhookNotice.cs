using System.Text.Json;
using System.Text.Json.Serialization;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Webhooks;

/// <summary>What a webhook tells. Its texts say what everybody may read who reads the room.</summary>
public sealed record WebhookNotice
{
    /// <summary>What it is about, by the name of its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Tells it from all others.</summary>
    public required string Key { get; init; }

    /// <summary>The room, or null.</summary>
    public string? Room { get; init; }

    /// <summary>The room's name, or null.</summary>
    public string? RoomName { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The agent it comes from, or null.</summary>
    public string? From { get; init; }

    /// <summary>One sentence that says what it is.</summary>
    public required string Title { get; init; }

    /// <summary>What was said, or why.</summary>
    public string Text { get; init; } = "";

    /// <summary>The event of the log, or null.</summary>
    public long? Seq { get; init; }

    /// <summary>The approval, or null.</summary>
    public string? Approval { get; init; }

    /// <summary>The message, or null.</summary>
    public long? Message { get; init; }

    /// <summary>The view, or null.</summary>
    public string? View { get; init; }

    /// <summary>The action, or null.</summary>
    public string? Action { get; init; }

    /// <summary>The agent it is about, or null.</summary>
    public string? Agent { get; init; }

    /// <summary>What is the matter, or null.</summary>
    public string? Attention { get; init; }

    internal static WebhookNotice Of(InboxItem item) => new()
    {
        Kind = item.Kind.Name(),
        Key = item.Key,
        Room = item.Room,
        RoomName = item.RoomName,
        At = item.At,
        From = item.From,
        Title = item.Title,
        Text = item.Text,
        Seq = item.Seq,
        Approval = item.Approval,
        Message = item.Message,
        View = item.View,
        Action = item.Action,
        Agent = item.Agent,
        Attention = item.Attention,
    };

    internal static WebhookNotice Read(byte[] body) => JsonSerializer.Deserialize(body, WebhookNoticeJson.Default.WebhookNotice)!; // Written by the method below.

    internal OfferedNotice Offered() =>
        new(Key, At.ToUnixTimeMilliseconds(), GoesOn: Kind == WebhookKind.Attention.Name(), JsonSerializer.SerializeToUtf8Bytes(this, WebhookNoticeJson.Default.WebhookNotice));
}

/// <summary>How a notice is kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebhookNotice))]
internal sealed partial class WebhookNoticeJson : JsonSerializerContext;
