using System.Text.Json;
using Sync.Engine.Context;
using Sync.Engine.Json;
using Sync.Engine.Persistence;
using Sync.Engine.Rooms;

namespace Sync.Engine;

/// <summary>The past of a room. All answers are UTF-8 JSON.</summary>
public sealed partial class HistoryDoor
{
    private readonly RoomGate _gate;
    private readonly RoomDirectory _directory;
    private readonly RoomStore _store;
    private readonly Database _database;

    internal HistoryDoor(RoomGate gate, RoomDirectory directory, Database database)
    {
        _gate = gate;
        _directory = directory;
        _store = database.Rooms;
        _database = database;
    }

    /// <summary>
    /// One event in full: as in the audit, and each write with the entry's value <c>before</c> it (left out where there was none) as <c>{value, version}</c>.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c> for an event the room does not have.</remarks>
    public async Task<Outcome<ReadOnlyMemory<byte>>> EventAsync(Caller caller, string room, long seq, CancellationToken cancellationToken)
    {
        if (!(await _gate.EnterAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var entrance, out var error))
        {
            return error;
        }

        var published = entrance.Room.Published;
        if (seq < 1 || seq > published.Seq || await _store.EventAsync(entrance.Record.Row, seq, cancellationToken).ConfigureAwait(false) is not { } row)
        {
            return NoEvent(seq, published);
        }

        var e = RoomEventJson.Read(row);
        var sight = entrance.Sight(published);
        var before = new Dictionary<EntryChange, EntryChange>(ReferenceEqualityComparer.Instance);
        foreach (var change in e.Changes)
        {
            if (sight.Sees(change.Scope) && await BeforeAsync(entrance.Record.Row, change, cancellationToken).ConfigureAwait(false) is { } earlier)
            {
                before[change] = earlier;
            }
        }

        return JsonText.Write((e, sight, before), static (writer, t) => EventJson.Write(writer, t.e, t.sight, withValues: true, t.before)).Memory;
    }

    /// <summary>Writes the room with its whole log as JSON Lines, as the server's own export does; answers the number of events. Needs admin access, since everybody's private scopes are in it.</summary>
    public async Task<Outcome<long>> ExportAsync(Caller caller, string room, Stream output, CancellationToken cancellationToken) =>
        (await _gate.EnterAsync(caller, room, AccessLevel.Admin).ConfigureAwait(false)).Try(out var entrance, out var error)
            ? await RoomExport.WriteAsync(_database, entrance.Record, output, cancellationToken).ConfigureAwait(false)
            : error;

