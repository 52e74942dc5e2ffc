using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime.Scheduling;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Runtime;

/// <summary>
/// The catalogue of all rooms, and the loaded ones among them. A room is loaded at its first use (latest snapshot and the tail of the log) and let go when nobody has used it
/// for a while. The catalogue is changed in the database first and in memory after.
/// </summary>
internal sealed partial class RoomDirectory : IAsyncDisposable
{
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_flushEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, RoomRecord> _records = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Lazy<Task<RoomReplica>>> _rooms = new();
    private readonly Database _database;
    private readonly EngineOptions _options;
    private readonly RoomLanguage _language;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly RoomServices _services;
    private readonly RoomSaver _saver;
    private readonly BackgroundLoop _keeping;

    // Held while a record is changed: the index follows the records in their order.
    private readonly Lock _catalogue = new();

    private RoomDirectory(Database database, EngineOptions options, TimeProvider time, ILogger logger)
    {
        _database = database;
        _options = options;
        _language = new RoomLanguage(options.Limits.Cel) { JsonDepth = options.Limits.JsonDepth };
        _time = time;
        _logger = logger;
        _services = new RoomServices(new EvaluationScheduler(time), SteadyClock.Over(time), logger, database.Health);
        _saver = new RoomSaver(database.Rooms, logger);
        _services.Time.Leapt += OnClockLeapt;
        _keeping = BackgroundLoop.Start(
            new BackgroundLoopOptions { Name = "presence and idle rooms", Every = s_flushEvery, IsEssential = true, Time = time, Logger = logger, Health = database.Health },
            KeepAsync);
    }

    /// <summary>The expression language of all rooms here.</summary>
    public RoomLanguage Language => _language;

    /// <summary>Where expressions are evaluated.</summary>
    public EvaluationScheduler Scheduler => _services.Scheduler;

    /// <inheritdoc cref="RoomServices.Decider"/>
    public ICommandDecider? Decider
    {
        get => _services.Decider;
        set => _services.Decider = value;
    }

    /// <summary>Told of rooms to which access has changed. Set once, before rooms are loaded.</summary>
    public AccessNotices Notices { get; set; } = new();

    /// <summary>Told of agents that have ended. Set once, before rooms are loaded.</summary>
    public Action<RoomReplica, AgentBinding>? AgentGone { get; set; }

    /// <summary>Told of everything that happens in rooms and to them.</summary>
    public ActivityWatches Watches { get; } = new();

    /// <summary>Told of agents that embodiments made and that have not acted, in a room that has just been read: whoever held them may be gone. Set once, before rooms are loaded.</summary>
    public Func<RoomReplica, Task>? UnusedAgentsFound { get; set; }

    /// <summary>What waits for rooms that are not there yet, or do not let it in.</summary>
    public RoomArrivals Arrivals { get; } = new();

    /// <summary>Which rooms each user is in.</summary>
    public RoomIndex Index { get; } = new();

    /// <summary>How many rooms are in memory.</summary>
    public int LoadedCount => _rooms.Count;

    public IEnumerable<RoomRecord> All => _records.Values;

    public static async Task<RoomDirectory> OpenAsync(Database database, EngineOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var directory = new RoomDirectory(database, options, time, logger);
        var records = await database.Rooms.LoadAllAsync(cancellationToken).ConfigureAwait(false);
        foreach (var record in records)
        {
            directory._records[record.Id] = record;
        }

        directory.Index.Load(records, await database.Rooms.LastEventTimesAsync([.. records.Select(static record => record.Row)], cancellationToken).ConfigureAwait(false));
        return directory;
    }

    public bool TryFind(string id, [NotNullWhen(true)] out RoomRecord? record) => _records.TryGetValue(id, out record);

    /// <summary>Enters a new room.</summary>
    public void Put(RoomRecord record)
    {
        lock (_catalogue)
        {
            Index.Change(_records.GetValueOrDefault(record.Id), record);
            _records[record.Id] = record;
        }

        Watches.Notify(record);
    }

