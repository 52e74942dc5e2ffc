using System.Globalization;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Messages;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Webhooks;

/// <summary>What there is to tell of a room to its owner: what everybody in it may read. Of messages those after a number, of all else everything that is in memory.</summary>
internal sealed class RoomNotices(AgentIds ids, RoomAttention attention)
{
    public List<WebhookNotice> Of(RoomReplica room, RoomPerson person, long afterMessage)
    {
        var moment = room.Now;
        var (state, record) = (moment.State, room.Record);
        List<WebhookNotice> notices = [.. state.Approvals.Pending.Select(approval => WebhookNotice.Of(RoomInboxReader.OfApproval(record, moment, approval)))];
        notices.AddRange(state.Approvals.Decided.Where(static approval => approval.DecidedAt is not null).Select(approval => OfDecision(record, approval)));
        for (var number = Math.Max(afterMessage + 1, state.Messages.Oldest); number <= state.Messages.Count; number++)
        {
            notices.Add(OfMessage(record, state.Messages.Recent[number]));
        }

        notices.AddRange(attention.Of(room, moment, person, person.AgentIn(state, ids)).Select(WebhookNotice.Of));
        return notices;
    }

    private static WebhookNotice OfDecision(RoomRecord record, ApprovalRecord approval) => new()
    {
        Kind = WebhookKind.Decision.Name(),
        Key = $"{record.Id}/decision/{approval.Id}",
        Room = record.Id,
        RoomName = record.Name,
        At = approval.DecidedAt!.Value, // Only those that have one are told.
        From = approval.DecidedBy,
        Title = approval.Status switch
        {
            ApprovalStatus.Accepted => $"{Identifiers.Shown(approval.DecidedBy ?? "Somebody")} accepted {Identifiers.Shown(approval.Action)}{(approval.Edited ? ", edited" : "")}",
            ApprovalStatus.Rejected => $"{Identifiers.Shown(approval.DecidedBy ?? "Somebody")} rejected {Identifiers.Shown(approval.Action)}",
            ApprovalStatus.Expired => $"Nobody decided on {Identifiers.Shown(approval.Action)} in time",
            _ => $"{Identifiers.Shown(approval.Action)} needs no decision any more",
        },
        Text = RoomInboxReader.Clipped(approval.Note ?? ""),
        Seq = approval.Seq,
        Approval = approval.Id,
        Action = approval.Action,
    };

    private static WebhookNotice OfMessage(RoomRecord record, Message message)
    {
        var kind = message.IsQuestion ? WebhookKind.Question : WebhookKind.Message;
        var to = message.To.IsEmpty ? "" : " " + string.Join(", ", message.To.Take(3).Select(static name => Identifiers.Shown(name))) + (message.To.Length > 3 ? " and others" : "");
        return new WebhookNotice
        {
            Kind = kind.Name(),
            Key = string.Create(CultureInfo.InvariantCulture, $"{record.Id}/{kind.Name()}/{message.Seq}"),
            Room = record.Id,
            RoomName = record.Name,
            At = message.Entry.UpdatedAt,
            From = message.From,
            Title = $"{Identifiers.Shown(message.From)} {(message.IsQuestion ? "asks" : to.Length == 0 ? "wrote" : "wrote to")}{to}",
            Text = RoomInboxReader.Clipped(RoomInboxReader.BodyOf(message)),
            Seq = message.Entry.Seq,
            Message = message.Seq,
        };
    }
}
