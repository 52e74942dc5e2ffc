using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Sync.Engine.Actions;
using Sync.Engine.Agents;
using Sync.Engine.Expressions;
using Sync.Engine.History;
using Sync.Engine.Persistence;
using Sync.Engine.Rooms;
using Sync.Engine.Views;

namespace Sync.Engine.Live;

/// <summary>
/// Builds what pages show. Pages of equal sight share one picture per change; a part that did not change is the same object as in
/// the picture before, so that a page can tell by reference what to draw again.
/// </summary>
internal sealed class Pictures(RoomInfos infos, RoomDirectory directory, RoomStore store)
{
    private const int MaxMessages = 500;
    private const int MaxActivity = 100;

    // Looking for text reads whole events, each of which may be large; the rest is told by columns.
    private const int TextReach = 500;
    private const int ColumnReach = 20_000;

    private readonly ConditionalWeakTable<Room, PictureShelf> _shelves = [];
    private readonly PastStates _past = new(directory);

    public RoomPicture Current(Entrance entrance)
    {
        var (shelf, kind) = Shelf(entrance);
        return shelf.Find(entrance, kind) ?? shelf.Keep(kind, Make(entrance, shelf.Newest(kind)));
    }

    /// <summary>The same for a caller that can wait while heavy views are worked out elsewhere. Pages of equal sight wait for one picture.</summary>
    public async ValueTask<Outcome<RoomPicture>> CurrentAsync(Entrance entrance, CancellationToken cancellationToken)
    {
        var (shelf, kind) = Shelf(entrance);
        while (true)
        {
            if (shelf.Find(entrance, kind) is { } current)
            {
                return current;
            }

            if (shelf.UnderWay(kind, out var making) is { } others)
            {
                await others.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                var made = await entrance.EvaluateAsync(
                    (Pictures: this, entrance, before: shelf.Newest(kind)),
                    static t => Outcome<RoomPicture>.Of(t.Pictures.Make(t.entrance, t.before)),
                    cancellationToken).ConfigureAwait(false);
                return made.Try(out var picture, out var error) ? shelf.Keep(kind, picture) : error;
            }
            finally
            {
                shelf.Made(kind, making);
            }
        }
    }

    private (PictureShelf Shelf, PictureKind Kind) Shelf(Entrance entrance)
    {
        var access = entrance.Access;
        return (
            _shelves.GetValue(entrance.Room, static _ => new PictureShelf()),
            new PictureKind(entrance.Self(entrance.Room.Published), entrance.Sight(entrance.Room.Published).All, access.Level, access.Role, access.Views));
    }

    private RoomPicture Make(Entrance entrance, RoomPicture? before)
    {
        // Taken before the room is looked at: a change in between makes the picture old, never too new.
        var version = entrance.Room.Feed.Version;
        return entrance.Access.Views is { } views ? Shared(entrance, views, version, before) : Build(entrance, version, before);
    }

