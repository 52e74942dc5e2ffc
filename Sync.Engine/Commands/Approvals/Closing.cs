using System.Globalization;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Approvals;

/// <summary>What the end of an approval writes, however it ends: its entries, the message to who asked, the clocks of the leases that it needs go on, and the oldest of those that are decided go.</summary>
internal static class Closing
{
    private const string MessageKind = "approval";

    /// <summary>Writes the end of an approval.</summary>
    /// <param name="copy">The working copy over the state that the end is decided on.</param>
    /// <param name="moment">The same state.</param>
    /// <param name="record">The approval as it is from now on.</param>
    /// <param name="details">Its details from now on.</param>
    public static void Close(WorkingCopy copy, Moment moment, ApprovalRecord record, JsonText details)
    {
        copy.Put(ReservedScopes.Approvals, record.Id, record.ToEntry());
        copy.Put(ReservedScopes.ApprovalDetails, record.Id, details);
        foreach (var old in DecidedShares.Over(moment, record))
        {
            copy.Delete(ReservedScopes.Approvals, old.Id);
            copy.Delete(ReservedScopes.ApprovalDetails, old.Id);
        }

        foreach (var (key, fence) in record.Details.Asked?.Leases ?? [])
        {
            if (copy.Leases.HoldOf(record.Agent, key) is { Stops: > 0 } hold && hold.Fence == fence)
            {
                copy.Leases.Change(key, hold.Go(moment.Running));
            }
        }

        if (record.Agent is { } asker)
        {
            var number = moment.State.Messages.Count + 1;
            copy.Put(ReservedScopes.Messages, number.ToString(CultureInfo.InvariantCulture), Message(record, asker, number, moment.Now));
        }
    }

    /// <summary>The event with which an approval expires that nobody has decided in time, with the room after it; null where none is due. One at a time: the writer asks until nothing is.</summary>
    public static (RoomEvent Event, RoomState After)? Expire(Moment moment)
    {
        if (moment.State.Approvals.DueBy(moment.Running).FirstOrDefault() is not { } due)
        {
            return null;
        }

        var seq = moment.State.Seq + 1;
        var copy = new WorkingCopy(moment);
        Close(copy, moment, due with { Status = ApprovalStatus.Expired, DecidedAt = moment.Now, Seq = seq }, due.Details.Json);
        var e = new RoomEvent { Seq = seq, At = moment.Now, Kind = EventKind.TimerFired, Changes = copy.ToChanges() };
        return (e, moment.State.Apply(e));
    }

    /// <summary>The changes that withdraw what agents have asked for and nobody has decided, with the end of these agents.</summary>
    public static IEnumerable<EntryChange> Withdrawn(RoomState state, IReadOnlySet<string> gone, bool byTimer)
    {
        foreach (var record in state.Approvals.Pending.Where(record => record.Agent is { } agent && gone.Contains(agent)))
        {
            var withdrawn = record with { Status = ApprovalStatus.Withdrawn };
            yield return Put(state, ReservedScopes.Approvals, record.Id, withdrawn.ToEntry(), byTimer);
            yield return Put(state, ReservedScopes.ApprovalDetails, record.Id, JsonText.Trusted("{}"u8.ToArray()), byTimer);
        }
    }

    private static EntryChange Put(RoomState state, string scope, string key, JsonText value, bool byTimer)
    {
        var before = state.Find(scope, key)!; // A record stands in both.
        return new EntryChange
        {
            Kind = ChangeKind.Put,
            Scope = scope,
            Key = key,
            Value = value,
            Revision = before.Revision + 1,
            PreviousSeq = before.Seq,
            PreviousVersion = before.CheapVersion,
            Fired = byTimer,
        };
    }

    // From the room: a decider may be the very agent that asked, whose own words it would not find unread.
    private static JsonText Message(ApprovalRecord record, string asker, long number, DateTimeOffset now) => JsonText.Write((record, asker, number, now), static (writer, t) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("seq"u8, t.number);
        writer.WriteString("from"u8, "room"u8);
        writer.WriteString("kind"u8, MessageKind);
        writer.WriteStartObject("body"u8);
        writer.WriteString("approval"u8, t.record.Id);
        writer.WriteString("action"u8, t.record.Action);
        writer.WriteString("decision"u8, t.record.Status);
        if (t.record.Edited)
        {
            writer.WriteBoolean("edited"u8, value: true);
        }

        if (t.record.DecidedBy is not null)
        {
            writer.WriteString("decided_by"u8, t.record.DecidedBy);
        }

        if (t.record.Note is not null)
        {
            writer.WriteString("note"u8, t.record.Note);
        }

        writer.WriteNumber("seq"u8, t.record.Seq ?? 0);
        writer.WriteEndObject();
        writer.WritePropertyName("to"u8);
        WriteTargets.WriteIds(writer, [t.asker]);
        writer.WriteString("at"u8, t.now.UtcDateTime);
        writer.WriteEndObject();
    });
}
