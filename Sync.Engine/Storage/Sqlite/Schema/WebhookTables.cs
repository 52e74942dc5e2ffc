using Sync.Engine.Identity.Webhooks;

namespace Sync.Engine.Storage.Sqlite.Schema;

// What is told to other servers, and how far that has got.

/// <summary>A row of <c>webhooks</c>.</summary>
internal sealed class StoredWebhook
{
    public required string Id { get; init; }

    /// <summary>Whose, and as whom it reads.</summary>
    public required string UserId { get; init; }

    /// <summary>The token that made it, with which it ends; null for what a person made in a browser.</summary>
    public string? TokenId { get; init; }

    /// <summary>The room it is about; null for the inbox of its user.</summary>
    public long? Room { get; init; }

    public string? Label { get; set; }

    public required string Url { get; set; }

    public required WebhookFormat Format { get; set; }

    /// <summary>What it tells of: names with blanks between them.</summary>
    public required string Kinds { get; set; }

    /// <summary>What signs its messages. Kept as it is: a hash could not sign.</summary>
    public required byte[] Secret { get; init; }

    public required long CreatedMs { get; init; }

    /// <summary>What happened before is not told.</summary>
    public required long FromMs { get; set; }

    /// <summary>The last event of the room that was looked at.</summary>
    public required long Seq { get; set; }

    /// <summary>Why it is off; null while it is on.</summary>
    public string? OffReason { get; set; }
}

/// <summary>A row of <c>webhook_deliveries</c>: one message of a webhook, until it is delivered and for a while after.</summary>
internal sealed class StoredWebhookDelivery
{
    /// <summary>The message's id, the same at each attempt and after a restart.</summary>
    public required string Id { get; init; }

    public required string WebhookId { get; init; }

    /// <summary>What the message is about, once for each webhook.</summary>
    public required string Key { get; init; }

    /// <summary>When that happened.</summary>
    public required long AtMs { get; init; }

    /// <summary>What is told, as JSON.</summary>
    public required byte[] Body { get; init; }

    public required WebhookDeliveryState State { get; set; }

    public required int Attempts { get; set; }

    public required long QueuedMs { get; init; }

    /// <summary>When it is tried next, or was tried last.</summary>
    public required long DueMs { get; set; }

    /// <summary>What the last attempt came to, in a few words.</summary>
    public string? Result { get; set; }
}
