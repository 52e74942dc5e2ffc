using Microsoft.Extensions.Logging;
using Sync.Engine.Authority;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Access;
using Sync.Engine.Services.Administration;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Maintenance;

/// <summary>
/// What whoever has the machine may do with a data folder, besides running the server: no caller is asked. Everything works beside a
/// running server except what says that it needs the folder for itself. Thread-safe.
/// </summary>
public sealed class Maintenance : IAsyncDisposable
{
    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private Maintenance(Database database, TimeProvider time, ILogger logger)
    {
        _database = database;
        _time = time;
        _logger = logger;
    }

    /// <summary>Opens the database of a folder.</summary>
    /// <param name="directory">The data folder.</param>
    /// <param name="create">Whether to make a new database where there is none; else that is <c>not_found</c>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellationToken">Stops opening.</param>
    public static async Task<Outcome<Maintenance>> OpenAsync(string directory, bool create, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (!create && Absent(directory) is { } absent)
        {
            return absent;
        }

        var logger = loggers.CreateLogger<Maintenance>();
        return new Maintenance(await Database.OpenAsync(directory, time, logger, cancellationToken).ConfigureAwait(false), time, logger);
    }

    /// <summary>Mints a token for a user, who is created if need be; a running server honours it at once.</summary>
    /// <remarks>Errors: <c>invalid_scope</c>; <c>invalid_parameter</c> for a bad user name, label or life time.</remarks>
    public async Task<Outcome<MintedToken>> MintTokenAsync(string userName, string scope, string? label, TimeSpan? expiresIn, CancellationToken cancellationToken)
    {
        var table = IdentityCache.OpenEmpty(_database, _time, _logger);
        await using var disposeTable = table.ConfigureAwait(false);
        return await new AccessService(table).MintAsync(userName, scope, label, expiresIn, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All users, oldest first.</summary>
    public Task<IReadOnlyList<UserSummary>> ListUsersAsync(CancellationToken cancellationToken) =>
        _database.Access.SummariseUsersAsync(_time.GetUtcNow(), cancellationToken);

    /// <summary>Makes a user an administrator of the server, or no longer one. Needs the folder for itself.</summary>
    /// <remarks>Errors: <c>unavailable</c> beside a running server, <c>user_not_found</c>.</remarks>
    public async Task<Outcome<string>> SetAdminAsync(string userName, bool isAdmin, CancellationToken cancellationToken)
    {
        if (!DataDirectoryLock.Acquire(_database.Directory).Try(out var folder, out var held))
        {
            return held with { Hint = "A running server knows its administrators. Stop it, do this, and start it again." };
        }

        using (folder)
        {
            return await _database.Access.SetAdminAsync(userName, isAdmin, cancellationToken).ConfigureAwait(false)
                ? userName
                : UserErrors.NoSuchUser(userName);
        }
    }

    /// <summary>Makes a link with which a user who is locked out makes a new passkey; a running server honours it at once. It works once, for a day, and ends the one before.</summary>
    /// <remarks>Errors: <c>user_not_found</c>; <c>registration_closed</c> before the server is set up.</remarks>
    public async Task<Outcome<PasskeyLinkMade>> MakePasskeyLinkAsync(string userName, CancellationToken cancellationToken) =>
        await _database.Access.FindUserByNameAsync(userName, cancellationToken).ConfigureAwait(false) is { } user
            ? await PasskeyLinkMaker.MakeAsync(_database.PasskeyLinks, user, maker: null, _time, cancellationToken).ConfigureAwait(false)
            : UserErrors.NoSuchUser(userName);

    /// <summary>All rooms, oldest first.</summary>
    public async Task<IReadOnlyList<RoomSummary>> ListRoomsAsync(CancellationToken cancellationToken)
    {
        List<RoomSummary> summaries = [];
        foreach (var room in await _database.Rooms.LoadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var events = await _database.Rooms.LastSeqAsync(room.Row, cancellationToken).ConfigureAwait(false);
            summaries.Add(new RoomSummary(room.Id, room.Name, room.CreatedAt, room.Join, room.Members.Count, events));
        }

        return summaries;
    }

    /// <summary>Writes a room as JSON Lines; the format stands at <see cref="RoomExport"/>. Answers the number of events.</summary>
    /// <remarks>Errors: <c>room_not_found</c>.</remarks>
    public async Task<Outcome<long>> ExportRoomAsync(string roomId, Stream output, CancellationToken cancellationToken) =>
        await FindRoomAsync(roomId, cancellationToken).ConfigureAwait(false) is { } room
            ? await RoomExport.WriteAsync(_database, room, output, cancellationToken).ConfigureAwait(false)
            : RoomNotFound(roomId);

    /// <summary>Makes a room of an export, whole or not at all. Needs the folder for itself.</summary>
    /// <param name="input">What <see cref="ExportRoomAsync"/> has written.</param>
    /// <param name="asId">The new room's id; null keeps the exported one.</param>
    /// <param name="cancellationToken">Stops and leaves nothing.</param>
    /// <remarks>Errors: <c>unavailable</c> beside a running server, <c>room_exists</c>, <c>invalid_id</c>, <c>invalid_json</c> with the line.</remarks>
    public async Task<Outcome<RoomImported>> ImportRoomAsync(Stream input, string? asId, CancellationToken cancellationToken)
    {
        if (!DataDirectoryLock.Acquire(_database.Directory).Try(out var folder, out var held))
        {
            return held with { Hint = "A room cannot be imported beside a running server. Stop the server, import, and start it again." };
        }

        using (folder)
        {
            return await RoomImport.RunAsync(_database, input, asId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes a room with every trace. Needs the folder for itself.</summary>
    /// <remarks>Errors: <c>unavailable</c> beside a running server, <c>room_not_found</c>.</remarks>
    public async Task<Outcome<string>> DeleteRoomAsync(string roomId, CancellationToken cancellationToken)
    {
        if (!DataDirectoryLock.Acquire(_database.Directory).Try(out var folder, out var held))
        {
            return held with { Hint = "Delete the room through the running server, or stop the server first.", Next = [NextStep.DeleteRoom(roomId)] };
        }

        using (folder)
        {
            if (await FindRoomAsync(roomId, cancellationToken).ConfigureAwait(false) is not { } room)
            {
                return RoomNotFound(roomId);
            }

            await _database.Rooms.DeleteAsync(room.Row, cancellationToken).ConfigureAwait(false);
            return roomId;
        }
    }

    /// <summary>Writes a compact copy of the whole database, as of one moment, and checks it. Answers its size in bytes.</summary>
    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="cancellationToken">Heeded between the steps.</param>
    /// <remarks>Errors: <c>invalid_parameter</c> when the file exists or its folder does not; <c>unavailable</c> when the copy fails its check.</remarks>
    public Task<Outcome<long>> BackupAsync(string path, CancellationToken cancellationToken) => DatabaseBackup.RunAsync(_database.File, path, cancellationToken);

    /// <summary>Examines a folder's database and what it says: reads everything, changes nothing, and needs no database that opens.</summary>
    /// <param name="directory">The data folder.</param>
    /// <param name="limits">The server's limits: what was accepted under others, and is used with limits, is noted. Null: the standard ones.</param>
    /// <remarks>Errors: <c>not_found</c> when there is none.</remarks>
    public static Outcome<CheckReport> Check(string directory, RoomLimits? limits = null) =>
        Absent(directory) is { } absent ? absent : DatabaseCheck.Run(new DatabaseFile(directory), limits ?? new RoomLimits());

    /// <summary>Closes the database.</summary>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<RoomRecord?> FindRoomAsync(string roomId, CancellationToken cancellationToken)
    {
        var rooms = await _database.Rooms.LoadAllAsync(cancellationToken).ConfigureAwait(false);
        return rooms.FirstOrDefault(room => string.Equals(room.Id, roomId, StringComparison.Ordinal));
    }

    private static SyncError? Absent(string directory)
    {
        var file = new DatabaseFile(directory);
        return File.Exists(file.Path)
            ? null
            : new SyncError(ErrorCode.NotFound, $"There is no Sync database in {file.Directory}.") { Hint = "Name the server's data folder with Sync__DataDirectory." };
    }

    private static SyncError RoomNotFound(string roomId) =>
        new(ErrorCode.RoomNotFound, $"There is no room '{roomId}'.") { Hint = "List the rooms to see their ids; they are compared with case." };
}

/// <summary>A room, as an operator sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">A human name, or null.</param>
/// <param name="CreatedAt">When created.</param>
/// <param name="Join">Who may join without a token.</param>
/// <param name="Members">Number of users with a role.</param>
/// <param name="Events">Number of events in its log.</param>
public sealed record RoomSummary(string Id, string? Name, DateTimeOffset CreatedAt, JoinPolicy Join, int Members, long Events);

/// <summary>A room made of an export.</summary>
/// <param name="Id">Its id here.</param>
/// <param name="Events">Number of events.</param>
/// <param name="Members">Members that have a user here.</param>
/// <param name="UnknownMembers">Names of members without a user here; they were left out.</param>
public sealed record RoomImported(string Id, long Events, IReadOnlyList<RoomMember> Members, IReadOnlyList<string> UnknownMembers);
