using Microsoft.Extensions.Logging;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Administration;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Users;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Administration;

/// <summary>
/// What an administrator of the server sees and does, in a signed-in browser only. They see who and what is there and how large it is; what rooms hold they see as members alone.
/// They end what others are signed in with, and let back in who is locked out, for which they show their own passkey first: the link makes its holder that user.
/// </summary>
public sealed partial class AdministrationService
{
    private readonly IdentityCache _access;
    private readonly UserService _users;
    private readonly RoomDirectory _directory;
    private readonly Database _database;
    private readonly AdministrationStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DateTimeOffset _startedAt;

    internal AdministrationService(IdentityCache access, UserService users, RoomDirectory directory, Database database, TimeProvider time, ILogger logger)
    {
        _access = access;
        _users = users;
        _directory = directory;
        _database = database;
        _store = new AdministrationStore(database);
        _time = time;
        _logger = logger;
        _startedAt = time.GetUtcNow();
    }

    /// <summary>Null for an administrator, else the refusal that everything here answers with.</summary>
    public SyncError? Refusal(Caller caller) => Administrator(caller).Try(out _, out var error) ? null : error;

    /// <summary>How the server is.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>.</remarks>
    public async Task<Outcome<ServerOverview>> OverviewAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (!Administrator(caller).Try(out _, out var error))
        {
            return error;
        }

        await _database.CheckDiskAsync().ConfigureAwait(false);
        var figures = await _store.FiguresAsync(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        return new ServerOverview
        {
            Failing = _database.Health.Failing,
            Components = _database.Health.Count,
            StartedAt = _startedAt,
            Folder = _database.Directory,
            DatabaseBytes = BytesOf(_database.File.Path),
            WriteAheadLogBytes = BytesOf(_database.File.Path + "-wal"),
            FreeBytes = _database.Disk.FreeBytes(),
            Users = figures.Users,
            Rooms = figures.Rooms,
            LoadedRooms = _directory.LoadedCount,
            Events = figures.Events,
            Sessions = figures.Sessions,
            Tokens = figures.Tokens,
        };
    }

    /// <summary>Users.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>.</remarks>
    public async Task<Outcome<ListPart<AdministeredUser>>> UsersAsync(Caller caller, ListRequest<UserSort> request, CancellationToken cancellationToken) =>
        Administrator(caller).Try(out _, out var error) ? await _store.UsersAsync(Bounded(request), _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) : error;

    /// <summary>Rooms.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>.</remarks>
    public async Task<Outcome<ListPart<AdministeredRoom>>> RoomsAsync(Caller caller, ListRequest<RoomSort> request, CancellationToken cancellationToken)
    {
        if (!Administrator(caller).Try(out _, out var error))
        {
            return error;
        }

        var part = await _store.RoomsAsync(Bounded(request), cancellationToken).ConfigureAwait(false);
        return part with { Rows = [.. part.Rows.Select(WithAgents)] };
    }

    /// <summary>Signed-in browsers and tokens that live.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>.</remarks>
    public async Task<Outcome<ListPart<AdministeredCredential>>> CredentialsAsync(Caller caller, ListRequest<CredentialSort> request, CancellationToken cancellationToken) =>
        Administrator(caller).Try(out _, out var error) ? await _store.CredentialsAsync(Bounded(request), _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) : error;

    /// <summary>Ends a signed-in browser, or revokes a token with what it minted, whoever's it is.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>; <c>token_not_found</c>.</remarks>
    public async Task<Outcome<string>> EndCredentialAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!Administrator(caller).Try(out var administrator, out var error))
        {
            return error;
        }

        if (await _database.Access.FindTokenAsync(id, cancellationToken).ConfigureAwait(false) is not { Token: var token })
        {
            return AccessErrors.TokenNotFound(id);
        }

        if (token.Kind == CredentialKind.Session)
        {
            await _access.Sessions.EndAsync(token.User!.Id, ended => ended == id, cancellationToken).ConfigureAwait(false); // A session has a user.
        }
        else if (!(await _access.Tokens.RevokeAsync(id, cancellationToken).ConfigureAwait(false)).Try(out _, out error))
        {
            return error;
        }

        LogEnded(administrator.Name, id);
        return id;
    }

    /// <summary>Makes a link with which a user who is locked out makes a new passkey: it works once, for a day, and ends the one before.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>; <c>confirmation_required</c>; <c>user_not_found</c>.</remarks>
    public async Task<Outcome<PasskeyLinkMade>> MakePasskeyLinkAsync(Caller caller, string userName, CancellationToken cancellationToken)
    {
        if (!Administrator(caller).Try(out var administrator, out var error) || (error = _users.ConfirmationRefusal(caller)) is not null)
        {
            return error;
        }

        if (await _access.Users.FindByNameAsync(userName, cancellationToken).ConfigureAwait(false) is not { } user)
        {
            return UserErrors.NoSuchUser(userName);
        }

        if (!(await PasskeyLinkMaker.MakeAsync(_database.PasskeyLinks, user, administrator, _time, cancellationToken).ConfigureAwait(false)).Try(out var made, out error))
        {
            return error;
        }

        LogLinkMade(administrator.Name, user.Name);
        return made;
    }

    /// <summary>Ends the link of a user.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_owner</c>; <c>user_not_found</c>, <c>not_found</c>.</remarks>
    public async Task<Outcome<string>> EndPasskeyLinkAsync(Caller caller, string userName, CancellationToken cancellationToken) =>
        !Administrator(caller).Try(out _, out var error) ? error
        : await _access.Users.FindByNameAsync(userName, cancellationToken).ConfigureAwait(false) is not { } user ? UserErrors.NoSuchUser(userName)
        : await _database.PasskeyLinks.RemoveAsync(user.Id, cancellationToken).ConfigureAwait(false) ? user.Name
        : UserErrors.NoPasskeyLink;

    private Outcome<UserRecord> Administrator(Caller caller)
    {
        if (!caller.IsSession || _access.Current(caller)?.User is not { } user)
        {
            return ScopeErrors.NeedsSession;
        }

        // The table's own record: the session's was read when it began.
        return _access.Users.UserById(user.Id) is { IsAdmin: true } administrator ? administrator : UserErrors.AdministratorsOnly;
    }

    private AdministeredRoom WithAgents(AdministeredRoom room) =>
        _directory.TryFind(room.Id, out var record) && _directory.Loaded(record.Row) is { } loaded ? room with { Agents = loaded.Published.Agents.Count } : room;

    private static ListRequest<TSort> Bounded<TSort>(ListRequest<TSort> request)
        where TSort : struct, Enum =>
        request with { Skip = Math.Max(request.Skip, 0), Take = Math.Clamp(request.Take, 0, ListRequest<TSort>.MaxTake) };

    private static long BytesOf(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The administrator {Administrator} has ended the credential {Id}.")]
    private partial void LogEnded(string administrator, string id);

    [LoggerMessage(Level = LogLevel.Information, Message = "The administrator {Administrator} has made a link for a new passkey of {User}.")]
    private partial void LogLinkMade(string administrator, string user);
}
