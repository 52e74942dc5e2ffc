using System.Collections.Immutable;
using Sync.Cel.Values;
using Sync.Engine.Authority;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Help;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Runtime;
using Sync.Engine.Services.History;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Context;

/// <summary>Reading a room. All answers are UTF-8 JSON.</summary>
public sealed class ContextService
{
    private readonly RoomAuthorizer _authorizer;
    private readonly ContextReader _reader;
    private readonly RoomPageModels _models;
    private readonly RoomStore _store;

    internal ContextService(RoomAuthorizer authorizer, ContextReader reader, RoomPageModels models, RoomStore store)
    {
        _models = models;
        _authorizer = authorizer;
        _reader = reader;
        _store = store;
    }

    /// <summary>The context, shaped. Touches presence and, unless peeking, moves the message cursor to the newest message returned.</summary>
    /// <remarks>
    /// A token that shows single views gets these and nothing else, and <c>scope_denied</c> for a shape that asks for the past, the log or messages.
    /// Errors: <c>authentication_required room_not_found scope_denied invalid_parameter</c>.
    /// </remarks>
    public async Task<Outcome<ReadOnlyMemory<byte>>> ReadAsync(Caller caller, string room, ContextShape shape, CancellationToken cancellationToken) =>
        (await ReadUnlessAsync(caller, room, shape, static _ => false, cancellationToken).ConfigureAwait(false)).Try(out var read, out var error)
            ? read!.Json // Nothing is known.
            : error;

    /// <summary>
    /// As <see cref="ReadAsync"/>, for a reader who may have the context already. Where <paramref name="isKnown"/> says so the answer is null and the message cursor stays where it is:
    /// a reader who is given nothing has read nothing. Presence is touched all the same.
    /// </summary>
    /// <remarks>Errors: as <see cref="ReadAsync"/>.</remarks>
    public async Task<Outcome<ReadContext?>> ReadUnlessAsync(Caller caller, string room, ContextShape shape, Func<ReadContext, bool> isKnown, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Views).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        if (authorized.Access.Views is { } views)
        {
            if (SharedContext.AsksForMore(shape) && _authorizer.Reauthorize(caller, room, AccessLevel.Read) is { } refused)
            {
                return refused;
            }

            var written = await authorized.EvaluateAsync(
                (authorized, views, shape),
                static t => Outcome<ReadOnlyMemory<byte>>.Of(SharedContext.Write(t.authorized.Room.Now, t.authorized.Record.Id, t.views, t.shape, t.authorized.Room.Limits, t.authorized.Room.NewBudget(), t.authorized.Caller.Steps)),
                cancellationToken).ConfigureAwait(false);
            return written.Try(out var shared, out error) ? Outcome<ReadContext?>.Of(Unless(new ReadContext(shared, Self: null), isKnown)) : error;
        }

        var self = authorized.Self(authorized.Room.Published);
        authorized.Room.Touch(self);
        if (!(await _reader.PrepareAsync(authorized, authorized.Room.Now, shape, cancellationToken).ConfigureAwait(false)).Try(out var source, out error))
        {
            return error;
        }

        if (!(await ComposeAsync(authorized, source, around: 0, cancellationToken).ConfigureAwait(false)).Try(out var composed, out error))
        {
            return error;
        }

        var read = Unless(new ReadContext(composed.Json.Memory, self), isKnown);
        if (read is not null)
        {
            MarkRead(authorized.Room, composed.Shown);
        }