    /// <summary>Writes of one key, newest first: <c>{scope, key, history:[…], next_before?}</c>; <paramref name="before"/> continues a page.</summary>
    /// <remarks>Errors: <c>scope_denied</c> for private scopes of others, <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<ReadOnlyMemory<byte>>> KeyAsync(Caller caller, string room, string scope, string key, long? before, int limit, CancellationToken cancellationToken)
    {
        if (!(await _gate.EnterAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var entrance, out var error))
        {
            return error;
        }

        if ((CheckLimit(limit, 500) ?? Names.CheckStoredName("key", key)) is { } invalid)
        {
            return invalid;
        }

        var state = entrance.Room.Published;
        if (scope == Names.Self)
        {
            scope = entrance.Self(state) ?? scope;
        }

        if (Names.CheckScope(scope) is { } badScope)
        {
            return badScope;
        }

        if (!entrance.Sight(state).Sees(scope))
        {
            return new SyncError(ErrorCode.ScopeDenied, $"The scope '{scope}' is private to its agent.") { Hint = "Read scopes that begin with '_', or your own." }.With("scope", scope);
        }

        var history = await WalkAsync(entrance.Record.Row, state, scope, key, before, limit + 1, cancellationToken).ConfigureAwait(false);
        var more = history.Count > limit;
        var shown = more ? history[..limit] : history;
        return JsonText.Write((scope, key, shown, more), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteString("scope"u8, t.scope);
            writer.WriteString("key"u8, t.key);
            writer.WriteStartArray("history"u8);
            foreach (var (e, change) in t.shown)
            {
                WriteStep(writer, e, change);
            }

            writer.WriteEndArray();
            if (t.more)
            {
                writer.WriteNumber("next_before"u8, t.shown[^1].Event.Seq);
            }

            writer.WriteEndObject();
        }).Memory;
    }

    /// <summary>The room's state as it was after event <paramref name="seq"/>, with that event: <c>{seq, at, event, state}</c>, entries with metadata.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> ReplayAsync(Caller caller, string room, long seq, CancellationToken cancellationToken)
    {
        if (!(await _gate.EnterAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var entrance, out var error))
        {
            return error;
        }

        var current = entrance.Room.Published;
        if (seq < 1 || seq > current.Seq)
        {
            return NoEvent(seq, current);
        }

        var state = await _directory.ReadStateAsync(entrance.Record.Row, seq, cancellationToken).ConfigureAwait(false);
        var row = await _store.EventAsync(entrance.Record.Row, seq, cancellationToken).ConfigureAwait(false);
        return JsonText.Write((state, e: RoomEventJson.Read(row!), sight: entrance.Sight(current)), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, t.state.Seq);
            writer.WriteString("at"u8, t.state.UpdatedAt.UtcDateTime);
            writer.WritePropertyName("event"u8);
            EventJson.Write(writer, t.e, t.sight, withValues: true);
            writer.WriteStartObject("state"u8);
            foreach (var name in t.state.ScopeNames.Where(t.sight.Sees))
            {
                writer.WriteStartObject(name);
                foreach (var entry in t.state.Scope(name)!.Entries.Values)
                {
                    writer.WriteStartObject(entry.Key);
                    writer.WritePropertyName("value"u8);
                    entry.Value.WriteTo(writer);
                    entry.WriteMeta(writer);
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }).Memory;
    }

    /// <summary><c>{events:[…], seq}</c>: log events oldest first after a seq, or newest first when <paramref name="query"/> names none.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> AuditAsync(Caller caller, string room, AuditQuery query, CancellationToken cancellationToken)
    {
        if (!(await _gate.EnterAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var entrance, out var error))
        {
            return error;
        }

        if (CheckLimit(query.Limit, 2_000) is { } invalid)
        {
            return invalid;
        }

        var rows = await _store.AuditAsync(entrance.Record.Row, query.After, query.Limit, query.Agent, query.Action, query.Ok, cancellationToken).ConfigureAwait(false);
        var state = entrance.Room.Published;
        return JsonText.Write((rows, sight: entrance.Sight(state), state.Seq), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("events"u8);
            foreach (var row in t.rows)
            {
                EventJson.Write(writer, RoomEventJson.Read(row), t.sight, withValues: true);
            }

            writer.WriteEndArray();
            writer.WriteNumber("seq"u8, t.Seq);
            writer.WriteEndObject();
        }).Memory;
    }

    /// <summary>
    /// Walks a key's history back: from the live entry, or from the last deletion, along the event each write names as the one before. Only where a chain begins
    /// (the key was not there) is the index asked for an older deletion.
    /// </summary>
    private async Task<List<(RoomEvent Event, EntryChange Change)>> WalkAsync(long row, RoomState state, string scope, string key, long? before, int limit, CancellationToken cancellationToken)
    {
        var steps = new List<(RoomEvent, EntryChange)>();
        long? at = before
            ?? state.Find(scope, key)?.Seq
            ?? await _store.LastIndexedAsync(row, scope, key, long.MaxValue, cancellationToken).ConfigureAwait(false);
        var skip = before is not null;
        while (at is { } seq && steps.Count < limit && await _store.EventAsync(row, seq, cancellationToken).ConfigureAwait(false) is { } stored)
        {
            var e = RoomEventJson.Read(stored);
            if (e.Changes.FirstOrDefault(c => c.Scope == scope && c.Key == key) is not { } change)
            {
                break;
            }

            if (!skip)
            {
                steps.Add((e, change));
            }

            skip = false;
            at = change.PreviousSeq ?? await _store.LastIndexedAsync(row, scope, key, seq, cancellationToken).ConfigureAwait(false);
        }

        return steps;
    }

    internal static SyncError NoEvent(long seq, RoomState state) =>
        new SyncError(ErrorCode.InvalidParameter, $"There is no event {seq}; the room has 1 to {state.Seq}.").With("parameter", "seq");

    // What a key held before a change: along the chain to the last event that gave it a value. Timers that only touch the entry stand between.
    private async Task<EntryChange?> BeforeAsync(long row, EntryChange change, CancellationToken cancellationToken)
    {
        const int MostSteps = 16;
        var at = change.PreviousSeq;
        for (var i = 0; i < MostSteps && at is { } seq && await _store.EventAsync(row, seq, cancellationToken).ConfigureAwait(false) is { } stored; i++)
        {
            if (RoomEventJson.Read(stored).Changes.LastOrDefault(c => c.Scope == change.Scope && c.Key == change.Key) is not { } earlier)
            {
                return null;
            }

            if (earlier.Kind is ChangeKind.Put or ChangeKind.Delete)
            {
                return earlier.Kind == ChangeKind.Put ? earlier : null;
            }

            at = earlier.PreviousSeq;
        }

        return null;
    }

    private static void WriteStep(Utf8JsonWriter writer, RoomEvent e, EntryChange change)
    {
        writer.WriteStartObject();
        writer.WriteNumber("seq"u8, e.Seq);
        writer.WriteString("at"u8, e.At.UtcDateTime);
        writer.WriteString("writer"u8, e.Agent);
        writer.WriteString("via"u8, e.Action ?? RoomEventJson.Name(e.Kind));
        if (change.Kind == ChangeKind.Put)
        {
            writer.WritePropertyName("value"u8);
            change.Value.WriteTo(writer);
            writer.WriteString("version"u8, change.Version);
            writer.WriteNumber("revision"u8, change.Revision);
        }
        else
        {
            writer.WriteBoolean("deleted"u8, value: true);
            writer.WriteString("previous_version"u8, change.PreviousVersion);
        }

        writer.WriteEndObject();
    }

    private static SyncError? CheckLimit(int limit, int max) =>
        limit is >= 1 && limit <= max ? null : new SyncError(ErrorCode.InvalidParameter, $"'limit' is a whole number from 1 to {max}.").With("parameter", "limit");
}

/// <summary>Filters of the log.</summary>
/// <param name="After">Only events after this seq, oldest first; null: the newest.</param>
/// <param name="Limit">At most so many, 1–2000.</param>
/// <param name="Agent">Only of this agent.</param>
/// <param name="Action">Only of this action.</param>
/// <param name="Ok">Only accepted or only refused ones.</param>
public sealed record AuditQuery(long? After, int Limit, string? Agent, string? Action, bool? Ok);
