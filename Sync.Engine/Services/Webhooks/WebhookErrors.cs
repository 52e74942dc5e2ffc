using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Webhooks;

/// <summary>The refusals of webhooks.</summary>
internal static class WebhookErrors
{
    public static SyncError NotSent { get; } = new(ErrorCode.Unavailable, "This server sends no webhooks.") { Hint = "Follow the inbox or the room's events instead." };

    public static SyncError TooOften { get; } =
        new(ErrorCode.RateLimited, "This webhook was tried a moment ago.") { Hint = "Wait five seconds, then try again.", RetryAfter = TimeSpan.FromSeconds(5) };

    public static SyncError InvalidUrl { get; } =
        new SyncError(ErrorCode.InvalidParameter, "A webhook's address has at most 2,000 characters.") { Hint = "Give the address that the receiver names." }.With("field", "url");

    public static SyncError TooMany(bool ofRoom, int max) =>
        max == WebhookStore.MaxMade
            ? new(ErrorCode.InvalidParameter, $"A user makes at most {max} webhooks, of all rooms together.") { Hint = "Remove one that is not used." }
            : new(ErrorCode.InvalidParameter, $"A {(ofRoom ? "room" : "user")} has at most {max} webhooks.") { Hint = "Remove one that is not used, or have one tell of more." };

    public static SyncError NoKinds { get; } =
        new SyncError(ErrorCode.InvalidParameter, "A webhook tells of at least one kind.") { Hint = "Leave kinds out for the usual, or turn the webhook off." }.With("field", "kinds");

    public static SyncError NotFound(string id) =>
        new(ErrorCode.NotFound, $"You have no webhook '{Identifiers.Shown(id)}'.") { Hint = "List the webhooks to see their ids." };
}
