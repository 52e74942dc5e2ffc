using System.Collections.Immutable;

namespace Sync.Engine.Identity.Webhooks;

/// <summary>What a webhook tells of.</summary>
public enum WebhookKind
{
    /// <summary>An invocation that waits for a decision: of a user's webhook theirs, of a room's anybody's.</summary>
    Approval,
    /// <summary>A decision on one; a room's webhook alone.</summary>
    Decision,
    /// <summary>A question: directed to the user, or any in the room.</summary>
    Question,
    /// <summary>A message: directed to the user, or any in the room.</summary>
    Message,
    /// <summary>A role in a room that the user has not taken up; a user's webhook alone.</summary>
    Invitation,
    /// <summary>Something in a room that does not work, or does not go on.</summary>
    Attention,
    /// <summary>A message that was asked for, to see whether it arrives.</summary>
    Test,
}

/// <summary>The kinds by name.</summary>
public static class WebhookKinds
{
    /// <summary>What a user's webhook can tell of, and does unless some are chosen.</summary>
    public static ImmutableArray<WebhookKind> OfUsers { get; } = [WebhookKind.Approval, WebhookKind.Question, WebhookKind.Message, WebhookKind.Invitation, WebhookKind.Attention];

    /// <summary>What a room's webhook can tell of.</summary>
    public static ImmutableArray<WebhookKind> OfRooms { get; } = [WebhookKind.Approval, WebhookKind.Decision, WebhookKind.Question, WebhookKind.Attention, WebhookKind.Message];

    /// <summary>What a room's webhook tells of unless some are chosen: not every message.</summary>
    public static ImmutableArray<WebhookKind> OfRoomsUsually { get; } = OfRooms.Remove(WebhookKind.Message);

    /// <summary>The name of a kind.</summary>
    public static string Name(this WebhookKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The kind of a name among some; null for none of them.</summary>
    public static WebhookKind? Find(ImmutableArray<WebhookKind> among, string name)
    {
        foreach (var kind in among)
        {
            if (kind.Name() == name)
            {
                return kind;
            }
        }

        return null;
    }

    internal static string Text(ImmutableArray<WebhookKind> kinds) => string.Join(' ', kinds.Select(static kind => kind.Name()));

    internal static ImmutableArray<WebhookKind> Parse(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static name => Find([.. Enum.GetValues<WebhookKind>()], name)).OfType<WebhookKind>()];
}
