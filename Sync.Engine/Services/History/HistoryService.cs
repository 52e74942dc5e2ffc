using System.Text.Json;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.History;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Maintenance;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.History;

/// <summary>The past of a room. All answers are UTF-8 JSON.</summary>
public sealed partial class HistoryService
{
    /// <summary>Events that a tree of causes has each way at most.</summary>
    public const int MaxCausalEvents = 60;

    private readonly RoomAuthorizer _authorizer;
    private readonly RoomDirectory _directory;
    private readonly RoomStore _store;
    private readonly KeyHistory _history;
    private readonly CursorCheck _cursors;
    private readonly Database _database;
    private readonly ISearchIndex _index;

    internal HistoryService(RoomAuthorizer authorizer, RoomDirectory directory, Database database)
    {
        _authorizer = authorizer;
        _directory = directory;
        _store = database.Rooms;
        _history = new KeyHistory(database.Rooms);
        _cursors = new CursorCheck(database.Rooms);
        _database = database;
        _index = database.Search;
    }

    /// <summary>
    /// One event in full: as in the audit, each write with the entry's whole value after it, and <c>before</c> it (left out where there was none) as <c>{value, version}</c>; and
    /// <c>followed</c>, the events that said they follow from it, oldest first, each as <c>{seq, at, kind, agent, action, ok}</c>, with <c>next_after</c> where there are more.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c> for an event the room does not have.</remarks>
    public Task<Outcome<EventDetails>> EventAsync(Caller caller, string room, long seq, CancellationToken cancellationToken) =>
        EventAsync(caller, room, new EventCursor(seq, Tag: null), "seq", after: null, limit: null, isLean: false, cancellationToken);

    /// <summary>The same, with a page of what followed: after an event, at most so many. Where <paramref name="isLean"/> is set it is bounded as a lean context is. Refusals of the position name <paramref name="parameter"/>.</summary>
    /// <remarks>Errors: those of access, <c>cursor_reset</c>, <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<EventDetails>> EventAsync(Caller caller, string room, EventCursor cursor, string parameter, EventCursor? after, int? limit, bool isLean, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !CountBound.Followed.Check("limit", limit).Try(out var most, out error))
        {
            return error;
        }

        var published = authorized.Room.Published;
        var seq = cursor.Seq;
        if ((await _cursors.CheckAsync(authorized, published, cursor, parameter, cancellationToken).ConfigureAwait(false)
            ?? await _cursors.CheckAsync(authorized, published, after, "after", cancellationToken).ConfigureAwait(false)) is { } refused)
        {
            return refused;
        }

        if (seq < 1 || seq > published.Seq || await _store.EventAsync(authorized.Record.Row, seq, cancellationToken).ConfigureAwait(false) is not { } row)
        {
            return NoEvent(seq, published, parameter);
        }

        var e = RoomEventJson.Read(row);
        var visible = authorized.VisibleScopes(published);
        var values = new Dictionary<EntryChange, ChangeValues>(ReferenceEqualityComparer.Instance);
        var written = new Dictionary<(string, string), JsonText?>();
        foreach (var change in e.Changes)
        {
            if (visible.At(e.Seq).Sees(change.Scope))
            {
                // A step of a batch finds what the steps before it have left.
                var before = written.TryGetValue((change.Scope, change.Key), out var left) ? left
                    : change.PreviousSeq is { } previous
                    ? await _history.ValueAtAsync(authorized.Record.Row, change.Scope, change.Key, previous, cancellationToken).ConfigureAwait(false)
                    : null;
                JsonText? value = change.Kind == ChangeKind.Put ? change.ValueOver(before) : null;
                values[change] = new ChangeValues(before, value);
                written[(change.Scope, change.Key)] = change.Kind is ChangeKind.Put or ChangeKind.Delete ? value : before;
            }
        }

