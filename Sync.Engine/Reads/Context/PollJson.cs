using System.Text.Json;
using Sync.Engine.Authority;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Actions;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Reads.Context;

/// <summary>
/// The dashboard bundle as JSON, within the bytes of an answer: each section has a share, and the state what the others leave over. What does not fit is in
/// <c>elided</c>, with the call that gets it. One answer, one thread.
/// </summary>
internal sealed class PollJson
{
    private readonly RoomActivation _reader;
    private readonly AccessLevel _level;
    private readonly Cuts _cuts;
    private readonly string _room;

    private PollJson(RoomActivation reader, AuthorizedRoom authorized)
    {
        _cuts = new Cuts(authorized.Caller.Steps);
        _room = authorized.Record.Id;
        _reader = reader;
        _level = authorized.Access.Level;
    }

    private RoomState State => _reader.Moment.State;

    /// <summary>What the newest events may take of so many bytes.</summary>
    public static long ShareOfAudit(long bytes) => bytes / 4;

    public static void Write(Utf8JsonWriter writer, AuthorizedRoom authorized, Moment moment, EventPage audit, int auditLimit, MessageSelection selection, int messagesLimit, long bytes)
    {
        var state = moment.State;
        var reader = new RoomActivation(moment, authorized.VisibleScopes(state), authorized.Self(state), authorized.Room.NewBudget()) { ReadsAll = true };
        var poll = new PollJson(reader, authorized);
        var agents = JsonText.Write((poll, bytes), static (writer, t) => t.poll.WriteAgents(writer, new AnswerSpace(t.bytes / 10)));
        JsonText? messages = selection == MessageSelection.None ? null : JsonText.Write(
            (poll, selection, messagesLimit, bytes), static (writer, t) => t.poll.WriteMessages(writer, t.messagesLimit, onlyUnread: t.selection == MessageSelection.Unread, new AnswerSpace(t.bytes / 4)));
        var actions = JsonText.Write((poll, bytes), static (writer, t) => t.poll.WriteActions(writer, new AnswerSpace(t.bytes * 3 / 20)));
        var views = JsonText.Write((poll, bytes), static (writer, t) => t.poll.WriteViews(writer, new AnswerSpace(t.bytes / 5)));
        var events = JsonText.Write((poll, audit, auditLimit, bytes), static (writer, t) => t.poll.WriteAudit(writer, t.audit, t.auditLimit, ShareOfAudit(t.bytes)));
        JsonText? leases = state.Leases.Count == 0 ? null : JsonText.Write((poll, bytes), static (writer, t) => t.poll.WriteLeases(writer, new AnswerSpace(t.bytes / 10)));
        var left = bytes - (leases?.Length ?? 0) - agents.Length - (messages?.Length ?? 0) - actions.Length - views.Length - events.Length;
        var rows = JsonText.Write((poll, left), static (writer, t) => t.poll.WriteState(writer, new AnswerSpace(t.left)));

        writer.WriteStartObject();
        writer.WriteString("room"u8, authorized.Record.Id);
        writer.WriteNumber("seq"u8, state.Seq);
        writer.WriteString("self"u8, reader.Self);
        Write(ContextSection.Agents.Name(), agents);
        Write(ContextSection.State.Name(), rows);
        Write(ContextSection.Messages.Name(), messages);
        Write(ContextSection.Actions.Name(), actions);
        Write(ContextSection.Views.Name(), views);
        Write(ContextSection.Leases.Name(), leases);
        Write("audit", events);
        poll._cuts.Write(writer);
        writer.WriteEndObject();

        void Write(string name, JsonText? asked)
        {
            if (asked is not { } section)
            {
                return;
            }

            writer.WritePropertyName(name);
            section.WriteTo(writer);
        }
    }

