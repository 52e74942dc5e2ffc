using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Sync.Engine.Authority;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Users;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Reads.History;
using Sync.Engine.Reads.Rooms;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Reads.Pages;

/// <summary>
/// Builds what pages show. Pages that see equally much share one model per change; a part that did not change is the same object as in
/// the model before, so that a page can tell by reference what to draw again.
/// </summary>
internal sealed class RoomPageModels(RoomInfos infos, RoomDirectory directory, RoomStore store, AgentTimelines timelines, IUserNames users)
{
    private const int MaxMessages = 500;
    private const int MaxActivity = 100;
    private const int MaxLeases = 200;

    // Looking for text reads whole events, each of which may be large; the rest is told by columns.
    private const int TextReach = 500;
    private const int ColumnReach = 20_000;

    private readonly ConditionalWeakTable<RoomReplica, RoomPageModelCache> _caches = [];
    private readonly PastStates _past = new(directory);

    public RoomPageModel Current(AuthorizedRoom authorized)
    {
        var (cache, kind) = CacheOf(authorized);
        return cache.Find(authorized, kind) ?? cache.Keep(kind, Make(authorized, cache.Newest(kind)));
    }

    /// <summary>The same for a caller that can wait while heavy views are worked out elsewhere. Pages that see equally much wait for one model.</summary>
    public async ValueTask<Outcome<RoomPageModel>> CurrentAsync(AuthorizedRoom authorized, CancellationToken cancellationToken)
    {
        var (cache, kind) = CacheOf(authorized);
        while (true)
        {
            if (cache.Find(authorized, kind) is { } current)
            {
                return current;
            }

            if (cache.UnderWay(kind, out var making) is { } others)
            {
                await others.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                var made = await authorized.EvaluateAsync(
                    (RoomPageModels: this, authorized, before: cache.Newest(kind)),
                    static t => Outcome<RoomPageModel>.Of(t.RoomPageModels.Make(t.authorized, t.before)),
                    cancellationToken).ConfigureAwait(false);
                return made.Try(out var model, out var error) ? cache.Keep(kind, model) : error;
            }
            finally
            {
                cache.Made(kind, making);
            }
        }
    }

    private (RoomPageModelCache CacheOf, RoomPageModelKey Kind) CacheOf(AuthorizedRoom authorized)
    {
        var access = authorized.Access;
        return (
            _caches.GetValue(authorized.Room, static _ => new RoomPageModelCache()),
            new RoomPageModelKey(authorized.Self(authorized.Room.Published), authorized.VisibleScopes(authorized.Room.Published).All, access.Level, access.Role, access.Views));
    }

    private RoomPageModel Make(AuthorizedRoom authorized, RoomPageModel? before)
    {
        // Taken before the room is looked at: a change in between makes the model old, never too new.
        var version = authorized.Room.Feed.Version;
        return authorized.Access.Views is { } views ? Shared(authorized, views, version, before) : Build(authorized, version, before);
    }

