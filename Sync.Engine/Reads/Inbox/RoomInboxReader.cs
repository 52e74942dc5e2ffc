using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Runtime;

namespace Sync.Engine.Reads.Inbox;

/// <summary>
/// Finds what waits for a person in a room: approvals that they may decide, questions that their agent has not replied to, messages directed to it that it has not read, and what needs attention. What is
/// said of it is what everybody in the room may read.
/// </summary>
internal sealed class RoomInboxReader(AgentIds ids, RoomAttention attention)
{
    /// <summary>Reads a room that is in memory. Evaluates its views where they are not known.</summary>
    public RoomInbox Read(RoomReplica room, RoomPerson person)
    {
        var moment = room.Now;
        var state = moment.State;
        var record = room.Record;
        var agent = person.AgentIn(state, ids);
        var cursor = agent is null ? MessageCursor.Start : moment.Presence.Of(agent).Cursor;
        var found = new Collected();
        foreach (var approval in state.Approvals.Pending.Where(approval => person.MayDecide(approval, moment, agent)))
        {
            found.Add(InboxKind.Approval, (record, moment, approval), static t => OfApproval(t.record, t.moment, t.approval));
        }

        if (agent is not null)
        {
            CollectMessages(found, record, state.Messages, agent, cursor);
        }

        foreach (var item in attention.Of(room, moment, person, agent))
        {
            found.Add(InboxKind.Attention, item, static item => item);
        }

        return new RoomInbox
        {
            Row = record.Row,
            Seq = state.Seq,
            Person = person,
            Room = record.Id,
            Name = record.Name,
            Items = found.Items,
            Unlisted = found.Unlisted,
            Unread = agent is not null && state.Agents.ContainsKey(agent) ? state.Messages.Unread(agent, cursor) : 0,
            DirectedUnread = agent is null ? 0 : state.Messages.DirectedUnread(agent, cursor),
        };
    }

    /// <summary>A text cut to what an item holds, where it is longer.</summary>
    internal static string Clipped(string text)
    {
        if (text.Length <= InboxItem.MaxText)
        {
            return text;
        }

        // Never half of a pair.
        var length = char.IsHighSurrogate(text[InboxItem.MaxText - 2]) ? InboxItem.MaxText - 2 : InboxItem.MaxText - 1;
        return string.Concat(text.AsSpan(0, length), "…");
    }

    private static void CollectMessages(Collected found, RoomRecord record, MessageWindow messages, string agent, MessageCursor cursor)
    {
        foreach (var number in messages.ToAnswer(agent))
        {
            found.Add(InboxKind.Question, (record, Message: messages.Recent[number]), static t => OfMessage(t.record, t.Message, InboxKind.Question));
        }

        if (messages.DirectedUnread(agent, cursor) == 0)
        {
            return;
        }

        // What is older than memory has been there too long to be news. A question that was answered is none, whether or not it was read.
        for (var number = Math.Max(cursor.Seq + 1, messages.Oldest); number <= messages.Count; number++)
        {
            if (messages.Recent[number] is var message && message.From != agent && message.To.Contains(agent) && !message.IsQuestion)
            {
                found.Add(InboxKind.Message, (record, message), static t => OfMessage(t.record, t.message, InboxKind.Message));
            }
        }
    }

    /// <summary>An approval that waits, as everybody reads it.</summary>
    internal static InboxItem OfApproval(RoomRecord record, Moment moment, ApprovalRecord approval) => new()
    {
        Key = $"{record.Id}/approval/{approval.Id}",
        Kind = InboxKind.Approval,
        Room = record.Id,
        RoomName = record.Name,
        At = approval.AskedAt,
        From = approval.Agent,
        Title = $"{(approval.Agent is { } asker ? Identifiers.Shown(asker) : "The room's owner")} asks to invoke {Identifiers.Shown(approval.Action)}",
        Text = Clipped(approval.Params?.ToString() ?? ""),
        Seq = approval.Number,
        Approval = approval.Id,
        Action = approval.Action,
        EndsAt = approval.ExpiresAt(moment),
    };

    private static InboxItem OfMessage(RoomRecord record, Message message, InboxKind kind) => new()
    {
        Key = string.Create(CultureInfo.InvariantCulture, $"{record.Id}/{kind.Name()}/{message.Seq}"),
        Kind = kind,
        Room = record.Id,
        RoomName = record.Name,
        At = message.Entry.UpdatedAt,
        From = message.From,
        Title = $"{Identifiers.Shown(message.From)} {(kind == InboxKind.Question ? "asks you something" : "wrote to you")}",
        Text = Clipped(BodyOf(message)),
        Seq = message.Entry.Seq,
        Message = message.Seq,
    };

    /// <summary>What a message says.</summary>
    internal static string BodyOf(Message message)
    {
        using var document = message.Entry.Value.Parse();
        var body = document.RootElement.GetProperty("body"u8);
        return body.ValueKind == JsonValueKind.String ? body.GetString()! : body.GetRawText(); // It is a string.
    }

    /// <summary>What has been found: of each kind the newest, in the order in which they came.</summary>
    private sealed class Collected
    {
        private readonly Dictionary<InboxKind, Queue<InboxItem>> _kinds = [];
        private readonly Dictionary<InboxKind, int> _unlisted = [];

        public ImmutableArray<InboxItem> Items => [.. _kinds.Values.SelectMany(static items => items)];

        public ImmutableDictionary<InboxKind, int> Unlisted => _unlisted.Count == 0 ? ImmutableDictionary<InboxKind, int>.Empty : _unlisted.ToImmutableDictionary();

        /// <summary>Adds what comes after those before it.</summary>
        public void Add<T>(InboxKind kind, T what, Func<T, InboxItem> make)
        {
            if (!_kinds.TryGetValue(kind, out var items))
            {
                _kinds[kind] = items = new Queue<InboxItem>();
            }

            if (items.Count == RoomInbox.MaxOfKind)
            {
                items.Dequeue();
                _unlisted[kind] = _unlisted.GetValueOrDefault(kind) + 1;
            }

            items.Enqueue(make(what));
        }
    }
}
