using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Webhooks;

/// <summary>As whom webhooks read, and whether they still may. Asked at each look and at each sending: what was queued may be nobody's to tell any more.</summary>
internal sealed class WebhookAuthority(IdentityCache access, RoomDirectory directory)
{
    /// <summary>The caller of a webhook, or why it has none any more: it is then turned off.</summary>
    public async Task<(Caller? Caller, string? Ended)> CallerOfAsync(WebhookSource source, CancellationToken cancellationToken)
    {
        if (source.Token is { } token)
        {
            return await access.CallerOfTokenAsync(token, cancellationToken).ConfigureAwait(false) is { } caller && access.IsStanding(caller) ? (caller, null) : (null, "the token that made it has ended");
        }

        return access.Users.UserById(source.User) is { } user ? (access.OnBehalfOf(user), null) : (null, "its user is gone");
    }

    /// <summary>The room of a webhook as long as its caller owns it; null otherwise.</summary>
    public RoomRecord? OwnedBy(Caller caller, long row, string? id) =>
        id is not null && directory.TryFind(id, out var record) && record.Row == row && access.Of(caller, record).Level == AccessLevel.Admin ? record : null;

    /// <summary>Whether a webhook may tell its maker of something in a room at this moment. An invitation tells who is invited.</summary>
    public bool MayTell(WebhookRecord webhook, Caller caller, WebhookNotice notice) =>
        notice.Kind == WebhookKind.Test.Name()
        || (webhook.Room is { } row ? OwnedBy(caller, row, webhook.RoomId) is not null
            : notice.Room is { } id && directory.TryFind(id, out var record)
                && (notice.Kind == WebhookKind.Invitation.Name() ? record.IsPendingFor(caller) : !record.IsPendingFor(caller) && access.Of(caller, record).Level >= AccessLevel.Read));

    /// <summary>Whether the caller's token lives at this moment. One whose hour is over reads nothing until it is renewed.</summary>
    public bool IsLive(Caller caller) => access.Current(caller) is not null;
}
