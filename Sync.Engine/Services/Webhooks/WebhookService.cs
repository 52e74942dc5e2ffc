using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Sync.Engine.Authority;
using Sync.Engine.Authority.Delegation;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Storage.Sqlite;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Services.Webhooks;

/// <summary>
/// Webhooks: what waits in an inbox, or what an owner wants to know of a room, told to another server. One is made by a user, in a browser or with a token, and reads as that user or that token does
/// at each moment. A user's are managed by that user, a token's by that token too; a room's by every owner of the room.
/// </summary>
public sealed class WebhookService : IAsyncDisposable
{
    private const int LongestUrl = 2_000;
    private const int LongestLabel = 200;
    private const int SecretBytes = 32;

    private static readonly TimeSpan s_betweenTests = TimeSpan.FromSeconds(5);

    private readonly RoomAuthorizer _authorizer;
    private readonly IdentityCache _access;
    private readonly Delegation _delegation;
    private readonly WebhookStore _store;
    private readonly WebhookDispatcher _dispatcher;
    private readonly TimeProvider _time;

    internal WebhookService(RoomAuthorizer authorizer, IdentityCache access, Delegation delegation, WebhookStore store, WebhookDispatcher dispatcher, TimeProvider time)
    {
        _authorizer = authorizer;
        _access = access;
        _delegation = delegation;
        _store = store;
        _dispatcher = dispatcher;
        _time = time;
    }

    /// <summary>Begins to look and to send. Before, webhooks are neither made nor served.</summary>
    public void Start(IWebhookSender sender) => _dispatcher.Start(sender);

    /// <summary>The webhooks that the caller manages: of a room, or of the caller's inbox when room is null. Oldest first.</summary>
    /// <remarks>Errors: of a room as for admin access; of an inbox <c>authentication_required</c>, <c>identity_mismatch</c>, <c>read_only_token</c>.</remarks>
    public async Task<Outcome<IReadOnlyList<WebhookInfo>>> ListAsync(Caller caller, string? room, CancellationToken cancellationToken)
    {
        if (!Manager(caller, room).Try(out var manager, out var error))
        {
            return error;
        }

        var all = manager.Record is { } record
            ? await _store.OfRoomAsync(record.Row, cancellationToken).ConfigureAwait(false)
            : await _store.OfUserAsync(manager.User!.Id, cancellationToken).ConfigureAwait(false); // Whose inbox it is has a user.
        return Outcome<IReadOnlyList<WebhookInfo>>.Of([.. all.Where(manager.Manages).Select(Info)]);
    }

    /// <summary>Makes a webhook. Its secret is shown this once.</summary>
    /// <remarks>Errors: as <see cref="ListAsync"/>; <c>identity_mismatch</c> for a token without a user; <c>invalid_parameter</c> for an address that nothing is sent to, a label, kinds, or one too many; <c>unavailable</c>.</remarks>
    public async Task<Outcome<WebhookMade>> CreateAsync(Caller caller, string? room, CreateWebhook request, CancellationToken cancellationToken)
    {
        if (!Manager(caller, room).Try(out var manager, out var error) || !_delegation.DelegatorOf(caller).Try(out var delegator, out error) || (error = Check(request, manager.Record is not null)) is not null)
        {
            return error;
        }

        var now = _time.GetUtcNow();
        var stored = new StoredWebhook
        {
            Id = Secret.NewId("wh_"),
            UserId = delegator.User.Id,
            TokenId = delegator.IsSession ? null : delegator.Token.Id,
            Room = manager.Record?.Row,
            Label = request.Label,
            Url = request.Url,
            Format = request.Format,
            Kinds = WebhookKinds.Text(request.Kinds ?? (manager.Record is null ? WebhookKinds.OfUsers : WebhookKinds.OfRoomsUsually)),
            Secret = RandomNumberGenerator.GetBytes(SecretBytes),
            CreatedMs = now.ToUnixTimeMilliseconds(),
            FromMs = now.ToUnixTimeMilliseconds(),
            Seq = -1,
        };
        if (await _store.AddAsync(stored, cancellationToken).ConfigureAwait(false) is { } max)
        {
            return WebhookErrors.TooMany(ofRoom: manager.Record is not null, max);
        }

        _dispatcher.Changed();
        return await _store.FindAsync(stored.Id, cancellationToken).ConfigureAwait(false) is { } made
            ? new WebhookMade(Info(made), "whsec_" + Convert.ToBase64String(stored.Secret))
            : WebhookErrors.NotFound(stored.Id);
    }

