using System.Globalization;
using Sync.Engine.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.History;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Reads.Context;

/// <summary>Fetches what a context needs beyond the room in memory: older messages, log events, an older state.</summary>
internal sealed class ContextReader(RoomDirectory directory, RoomStore store)
{
    private readonly CursorCheck _cursors = new(store);

    // Further back than this, what changed is more than the room itself.
    private const int MaxSince = 20_000;

    // Events that are looked at for the invocations among them, at least.
    private const int LookedAt = 100;

    private readonly KeyHistory _history = new(store);

    public async Task<Outcome<ContextSource>> PrepareAsync(AuthorizedRoom authorized, Moment moment, ContextShape shape, CancellationToken cancellationToken)
    {
        if ((CheckPrivate(authorized, shape) ?? await CheckCursorsAsync(authorized, moment.State, shape, cancellationToken).ConfigureAwait(false)) is { } refused)
        {
            return refused;
        }

        var present = moment.State;
        if (shape.At is { } at && at < moment.State.Seq)
        {
            var past = await directory.ReadStateAsync(authorized.Record.Row, at, cancellationToken).ConfigureAwait(false);
            moment = new Moment(past, new Runtime.Presence(), past.UpdatedAt, authorized.Record) { Present = moment.State };
        }

        // Who may see a private scope is decided now, also for the past: a grant taken back shows nothing any more, and what an agent kept that was removed is nobody's.
        var (self, visible) = authorized.In(moment.State, shape.WithPrivate);
        if (!ContextSelection.Resolve(shape.Parts, moment.State, present, visible, self).Try(out var selection, out var misspelt))
        {
            return misspelt;
        }

        IReadOnlySet<StateKey>? changed = null;
        if (shape.Since is { } since)
        {
            if (moment.State.Seq - since > MaxSince)
            {
                return TooFarBack;
            }

            changed = await ChangedAsync(authorized, moment, since, cancellationToken).ConfigureAwait(false);
        }

        var source = new ContextSource
        {
            Moment = moment,
            Self = self,
            VisibleScopes = visible,
            Budget = authorized.Room.NewBudget(),
            Level = authorized.Access.Level,
            Shape = shape,
            Selection = selection!, // Or it would have been refused.
            Waits = authorized.Room.Waits,
            Room = authorized.Record.Id,
            Steps = authorized.Caller.Steps,
            Session = authorized.Caller.Session is null ? null : new SessionNote(authorized),
            Changed = changed,

            // Of the past, too, what the reader has read by now.
            Cursor = self is null ? MessageCursor.Start : authorized.Room.Presence.Of(self).Cursor,
            KnownContests = self is null ? [] : authorized.Room.Presence.Of(self).KnownContests,
        };
        if (shape.PagesLog)
        {
            source = await WithLogAsync(source, authorized, cancellationToken).ConfigureAwait(false);
        }

        return shape.Has(ContextSection.Messages)
            ? await WithMessagesAsync(source, authorized.Record.Row, authorized.Room.Limits.AnswerBytes, cancellationToken).ConfigureAwait(false)
            : source;
    }

    private static SyncError TooFarBack => new SyncError(ErrorCode.InvalidParameter, $"'since' reaches back more than {MaxSince} events.")
    {
        Hint = "Read the whole context once, then go on from its cursor.",
        Help = "context_shaping",
    }.With("parameter", "since");

    /// <summary>What a reader that asks for this shape now would be refused for; null for nothing.</summary>
    public async Task<SyncError?> CheckAsync(AuthorizedRoom authorized, RoomState now, ContextShape shape, CancellationToken cancellationToken)
    {
        var (self, visible) = authorized.In(now, shape.WithPrivate && authorized.Access.SeesAllScopes);
        return await CheckCursorsAsync(authorized, now, shape, cancellationToken).ConfigureAwait(false) ?? ContextSelection.Resolve(shape.Parts, now, now, visible, self).Error;
    }

    private static SyncError? CheckPrivate(AuthorizedRoom authorized, ContextShape shape) => !shape.WithPrivate || authorized.Access.SeesAllScopes ? null
        : new SyncError(ErrorCode.ScopeDenied, "Only an owner reads the private scopes of others.")
        {
            Hint = "Leave 'private' out of include; an agent reads its own scope, and those granted to it.",
            Help = "context_shaping",
        }.With("parameter", "include");

    /// <summary>Whether a cursor is of the room's history; null when it is.</summary>
    public Task<SyncError?> CheckCursorAsync(AuthorizedRoom authorized, EventCursor? cursor, string parameter, CancellationToken cancellationToken) =>
        _cursors.CheckAsync(authorized, authorized.Room.Published, cursor, parameter, cancellationToken);