    /// <summary>Changes the catalogue's current record, whatever it has become since the caller read it.</summary>
    public void Update(string id, Func<RoomRecord, RoomRecord> change)
    {
        RoomRecord? before;
        RoomRecord after;
        lock (_catalogue)
        {
            if (!_records.TryGetValue(id, out before))
            {
                return;
            }

            after = change(before);
            Index.Change(before, after);
            _records[id] = after;
            if (Loaded(after.Row) is { } room)
            {
                room.Record = after;
            }
        }

        Watches.Notify(before);
        Watches.Notify(after);
        Arrivals.Notify(id);
    }

    /// <summary>The room if it is in memory.</summary>
    public RoomReplica? Loaded(long row) =>
        _rooms.TryGetValue(row, out var lazy) && lazy.IsValueCreated && lazy.Value.IsCompletedSuccessfully ? Finished(lazy.Value) : null;

    /// <summary>The room, loaded if need be. Errors: <c>unavailable</c> when a newer version of Sync has written it.</summary>
    public async ValueTask<Outcome<RoomReplica>> OpenAsync(RoomRecord record)
    {
        try
        {
            return await LoadAsync(record).ConfigureAwait(false);
        }
        catch (NewerFormatException newer)
        {
            return new SyncError(ErrorCode.Unavailable, $"The room '{record.Id}' cannot be opened: {newer.Message}") { Hint = "Ask whoever runs this server to start the version that wrote the room." }.With("room", record.Id);
        }
    }

    /// <summary>The room, loaded if need be.</summary>
    /// <exception cref="NewerFormatException">A newer version has written it; see <see cref="OpenAsync(RoomRecord)"/>.</exception>
    public ValueTask<RoomReplica> LoadAsync(RoomRecord record)
    {
        if (Loaded(record.Row) is { IsDisposed: false } room)
        {
            room.Use();
            return new(room);
        }

        return new(LoadSlowAsync(record));
    }

    /// <summary>Takes a room out of the catalogue and out of memory; what it still had under way is refused.</summary>
    public async Task RemoveAsync(RoomRecord record)
    {
        lock (_catalogue)
        {
            if (_records.TryGetValue(record.Id, out var known) && known.Row == record.Row)
            {
                _records.TryRemove(record.Id, out _);
                Index.Change(known, after: null);
            }
        }

        Watches.Notify(record);
        if (_rooms.TryRemove(record.Row, out var lazy) && lazy.IsValueCreated)
        {
            RoomReplica room;
            try
            {
                room = await lazy.Value.ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // What cannot be read has nothing under way; whoever reads it hears of it.
                return;
            }

            // What is parked is refused for what has happened, not told that its time is up.
            Notices.Notify(AccessChange.OfRoom(record.Row));
            if (!room.TryBeginRelease())
            {
                await room.Released.Task.ConfigureAwait(false);
                return;
            }

            try
            {
                await CloseAsync(room).ConfigureAwait(false);
            }
            finally
            {
                room.Released.TrySetResult();
            }
        }
    }

