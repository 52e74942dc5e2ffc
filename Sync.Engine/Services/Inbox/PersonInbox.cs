using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Concurrency;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Inbox;

/// <summary>
/// What waits for one user in all their rooms, kept current for everybody who looks at it: pages, requests and webhooks share it, so that a change in a room is looked at once.
/// <list type="bullet">
/// <item>A room in which something has happened is marked, and read again where it is in memory. A room that is not in memory is loaded once, a few at a time and those first in which something happened last.
/// What waits there is remembered: it is true until something happens in the room, for which it is loaded.</item>
/// <item>While somebody watches, marked rooms are read in the background, each at most once in <see cref="s_between"/>. Otherwise they are read when somebody asks.</item>
/// <item>What is known is replaced as a whole; who reads it waits for nobody. Any thread.</item>
/// </list>
/// It is memory of this process, made of the rooms and the catalogue: each process that is asked makes its own.
/// </summary>
internal sealed class PersonInbox : IActivityListener, IAsyncDisposable
{
    /// <summary>So many rooms are looked at, those in which something happened last.</summary>
    public const int MaxRooms = 500;

    /// <summary>So many rooms are loaded at a time.</summary>
    private const int MaxLoads = 2;

    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    /// <summary>Nobody having asked or watched for so long, it is let go of: sooner than a room that nobody uses, so that none leaves memory unseen.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(5);

    private readonly UserRecord _user;
    private readonly InboxSources _sources;
    private readonly Action<PersonInbox> _ended;
    private readonly AsyncLock _turn = new();
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<long, Mark> _marked = new();
    private readonly ConcurrentQueue<Mark> _toLoad = new();
    private readonly Dictionary<long, (RoomInbox Inbox, DateTimeOffset At)> _rooms = []; // Used in a turn only.
    private readonly TaskCompletionSource _filled = New();
    private readonly BackgroundLoop _keeping;
    private ImmutableHashSet<InboxWatch> _watches = [];
    private TaskCompletionSource _signal = New();
    private InboxSnapshot _known = new([], Reading: 0, Beyond: 0, new object());
    private DateTimeOffset _usedAt;
    private bool _hasEnded;
    private long _reads;

    public PersonInbox(UserRecord user, InboxSources sources, Action<PersonInbox> ended)
    {
        _user = user;
        _sources = sources;
        _ended = ended;
        _usedAt = sources.Time.GetUtcNow();

        // Heard before anything is read, so that nothing falls between.
        sources.Directory.Watches.Add(this);
        foreach (var place in sources.Directory.Index.Of(user.Id).ByActivity.Take(MaxRooms))
        {
            if (sources.Directory.TryFind(place.Id, out var record))
            {
                Notify(record);
            }
        }

        _keeping = BackgroundLoop.StartWhile(new BackgroundLoopOptions { Name = "inboxes", Every = null, Time = sources.Time, Logger = sources.Logger, Health = sources.Health }, TurnAsync);
    }

    /// <summary>Whose it is.</summary>
    public string UserId => _user.Id;

    /// <summary>What is known, without looking.</summary>
    public InboxSnapshot Known => Volatile.Read(ref _known);

    /// <summary>Completes when each room has been read once.</summary>
    public Task Filled => _filled.Task;

    /// <summary>How often a room was read, for tests: not once for each who looks.</summary>
    internal long Reads => Interlocked.Read(ref _reads);

    /// <summary>Notes that somebody uses it; false when it has been let go of meanwhile.</summary>
    public bool TryUse()
    {
        lock (_lock)
        {
            _usedAt = _sources.Time.GetUtcNow();
            return !_hasEnded;
        }
    }