        return Outcome<ReadContext?>.Of(read);
    }

    private static ReadContext? Unless(ReadContext read, Func<ReadContext, bool> isKnown) => isKnown(read) ? null : read;

    /// <summary>A context, and what it was written from; shorter by the bytes of what stands around it.</summary>
    internal static ValueTask<Outcome<(JsonText Json, ContextSource Shown)>> ComposeAsync(AuthorizedRoom authorized, ContextSource source, long around, CancellationToken cancellationToken) =>
        authorized.EvaluateAsync(
            (authorized.Room, source, around),
            static t => ContextComposer.Compose(t.source with { Budget = t.Room.NewBudget() }, t.Room.Limits, t.around),
            cancellationToken);

    /// <summary>Messages after a number, oldest first, at most so many. The cursor stays where it is.</summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<ImmutableArray<MessageModel>>> MessagesAsync(Caller caller, string room, long after, int limit, CancellationToken cancellationToken)
    {
        var shape = ContextShape.Default with { Sections = [ContextSection.Messages], MessagesAfter = after, MessagesLimit = limit, Peek = true };
        return (await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            && (await _reader.PrepareAsync(authorized, authorized.Room.Now, shape, cancellationToken).ConfigureAwait(false)).Try(out var source, out error)
                ? source.Messages.Select(message => RoomPageModels.Message(message, source.Self, source.Cursor)).ToImmutableArray()
                : error;
    }

    /// <summary>What a lobby says of a room. Counts as a sign of life and reads no message.</summary>
    /// <remarks>Errors: those of access.</remarks>
    public async Task<Outcome<LobbyRoom>> LobbyAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        var shape = ContextShape.Default with { Sections = [ContextSection.State, ContextSection.Agents], Parts = [ContextPart.OfScope(ReservedScopes.Roles)], Peek = true, IsLean = true };
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !(await _reader.PrepareAsync(authorized, authorized.Room.Now, shape, cancellationToken).ConfigureAwait(false)).Try(out var source, out error))
        {
            return error;
        }

        authorized.Room.Touch(source.Self);
        return await authorized.EvaluateAsync(
            (authorized.Room, source),
            static t => Outcome<LobbyRoom>.Of(ContextComposer.ComposeLobby(t.source with { Budget = t.Room.NewBudget() }, t.Room.Limits)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The names that a reader may use in a room.</summary>
    /// <remarks>Errors: those of access.</remarks>
    public async Task<Outcome<RoomNames>> NamesAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var moment = authorized.Room.Now;
        var (self, visible) = authorized.In(moment.State);
        return await authorized.EvaluateAsync(
            (authorized.Room, moment, self, visible),
            static t => Outcome<RoomNames>.Of(NamesOf(new RoomActivation(t.moment, t.visible, t.self, t.Room.NewBudget()))),
            cancellationToken).ConfigureAwait(false);
    }

    private static RoomNames NamesOf(RoomActivation reader)
    {
        var state = reader.Moment.State;
        return new RoomNames(
            [.. state.Actions.Values.Where(static action => !action.IsShadowed).Select(static action => action.Id), .. Model.Actions.BuiltInIds.All],
            [.. state.Agents.Values.Where(reader.IsVisible).Select(static agent => agent.Role).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Help: the keys there are, or with a key its text. In no room only the texts that come with Sync.</summary>
    /// <remarks>Errors: <c>help_key_not_found</c>, and those of access.</remarks>
    public async Task<Outcome<HelpAnswer>> HelpAsync(Caller caller, string? room, string? key, CancellationToken cancellationToken)
    {
        if (room is null)
        {
            return Commands.BuiltIns.HelpAction.Read(state: null, room: null, key, caller.Steps);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return (await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            ? Commands.BuiltIns.HelpAction.Read(authorized.Room.Published, authorized.Record.Id, key, caller.Steps)
            : error;
    }

    /// <summary>The dashboard bundle: <c>{room, seq, self, agents, state, messages, actions, views, audit}</c>.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> PollAsync(Caller caller, string room, MessageSelection messages, int messagesLimit, int auditLimit, CancellationToken cancellationToken)
    {
        if (!CountBound.Poll.Check("messages_limit", messagesLimit).Try(out _, out var invalid) || !CountBound.Poll.Check("audit_limit", auditLimit).Try(out _, out invalid))
        {
            return invalid;
        }

        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var bytes = AnswerSpace.Of(authorized.Room.Limits.AnswerBytes);
        var page = await _store.AuditAsync(authorized.Record.Row, AuditQuery.Newest(auditLimit), PollJson.ShareOfAudit(bytes), cancellationToken).ConfigureAwait(false);
        return await authorized.EvaluateAsync(
            (authorized, authorized.Room.Now, page, auditLimit, messages, messagesLimit, bytes),
            static t => Outcome<ReadOnlyMemory<byte>>.Of(
                JsonText.Write(t, static (writer, t) => PollJson.Write(writer, t.authorized, t.Now, t.page, t.auditLimit, t.messages, t.messagesLimit, t.bytes)).Memory),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary><c>{expression, value, type}</c>, with <c>warnings</c> for paths that nothing has or writes.</summary>
    /// <remarks>Errors: <c>invalid_cel cel_error cel_limit_exceeded</c>.</remarks>
    public Task<Outcome<ReadOnlyMemory<byte>>> EvalAsync(Caller caller, string room, string expression, CancellationToken cancellationToken) =>
        EvalAsync(caller, room, expression, isLean: false, cancellationToken);

    /// <summary>The same for a reader that pays for each byte, such as a model, where <paramref name="isLean"/> says so: the value is bounded as its contexts are.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> EvalAsync(Caller caller, string room, string expression, bool isLean, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !authorized.Room.Published.Language.Compile(expression, "expr").Try(out var compiled, out error)
            || (error = LogReads.Refuse(compiled, "expr")) is not null)
        {
            return error;
        }

        var moment = authorized.Room.Now;
        var self = authorized.Self(moment.State);
        var visible = authorized.VisibleScopes(moment.State);
        authorized.Room.Touch(self);
        var limits = authorized.Room.Limits;
        var bytes = isLean ? Math.Min(limits.LeanContextBytes, limits.AnswerBytes) : limits.AnswerBytes;
        return await authorized.EvaluateAsync(
            (authorized.Room, moment, visible, self, compiled, expression, bytes),
            static t =>
            {
                var activation = new RoomActivation(t.moment, t.visible, t.self, t.Room.NewBudget());
                var value = t.compiled.Evaluate(activation);
                return value.IsError
                    ? t.compiled.Refusal(value.AsError, activation, t.moment.State.Language, "expr")
                    : Evaluated(t.expression, value, t.compiled, t.moment, t.visible, t.self, t.bytes);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static Outcome<ReadOnlyMemory<byte>> Evaluated(string expression, CelValue value, Expression compiled, Moment moment, VisibleScopes visible, string? self, int answerBytes) =>
        ValueWithin(answerBytes, value).Try(out var json, out var error)
            ? JsonText.Write((expression, value, json, compiled, moment, visible, self), static (writer, t) =>
            {
                writer.WriteStartObject();
                writer.WriteString("expression"u8, t.expression);
                writer.WritePropertyName("value"u8);
                t.json.WriteTo(writer);
                writer.WriteString("type"u8, t.value.TypeName);
                Warnings.Write(writer, PathCheck.Check(t.moment.State, t.compiled, "expr", t.visible, t.self));
                writer.WriteEndObject();
            }).Memory
            : error;

    /// <summary>
    /// Evaluates an expression and describes it: its value, and what it reads. With <paramref name="at"/>, as the room was after that event.
    /// Unlike <see cref="EvalAsync(Caller, string, string, CancellationToken)"/> it does not count as a sign of life.
    /// </summary>
    /// <remarks>Errors: <c>invalid_cel</c> with position and caret, <c>cel_error cel_limit_exceeded</c>, <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<Examination>> ExamineAsync(Caller caller, string room, string expression, long? at, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !authorized.Room.Published.Language.Compile(expression, "expr").Try(out var compiled, out error)
            || (error = LogReads.Refuse(compiled, "expr")) is not null)
        {
            return error;
        }

        var published = authorized.Room.Published;
        if (at is < 1 || at > published.Seq)
        {
            return HistoryService.NoEvent(at.Value, published);
        }

        var moment = at is { } seq && seq < published.Seq
            ? await _models.PastAsync(authorized, seq, cancellationToken).ConfigureAwait(false)
            : authorized.Room.Now;
        var (self, visible) = authorized.In(moment.State);
        return await authorized.EvaluateAsync(
            (authorized.Room, moment, visible, self, compiled),
            static t =>
            {
                var activation = new RoomActivation(t.moment, t.visible, t.self, t.Room.NewBudget());
                var value = t.compiled.Evaluate(activation);
                return value.IsError ? t.compiled.Refusal(value.AsError, activation, t.moment.State.Language, "expr") : Examined(value, t.compiled, t.moment, t.visible, t.self, t.Room.Limits.AnswerBytes);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static Outcome<Examination> Examined(CelValue value, Expression compiled, Moment moment, VisibleScopes visible, string? self, int answerBytes) =>
        ValueWithin(answerBytes, value).Try(out var json, out var error) ? new Examination(
            json.ToString(),
            value.TypeName,
            [.. compiled.Reads.Select(Examination.Of).OfType<ExpressionRead>().Distinct()],
            [.. PathCheck.Check(moment.State, compiled, "expr", visible, self).Select(w => new ExpressionWarning(w["message"]!.GetValue<string>(), w["hint"]?.GetValue<string>()))])
            : error;

    // Half a value would be another value, so one that is too long is none. Of an answer it is the part that can be long.
    private static Outcome<JsonText> ValueWithin(int answerBytes, CelValue value) =>
        JsonText.WriteWithin((int)AnswerSpace.Of(answerBytes), value, static (writer, v) => v.WriteJson(writer)) is { } json
            ? json
            : new SyncError(ErrorCode.CelLimitExceeded, $"The value is longer than the {answerBytes} bytes that an answer may have.")
            {
                Hint = "Ask for less of it: one member, 'keys()', 'size()', or a list through 'slice(0, 100)'.",
                Help = "expressions",
            }.With("limit", "AnswerBytes");

    /// <summary>After a context has been given: its reader has read up to the newest message in it, and been told of the contests.</summary>
    internal static void MarkRead(RoomReplica room, ContextSource source)
    {
        if (source.Self is not { } self || source.Shape.Peek || source.Shape.At is not null)
        {
            return;
        }

        var contests = source.Moment.State.Targets.ContestedTargets;
        if (!ReferenceEquals(contests, source.KnownContests) && !contests.SetEquals(source.KnownContests))
        {
            room.Presence.Update(self, contests, static (presence, contests) => presence with { KnownContests = contests }, room.Clock);
        }

        var newest = source.Messages.Count == 0 ? 0 : source.Messages[^1].Seq;
        if (newest <= room.Presence.Of(self).Cursor.Seq)
        {
            return;
        }

        room.Presence.Update(self, (newest, room.Published.Messages, self), static (presence, t) =>
            presence with { Cursor = t.Messages.CursorAt(t.self, t.newest, presence.Cursor) }, room.Clock);
        room.Notify(StateKey.Cursor(self));
    }
}

/// <summary>A context as it is given to a reader.</summary>
/// <param name="Json">The answer, UTF-8 JSON.</param>
/// <param name="Self">The reader's agent, or null for a watcher.</param>
public sealed record ReadContext(ReadOnlyMemory<byte> Json, string? Self);
