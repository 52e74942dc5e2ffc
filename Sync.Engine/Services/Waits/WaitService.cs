using System.Text.Json.Nodes;
using Sync.Engine.Authority;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Services.Context;

namespace Sync.Engine.Services.Waits;

/// <summary>Parked conditions.</summary>
public sealed class WaitService
{
    private readonly RoomAuthorizer _authorizer;
    private readonly ContextReader _reader;
    private readonly AccessNotices _notices;
    private readonly Holdings _holdings;

    internal WaitService(RoomAuthorizer authorizer, ContextReader reader, AccessNotices notices, Holdings holdings)
    {
        _holdings = holdings;
        _authorizer = authorizer;
        _reader = reader;
        _notices = notices;
    }

    /// <summary>
    /// Answers when <paramref name="condition"/> is true, or with the time-out form after <paramref name="timeout"/> (null = the configured time). While parked it
    /// costs nothing; cancelling frees it at once. An expression that cannot be evaluated yet counts as not true. Where the shape is lean, the time-out form has the room's position in place
    /// of a context.
    /// <para>
    /// Nothing is sent before the end. A blank now and then would keep proxies content, but it would settle the status, and a wait may end in a refusal: access taken away, a server that stops.
    /// </para>
    /// </summary>
    /// <returns>The whole answer as UTF-8 JSON.</returns>
    /// <remarks>Errors: <c>invalid_cel cel_limit_exceeded invalid_parameter view_not_found action_not_found rate_limited</c>, and those of access, also when it ends meanwhile.</remarks>
    public Task<Outcome<ReadOnlyMemory<byte>>> WaitAsync(Caller caller, string room, string condition, TimeSpan? timeout, ContextShape shape, CancellationToken cancellationToken) =>
        WaitAsync(caller, room, condition, timeout, longest: null, shape, cancellationToken);