    /// <summary>Changes what a webhook is called and tells of, or turns it on or off. Turned on it tells of what happens from then on.</summary>
    /// <remarks>Errors: as <see cref="ListAsync"/>, <c>not_found</c>; <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<WebhookInfo>> ChangeAsync(Caller caller, string? room, string id, ChangeWebhook change, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(caller, room, id, cancellationToken).ConfigureAwait(false)).Try(out var found, out var error)
            || (error = CheckLabel(change.Label) ?? CheckKinds(change.Kinds, room is not null)) is not null)
        {
            return error;
        }

        await _store.ChangeAsync(id, change.Label ?? found.Label, change.Kinds ?? found.Kinds, cancellationToken).ConfigureAwait(false);
        if (change.IsOn == false && found.OffReason is null)
        {
            await _store.TurnOffAsync(id, $"{caller.UserName ?? "an owner"} turned it off", _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        }
        else if (change.IsOn == true && found.OffReason is not null)
        {
            await _store.TurnOnAsync(id, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        }

        _dispatcher.Changed();
        return await _store.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } changed ? Info(changed) : WebhookErrors.NotFound(id);
    }

    /// <summary>Removes a webhook with what waits.</summary>
    /// <remarks>Errors: as <see cref="ListAsync"/>, <c>not_found</c>.</remarks>
    public async Task<Outcome<WebhookInfo>> RemoveAsync(Caller caller, string? room, string id, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(caller, room, id, cancellationToken).ConfigureAwait(false)).Try(out var found, out var error))
        {
            return error;
        }

        if (!await _store.RemoveAsync(id, cancellationToken).ConfigureAwait(false))
        {
            return WebhookErrors.NotFound(id);
        }

        _dispatcher.Changed();
        return Info(found);
    }

    /// <summary>Queues a message that is sent at once and once only, also by a webhook that is off; the messages say what came of it.</summary>
    /// <remarks>Errors: as <see cref="ListAsync"/>, <c>not_found</c>; <c>rate_limited</c> within five seconds; <c>unavailable</c>.</remarks>
    public async Task<Outcome<WebhookInfo>> TestAsync(Caller caller, string? room, string id, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(caller, room, id, cancellationToken).ConfigureAwait(false)).Try(out var found, out var error))
        {
            return error;
        }

        if (_dispatcher.Sender is null)
        {
            return WebhookErrors.NotSent;
        }

        var now = _time.UtcNowToMillisecond();
        var notice = new WebhookNotice
        {
            Kind = WebhookKind.Test.Name(),
            Key = Secret.NewId("test/"),
            Room = found.RoomId,
            At = now,
            Title = "This is a test of a webhook of Sync",
            Text = found.RoomId is { } of ? $"It tells of the room {of}." : $"It tells of what waits for {_access.Users.UserById(found.UserId)?.Name}.",
        };
        if (!await _store.OfferTestAsync(id, notice.Offered(), now, s_betweenTests, cancellationToken).ConfigureAwait(false))
        {
            return WebhookErrors.TooOften;
        }

        _dispatcher.Queued();
        return Info(found with { Waiting = found.Waiting + 1 });
    }

    /// <summary>The last messages of a webhook, the newest first.</summary>
    /// <remarks>Errors: as <see cref="ListAsync"/>, <c>not_found</c>.</remarks>
    public async Task<Outcome<IReadOnlyList<WebhookDelivery>>> DeliveriesAsync(Caller caller, string? room, string id, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(caller, room, id, cancellationToken).ConfigureAwait(false)).Try(out _, out var error))
        {
            return error;
        }

        var deliveries = await _store.DeliveriesAsync(id, cancellationToken).ConfigureAwait(false);
        return Outcome<IReadOnlyList<WebhookDelivery>>.Of([.. deliveries.Select(static delivery => Delivery(delivery))]);
    }

    /// <summary>Stops. What waits is sent after the next start.</summary>
    public ValueTask DisposeAsync() => _dispatcher.DisposeAsync();

    private static WebhookDelivery Delivery(StoredWebhookDelivery stored) => new(
        stored.Id,
        WebhookNotice.Read(stored.Body).Title,
        stored.State,
        stored.Attempts,
        DateTimeOffset.FromUnixTimeMilliseconds(stored.QueuedMs),
        DateTimeOffset.FromUnixTimeMilliseconds(stored.DueMs),
        stored.Result);

    // What tells one address from another: its server and its end. What lies between may be all that a receiver asks for.
    private static string Shown(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.PathAndQuery is { Length: > 1 } path
            ? $"{ServerOf(uri)}/…{(path.Length > 12 ? path[^4..] : "")}"
            : uri is null ? url : ServerOf(uri) + "/";

    // The name as it is resolved: written as letters that look or run otherwise it would pass for another.
    private static string ServerOf(Uri uri) => $"{uri.Scheme}://{(uri.HostNameType == UriHostNameType.Dns ? uri.IdnHost : uri.Host)}{(uri.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}"))}";

    private SyncError? Check(CreateWebhook request, bool ofRoom) =>
        request.Url.Length > LongestUrl ? WebhookErrors.InvalidUrl
        : _dispatcher.Sender is not { } sender ? WebhookErrors.NotSent
        : sender.CheckAddress(request.Url, request.Format) ?? CheckLabel(request.Label) ?? CheckKinds(request.Kinds, ofRoom);

    private static SyncError? CheckLabel(string? label) => label is { Length: > 0 } && !Identifiers.IsTitle(label, LongestLabel) ? AccessErrors.InvalidLabel : null;

    private static SyncError? CheckKinds(ImmutableArray<WebhookKind>? kinds, bool ofRoom) =>
        kinds is not { } chosen ? null
        : chosen.IsEmpty || chosen.Any(kind => !(ofRoom ? WebhookKinds.OfRooms : WebhookKinds.OfUsers).Contains(kind)) ? WebhookErrors.NoKinds
        : null;

    private async Task<Outcome<WebhookRecord>> FindAsync(Caller caller, string? room, string id, CancellationToken cancellationToken)
    {
        if (!Manager(caller, room).Try(out var manager, out var error))
        {
            return error;
        }

        return await _store.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } found && found.Room == manager.Record?.Row && manager.Manages(found) ? found : WebhookErrors.NotFound(id);
    }

    // Who manages: of a room whoever owns it; of an inbox its user, all of theirs, or a token what it has made.
    private Outcome<WebhookManager> Manager(Caller caller, string? room)
    {
        if (room is not null)
        {
            return _authorizer.Check(caller, room, AccessLevel.Admin).Try(out var found, out var refused) ? new WebhookManager(found.Record, User: null, Token: null) : refused;
        }

        return _delegation.DelegatorOf(caller).Try(out var delegator, out var error)
            ? new WebhookManager(Record: null, delegator.User, delegator.IsSession || delegator.ManagesAll ? null : delegator.Token.Id)
            : error;
    }

    private WebhookInfo Info(WebhookRecord webhook) => new()
    {
        Id = webhook.Id,
        Room = webhook.RoomId,
        User = _access.Users.UserById(webhook.UserId)?.Name ?? "",
        TokenId = webhook.TokenId,
        Label = webhook.Label,
        Address = Shown(webhook.Url),
        Format = webhook.Format,
        Kinds = webhook.Kinds,
        CreatedAt = webhook.CreatedAt,
        OffReason = webhook.OffReason,
        Waiting = webhook.Waiting,
    };

    /// <summary>What a caller manages.</summary>
    /// <param name="Record">The room, or null for an inbox.</param>
    /// <param name="User">Whose inbox; null for a room.</param>
    /// <param name="Token">The token that manages what it has made alone; null for who manages all.</param>
    private sealed record WebhookManager(RoomRecord? Record, UserRecord? User, string? Token)
    {
        public bool Manages(WebhookRecord webhook) => Record is not null || (webhook.UserId == User?.Id && (Token is null || webhook.TokenId == Token));
    }
}
