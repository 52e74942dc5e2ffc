using System.Text.Json;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.History;

namespace Sync.Engine.Reads.Context;

/// <summary>What the log tells: events, activity, the history of a key.</summary>
internal sealed partial class ContextWriter
{
    private void WriteAudit(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(ReservedScopes.Audit);
        var shown = 0;
        var share = ContextPlan.ShareOf(ContextExtras.Audit, _bytes);
        foreach (var e in _source.Audit.Events)
        {
            // One at least where nothing else was asked for, or nobody would get past it.
            var written = EventJson.Within(_longest, e, _source.VisibleScopes, withValues: false);
            if (!TakesExtra(writer, written.Length, ref share) && !(shown == 0 && _isBounded && _source.Shape.IsLogAlone))
            {
                break;
            }

            written.WriteTo(writer);
            shown++;
        }

        writer.WriteEndArray();
        CutLog(ReservedScopes.Audit, _source.Audit, shown, ok: null);
    }

    // What the log has beyond what is shown of it: before it, or after it where it goes forward.
    private void CutLog(string section, LogPart log, int shown, bool? ok)
    {
        if (shown == log.Events.Count && !log.IsCut)
        {
            return;
        }

        var limit = _source.Shape.Limit;
        var last = shown == log.Events.Count ? log.Last : shown > 0 ? log.Events[shown - 1].Seq : null;
        if (_source.Shape.LogAfter is { } after)
        {
            CutSection(section, shown, State.Seq - (last ?? after), NextStep.ReadPart(
                _source.Room, ContextPart.OfScope(ReservedScopes.Audit), new("at", _source.Shape.At), new("after", last ?? after), new("limit", limit), new("budget", _source.Shape.Budget)));
        }
        else
        {
            var before = last ?? (log.Events.Count > 0 ? log.Events[0].Seq : State.Seq) + 1;
            CutSection(section, shown, before - 1, NextStep.ReadLog(_source.Room, before, ok, limit));
        }
    }

    private void WriteActivity(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("recent"u8);
        var shown = 0;
        var share = ContextPlan.ShareOf(ContextExtras.Activity, _bytes);
        foreach (var e in _source.Activity.Events)
        {
            var written = JsonText.Write((e, _source.VisibleScopes), static (writer, t) =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("seq"u8, t.e.Seq);
                writer.WriteString("agent"u8, t.e.Agent);
                writer.WriteString("action"u8, t.e.Action);
                EventJson.WriteParams(writer, t.e, t.VisibleScopes);
                writer.WriteString("at"u8, t.e.At.UtcDateTime);
                writer.WriteEndObject();
            });
            if (!TakesExtra(writer, written.Length, ref share))
            {
                break;
            }

            written.WriteTo(writer);
            shown++;
        }

        writer.WriteEndArray();
        CutLog(ContextExtraNames.Activity, _source.Activity, shown, ok: true);
        writer.WriteEndObject();
    }

    // The writes of the key, newest first. At least one: it is what was asked for.
    private void WriteHistory(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(ContextExtraNames.History);
        var (steps, more) = _source.History;
        var shown = 0;
        var share = ContextPlan.ShareOf(ContextExtras.History, _bytes);
        foreach (var step in steps)
        {
            var written = JsonText.Write((step, limit: new AnswerLimit(_longest / 2, _source.Steps, _source.Room)), static (writer, t) => KeyHistoryPage.Write(writer, t.step, t.limit));
            if (!TakesExtra(writer, written.Length, ref share) && !(shown == 0 && _isBounded))
            {
                break;
            }

            written.WriteTo(writer);
            shown++;
        }

        writer.WriteEndArray();
        if (shown > 0 && (more || shown < steps.Count))
        {
            var last = steps[shown - 1];
            CutSection(ContextExtraNames.History, shown, Math.Max(1, last.Change.Revision - 1), NextStep.ReadParts(
                _source.Room, _source.Shape.Parts, new("include", ContextExtraNames.History), new("at", last.Event.Seq - 1), new("limit", _source.Shape.Limit), new("budget", _source.Shape.Budget)));
        }
    }
}
