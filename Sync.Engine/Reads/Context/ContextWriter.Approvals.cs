using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Context;

/// <summary>The approvals of a context: those that are pending, and what became of those that the reader asked for. Nothing where there is none.</summary>
internal sealed partial class ContextWriter
{
    private const int MaxApprovals = 20;

    // What the reader asked for and was decided is told by a message too.
    private const int MaxOwnDecided = 5;
    private static readonly TimeSpan s_decidedShown = TimeSpan.FromDays(1);

    private void WriteApprovals(Utf8JsonWriter writer)
    {
        var isAsked = _source.Shape.Include.HasFlag(ContextExtras.Approvals);
        if (!isAsked && !_source.Shape.IsWhole)
        {
            return;
        }

        var records = ShownApprovals(isAsked).ToList();
        if (records.Count == 0 && !isAsked)
        {
            return;
        }

        var share = _bytes / 10;
        var shown = 0;
        writer.WriteStartObject(ContextExtraNames.Approvals);
        foreach (var record in records.Take(isAsked ? records.Count : MaxApprovals))
        {
            var isMine = ApprovalFigures.IsFor(record, _source.Moment, _source.Self);
            var written = JsonText.Write((record, this, isMine), static (writer, t) => t.Item2.WriteApproval(writer, t.record, t.isMine));
            if (!TakesExtra(writer, written.Length, ref share))
            {
                break;
            }

            writer.WritePropertyName(record.Id);
            written.WriteTo(writer);
            shown++;
            if (isMine)
            {
                Attend(record);
            }
        }

        writer.WriteEndObject();
        if (shown < records.Count)
        {
            _cuts.Add(ContextExtraNames.Approvals, shown, records.Count - shown, NextStep.ReadContext(_source.Room, new StepArgument("only", ContextExtraNames.Approvals)));
        }
    }

    private IEnumerable<ApprovalRecord> ShownApprovals(bool all)
    {
        var approvals = State.Approvals;
        var shown = all ? approvals.All : approvals.Pending.Concat(_source.Self is not { } self ? [] :
            approvals.Decided.Where(record => record.Agent == self && record.DecidedAt > _source.Moment.Now - s_decidedShown).TakeLast(MaxOwnDecided));
        return _source.Changed is { } changed ? shown.Where(record => changed.Contains(new StateKey(ReservedScopes.Approvals, record.Id))) : shown;
    }

    private void WriteApproval(Utf8JsonWriter writer, ApprovalRecord record, bool isMine)
    {
        writer.WriteStartObject();
        writer.WriteString("status"u8, record.Status);
        writer.WriteString("action"u8, record.Action);
        writer.WriteString("agent"u8, record.Agent);
        writer.WritePropertyName("by"u8);
        ApprovalFigures.WriteBy(writer, record);
        record.WriteAcceptances(writer);
        if (isMine)
        {
            writer.WriteBoolean("to_decide"u8, value: true);
        }

        if (record.ExpiresAt(_source.Moment) is { } at)
        {
            writer.WriteString("expires_at"u8, at.UtcDateTime);
        }

        if (isMine || _source.Shape.Depth != ContextDepth.Lean)
        {
            if (record.Params is { } parameters)
            {
                writer.WritePropertyName("params"u8);
                parameters.WriteTo(writer);
            }

            writer.WritePropertyName("writes"u8);
            record.Writes.WriteTo(writer);
        }

        if (record.DecidedBy is not null)
        {
            writer.WriteString("decided_by"u8, record.DecidedBy);
        }

        if (record.Note is not null)
        {
            writer.WriteString("note"u8, record.Note);
        }

        if (record.Seq is { } seq)
        {
            writer.WriteNumber("seq"u8, seq);
        }

        writer.WriteEndObject();
    }

    private void Attend(ApprovalRecord record) => _attention.Add(new JsonObject
    {
        ["kind"] = "to_decide",
        ["approval"] = record.Id,
        ["message"] = $"{(record.Agent is { } agent ? $"'{agent}'" : "Somebody")} asks to invoke '{record.Action}', and you may decide.",
        ["hint"] = $"Invoke _decide with {{\"approval\": \"{record.Id}\", \"decision\": \"accept\"}}, \"edit\" or \"reject\".",
    });
}