    /// <summary>Whether a shape's cursors are of the room's history; null when they are.</summary>
    public async Task<SyncError?> CheckCursorsAsync(AuthorizedRoom authorized, RoomState now, ContextShape shape, CancellationToken cancellationToken) =>
        await _cursors.CheckAsync(authorized, now, shape.SinceCursor, "since", cancellationToken).ConfigureAwait(false)
        ?? await _cursors.CheckAsync(authorized, now, shape.AtCursor, "at", cancellationToken).ConfigureAwait(false)
        ?? await _cursors.CheckAsync(authorized, now, shape.LogCursor, "after", cancellationToken).ConfigureAwait(false);

    /// <summary>Events after a seq, oldest first, from memory where it reaches back far enough: at most so many, and no more than the first that fills so many bytes.</summary>
    public async Task<IReadOnlyList<RoomEvent>> EventsAfterAsync(AuthorizedRoom authorized, long since, long upTo, int limit, long bytes, CancellationToken cancellationToken)
    {
        if (authorized.Room.Feed.RecentAfter(since) is { } recent)
        {
            return [.. recent.Where(e => e.Seq <= upTo).Take(limit)];
        }

        var page = await store.ReadEventsAsync(authorized.Record.Row, since, upTo, limit, bytes, cancellationToken).ConfigureAwait(false);
        return [.. page.Rows.Select(RoomEventJson.Read)];
    }

    private async Task<HashSet<StateKey>> ChangedAsync(AuthorizedRoom authorized, Moment moment, long since, CancellationToken cancellationToken)
    {
        var changed = new HashSet<StateKey>();
        while (since < moment.State.Seq)
        {
            var events = await EventsAfterAsync(authorized, since, moment.State.Seq, MaxSince, RoomStore.PageBytes, cancellationToken).ConfigureAwait(false);
            if (events.Count == 0)
            {
                break;
            }

            foreach (var e in events)
            {
                foreach (var change in e.Changes)
                {
                    changed.Add(new StateKey(change.Scope, change.Key));
                }

                foreach (var action in e.InvokedActions().Where(moment.State.Actions.ContainsKey))
                {
                    changed.Add(new StateKey(ReservedScopes.Actions, action));
                }
            }

            since = events[^1].Seq;
        }

        return changed;
    }

    private async Task<ContextSource> WithLogAsync(ContextSource source, AuthorizedRoom authorized, CancellationToken cancellationToken)
    {
        var shape = source.Shape;
        var row = authorized.Record.Row;
        var bytes = authorized.Room.Limits.ContextBytes;
        if (shape.Include.HasFlag(ContextExtras.Audit))
        {
            source = source with { Audit = await LogAsync(source, row, shape.LogLimit, ok: null, bytes, cancellationToken).ConfigureAwait(false) };
        }

        if (shape.Include.HasFlag(ContextExtras.Activity))
        {
            var looked = await LogAsync(source, row, Math.Max(shape.LogLimit, LookedAt), ok: true, bytes, cancellationToken).ConfigureAwait(false);
            var invoked = looked.Events.Where(static e => e.Kind is EventKind.Invoked).ToList();
            source = source with
            {
                Activity = invoked.Count <= shape.LogLimit ? looked with { Events = invoked } : new LogPart(invoked[..shape.LogLimit], invoked[shape.LogLimit - 1].Seq, IsCut: true),
            };
        }

        return shape.Include.HasFlag(ContextExtras.History) ? source with { History = await HistoryAsync(source, row, bytes / 2, cancellationToken).ConfigureAwait(false) } : source;
    }

    // Up to the state's own event: of the past, what the log had then.
    private async Task<LogPart> LogAsync(ContextSource source, long row, int limit, bool? ok, long bytes, CancellationToken cancellationToken)
    {
        EventCursor? after = source.Shape.LogAfter is { } seq ? new EventCursor(seq, Tag: null) : null;
        var query = new AuditQuery(after, limit, Agent: null, Action: null, ok) { Before = new EventCursor(source.Moment.State.Seq + 1, Tag: null) };
        var page = await store.AuditAsync(row, query, bytes, cancellationToken).ConfigureAwait(false);
        return new LogPart([.. page.Rows.Select(RoomEventJson.Read)], page.Rows.Count == 0 ? null : page.Rows[^1].Seq, page.More);
    }

    private async Task<(IReadOnlyList<KeyStep> Steps, bool More)> HistoryAsync(ContextSource source, long row, long bytes, CancellationToken cancellationToken)
    {
        var state = source.Moment.State;
        if (source.Selection.SinglePath is not [var name, var key, ..])
        {
            return ([], false);
        }

        var scope = name == ReservedScopes.Self ? source.Self ?? name : name;
        var newest = !source.VisibleScopes.Sees(scope) ? null
            : state.Find(scope, key)?.Seq ?? await store.LastIndexedAsync(row, scope, key, state.Seq + 1, cancellationToken).ConfigureAwait(false);
        if (newest is not { } from)
        {
            return ([], false);
        }

        var (steps, more) = await _history.BackAsync(row, scope, key, from, source.Shape.LogLimit, bytes, cancellationToken).ConfigureAwait(false);
        var shown = steps.Where(step => (source.Shape.Since is not { } since || step.Event.Seq > since) && source.VisibleScopes.At(step.Event.Seq).Sees(scope)).ToList();
        return (shown, more && shown.Count == steps.Count);
    }

