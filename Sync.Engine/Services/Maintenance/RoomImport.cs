using System.Text.Json.Nodes;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Maintenance;

/// <summary>
/// Makes a room of what <see cref="RoomExport"/> writes. Until everything is on disk the room is marked as one being deleted, so a failure
/// or a crash leaves nothing: the next start clears it away.
/// </summary>
internal static class RoomImport
{
    private const int PageEvents = 256;

    public static async Task<Outcome<RoomImported>> RunAsync(Database database, Stream input, string? asId, CancellationToken cancellationToken)
    {
        using var lines = new StreamReader(input, leaveOpen: true);
        var first = await lines.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (!ExportHeader.Parse(first ?? "").Try(out var header, out var badHeader))
        {
            return badHeader;
        }

        var id = asId ?? header.Id;
        if (!RoomGrant.IsId(id))
        {
            return new SyncError(ErrorCode.InvalidId, "A room's id is 1-64 of A-Z a-z 0-9 . _ - :") { Hint = "Choose another id for the imported room." };
        }

        var rooms = await database.Rooms.LoadAllAsync(cancellationToken).ConfigureAwait(false);
        if (rooms.Any(room => string.Equals(room.Id, id, StringComparison.Ordinal)))
        {
            return new SyncError(ErrorCode.RoomExists, $"The room '{id}' exists already.") { Hint = "Import it under another id, or delete the room first." };
        }

        var row = await database.Rooms.CreateHiddenAsync(header.CreatedAt, cancellationToken).ConfigureAwait(false);
        var finished = false;
        try
        {
            if (!(await AppendAllAsync(database, row, header, lines, cancellationToken).ConfigureAwait(false)).Try(out var events, out var badLine))
            {
                return badLine;
            }

            var removed = await UsersAsync(database, header.Removed, cancellationToken).ConfigureAwait(false);
            var (members, unknown) = await MembersAsync(database, header, cancellationToken).ConfigureAwait(false);
            await database.Rooms
                .RevealAsync(row, id, header.Name, header.Join, members.Select(member => (member.User.Id, member.Member)), removed, cancellationToken)
                .ConfigureAwait(false);
            finished = true;
            return new RoomImported(id, events, [.. members.Select(member => new RoomMember(member.User.Name, member.Member.Role))], unknown);
        }
        finally
        {
            if (!finished)
            {
                await database.Rooms.DeleteAsync(row, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static async Task<Outcome<long>> AppendAllAsync(Database database, long row, ExportHeader header, StreamReader lines, CancellationToken cancellationToken)
    {
        // Events are asked for what a log must hold and not for what a request may bring: old limits and rules are none of an import's business. What a start could not read is no log.
        var state = RoomState.Empty;
        var page = new List<ExportedEvent>();
        long seq = 0;
        while (await lines.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            seq++;
            if (!ExportLine.Parse(line, seq).Try(out var e, out var error) || !Next(state, seq, e).Try(out state!, out error!))
            {
                return error;
            }

            page.Add(e);
            if (page.Count == PageEvents)
            {
                await AppendAsync(database, row, seq - page.Count, page).ConfigureAwait(false);
                page.Clear();
            }
        }

        if (page.Count > 0)
        {
            await AppendAsync(database, row, seq - page.Count, page).ConfigureAwait(false);
        }

        return seq == header.LastSeq
            ? seq
            : new SyncError(ErrorCode.InvalidJson, $"The file ends after event {seq}; its header promises {header.LastSeq}.") { Hint = "The file was cut short. Export the room again." };
    }

    private static async Task AppendAsync(Database database, long row, long after, List<ExportedEvent> page)
    {
        var result = await database.Log.AppendAsync(row, RoomStore.ImportEpoch, after, page).ConfigureAwait(false);

        // The log's thread is for the log.
        await Task.Yield();
        if (result.Status != AppendStatus.Committed)
        {
            throw result.Cause ?? new InvalidOperationException($"The log refused an import: {result.Status}.");
        }
    }

    private static async Task<(List<(UserRecord User, Member Member)> Known, List<string> Unknown)> MembersAsync(Database database, ExportHeader header, CancellationToken cancellationToken)
    {
        List<(UserRecord, Member)> known = [];
        List<string> unknown = [];
        foreach (var (name, member) in header.Members)
        {
            if (await database.Access.FindUserByNameAsync(name, cancellationToken).ConfigureAwait(false) is { } user)
            {
                known.Add((user, member));
            }
            else
            {
                unknown.Add(name);
            }
        }

        return (known, unknown);
    }

    // A name that no user has here can come in by an account of its own only, which is another's.
    private static async Task<List<string>> UsersAsync(Database database, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        List<string> users = [];
        foreach (var name in names)
        {
            if (await database.Access.FindUserByNameAsync(name, cancellationToken).ConfigureAwait(false) is { } user)
            {
                users.Add(user.Id);
            }
        }

        return users;
    }

    private static Outcome<RoomState> Next(RoomState state, long seq, ExportedEvent e)
    {
        try
        {
            return state.Apply(RoomEventJson.Read(new EventRow(seq, e.At, e.Kind, e.Agent, e.Action, e.Ok, e.Body.ToArray())));
        }
        catch (NewerFormatException newer)
        {
            return BadLine(seq + 1, newer.Message);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A file may hold anything; whatever stops a room from reading it stops the import.
            return BadLine(seq + 1, $"Event {seq} cannot be read by a room.");
        }
    }

    internal static SyncError BadLine(long line, string message) =>
        new SyncError(ErrorCode.InvalidJson, $"Line {line}: {message}") { Hint = "The file is no export of this version, or was changed. Export the room again." }
            .With("line", JsonValue.Create(line));
}
