using Sync.Cel.Syntax;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.History;

namespace Sync.Engine.Services.History;

/// <content>A view's value over time.</content>
public sealed partial class HistoryService
{
    /// <summary>Events a series reaches back at most.</summary>
    public const int MaxSampledEvents = 20_000;

    /// <summary>
    /// A view's value over time: <c>{view, samples: [{seq, at, value}], from, seq, thinned?}</c>, oldest first, one sample for each time the value became another. The log is replayed, and
    /// each value is what the view as it was registered then gave. <paramref name="since"/> is the event to begin after (null: as far back as a series goes).
    /// </summary>
    /// <remarks>
    /// Presence is not in the log: a view over it shows nobody present. For a token that shows single views, only these, and no further back than the view was registered.
    /// Errors: <c>view_not_found</c>, <c>invalid_parameter</c>, those of access.
    /// </remarks>
    public async Task<Outcome<ViewHistory>> SamplesAsync(Caller caller, string room, string view, EventCursor? since, int limit, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Views).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var moment = authorized.Room.Now;
        var now = moment.State;
        var shared = authorized.Access.Views;
        if (shared is not null && !shared.Contains(view) && _authorizer.Reauthorize(caller, room, AccessLevel.Read) is { } refused)
        {
            return refused;
        }

        if ((CountBound.Samples.Check("limit", limit).Error ?? await _cursors.CheckAsync(authorized, now, since, "since", cancellationToken).ConfigureAwait(false)) is { } invalid)
        {
            return invalid;
        }

        // Visibility is decided by the present, also for the past.
        var visible = authorized.VisibleScopes(now);
        var self = authorized.Self(now);
        var definition = now.Views.GetValueOrDefault(view);
        var found = await authorized.EvaluateAsync(
            (authorized.Room, moment, visible, self, view),
            static t => Outcome<bool>.Of(ViewValues.Find(new Model.Expressions.RoomActivation(t.moment, t.visible, t.self, t.Room.NewBudget()), t.view) is not null),
            cancellationToken).ConfigureAwait(false);
        if (!found.Try(out var isThere, out error))
        {
            return error;
        }

        if (!isThere || (shared is not null && definition is null))
        {
            return NotFound(view, shared is not null ? null : NearestName.Of(view, ViewValues.Names(now)));
        }

        var from = Math.Max(since?.Seq ?? 0, now.Seq - MaxSampledEvents);
        if (shared is not null)
        {
            // What was shared is the view as it stands. What another one of its name showed before is not.
            from = Math.Max(from, definition?.Entry?.Seq ?? now.Seq);
        }

        // Evaluating a view again and again is heavy work by its nature, and a series cannot be begun twice.
        var series = new ViewSeries(view, authorized.Record, visible, limit, AnswerSpace.Of(authorized.Room.Limits.AnswerBytes), authorized.Room.NewBudget()) { IsShared = shared is not null, Present = authorized.Room.Published };
        if (await SampleAsync(authorized, series, from, now.Seq, self, cancellationToken).ConfigureAwait(false) is { } failed)
        {
            return failed;
        }

        if (!(await authorized.Room.Scheduler.RunHeavyAsync(authorized.Source, series, static s => Outcome<IReadOnlyList<ViewSample>>.Of(s.Finish()), cancellationToken).ConfigureAwait(false)).Try(out var samples, out error))
        {
            return error;
        }

        return new ViewHistory(view, samples, from, now.Seq, series.Thinned, new AnswerLimit(AnswerSpace.Of(authorized.Room.Limits.AnswerBytes), caller.Steps, room));
    }

    private static SyncError NotFound(string view, string? near) => new SyncError(ErrorCode.ViewNotFound, $"There is no view '{Identifiers.Shown(view)}' in this room.")
    {
        Hint = near is null ? null : $"Did you mean '{near}'?",
        Next = near is null ? [NextStep.ReadPart(ContextSection.Views)] : [],
    }.With("view", Identifiers.Shown(view));

    // Replays the log after an event, page by page, into the series; the refusal, or null.
    private async Task<SyncError?> SampleAsync(AuthorizedRoom authorized, ViewSeries series, long from, long upTo, string? self, CancellationToken cancellationToken)
    {
        var state = await _directory.ReadStateAsync(authorized.Record.Row, from, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<EventRow> page = [];
        do
        {
            var added = await authorized.Room.Scheduler.RunHeavyAsync(
                authorized.Source,
                (series, state, page, self, isFirst: page.Count == 0, cancellationToken),
                static t => Outcome<RoomState>.Of(Add(t.series, t.state, t.page, t.self, t.isFirst, t.cancellationToken)),
                cancellationToken).ConfigureAwait(false);
            if (!added.Try(out state, out var error))
            {
                return error;
            }

            page = state.Seq < upTo
                ? (await _store.ReadEventsAsync(authorized.Record.Row, state.Seq, upTo, limit: 1_000, cancellationToken).ConfigureAwait(false)).Rows
                : [];
        }
        while (page.Count > 0);

        return null;
    }

    // The state before the first page is a sample too.
    private static RoomState Add(ViewSeries series, RoomState state, IReadOnlyList<EventRow> page, string? self, bool isFirst, CancellationToken cancellationToken)
    {
        if (isFirst)
        {
            series.Add(state, self);
        }

        foreach (var row in page)
        {
            cancellationToken.ThrowIfCancellationRequested();
            state = state.Apply(RoomEventJson.Read(row));
            series.Add(state, self);
        }

        return state;
    }
}