    /// <summary>The room as it was after an event it has.</summary>
    public async Task<Outcome<RoomPageModel>> AtAsync(AuthorizedRoom authorized, long seq, CancellationToken cancellationToken)
    {
        var (moment, events) = await ReadAsync(authorized, seq, cancellationToken).ConfigureAwait(false);

        // Who may see a private scope is decided now, also for the past: a grant taken back shows nothing any more.
        var (self, visible) = authorized.In(moment.State);
        return await authorized.EvaluateAsync(
            (RoomPageModels: this, authorized, moment, visible, self, events),
            static t => Outcome<RoomPageModel>.Of(t.RoomPageModels.Compose(
                t.authorized,
                new RoomActivation(t.moment, t.visible, t.self, t.authorized.Room.NewBudget()) { ReadsAll = true },
                version: -1,
                before: null,
                [.. t.events.Reverse().Select(e => Event(e, t.visible))]) with
            { IsPast = true }),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The room at an event, as expressions read it.</summary>
    public async Task<Moment> PastAsync(AuthorizedRoom authorized, long seq, CancellationToken cancellationToken) =>
        (await ReadAsync(authorized, seq, cancellationToken).ConfigureAwait(false)).Moment;

    /// <summary>A bounded stretch of the log before an event, newest first.</summary>
    public async Task<LogPage> LogAsync(AuthorizedRoom authorized, LogQuery query, long before, int limit, CancellationToken cancellationToken)
    {
        var floor = Math.Max(1, before - (query.HasText ? TextReach : ColumnReach));
        var rows = await store.BackAsync(authorized.Record.Row, floor, before, query.HasText ? TextReach : limit, query.Agent, query.Action, query.Ok, cancellationToken).ConfigureAwait(false);
        var visible = authorized.VisibleScopes(authorized.Room.Published);
        var found = ImmutableArray.CreateBuilder<EventModel>();
        foreach (var row in rows.Rows)
        {
            if (Event(RoomEventJson.Read(row), visible) is var e && query.Takes(e))
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

    private async Task<(Moment Moment, ImmutableArray<RoomEvent> Newest)> ReadAsync(AuthorizedRoom authorized, long seq, CancellationToken cancellationToken)
    {
        var state = await _past.AtAsync(authorized, seq, cancellationToken).ConfigureAwait(false);
        var page = await store.BackAsync(authorized.Record.Row, seq - MaxActivity + 1, seq + 1, MaxActivity, agent: null, action: null, ok: null, cancellationToken).ConfigureAwait(false);

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

        return (new Moment(state, presence, state.UpdatedAt, authorized.Record) { Present = authorized.Room.Published }, events);
    }

    private RoomPageModel Build(AuthorizedRoom authorized, long version, RoomPageModel? before)
    {
        var moment = authorized.Room.Now;
        var reader = new RoomActivation(moment, authorized.VisibleScopes(moment.State), authorized.Self(moment.State), authorized.Room.NewBudget()) { ReadsAll = true };
        // Who sees less than before sees less of what has happened, too.
        var known = before is not null && reader.VisibleScopes.IsSameAs(before.VisibleScopes) ? before : null;
        return Compose(
            authorized,
            reader,
            version,
            before,
            known is not null && known.Seq == moment.State.Seq ? known.Activity : Activity(authorized, known, reader.VisibleScopes));
    }

    // What a token sees that shows single views. Made of these alone: whatever a model shows one day is not shown here.
    private RoomPageModel Shared(AuthorizedRoom authorized, ViewSet views, long version, RoomPageModel? before)
    {
        var moment = authorized.Room.Now;
        var reader = new RoomActivation(moment, VisibleScopes.Public, self: null, authorized.Room.NewBudget());
        return new RoomPageModel
        {
            Seq = moment.State.Seq,
            At = moment.State.UpdatedAt,
            FeedVersion = version,
            VisibleScopes = VisibleScopes.Public,
            Members = authorized.Record.Members,
            Info = infos.Of(authorized.Record, authorized.Access),
            Shows = views,
            Agents = [],
            Entries = [],
            Messages = [],
            MessageCount = 0,
            Actions = [],
            Views = Same(
                before?.Views,
                [.. SharedView.Of(reader, views).Select(view => new ViewModel(view.Id, ReservedScopes.Shared, Expression: null, view.Description, view.Value.Text, view.Render?.ToString(), System: false, view.Value.Error?.Message))]),
            Vocabulary = RoomVocabulary.Empty,
            Activity = [],
        };
    }

    private RoomPageModel Compose(AuthorizedRoom authorized, RoomActivation reader, long version, RoomPageModel? before, ImmutableArray<EventModel> activity)
    {
        var moment = reader.Moment;
        var state = moment.State;
        var (views, dormant) = Views(reader);
        var cursor = reader.Self is { } self ? moment.Presence.Of(self).Cursor : MessageCursor.Start;
        return new RoomPageModel
        {
            Seq = state.Seq,
            At = state.UpdatedAt,
            FeedVersion = version,
            VisibleScopes = reader.VisibleScopes,
            Members = authorized.Record.Members,
            Info = infos.Of(authorized.Record, authorized.Access),
            Self = reader.Self,
            Agents = Same(before?.Agents, [.. state.Agents.Values.Where(reader.IsVisible).Select(a => Agent(a, reader, authorized, version < 0))]),
            Entries = Same(before?.Entries, Entries(reader)),
            Messages = before is not null && before.MessageCount == state.Messages.Count && before.ReadUpTo == cursor.Seq && before.Self == reader.Self
                ? before.Messages
                : [.. state.Messages.Recent.Values.Reverse().Take(MaxMessages).Reverse().Select(message => Message(message, reader.Self, cursor))],
            ReadUpTo = cursor.Seq,
            MessageCount = state.Messages.Count,
            Actions = Same(before?.Actions, [.. state.Actions.Values.Select(a => Action(reader, a))]),
            Views = Same(before?.Views, views),
            Leases = Same(before?.Leases, Leases(reader)),
            LeaseCount = state.Leases.Count,
            Pauses = Same(before?.Pauses, [.. state.Pauses.All.Select(static pause => new PauseModel(pause.What, pause.Reason, pause.By, pause.At, pause.IsPersons))]),
            Packs = Same(before?.Packs, [.. (state.Scope(ReservedScopes.Packs)?.Entries.Values ?? []).Select(PackModel.Of).OfType<PackModel>()]),
            PendingApprovals = state.Approvals.PendingCount,
            ApprovalsStamp = state.Approvals,
            DormantViews = Same(before?.DormantViews, dormant),
            Vocabulary = RoomVocabulary.Of(state, before?.Vocabulary),
            Activity = activity,
        };
    }

    // Equal content keeps the old object: records compare by value.
    private static ImmutableArray<T> Same<T>(ImmutableArray<T>? before, ImmutableArray<T> now) =>
        before is { IsDefault: false } old && old.AsSpan().SequenceEqual(now.AsSpan()) ? old : now;

    private AgentModel Agent(AgentRecord agent, RoomActivation reader, AuthorizedRoom authorized, bool isPast)
    {
        var moment = reader.Moment;
        var presence = moment.Presence.Of(agent.Id);
        var status = AgentPresence.StatusOf(presence, moment.Now);
        var condition = presence.WaitingOn;
        if (isPast && AgentTimelines.ConditionAt(authorized.Room, agent, moment.Now) is { } waited)
        {
            // Waits are no events either; of a moment that this process has seen it knows them.
            (status, condition) = (AgentStatus.Waiting, waited);
        }

        var wait = condition is null ? null : timelines.Describe(agent.Id, condition, authorized.Room.Published.Language, reader.VisibleScopes);
        return new AgentModel(agent.Id, agent.Name, agent.Role, status, wait?.Condition, presence.LastHeartbeat)
        {
            Wait = wait,
            JoinedAt = agent.JoinedAt,
            JoinedSeq = agent.Since,

            // As members are: to who may write.
            Owner = agent.User is { } user && authorized.Access.Level >= AccessLevel.Write ? users.UserById(user)?.Name : null,
        };
    }

    private static ImmutableArray<EntryModel> Entries(RoomActivation reader)
    {
        var entries = ImmutableArray.CreateBuilder<EntryModel>();
        foreach (var name in reader.Moment.State.ScopeNames)
        {
            if (ReservedScopes.IsSection(name) || !reader.VisibleScopes.Sees(name))
            {
                continue;
            }

            foreach (var entry in reader.Moment.State.Scope(name)!.Entries.Values)
            {
                if (reader.IsVisible(entry, name))
                {
                    entries.Add(new EntryModel(name, entry.Key, entry.Text, entry.Version, entry.Revision, entry.UpdatedAt, entry.Seq, entry.Writer, entry.Via));
                }
            }
        }

        return entries.ToImmutable();
    }

    private static ImmutableArray<LeaseModel> Leases(RoomActivation reader)
    {
        var (moment, self) = (reader.Moment, reader.Self);
        return [.. LiveLeases.OwnFirst(moment, self).Take(MaxLeases).Select(lease => LeaseModel.Of(lease, moment, self))];
    }

    public static MessageModel Message(Message message, string? reader, MessageCursor cursor)
    {
        using var document = message.Entry.Value.Parse();
        var body = document.RootElement.GetProperty("body"u8);
        return new MessageModel(
            message.Seq,
            message.From,
            message.Kind,
            body.ValueKind == JsonValueKind.String ? body.GetString()! : body.GetRawText(),
            message.To,
            message.Entry.UpdatedAt)
        {
            ReplyTo = message.ReplyTo,
            IsUnread = message.IsUnreadBy(reader, cursor),
        };
    }

    private static ActionModel Action(RoomActivation reader, ActionState action)
    {
        var answer = Availability.For(reader, action);
        return new ActionModel(
            action.Id,
            action.Definition.Scope,
            action.Definition.Description,
            answer.Available,
            answer.Reason,
            reader.Moment.State.Use(action.Id).Count,
            action.Entry.Text,
            action.Registrant,
            action.Definition.DependsOn is { IsEmpty: false } parameters ? string.Join(", ", parameters) : null);
    }

    private static (ImmutableArray<ViewModel> Shown, ImmutableArray<ViewModel> Dormant) Views(RoomActivation reader)
    {
        var views = ImmutableArray.CreateBuilder<ViewModel>();
        var dormant = ImmutableArray.CreateBuilder<ViewModel>();
        foreach (var view in reader.Moment.State.Views.Values)
        {
            if (ViewValues.IsEnabled(reader, view))
            {
                var value = ViewValues.Value(reader, view).For(reader.VisibleScopes);
                views.Add(new ViewModel(view.Id, view.Scope, view.Expression.Source, view.Description, value.Text, view.RenderText, System: false, value.Error?.Message, view.Registrant, view.Entry?.Text));
            }
            else
            {
                dormant.Add(new ViewModel(view.Id, view.Scope, view.Expression.Source, view.Description, "null", view.RenderText, System: false, Error: null, view.Registrant, view.Entry?.Text));
            }
        }

        if (reader.Moment.State.Targets.HasContested)
        {
            var contested = reader.Moment.State.Targets.ContestedValue;
            views.Add(new ViewModel(ReservedScopes.ContestedView, ReservedScopes.Shared, Expression: null, "Write targets that more than one action names.", contested.Text, Render: null, System: true, Error: null, Registrant: null));
        }

        return (views.ToImmutable(), dormant.ToImmutable());
    }

    private static ImmutableArray<EventModel> Activity(AuthorizedRoom authorized, RoomPageModel? before, VisibleScopes visible)
    {
        var known = before?.Activity ?? [];
        var newest = known.IsEmpty ? 0 : known[0].Seq;
        return [.. authorized.Room.Feed.Newest(MaxActivity).Where(e => e.Seq > newest).Select(e => Event(e, visible)).Concat(known).Take(MaxActivity)];
    }

    private static EventModel Event(RoomEvent e, VisibleScopes visible)
    {
        visible = visible.At(e.Seq);
        var hidden = e.Changes.Any(c => !visible.Sees(c.Scope)) || (e.Kind == EventKind.Refused && !visible.Sees(e.Agent ?? ""));
        return new EventModel(e.Seq, e.At, RoomEventJson.Name(e.Kind), e.Agent, e.Action, e.Ok, e.Error, e.Count, hidden ? null : e.Params?.ToString())
        {
            By = e.By,
            Because = e.CauseSeqs is [var cause, ..] ? cause : null,
            Steps = e.Steps.Length,
            Message = e.Message,
        };
    }

    private sealed record RoomPageModelKey(string? Self, bool All, AccessLevel Level, Role? Role, ViewSet? Views);

    /// <summary>The newest models of one room. Any thread; nothing is worked out under its lock.</summary>
    private sealed class RoomPageModelCache
    {
        private const int MaxKinds = 64;

        private readonly Lock _lock = new();
        private readonly Dictionary<RoomPageModelKey, RoomPageModel> _models = [];
        private readonly Dictionary<RoomPageModelKey, TaskCompletionSource> _making = [];

        public RoomPageModel? Newest(RoomPageModelKey kind)
        {
            lock (_lock)
            {
                return _models.GetValueOrDefault(kind);
            }
        }

        /// <summary>The model, if the newest still holds.</summary>
        public RoomPageModel? Find(AuthorizedRoom authorized, RoomPageModelKey kind)
        {
            var record = authorized.Record;
            return Newest(kind) is { } newest
                && newest.FeedVersion == authorized.Room.Feed.Version
                && newest.Info.Join == record.Join
                && newest.Info.Name == record.Name
                && ReferenceEquals(newest.Members, record.Members)
                ? newest
                : null;
        }

        /// <summary>Keeps a model unless a newer one is there, and answers the one that is kept.</summary>
        public RoomPageModel Keep(RoomPageModelKey kind, RoomPageModel model)
        {
            lock (_lock)
            {
                if (_models.GetValueOrDefault(kind) is { } kept && kept.FeedVersion > model.FeedVersion)
                {
                    return kept;
                }

                if (_models.Count > MaxKinds)
                {
                    _models.Clear();
                }

                _models[kind] = model;
                return model;
            }
        }

        /// <summary>What to wait for while somebody else makes this model; or null, and then the caller makes it and says so with <see cref="Made"/>.</summary>
        public Task? UnderWay(RoomPageModelKey kind, out TaskCompletionSource making)
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

        public void Made(RoomPageModelKey kind, TaskCompletionSource making)
        {
            lock (_lock)
            {
                _making.Remove(kind);
            }

            making.TrySetResult();
        }
    }
}
