using System.Collections.Immutable;

namespace Sync.Engine.Identity.Webhooks;

/// <summary>A webhook as its owners see it. Never its secret, nor more of its address than tells it from others: an address may be all that its receiver asks for.</summary>
public sealed record WebhookInfo
{
    /// <summary>Its id, which is no secret.</summary>
    public required string Id { get; init; }

    /// <summary>The room it is about; null for the inbox of its user.</summary>
    public required string? Room { get; init; }

    /// <summary>The name of the user who made it, as whom it reads.</summary>
    public required string User { get; init; }

    /// <summary>The token that made it, with which it ends; null for what a person made.</summary>
    public required string? TokenId { get; init; }

    /// <summary>What it is called, or null.</summary>
    public required string? Label { get; init; }

    /// <summary>Where it sends to, without what follows the host but for its last characters.</summary>
    public required string Address { get; init; }

    /// <summary>In what form.</summary>
    public required WebhookFormat Format { get; init; }

    /// <summary>What it tells of.</summary>
    public required ImmutableArray<WebhookKind> Kinds { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Why it is off; null while it is on.</summary>
    public required string? OffReason { get; init; }

    /// <summary>How many messages wait.</summary>
    public required int Waiting { get; init; }
}

/// <summary>A message of a webhook.</summary>
/// <param name="Id">Its id, the same at each attempt: the header <c>webhook-id</c>.</param>
/// <param name="Title">What it says, in one sentence.</param>
/// <param name="State">How far it has got.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="QueuedAt">When it was queued.</param>
/// <param name="At">When it was tried last, or will be tried next.</param>
/// <param name="Result">What the last attempt came to; null before the first.</param>
public sealed record WebhookDelivery(string Id, string Title, WebhookDeliveryState State, int Attempts, DateTimeOffset QueuedAt, DateTimeOffset At, string? Result);

/// <summary>A webhook as it is kept.</summary>
internal sealed record WebhookRecord
{
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required string? TokenId { get; init; }

    /// <summary>The room's row, or null.</summary>
    public required long? Room { get; init; }

    public required string? RoomId { get; init; }

    public required string? Label { get; init; }

    public required string Url { get; init; }

    public required WebhookFormat Format { get; init; }

    public required ImmutableArray<WebhookKind> Kinds { get; init; }

    public required ImmutableArray<byte> Secret { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last message of the room that was looked at; -1 before anything was.</summary>
    public required long Seq { get; init; }

    public required string? OffReason { get; init; }

    /// <summary>How many messages wait; counted where it is read to be shown, else 0.</summary>
    public int Waiting { get; init; }

    public WebhookSource Source => new(UserId, TokenId, Room);
}

/// <summary>What webhooks that tell of the same read: as whom, and of what.</summary>
/// <param name="User">The user.</param>
/// <param name="Token">The token, or null for the user as they are.</param>
/// <param name="Room">The room's row; null for the user's inbox.</param>
internal readonly record struct WebhookSource(string User, string? Token, long? Room);