        var followed = await _store.FollowedAsync(authorized.Record.Row, seq, after?.Seq ?? 0, published.Seq, most, cancellationToken).ConfigureAwait(false);
        var limits = authorized.Room.Limits;
        return new EventDetails(e, visible, values, followed, isLean ? Math.Min(limits.LeanContextBytes, limits.AnswerBytes) : limits.AnswerBytes);
    }

    /// <summary>
    /// What an event followed from, and what that followed from, and so on; and the same for what followed. Of each event what everybody in the room may know. Bounded: the nearest
    /// <see cref="MaxCausalEvents"/> each way.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c> for an event the room does not have.</remarks>
    public async Task<Outcome<CausalTree>> CausesAsync(Caller caller, string room, long seq, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var published = authorized.Room.Published;
        return seq >= 1 && seq <= published.Seq
            && CausalTree.Of(seq, await _store.CausalLinksAsync(authorized.Record.Row, seq, published.Seq, MaxCausalEvents, cancellationToken).ConfigureAwait(false)) is { } tree
            ? tree
            : NoEvent(seq, published);
    }

    /// <summary>Writes the room with its whole log as JSON Lines, as the server's own export does; answers the number of events. Needs admin access, since everybody's private scopes are in it.</summary>
    public async Task<Outcome<long>> ExportAsync(Caller caller, string room, Stream output, CancellationToken cancellationToken) =>
        (await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Admin).ConfigureAwait(false)).Try(out var authorized, out var error)
            ? await RoomExport.WriteAsync(_database, authorized.Record, output, cancellationToken).ConfigureAwait(false)
            : error;

    /// <summary>
    /// Writes of one key, newest first: <c>{scope, key, history:[…], next_before?}</c>, each with the whole value after it; only those before the event <paramref name="before"/>, if it is named. A page whose
    /// values are long ends early; <c>next_before</c> continues it.
    /// </summary>
    /// <remarks>Errors: <c>scope_denied</c> for private scopes of others, <c>cursor_reset</c>, <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<KeyHistoryPage>> KeyAsync(Caller caller, string room, string scope, string key, EventCursor? before, int limit, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if ((CountBound.History.Check("limit", limit).Error ?? Identifiers.CheckStoredName("key", key)) is { } invalid)
        {
            return invalid;
        }

        var state = authorized.Room.Published;
        if (await _cursors.CheckBeforeAsync(authorized, state, before, "before", cancellationToken).ConfigureAwait(false) is { } reset)
        {
            return reset;
        }

        if (scope == ReservedScopes.Self)
        {
            scope = authorized.Self(state) ?? scope;
        }

        if (Identifiers.CheckScope(scope) is { } badScope)
        {
            return badScope;
        }

        var visible = authorized.VisibleScopes(state);
        if (!visible.Sees(scope))
        {
            return new SyncError(ErrorCode.ScopeDenied, $"The scope '{scope}' is private to its agent.") { Hint = "Read scopes that begin with '_', or your own." }.With("scope", scope);
        }

        var row = authorized.Record.Row;
        var newest = before is { Seq: var end } && end <= state.Seq ? await LastBeforeAsync(row, scope, key, end, cancellationToken).ConfigureAwait(false) : state.Find(scope, key)?.Seq
            ?? await _store.LastIndexedAsync(row, scope, key, long.MaxValue, cancellationToken).ConfigureAwait(false);
        var (steps, more) = newest is { } from
            ? await _history.BackAsync(row, scope, key, from, limit, Math.Min(KeyHistory.PageBytes, AnswerSpace.Of(authorized.Room.Limits.AnswerBytes)), cancellationToken).ConfigureAwait(false)
            : ([], false);
        if (steps.Count > 0 && !visible.At(steps[^1].Event.Seq).Sees(scope))
        {
            // What an agent kept that had the id before is nobody's.
            (steps, more) = ([.. steps.Where(step => visible.At(step.Event.Seq).Sees(scope))], false);
        }

        return new KeyHistoryPage(scope, key, steps, more, new AnswerLimit(AnswerSpace.Of(authorized.Room.Limits.AnswerBytes), caller.Steps, room));
    }

    // The newest write of a key before an event: of the event itself where it wrote the key, as on every page after the first, else of the state before it, and of a key that was not there then by the index.
    private async Task<long?> LastBeforeAsync(long row, string scope, string key, long seq, CancellationToken cancellationToken)
    {
        if (seq <= 1)
        {
            return null;
        }

        if (await _store.EventAsync(row, seq, cancellationToken).ConfigureAwait(false) is { } stored
            && RoomEventJson.Read(stored).ChangeOf(scope, key) is { } written)
        {
            return written.PreviousSeq ?? await _store.LastIndexedAsync(row, scope, key, seq, cancellationToken).ConfigureAwait(false);
        }

        return (await _directory.ReadStateAsync(row, seq - 1, cancellationToken).ConfigureAwait(false)).Find(scope, key)?.Seq
            ?? await _store.LastIndexedAsync(row, scope, key, seq, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The room's state as it was after an event, with that event: <c>{seq, at, event, state}</c>, entries with metadata.</summary>
    /// <remarks>Errors: those of access, <c>cursor_reset</c>, <c>invalid_parameter</c> for an event the room does not have.</remarks>
    public async Task<Outcome<ReadOnlyMemory<byte>>> ReplayAsync(Caller caller, string room, EventCursor cursor, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var current = authorized.Room.Published;
        var seq = cursor.Seq;
        if ((await _cursors.CheckAsync(authorized, current, cursor, "seq", cancellationToken).ConfigureAwait(false) ?? (seq < 1 ? NoEvent(seq, current) : null)) is { } refused)
        {
            return refused;
        }

        var state = await _directory.ReadStateAsync(authorized.Record.Row, seq, cancellationToken).ConfigureAwait(false);
        var row = await _store.EventAsync(authorized.Record.Row, seq, cancellationToken).ConfigureAwait(false);
        var bytes = AnswerSpace.Of(authorized.Room.Limits.AnswerBytes);
        var visible = authorized.In(state).VisibleScopes;
        var e = EventJson.Within(bytes / 2, RoomEventJson.Read(row!), visible, withValues: true); // The room has it.
        var space = new AnswerSpace(bytes);
        space.Take(e.Length);
        return JsonText.Write((authorized, state, e, visible, space), static (writer, t) =>
        {
            var cuts = new Cuts(t.authorized.Caller.Steps);
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, t.state.Seq);
            writer.WriteString("at"u8, t.state.UpdatedAt.UtcDateTime);
            writer.WritePropertyName("event"u8);
            t.e.WriteTo(writer);
            writer.WriteStartObject("state"u8);
            string? named = null;
            foreach (var name in t.state.ScopeNames.Where(t.visible.Sees))
            {
                if (WriteScope(writer, t.authorized.Record.Id, t.state, name, t.space, cuts) && cuts.FurtherScopes == 0)
                {
                    named = name;
                }
            }

            writer.WriteEndObject();
            cuts.AddFurther(() => NextStep.ReadPart(t.authorized.Record.Id, ContextSection.State, new("meta", true), new("at", t.state.Seq), new("after", named)));
            cuts.Write(writer);
            writer.WriteEndObject();
        }).Memory;
    }

    // As many of a scope's entries as fit, in their order; of what is left the first is where to go on.
    // False when it is not named among those that were cut.
    private static bool WriteScope(Utf8JsonWriter writer, string room, RoomState state, string name, AnswerSpace space, Cuts cuts)
    {
        var entries = state.Scope(name)!.Entries; // One of its names.
        if (!space.Fits(name.Length + 8))
        {
            return Cut(0, null);
        }

        space.Take(name.Length + 8);
        writer.WriteStartObject(name);
        var shown = 0;
        string? last = null;
        foreach (var entry in entries.Values)
        {
            var written = JsonText.Write(entry, static (writer, entry) =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("value"u8);
                entry.Value.WriteTo(writer);
                entry.WriteMeta(writer);
                writer.WriteEndObject();
            });
            if (!space.TryWrite(writer, entry.Key, written))
            {
                break;
            }

            shown++;
            last = entry.Key;
        }

        writer.WriteEndObject();
        return shown == entries.Count || Cut(shown, last);

        bool Cut(int shown, string? last)
        {
            var query = NextStep.ReadPart(room, ContextPart.OfScope(name), new("meta", true), new("at", state.Seq), new("after", last));
            if (!ReservedScopes.IsSection(name))
            {
                return cuts.TryName(name, shown, entries.Count - shown, query);
            }

            // The engine's own are few, and no page of scopes has them.
            cuts.Add(ContextSection.State.Name(), shown, entries.Count - shown, query, name);
            return true;
        }
    }


    /// <summary>
    /// <c>{events:[…], seq, cursor, next_after?, next_before?}</c>: log events oldest first after a seq, or newest first (before one, if named) when <paramref name="query"/> names none.
    /// <c>next_…</c> is where the rest begins, when there is more.
    /// </summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> AuditAsync(Caller caller, string room, AuditQuery query, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if (CountBound.Audit.Check("limit", query.Limit).Error is { } invalid)
        {
            return invalid;
        }

        if (query is { After: not null, Before: not null })
        {
            return new SyncError(ErrorCode.InvalidParameter, "'after' and 'before' do not go together.") { Hint = "Use one of them." }.With("parameter", "before");
        }

        // Taken before the log is read: when nothing is found, the log has nothing of it up to here.
        var state = authorized.Room.Published;
        if ((await _cursors.CheckAsync(authorized, state, query.After, "after", cancellationToken).ConfigureAwait(false)
            ?? await _cursors.CheckBeforeAsync(authorized, state, query.Before, "before", cancellationToken).ConfigureAwait(false)) is { } refused)
        {
            return refused;
        }

        var bytes = AnswerSpace.Of(authorized.Room.Limits.AnswerBytes);
        var page = await _store.AuditAsync(authorized.Record.Row, query, bytes, cancellationToken).ConfigureAwait(false);
        return JsonText.Write((page, visible: authorized.VisibleScopes(state), state, query, bytes, next: query.After is null ? "next_before" : "next_after"), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("events"u8);
            var shown = EventJson.WriteAll(writer, t.page.Rows, t.visible, withValues: true, t.bytes);
            writer.WriteEndArray();
            writer.WriteNumber("seq"u8, t.state.Seq);

            // Where the next page begins: after the newest event in the answer, or after all that were read.
            var newest = shown == 0 ? null : t.page.Rows[t.query.After is null ? 0 : shown - 1];
            writer.WriteString("cursor"u8, (newest is null ? t.state.Cursor : new EventCursor(newest.Seq, EventCursor.TagOf(newest))).ToString());
            if (t.page.More || shown < t.page.Rows.Count)
            {
                writer.WriteNumber(t.next, t.page.Rows[shown - 1].Seq);
            }

            writer.WriteEndObject();
        }).Memory;
    }

    internal static SyncError NoEvent(long seq, RoomState state, string parameter = "seq") =>
        new SyncError(ErrorCode.InvalidParameter, $"There is no event {seq}; the room has 1 to {state.Seq}.")
        {
            Hint = $"Use a number from 1 to {state.Seq}, or the cursor of an event.",
        }.With("parameter", parameter);
}