    private void WriteAgents(Utf8JsonWriter writer, AnswerSpace space)
    {
        writer.WriteStartArray();
        var all = State.Agents.Values.Where(_reader.IsVisible).ToList();
        var shown = all.TakeWhile(agent => space.TryWrite(writer, (this, agent), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, t.agent.Id);
            AgentFigures.WriteFields(writer, t.agent, t.Item1._reader.Moment.Presence, t.Item1._reader.Moment.Now, full: true);
            writer.WriteEndObject();
        })).Count();
        writer.WriteEndArray();
        Cut(ContextSection.Agents, shown, all.Count, shown == 0 ? null : all[shown - 1].Id, ContextDepth.Full);
    }

    private void WriteState(Utf8JsonWriter writer, AnswerSpace space)
    {
        writer.WriteStartArray();
        string? named = null;
        foreach (var name in State.ScopeNames.Where(n => !ReservedScopes.IsSection(n) && _reader.VisibleScopes.Sees(n)))
        {
            var shown = 0;
            long missing = 0;
            string? last = null;
            foreach (var entry in State.Scope(name)!.Entries.Values.Where(e => _reader.IsVisible(e, name))) // One of its names.
            {
                // A value that does not fit is not even copied.
                if (missing > 0 || !space.Fits(entry.Value.Length) || !space.TryWrite(writer, (name, entry), static (writer, t) =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("scope"u8, t.name);
                    writer.WriteString("key"u8, t.entry.Key);
                    writer.WritePropertyName("value"u8);
                    t.entry.Value.WriteTo(writer);
                    t.entry.WriteMeta(writer);
                    writer.WriteEndObject();
                }))
                {
                    missing++;
                    continue;
                }

                shown++;
                last = entry.Key;
            }

            if (missing == 0 || _cuts.TryName(name, shown, missing, NextStep.ReadPart(_room, ContextPart.OfScope(name), new("meta", true), new("after", last))))
            {
                named = _cuts.FurtherScopes == 0 ? name : named;
            }
        }

        writer.WriteEndArray();
        _cuts.AddFurther(() => NextStep.ReadPart(_room, ContextSection.State, new("meta", true), new("after", named)));
    }

    // The newest; of the unread the oldest, as in a context.
    private void WriteMessages(Utf8JsonWriter writer, int limit, bool onlyUnread, AnswerSpace space)
    {
        var window = State.Messages;
        var self = _reader.Self;
        var cursor = self is null ? MessageCursor.Start : _reader.Moment.Presence.Of(self).Cursor;
        var isForward = onlyUnread && self is not null;
        var fitting = new List<Message>();
        for (var i = 0L; i < window.Recent.Count && fitting.Count < limit; i++)
        {
            var message = window.Recent[isForward ? window.Oldest + i : window.Count - i];
            if (isForward && !message.IsUnreadBy(self, cursor))
            {
                continue;
            }

            if (!space.Fits(message.Entry.Value.Length + MessageJson.AddedBytes))
            {
                break;
            }

            space.Take(message.Entry.Value.Length + MessageJson.AddedBytes);
            fitting.Add(message);
        }

        writer.WriteStartObject();
        MessagesJson.WriteFigures(writer, window, self, cursor);
        writer.WriteStartArray("recent"u8);
        foreach (var message in isForward ? fitting : Enumerable.Reverse(fitting))
        {
            MessageJson.Write(writer, message, message.IsUnreadBy(self, cursor));
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        if (isForward && window.Unread(self!, cursor) - fitting.Count is > 0 and var unread) // It is an agent.
        {
            _cuts.Add(ContextSection.Messages.Name(), fitting.Count, unread, NextStep.ReadPart(_room, ContextSection.Messages, new("messages", "unread"), new("peek", true), new("messages_after", fitting.Count == 0 ? null : fitting[^1].Seq)));
        }
        else if (!isForward && fitting.Count < Math.Min(limit, window.Recent.Count))
        {
            _cuts.Add(ContextSection.Messages.Name(), fitting.Count, window.Count - fitting.Count, NextStep.ReadPart(_room, ContextSection.Messages, new StepArgument("messages_after", 0)));
        }
    }

    private void WriteActions(Utf8JsonWriter writer, AnswerSpace space)
    {
        writer.WriteStartObject();
        var shown = 0;
        string? last = null;
        var all = State.Actions.Where(static action => !action.Value.IsShadowed).ToList();
        foreach (var (id, action) in all)
        {
            // What an action says of itself is its definition and some figures.
            var length = action.Entry.Value.Length + (id.Length * 6) + 300L;
            if (!space.Fits(length))
            {
                break;
            }

            space.Take(length);
            ActionJson.Write(writer, _reader, action, ContextDepth.Usage);
            shown++;
            last = id;
        }

        foreach (var builtIn in BuiltIn.All)
        {
            ActionJson.Write(writer, _reader, builtIn, _level, ContextDepth.Usage);
        }

        writer.WriteEndObject();
        Cut(ContextSection.Actions, shown, all.Count, last, ContextDepth.Usage);
    }

    private void WriteViews(Utf8JsonWriter writer, AnswerSpace space)
    {
        writer.WriteStartObject();
        var all = State.Views.Values.Where(v => ViewValues.IsEnabled(_reader, v)).ToList();
        var shown = all.TakeWhile(view => space.TryWrite(writer, view.Id, JsonText.Write((_reader, view), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("value"u8);
            ViewValues.Value(t._reader, t.view).For(t._reader.VisibleScopes).Json.WriteTo(writer);
            if (t.view.Description is not null)
            {
                writer.WriteString("description"u8, t.view.Description);
            }

            ViewJson.WriteDefinition(writer, t.view);
            writer.WriteEndObject();
        }))).Count();
        if (State.Targets.HasContested && space.Fits(State.Targets.ContestedValue.Json.Length))
        {
            ViewJson.WriteContested(writer, State);
        }

        writer.WriteEndObject();
        Cut(ContextSection.Views, shown, all.Count, shown == 0 ? null : all[shown - 1].Id, ContextDepth.Full);
    }

    private void WriteLeases(Utf8JsonWriter writer, AnswerSpace space)
    {
        writer.WriteStartObject();
        var (moment, self) = (_reader.Moment, _reader.Self);
        var shown = LiveLeases.OwnFirst(moment, self).TakeWhile(lease => space.TryWrite(writer, lease.Key, JsonText.Write((lease, moment, self), static (writer, t) =>
        {
            writer.WriteStartObject();
            LeaseFigures.WriteFields(writer, t.lease, t.moment, t.self, full: true);
            writer.WriteEndObject();
        }))).Count();
        writer.WriteEndObject();
        if (shown < State.Leases.Count && LiveLeases.All(moment).Skip(shown).Any())
        {
            _cuts.Add(ContextSection.Leases.Name(), shown, State.Leases.Count - shown, NextStep.ReadPart(_room, ContextSection.Leases, new StepArgument("depth", ContextDepth.Full.Name())));
        }
    }

    private void WriteAudit(Utf8JsonWriter writer, EventPage audit, int limit, long bytes)
    {
        writer.WriteStartArray();
        var shown = EventJson.WriteAll(writer, audit.Rows, _reader.VisibleScopes, withValues: false, bytes);
        writer.WriteEndArray();
        if (shown < audit.Rows.Count || (audit.More && audit.Rows.Count < limit))
        {
            _cuts.Add("audit", shown, State.Seq - shown, NextStep.ReadLog(_room, shown == 0 ? State.Seq + 1 : audit.Rows[shown - 1].Seq));
        }
    }

    private void Cut(ContextSection section, int shown, int all, string? last, ContextDepth depth)
    {
        if (shown < all)
        {
            _cuts.Add(section.Name(), shown, all - shown, NextStep.ReadPart(_room, section, new("depth", depth.Name()), new("after", last)));
        }
    }
}
