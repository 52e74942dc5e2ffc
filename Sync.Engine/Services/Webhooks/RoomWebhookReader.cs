using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Webhooks;

/// <summary>A room, as webhooks of one of its owners read it.</summary>
internal sealed class RoomWebhookReader : IWebhookReader
{
    private readonly RoomDirectory _directory;
    private readonly WebhookAuthority _authority;
    private readonly RoomNotices _notices;
    private readonly Caller _caller;
    private readonly UserRecord _user;
    private readonly long _row;
    private readonly string _room;
    private readonly ActivityWatch _watch;

    public RoomWebhookReader(RoomDirectory directory, WebhookAuthority authority, AccessNotices access, RoomNotices notices, Caller caller, UserRecord user, long row, string room)
    {
        _directory = directory;
        _authority = authority;
        _notices = notices;
        _caller = caller;
        _user = user;
        _row = row;
        _room = room;

        // Before the first look, so that nothing falls between.
        _watch = new ActivityWatch(directory.Watches, access, caller, row, room => room.Row == row);
    }

    public Task ChangedAsync(CancellationToken cancellationToken) => _watch.ChangedAsync(cancellationToken);

    public async Task<Outcome<WebhookReading?>> ReadAsync(long afterMessage, CancellationToken cancellationToken)
    {
        if (!_authority.IsLive(_caller))
        {
            return default(Outcome<WebhookReading?>);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (_authority.OwnedBy(_caller, _row, _room) is not { } record || !record.Members.TryGetValue(_user.Id, out var member))
        {
            return NoOwner;
        }

        if (!(await _directory.OpenAsync(record).ConfigureAwait(false)).Try(out var room, out var error))
        {
            return error;
        }

        var seq = room.Published.Messages.Count;
        return new WebhookReading(_notices.Of(room, new RoomPerson(_user, member), afterMessage), IsWhole: true, seq);
    }

    public void Dispose() => _watch.Dispose();

    private static SyncError NoOwner { get; } = new(ErrorCode.NotOwner, "whoever made it no longer owns the room");
}