    private async Task<ContextSource> WithMessagesAsync(ContextSource source, long row, long bytes, CancellationToken cancellationToken)
    {
        var shape = source.Shape;
        var window = source.Moment.State.Messages;
        bool Fits(Message message) =>
            (shape.MessageKinds.IsEmpty || shape.MessageKinds.Contains(message.Kind))
            && (shape.Since is not { } since || message.Entry.Seq > since)
            && (!source.IsUnreadOnly || message.IsUnreadBy(source.Self, source.Cursor));

        if (!source.IsForward)
        {
            var (newest, cut) = Newest(window, shape, Fits);
            return source with { Messages = newest, MessagesCut = cut, MessagesRead = window.Count };
        }

        // Paging forward: what memory no longer holds comes from the log.
        var limit = shape.MessagesLimit;
        var asked = Math.Max(shape.MessagesAfter ?? 0, source.IsUnreadOnly ? source.Cursor.Seq : 0);
        var shown = new List<Message>();
        var next = Math.Min(asked, window.Count) + 1;
        if (next < window.Oldest)
        {
            var numbers = Enumerable.Range(0, (int)Math.Min(limit, window.Oldest - next)).Select(i => next + i).ToList();
            var (stored, looked) = await StoredAsync(row, numbers, bytes, cancellationToken).ConfigureAwait(false);
            shown.AddRange(stored.Where(Fits));
            next += looked;
        }

        if (shown.Count < limit && next >= window.Oldest)
        {
            shown.AddRange(From(window, next).Where(Fits).Take(limit - shown.Count));
        }

        // The position, and not the last one shown: a page of other kinds only must not lead to itself.
        var read = shown.Count == limit ? shown[^1].Seq : next < window.Oldest ? next - 1 : window.Count;
        return source with { Messages = shown, MessagesCut = source.CountAfter(read), MessagesRead = read };
    }

    // From the newest back, only as far as needed: a read must not cost more for every message that lies in memory behind the ones it shows.
    private static (IReadOnlyList<Message> Shown, long Cut) Newest(MessageWindow window, ContextShape shape, Func<Message, bool> fits)
    {
        var shown = new List<Message>();
        var number = window.Count;
        for (; Reaches(number) && shown.Count < shape.MessagesLimit; number--)
        {
            if (window.Recent[number] is var message && fits(message))
            {
                shown.Add(message);
            }
        }

        shown.Reverse();
        if (shape.MessageKinds.IsEmpty && shape.Since is null)
        {
            return (shown, number);
        }

        // With a filter, how many more there are has to be counted. What memory no longer holds counts too, unless only the newest are asked for.
        long cut = shape.Since is null ? window.Oldest - 1 : 0;
        for (; Reaches(number); number--)
        {
            cut += fits(window.Recent[number]) ? 1 : 0;
        }

        return (shown, cut);

        bool Reaches(long at) => at >= window.Oldest && (shape.Since is not { } since || window.Recent[at].Entry.Seq > since);
    }

    // As many as may lie in memory at once, and how many of the numbers that were.
    private async Task<(List<Message> Messages, int Read)> StoredAsync(long row, List<long> numbers, long bytes, CancellationToken cancellationToken)
    {
        var keys = numbers.ConvertAll(n => n.ToString(CultureInfo.InvariantCulture));
        var seqs = await store.IndexedSeqsAsync(row, ReservedScopes.Messages, keys, cancellationToken).ConfigureAwait(false);
        var messages = new List<Message>(keys.Count);
        var read = 0;
        foreach (var key in keys)
        {
            if (bytes <= 0)
            {
                break;
            }

            read++;
            if (seqs.TryGetValue(key, out var seq) && await store.EventAsync(row, seq, cancellationToken).ConfigureAwait(false) is { } stored)
            {
                bytes -= stored.Body.Length;
                var e = RoomEventJson.Read(stored);
                var change = e.Changes.First(c => c.Scope == ReservedScopes.Messages && c.Key == key);
                messages.Add(Message.Read(new Entry
                {
                    Key = key,
                    Value = change.ValueOver(before: null),
                    Revision = change.Revision,
                    UpdatedAt = e.At,
                    Seq = e.Seq,
                    Writer = e.Agent,
                    Via = e.Action,
                }));
            }
        }

        return (messages, read);
    }

    private static IEnumerable<Message> From(MessageWindow window, long first)
    {
        for (var number = Math.Max(first, window.Oldest); number <= window.Count; number++)
        {
            yield return window.Recent[number];
        }
    }
}
