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
    /// Answers when <paramref name="condition"/> is true, or with the time-out form after <paramref name="timeout"/> (null = the longest allowed). While parked it
    /// costs nothing; cancelling frees it at once. An expression that cannot be evaluated yet counts as not true.
    /// </summary>
    /// <returns>The whole answer as UTF-8 JSON.</returns>
    /// <remarks>Errors: <c>invalid_cel cel_limit_exceeded invalid_parameter rate_limited</c>, and those of access, also when it ends meanwhile.</remarks>
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
            || (error = await _reader.CheckAsync(authorized, authorized.Room.Published, shape, cancellationToken).ConfigureAwait(false)) is not null)
        {
            return error;
        }

        var loaded = authorized.Room;
        var max = longest ?? loaded.Limits.WaitTimeout;
        var began = loaded.Now;
        var self = authorized.Self(began.State);
        var warnings = PathCheck.Check(began.State, expression, "condition", authorized.VisibleScopes(began.State), self).ToList();
        loaded.Touch(self);
        using var wait = new ParkedWait(
            expression,
            self,
            authorized.Source,
            loaded,
            began.Now + (timeout < max ? timeout.Value : max),
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
            if (!(await EndAsync(authorized, wait, sign, cancellationToken).ConfigureAwait(false)).Try(out var end, out error))
            {
                return error;
            }

            return await AnswerAsync(_authorizer.Renew(authorized) ?? authorized, condition, began, wait, end, shape, warnings, cancellationToken).ConfigureAwait(false);
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
        return (end.Error ?? _authorizer.Reauthorize(authorized.Caller, authorized.Record.Id, AccessLevel.Read)) is { } refused ? refused : end;
    }

    // What the answer has beside its context, which together with it is bounded as a context is.
    private static long AroundOf(string condition, WaitEnd end, List<JsonObject> warnings) =>
        200 + JsonText.Of(condition).Length
        + (end.Value is { } value ? JsonText.Write(value, static (writer, value) => value.WriteJson(writer)).Length : 500)
        + warnings.Sum(static warning => (long)JsonText.Of(warning).Length + 1);

    private async Task<Outcome<ReadOnlyMemory<byte>>> AnswerAsync(
        AuthorizedRoom authorized,
        string condition,
        Moment began,
        ParkedWait wait,
        WaitEnd end,
        ContextShape shape,
        List<JsonObject> warnings,
        CancellationToken cancellationToken)
    {
        if (!(await _reader.PrepareAsync(authorized, end.Moment, shape, cancellationToken).ConfigureAwait(false)).Try(out var source, out var error))
        {
            return error;
        }

        if (!(await ContextService.ComposeAsync(authorized, source, AroundOf(condition, end, warnings), cancellationToken).ConfigureAwait(false)).Try(out var composed, out error))
        {
            return error;
        }

        var json = JsonText.Write((condition, began, wait, end, warnings, composed.Json), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("triggered"u8, t.end.Value is not null);
            writer.WriteString("condition"u8, t.condition);
            if (t.end.Value is { } value)
            {
                writer.WritePropertyName("value"u8);
                value.WriteJson(writer);
            }
            else
            {
                writer.WriteBoolean("timeout"u8, value: true);
                writer.WriteNumber("elapsed_ms"u8, (long)(t.end.Moment.Now - t.began.Now).TotalMilliseconds);
                if (t.wait.LastError is { } broken)
                {
                    writer.WriteString("last_error"u8, broken.Message);
                }
            }

            Warnings.Write(writer, t.warnings);
            writer.WritePropertyName("context"u8);
            t.Json.WriteTo(writer);
            writer.WriteEndObject();
        });
        ContextService.MoveCursor(authorized.Room, composed.Shown);
        return json.Memory;
    }
}