    /// <summary>Has a watch told of changes; false when it has been let go of meanwhile.</summary>
    public bool TryWatch(InboxWatch watch)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return false;
            }

            _watches = _watches.Add(watch);
        }

        Wake();
        return true;
    }

    /// <summary>A watch has closed.</summary>
    public void Leave(InboxWatch watch)
    {
        lock (_lock)
        {
            _watches = _watches.Remove(watch);
            _usedAt = _sources.Time.GetUtcNow();
        }
    }

    /// <inheritdoc/>
    public void Notify(RoomRecord room)
    {
        if (!room.Members.ContainsKey(_user.Id))
        {
            return;
        }

        var mark = new Mark(room.Row, room.Id, _sources.Directory.Loaded(room.Row)?.Published.Seq ?? 0);
        _marked.AddOrUpdate(room.Row, static (_, mark) => mark, static (_, known, mark) => mark.Seq >= known.Seq ? mark : known, mark);
        Wake();
    }

    /// <summary>What waits as of now, as far as the rooms have been read once.</summary>
    public async Task<InboxSnapshot> CurrentAsync(CancellationToken cancellationToken)
    {
        using var turn = await _turn.AcquireAsync(cancellationToken).ConfigureAwait(false);
        await RefreshNeedsTurnAsync(all: true, cancellationToken).ConfigureAwait(false);
        if (!_toLoad.IsEmpty)
        {
            Wake();
        }

        return Known;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        End();
        return _keeping.DisposeAsync();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Wake() => Volatile.Read(ref _signal).TrySetResult();

    private void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
        }

        _sources.Directory.Watches.Remove(this);
        _filled.TrySetResult();
        _ended(this);
    }

    private async Task<bool> TurnAsync(CancellationToken stop)
    {
        // Renewed before it is looked: what is marked meanwhile wakes the next turn.
        var signal = New();
        Volatile.Write(ref _signal, signal);
        DateTimeOffset? due = null;
        if (!_watches.IsEmpty || !_filled.Task.IsCompleted || !_toLoad.IsEmpty)
        {
            using var turn = await _turn.AcquireAsync(stop).ConfigureAwait(false);
            due = await RefreshNeedsTurnAsync(all: false, stop).ConfigureAwait(false);
            if (await LoadNeedsTurnAsync(stop).ConfigureAwait(false))
            {
                return true;
            }

            _filled.TrySetResult();
            due = Known.NextEnd < due || due is null ? Known.NextEnd : due;
        }

        var now = _sources.Time.GetUtcNow();
        if (IsToEnd(now, out var idleAt))
        {
            End();
            return false;
        }

        var wake = due < idleAt ? due.Value : idleAt;
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(signal.Task, Task.Delay(wake > now ? wake - now : TimeSpan.Zero, _sources.Time, rest.Token)).ConfigureAwait(false);
        await rest.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return true;
    }

    private bool IsToEnd(DateTimeOffset now, out DateTimeOffset idleAt)
    {
        lock (_lock)
        {
            idleAt = (_watches.IsEmpty ? _usedAt : now) + s_idle;
            _hasEnded |= now >= idleAt;
            return _hasEnded;
        }
    }

    // Reads the marked rooms that are in memory; those read a moment ago only where all are asked for. Answers when the first of the others is due.
    private async Task<DateTimeOffset?> RefreshNeedsTurnAsync(bool all, CancellationToken cancellationToken)
    {
        DateTimeOffset? due = null;
        var now = _sources.Time.GetUtcNow();
        foreach (var row in _marked.Keys)
        {
            if (!all && _rooms.TryGetValue(row, out var known) && known.At + s_between > now)
            {
                due = due < known.At + s_between ? due : known.At + s_between;
            }
            else if (_marked.TryRemove(row, out var mark) && !await TakeNeedsTurnAsync(mark, cancellationToken).ConfigureAwait(false))
            {
                _toLoad.Enqueue(mark);
            }
        }

        PublishNeedsTurn(now);
        return due;
    }

    // False where the room has to be loaded for it.
    private async Task<bool> TakeNeedsTurnAsync(Mark mark, CancellationToken cancellationToken)
    {
        if (!_sources.Directory.TryFind(mark.Room, out var record) || record.Row != mark.Row || !record.Members.TryGetValue(_user.Id, out var member) || member.Pending)
        {
            _rooms.Remove(mark.Row);
            return true;
        }

        var person = new RoomPerson(_user, member);
        if (_sources.Directory.Loaded(record.Row) is not { IsDisposed: false } room)
        {
            if (!_rooms.TryGetValue(record.Row, out var remembered) || remembered.Inbox.Person != person || remembered.Inbox.Seq < mark.Seq)
            {
                return _rooms.Count >= MaxRooms && !_rooms.ContainsKey(record.Row);
            }

            _rooms[record.Row] = (remembered.Inbox with { Name = record.Name }, remembered.At);
            return true;
        }

        await ReadNeedsTurnAsync(room, person, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task ReadNeedsTurnAsync(RoomReplica room, RoomPerson person, CancellationToken cancellationToken)
    {
        var row = room.Record.Row;
        Interlocked.Increment(ref _reads);
        var read = await room.Scheduler.RunAsync(
            new WorkSource(_user.Id, _user.Name),
            row,
            (room, person, _sources.Reader),
            static t => Outcome<RoomInbox>.Of(t.Reader.Read(t.room, t.person)),
            cancellationToken).ConfigureAwait(false);
        var now = _sources.Time.GetUtcNow();
        if (read.Try(out var inbox, out _))
        {
            _rooms[row] = (inbox, now);
        }
        else
        {
            // Too busy to be read: what is known of it stands, and it is looked at again.
            _rooms[row] = (_rooms.TryGetValue(row, out var known) ? known.Inbox : new RoomInbox { Row = row, Seq = 0, Person = person, Room = room.Record.Id, Name = room.Record.Name }, now);
            Notify(room.Record);
        }
    }

    // Loads the next few rooms; false when there are none.
    private async Task<bool> LoadNeedsTurnAsync(CancellationToken cancellationToken)
    {
        var next = new List<Mark>(MaxLoads);
        while (next.Count < MaxLoads && _toLoad.TryDequeue(out var mark))
        {
            next.Add(mark);
        }

        if (next.Count == 0)
        {
            return false;
        }

        await Task.WhenAll(next.Select(mark => _sources.Directory.TryFind(mark.Room, out var record) ? _sources.Directory.OpenAsync(record).AsTask() : Task.CompletedTask)).WaitAsync(cancellationToken).ConfigureAwait(false);
        foreach (var mark in next)
        {
            // One that cannot be loaded says so to who opens it.
            await TakeNeedsTurnAsync(mark, cancellationToken).ConfigureAwait(false);
        }

        PublishNeedsTurn(_sources.Time.GetUtcNow());
        return true;
    }

    private void PublishNeedsTurn(DateTimeOffset now)
    {
        var index = _sources.Directory.Index.Of(_user.Id);
        var snapshot = new InboxSnapshot(
            [.. _rooms.Values.OrderBy(static room => room.Inbox.Row).Select(room => room.Inbox.At(now))],
            _toLoad.Count,
            Math.Max(0, index.ByActivity.Count - MaxRooms),
            index.Pending);
        if (snapshot.IsSameAs(_known))
        {
            return;
        }

        Volatile.Write(ref _known, snapshot);
        foreach (var watch in _watches)
        {
            watch.Signal();
        }
    }

    /// <summary>A room in which something has happened.</summary>
    /// <param name="Row">Its row.</param>
    /// <param name="Room">Its id.</param>
    /// <param name="Seq">Its newest event by then.</param>
    private readonly record struct Mark(long Row, string Room, long Seq);
}