    /// <summary>The room as it was after an event it has.</summary>
    public async Task<Outcome<RoomPicture>> AtAsync(Entrance entrance, long seq, CancellationToken cancellationToken)
    {
        var (moment, events) = await ReadAsync(entrance, seq, cancellationToken).ConfigureAwait(false);

        // Who may see a private scope is decided now, also for the past: a grant taken back shows nothing any more.
        var (self, sight) = entrance.In(moment.State);
        return await entrance.EvaluateAsync(
            (Pictures: this, entrance, moment, sight, self, events),
            static t => Outcome<RoomPicture>.Of(t.Pictures.Compose(
                t.entrance,
                new RoomActivation(t.moment, t.sight, t.self, t.entrance.Room.NewBudget()) { ReadsAll = true },
                version: -1,
                before: null,
                [.. t.events.Reverse().Select(e => Event(e, t.sight))]) with
            { IsPast = true }),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The room at an event, as expressions read it.</summary>
    public async Task<Moment> PastAsync(Entrance entrance, long seq, CancellationToken cancellationToken) =>
        (await ReadAsync(entrance, seq, cancellationToken).ConfigureAwait(false)).Moment;

    /// <summary>A bounded stretch of the log before an event, newest first.</summary>
    public async Task<LogPage> LogAsync(Entrance entrance, LogQuery query, long before, int limit, CancellationToken cancellationToken)
    {
        var floor = Math.Max(1, before - (query.HasText ? TextReach : ColumnReach));
        var rows = await store.BackAsync(entrance.Record.Row, floor, before, query.HasText ? TextReach : limit, query.Agent, query.Action, query.Ok, cancellationToken).ConfigureAwait(false);
        var sight = entrance.Sight(entrance.Room.Published);
        var found = ImmutableArray.CreateBuilder<EventPicture>();
        foreach (var row in rows.Rows)
        {
            if (Event(RoomEventJson.Read(row), sight) is var e && query.Takes(e))
            {
                found.Add(e);
                if (found.Count == limit)
                {
                    return new LogPage(found.DrainToImmutable(), e.Seq);
                }
            }
        }

        return new LogPage(found.DrainToImmutable(), rows.More ? rows.Rows[^1].Seq : floor);
    }

    private async Task<(Moment Moment, ImmutableArray<RoomEvent> Newest)> ReadAsync(Entrance entrance, long seq, CancellationToken cancellationToken)
    {
        var state = await _past.AtAsync(entrance, seq, cancellationToken).ConfigureAwait(false);
        var page = await store.BackAsync(entrance.Record.Row, seq - MaxActivity + 1, seq + 1, MaxActivity, agent: null, action: null, ok: null, cancellationToken).ConfigureAwait(false);

        // The log does not hold presence. An act is a sign of life, so the newest acts tell who was there.
        ImmutableArray<RoomEvent> events = [.. page.Rows.Reverse().Select(RoomEventJson.Read)];
        var presence = new Presence();
        foreach (var e in events)
        {
            if (e.Agent is { } agent)
            {
                presence.Load(agent, AgentPresence.Never with { LastHeartbeat = e.At });
            }
        }

        return (new Moment(state, presence, state.UpdatedAt, entrance.Record) { Present = entrance.Room.Published }, events);
    }

    private RoomPicture Build(Entrance entrance, long version, RoomPicture? before)
    {
        var moment = entrance.Room.Now;
        var reader = new RoomActivation(moment, entrance.Sight(moment.State), entrance.Self(moment.State), entrance.Room.NewBudget()) { ReadsAll = true };
        // Who sees less than before sees less of what has happened, too.
        var known = before is not null && reader.Sight.IsSameAs(before.Sight) ? before : null;
        return Compose(
            entrance,
            reader,
            version,
            before,
            known is not null && known.Seq == moment.State.Seq ? known.Activity : Activity(entrance, known, reader.Sight));
    }

    // What a token sees that shows single views. Made of these alone: whatever a picture shows one day is not shown here.
    private RoomPicture Shared(Entrance entrance, ViewSet views, long version, RoomPicture? before)
    {
        var moment = entrance.Room.Now;
        var reader = new RoomActivation(moment, Sight.Public, self: null, entrance.Room.NewBudget());
        return new RoomPicture
        {
            Seq = moment.State.Seq,
            At = moment.State.UpdatedAt,
            FeedVersion = version,
            Sight = Sight.Public,
            Members = entrance.Record.Members,
            Info = infos.Of(entrance.Record, entrance.Access),
            Shows = views,
            Agents = [],
            Entries = [],
            Messages = [],
            MessageCount = 0,
            Actions = [],
            Views = Same(
                before?.Views,
                [.. SharedView.Of(reader, views).Select(view => new ViewPicture(view.Id, Names.Shared, Expression: null, view.Description, view.Value.Text, view.Render?.ToString(), System: false, view.Value.Error?.Message))]),
            Vocabulary = RoomVocabulary.Empty,
            Activity = [],
        };
    }

    private RoomPicture Compose(Entrance entrance, RoomActivation reader, long version, RoomPicture? before, ImmutableArray<EventPicture> activity)
    {
        var moment = reader.Moment;
        var state = moment.State;
        var (views, dormant) = Views(reader);
        return new RoomPicture
        {
            Seq = state.Seq,
            At = state.UpdatedAt,
            FeedVersion = version,
            Sight = reader.Sight,
            Members = entrance.Record.Members,
            Info = infos.Of(entrance.Record, entrance.Access),
            Self = reader.Self,
            Agents = Same(before?.Agents, [.. state.Agents.Values.Where(a => a.Entry is null || reader.IsVisible(a.Entry, Names.Agents)).Select(a => Agent(a, moment))]),
            Entries = Same(before?.Entries, Entries(reader)),
            Messages = before is not null && before.MessageCount == state.Messages.Count
                ? before.Messages
                : [.. state.Messages.Recent.Values.Reverse().Take(MaxMessages).Reverse().Select(Message)],
            MessageCount = state.Messages.Count,
            Actions = Same(before?.Actions, [.. state.Actions.Values.Select(a => Action(reader, a))]),
            Views = Same(before?.Views, views),
            DormantViews = Same(before?.DormantViews, dormant),
            Vocabulary = RoomVocabulary.Of(state, before?.Vocabulary),
            Activity = activity,
        };
    }

    // Equal content keeps the old object: records compare by value.
    private static ImmutableArray<T> Same<T>(ImmutableArray<T>? before, ImmutableArray<T> now) =>
        before is { IsDefault: false } old && old.AsSpan().SequenceEqual(now.AsSpan()) ? old : now;

    private static AgentPicture Agent(AgentRecord agent, Moment moment)
    {
        var presence = moment.Presence.Of(agent.Id);
        return new AgentPicture(agent.Id, agent.Name, agent.Role, AgentPresence.StatusOf(presence, moment.Now), presence.WaitingOn, presence.LastHeartbeat);
    }

    private static ImmutableArray<EntryPicture> Entries(RoomActivation reader)
    {
        var entries = ImmutableArray.CreateBuilder<EntryPicture>();
        foreach (var name in reader.Moment.State.ScopeNames)
        {
            if (Names.IsSection(name) || !reader.Sight.Sees(name))
            {
                continue;
            }

            foreach (var entry in reader.Moment.State.Scope(name)!.Entries.Values)
            {
                if (reader.IsVisible(entry, name))
                {
                    entries.Add(new EntryPicture(name, entry.Key, entry.Text, entry.Version, entry.Revision, entry.UpdatedAt, entry.Seq, entry.Writer, entry.Via));
                }
            }
        }

        return entries.ToImmutable();
    }

    public static MessagePicture Message(Messages.Message message)
    {
        using var document = message.Entry.Value.Parse();
        var body = document.RootElement.GetProperty("body"u8);
        return new MessagePicture(
            message.Seq,
            message.From,
            message.Kind,
            body.ValueKind == JsonValueKind.String ? body.GetString()! : body.GetRawText(),
            message.To,
            message.Entry.UpdatedAt);
    }

    private static ActionPicture Action(RoomActivation reader, ActionState action)
    {
        var answer = Availability.Of(reader, action);
        return new ActionPicture(
            action.Id,
            action.Definition.Scope,
            action.Definition.Description,
            answer.Available,
            answer.Reason,
            reader.Moment.State.Use(action.Id).Count,
            action.Entry.Text,
            action.Registrant);
    }

    private static (ImmutableArray<ViewPicture> Shown, ImmutableArray<ViewPicture> Dormant) Views(RoomActivation reader)
    {
        var views = ImmutableArray.CreateBuilder<ViewPicture>();
        var dormant = ImmutableArray.CreateBuilder<ViewPicture>();
        foreach (var view in reader.Moment.State.Views.Values)
        {
            if (ViewValues.IsEnabled(reader, view))
            {
                var value = ViewValues.Value(reader, view).For(reader.Sight);
                views.Add(new ViewPicture(view.Id, view.Scope, view.Expression.Source, view.Description, value.Text, view.RenderText, System: false, value.Error?.Message, view.Registrant, view.Entry?.Text));
            }
            else
            {
                dormant.Add(new ViewPicture(view.Id, view.Scope, view.Expression.Source, view.Description, "null", view.RenderText, System: false, Error: null, view.Registrant, view.Entry?.Text));
            }
        }

        if (reader.Moment.State.Targets.HasContested)
        {
            var contested = reader.Moment.State.Targets.ContestedValue;
            views.Add(new ViewPicture(Names.ContestedView, Names.Shared, Expression: null, "Write targets that more than one action names.", contested.Text, Render: null, System: true, Error: null, Registrant: null));
        }

        return (views.ToImmutable(), dormant.ToImmutable());
    }

    private static ImmutableArray<EventPicture> Activity(Entrance entrance, RoomPicture? before, Sight sight)
    {
        var known = before?.Activity ?? [];
        var newest = known.IsEmpty ? 0 : known[0].Seq;
        return [.. entrance.Room.Feed.Newest(MaxActivity).Where(e => e.Seq > newest).Select(e => Event(e, sight)).Concat(known).Take(MaxActivity)];
    }

    private static EventPicture Event(RoomEvent e, Sight sight)
    {
        sight = sight.At(e.Seq);
        var hidden = e.Changes.Any(c => !sight.Sees(c.Scope)) || (e.Kind == EventKind.Refused && !sight.Sees(e.Agent ?? ""));
        return new EventPicture(e.Seq, e.At, RoomEventJson.Name(e.Kind), e.Agent, e.Action, e.Ok, e.Error, e.Count, hidden ? null : e.Params?.ToString());
    }

    private sealed record PictureKind(string? Self, bool All, AccessLevel Level, Role? Role, ViewSet? Views);

    /// <summary>The newest pictures of one room. Any thread; nothing is worked out under its lock.</summary>
    private sealed class PictureShelf
    {
        private const int MaxKinds = 64;

        private readonly Lock _lock = new();
        private readonly Dictionary<PictureKind, RoomPicture> _pictures = [];
        private readonly Dictionary<PictureKind, TaskCompletionSource> _making = [];

        public RoomPicture? Newest(PictureKind kind)
        {
            lock (_lock)
            {
                return _pictures.GetValueOrDefault(kind);
            }
        }

        /// <summary>The picture, if the newest still holds.</summary>
        public RoomPicture? Find(Entrance entrance, PictureKind kind)
        {
            var record = entrance.Record;
            return Newest(kind) is { } newest
                && newest.FeedVersion == entrance.Room.Feed.Version
                && newest.Info.Join == record.Join
                && newest.Info.Name == record.Name
                && ReferenceEquals(newest.Members, record.Members)
                ? newest
                : null;
        }

        /// <summary>Keeps a picture unless a newer one is there, and answers the one that is kept.</summary>
        public RoomPicture Keep(PictureKind kind, RoomPicture picture)
        {
            lock (_lock)
            {
                if (_pictures.GetValueOrDefault(kind) is { } kept && kept.FeedVersion > picture.FeedVersion)
                {
                    return kept;
                }

                if (_pictures.Count > MaxKinds)
                {
                    _pictures.Clear();
                }

                _pictures[kind] = picture;
                return picture;
            }
        }

        /// <summary>What to wait for while somebody else makes this picture; or null, and then the caller makes it and says so with <see cref="Made"/>.</summary>
        public Task? UnderWay(PictureKind kind, out TaskCompletionSource making)
        {
            lock (_lock)
            {
                if (_making.TryGetValue(kind, out making!))
                {
                    return making.Task;
                }

                _making[kind] = making = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return null;
            }
        }

        public void Made(PictureKind kind, TaskCompletionSource making)
        {
            lock (_lock)
            {
                _making.Remove(kind);
            }

            making.TrySetResult();
        }
    }
}