    /// <summary>Calls back for every loaded room.</summary>
    public void ForEachLoaded(Action<RoomReplica> act)
    {
        foreach (var row in _rooms.Keys)
        {
            if (Loaded(row) is { } room)
            {
                act(room);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _keeping.DisposeAsync().ConfigureAwait(false);
        foreach (var row in _rooms.Keys)
        {
            if (Loaded(row) is { } room)
            {
                await ReleaseAsync(room, row).ConfigureAwait(false);
            }
        }

        _services.Time.Leapt -= OnClockLeapt;
        _services.Scheduler.Dispose();
        _stop.Dispose();
    }

    private async Task<RoomReplica> LoadSlowAsync(RoomRecord record)
    {
        while (true)
        {
            var lazy = _rooms.GetOrAdd(record.Row, _ => new Lazy<Task<RoomReplica>>(() => ReadAsync(record)));
            try
            {
                var room = await lazy.Value.ConfigureAwait(false);
                if (room.IsDisposed)
                {
                    await room.Released.Task.ConfigureAwait(false);
                    continue;
                }

                if (!Adopt(room, record))
                {
                    // Deleted while it was read: it answers nobody, and nobody will let go of it later.
                    await ReleaseAsync(room, record.Row).ConfigureAwait(false);
                }

                room.Use();
                return room;
            }
            catch
            {
                // The next caller tries again instead of being handed the same failure for ever.
                _rooms.TryRemove(KeyValuePair.Create(record.Row, lazy));
                throw;
            }
        }
    }

    // Gives a room that was just read the catalogue's record: a change that came while it was read found no room to tell. False when the room is gone.
    private bool Adopt(RoomReplica room, RoomRecord record)
    {
        lock (_catalogue)
        {
            if (!_records.TryGetValue(record.Id, out var known) || known.Row != record.Row)
            {
                return false;
            }

            room.Record = known;
            return true;
        }
    }

    private async Task<RoomReplica> ReadAsync(RoomRecord record)
    {
        // Not the caller's token: others may be waiting for the same load.
        var cancellationToken = _stop.Token;
        var state = await ReadStateAsync(record.Row, upTo: long.MaxValue, cancellationToken).ConfigureAwait(false);
        var presence = new Presence();
        foreach (var row in await _database.Rooms.LoadPresenceAsync(record.Row, cancellationToken).ConfigureAwait(false))
        {
            // Of an agent that was removed, or of one that bore the id before, nothing is kept.
            if (!state.Agents.TryGetValue(row.Agent, out var agent) || (agent.Since > 0 && row.LastHeartbeat < agent.JoinedAt))
            {
                continue;
            }

            presence.Load(row.Agent, new AgentPresence
            {
                LastHeartbeat = row.LastHeartbeat,
                SetStatus = AgentStatusWords.Parse(row.Status),
                Cursor = new MessageCursor(row.CursorSeq, row.CursorOwn, row.CursorDirected),
            });
        }

        var room = new RoomReplica(_records.GetValueOrDefault(record.Id, record), state, presence, _options.Limits, _services)
        {
            SnapshotDue = room => _ = _saver.SaveSnapshotAsync(room, cancellationToken),
            AgentGone = (room, agent) => AgentGone?.Invoke(room, agent),
            Changed = room => Watches.Notify(room.Record),
        };
        var writer = new RoomWriter(room, _database.Log, _services)
        {
            Superseded = () => _ = LetGoAsync(room),
            CatchUpAsync = () => CatchUpAsync(room),
        };
        room.Writer = writer;
        writer.Load(await _database.Rooms.RequestsSinceAsync(record.Row, _time.GetUtcNow() - RoomQuota.RequestKeyLife, cancellationToken).ConfigureAwait(false));
        var recent = await _database.Rooms.AuditAsync(record.Row, AuditQuery.Newest(100), RoomStore.PageBytes, cancellationToken).ConfigureAwait(false);
        room.Feed.Seed(recent.Rows.Where(r => r.Seq <= state.Seq).Reverse().Select(static r => (RoomEventJson.Read(r), r.Body.Length)));
        if (!state.Fresh.IsEmpty && UnusedAgentsFound is { } found)
        {
            await found(room).ConfigureAwait(false);
        }

        return room;
    }

    /// <summary>The state after event <paramref name="upTo"/>: the nearest snapshot before it, and the events between.</summary>
    public async Task<RoomState> ReadStateAsync(long row, long upTo, CancellationToken cancellationToken)
    {
        var snapshot = await _database.Rooms.LatestSnapshotAsync(row, upTo == long.MaxValue ? null : upTo, cancellationToken).ConfigureAwait(false);
        var start = snapshot is null ? RoomState.In(_language) : SnapshotJson.Read(snapshot.Body, _language);
        return await ReadOnAsync(row, start, upTo, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The state after event <paramref name="upTo"/>, from an earlier one.</summary>
    public async Task<RoomState> ReadOnAsync(long row, RoomState start, long upTo, CancellationToken cancellationToken)
    {
        const int Page = 2_000;
        var state = start;
        while (true)
        {
            var events = await _database.Rooms.ReadEventsAsync(row, state.Seq, upTo, Page, cancellationToken).ConfigureAwait(false);
            foreach (var e in events.Rows)
            {
                state = state.Apply(RoomEventJson.Read(e));
            }

            if (!events.More)
            {
                // A snapshot with nothing after it: its last event is read for its tag.
                return state is { Tag: null, Seq: > 0 } && await _database.Rooms.EventAsync(row, state.Seq, cancellationToken).ConfigureAwait(false) is { } last
                    ? state.Seal(EventCursor.TagOf(last))
                    : state;
            }
        }
    }

    // Another writer has written since the room was read.
    private async Task<IReadOnlyList<RequestRow>> CatchUpAsync(RoomReplica room)
    {
        var from = room.Published.Seq;
        while (true)
        {
            var page = await _database.Rooms.ReadEventsAsync(room.Record.Row, room.Published.Seq, long.MaxValue, limit: 1_000, _stop.Token).ConfigureAwait(false);
            room.Follow([.. page.Rows.Select(static row => (RoomEventJson.Read(row), row.Body.Length))]);
            if (!page.More)
            {
                break;
            }
        }

        var requests = await _database.Rooms.RequestsSinceAsync(room.Record.Row, _time.GetUtcNow() - RoomQuota.RequestKeyLife, _stop.Token).ConfigureAwait(false);
        return [.. requests.Where(request => request.Seq > from && request.Seq <= room.Published.Seq)];
    }

    // A room that was loaded here has its writer here.
    private static RoomWriter WriterOf(RoomReplica room) => (RoomWriter)room.Writer;

    // Stops what is under way; it is on disk or undone in the end.
    private static async Task CloseAsync(RoomReplica room)
    {
        var writer = WriterOf(room);
        writer.Dispose();
        room.Dispose();
        await writer.DrainedAsync().ConfigureAwait(false);
    }

    // Writes presence behind, and lets go of rooms that nobody uses. One room's failure keeps none of the others; the loop hears of it at the end.
    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        List<Exception>? failures = null;
        foreach (var row in _rooms.Keys)
        {
            if (Loaded(row) is not { } room)
            {
                continue;
            }

            try
            {
                await _saver.SavePresenceAsync(room, cancellationToken).ConfigureAwait(false);
                if (room.IsUnused(s_idle) && !WriterOf(room).AwaitsTimers && !WriterOf(room).HasParkedCalls && _rooms.ContainsKey(row))
                {
                    await ReleaseAsync(room, row).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                (failures ??= []).Add(failure);
            }
        }

        if (failures is not null)
        {
            throw new AggregateException($"{failures.Count} rooms could not be kept.", failures.Take(3));
        }
    }

    // Another writer has it: the next use reads the log anew.
    private async Task LetGoAsync(RoomReplica room)
    {
        // Away from the log's thread, which called.
        await Task.Yield();
        await ReleaseAsync(room, room.Record.Row).ConfigureAwait(false);
    }

    // However it goes, the room can be loaded again afterwards: a load waits for Released.
    private async Task ReleaseAsync(RoomReplica room, long row)
    {
        if (!room.TryBeginRelease())
        {
            await room.Released.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await CloseAsync(room).ConfigureAwait(false);
            await _saver.SaveAllAsync(room).ConfigureAwait(false);
        }
        finally
        {
            NoteLastEvent(room.Record, room.Published);
            _rooms.TryRemove(row, out _);
            room.Released.TrySetResult();
        }
    }

    // While a room is in memory it knows itself when its last event was; the index is told when it goes.
    private void NoteLastEvent(RoomRecord record, RoomState state)
    {
        lock (_catalogue)
        {
            if (state.Seq > 0 && _records.TryGetValue(record.Id, out var known) && known.Row == record.Row)
            {
                Index.NoteLastEvent(known, state.UpdatedAt);
            }
        }
    }

    // On a timer's thread: what one room makes of it must keep neither the others from hearing of it nor the clock from going on.
    private void OnClockLeapt() => ForEachLoaded(room =>
    {
        try
        {
            WriterOf(room).ClockLeapt();
        }
        catch (Exception bug)
        {
            LogLeapFailed(_logger, bug, room.Record.Id);
        }
    });

    private static RoomReplica Finished(Task<RoomReplica> task) => task.GetAwaiter().GetResult();

    [LoggerMessage(Level = LogLevel.Error, Message = "Room {Room}: its timers could not be aimed anew after a leap of the clock.")]
    private static partial void LogLeapFailed(ILogger logger, Exception bug, string room);
}