    /// <summary>The same for a surface whose clients wait longer or less long than the configured limit: <paramref name="longest"/> takes its place.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> WaitAsync(
        Caller caller, string room, string condition, TimeSpan? timeout, TimeSpan? longest, ContextShape shape, CancellationToken cancellationToken)
    {
        if (CheckForm(condition, shape) is { } malformed)
        {
            return malformed;
        }

        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !authorized.Room.Published.Language.CompileCondition(condition, "condition").Try(out var expression, out error)
            || (error = LogReads.Refuse(expression, "condition") ?? ConditionCheck.Check(expression, authorized.Room.Published)) is not null
            || (error = await _reader.CheckAsync(authorized, authorized.Room.Published, shape, cancellationToken).ConfigureAwait(false)) is not null)
        {
            return error;
        }

        var loaded = authorized.Room;
        var max = longest ?? loaded.Limits.MaxWaitTimeout;
        var asked = timeout ?? loaded.Limits.WaitTimeout;
        var isCapped = timeout is not null && asked > max;
        var began = loaded.Now;
        var self = authorized.Self(began.State);
        var warnings = PathCheck.Check(began.State, expression, "condition", authorized.VisibleScopes(began.State), self).ToList();
        loaded.Touch(self);
        using var wait = new ParkedWait(
            expression,
            self,
            authorized.Source,
            loaded,
            began.Now + (isCapped ? max : asked),
            state => _authorizer.Renew(authorized)?.VisibleScopes(state) ?? VisibleScopes.Public,
            () => _authorizer.Reauthorize(caller, room, AccessLevel.Read));

        if (!_holdings.HoldWait(authorized, began.State).Try(out var held, out error))
        {
            return error;
        }

        using var releasing = held;

        // Parked first, evaluated afterwards: no step falls between.
        if (!loaded.Waits.TryPark(wait, loaded.Limits.Waits))
        {
            return new SyncError(ErrorCode.Unavailable, "This room is being let go of.") { Hint = "Try again in a moment.", RetryAfter = TimeSpan.FromSeconds(1) };
        }

        using var sign = new WaitingSign(loaded, self, condition);
        using var access = _notices.Add(caller, authorized.Record.Row, _ => wait.RecheckAccess());
        try
        {
            return (await EndAsync(authorized, wait, sign, cancellationToken).ConfigureAwait(false)).Try(out var end, out error)
                ? await AnswerAsync(_authorizer.Renew(authorized) ?? authorized, new WaitReport(condition, began, wait, end, warnings, isCapped ? max : null), shape, cancellationToken).ConfigureAwait(false)
                : error;
        }
        finally
        {
            loaded.Waits.Unpark(wait);
            loaded.Use();
        }
    }

    private static SyncError? CheckForm(string condition, ContextShape shape) =>
        string.IsNullOrWhiteSpace(condition) ? new SyncError(ErrorCode.MissingParam, "'condition' is missing.")
        {
            Hint = "Give a CEL expression, such as messages.unread > 0.",
            Help = "expressions",
        }.With("parameter", "condition")
        : shape.At is not null ? new SyncError(ErrorCode.InvalidParameter, "A wait cannot look 'at' the past.").With("parameter", "at")
        : null;

    // Evaluates a parked wait, and waits where it is not true yet: meanwhile, and until it is answered, the agent is shown waiting. Refused where the caller has lost access.
    private async Task<Outcome<WaitEnd>> EndAsync(AuthorizedRoom authorized, ParkedWait wait, WaitingSign sign, CancellationToken cancellationToken)
    {
        var evaluated = await authorized.EvaluateAsync((wait, authorized.Room), static t => (Outcome<bool>)t.wait.Evaluate(t.Room.Now), cancellationToken).ConfigureAwait(false);
        if (!evaluated.Try(out var hasEnded, out var error))
        {
            return error;
        }

        if (!hasEnded)
        {
            sign.Show();
            await wait.End.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var end = await wait.End.ConfigureAwait(false);
        if ((end.Error ?? _authorizer.Reauthorize(authorized.Caller, authorized.Record.Id, AccessLevel.Read)) is { } refused)
        {
            return refused;
        }

        // Before it is answered: the agent may act the moment it knows.
        authorized.Room.Wakes.Note(wait.Self, authorized.Source.Account, end.Moment.State, end.WokenBy);
        return end;
    }

    private async Task<Outcome<ReadOnlyMemory<byte>>> AnswerAsync(AuthorizedRoom authorized, WaitReport report, ContextShape shape, CancellationToken cancellationToken)
    {
        if (!report.HasTriggered && report.Wait.LastError is { } broken)
        {
            var self = report.Wait.Self;
            var failing = await authorized.EvaluateAsync((report, broken, authorized, self), static t => (Outcome<JsonObject?>)EvaluationCheck.Warning(
                t.report.Wait.Expression,
                t.broken,
                new RoomActivation(t.report.End.Moment, t.authorized.VisibleScopes(t.report.End.Moment.State), t.self, t.report.End.Moment.State.Language.NewSmallBudget()),
                "condition",
                t.authorized.VisibleScopes(t.report.End.Moment.State)), cancellationToken).ConfigureAwait(false);
            if (!failing.Try(out var warning, out var refused))
            {
                return refused;
            }

            EvaluationCheck.AddTo(report.Warnings, warning);
        }

        if (shape.IsLean && !report.HasTriggered)
        {
            return report.ToJson(context: null).Memory;
        }

        // What the answer has beside its context, which together with it is bounded as a context is.
        var around = report.ToJson(JsonText.Null).Length;
        if (!(await _reader.PrepareAsync(authorized, report.End.Moment, shape, cancellationToken).ConfigureAwait(false)).Try(out var source, out var error)
            || !(await ContextService.ComposeAsync(authorized, source, around, cancellationToken).ConfigureAwait(false)).Try(out var composed, out error))
        {
            return error;
        }

        var json = report.ToJson(composed.Json);
        ContextService.MarkRead(authorized.Room, composed.Shown);
        return json.Memory;
    }
}
